// Fragments to messages, with decompression and UTF-8 validation as the bytes arrive (RFC 6455
// sections 5.4 and 8.1, RFC 7692 section 7.2.2).
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <vector>

#include "impl/connection/event.hpp"
#include "impl/connection/settings.hpp"
#include "impl/deflate/message_inflater.hpp"
#include "impl/wire/frame_decoder.hpp"
#include "impl/wire/utf8.hpp"
#include "impl/wire/violation.hpp"

namespace ws {

class MessageAssembler {
 public:
  /// `inflater` is present exactly if permessage-deflate was agreed on.
  MessageAssembler(const Limits& limits, std::optional<MessageInflater> inflater)
      : limits_(limits), inflater_(std::move(inflater)) {}

  /// Takes the next part of a data or continuation frame.
  ///
  /// Returns: the message, if this part completes it.
  /// Errors: continuation_without_message, data_frame_inside_message, too_many_fragments,
  /// message_too_big (for an uncompressed message as soon as a header announces it),
  /// text_not_utf8 at the first impossible byte, bad_deflate_data. The assembler is not to be used
  /// after one.
  /// Requires: not a control frame.
  std::expected<std::optional<MessageReceived>, Violation> take(const FramePart& part);

  /// True between the first and the last fragment of a message.
  bool is_inside_message() const { return fragments_ != 0; }

 private:
  std::expected<void, Violation> begin_frame(const FrameHeader& header);
  std::expected<void, Violation> append(const FramePart& part);

  Limits limits_;
  std::optional<MessageInflater> inflater_;
  MessageReceived message_;
  std::vector<std::byte> unmasked_;  // one part of a compressed message
  Utf8Validator utf8_;
  std::size_t fragments_ = 0;  // frames of the current message so far
  bool compressed_ = false;
};

}  // namespace ws
