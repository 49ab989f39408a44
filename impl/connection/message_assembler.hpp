// Fragments to messages, with decompression and UTF-8 validation as the bytes arrive (RFC 6455
// sections 5.4 and 8.1, RFC 7692 section 7.2.2).
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <utility>
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
      : max_message_size_(limits.max_message_size), max_fragments_(limits.max_fragments) {
    if (inflater) inflation_ = std::make_unique<Inflation>(std::move(*inflater));
  }

  /// Takes the next part of a data or continuation frame.
  ///
  /// Returns: the message, if this part completes it.
  /// Errors: continuation_without_message, data_frame_inside_message, too_many_fragments,
  /// message_too_big (for an uncompressed message as soon as a header announces it),
  /// text_not_utf8 at the first impossible byte, bad_deflate_data. The assembler is not to be used
  /// after one.
  /// Requires: not a control frame.
  std::expected<std::optional<MessageReceived>, Violation> take(const FramePart& part);

  /// True if `part` is an uncompressed message as a whole, as most messages are.
  bool is_whole_message(const FramePart& part) const {
    return part.is_first && part.is_last && part.header.fin && !part.header.rsv1 &&
           part.header.opcode != Opcode::continuation && fragments_ == 0;
  }

  /// Takes such a part, into `message`, where take() would have to hand it over.
  ///
  /// Errors: message_too_big, text_not_utf8.
  std::optional<Violation> take_whole(const FramePart& part, MessageReceived& message) const;

  /// True between the first and the last fragment of a message.
  bool is_inside_message() const { return fragments_ != 0; }

 private:
  std::expected<void, Violation> begin_frame(const FrameHeader& header);
  std::expected<void, Violation> append(const FramePart& part);

  struct Inflation {
    MessageInflater inflater;
    std::vector<std::byte> unmasked{};  // one part of a compressed message
  };

  std::size_t max_message_size_;
  std::size_t max_fragments_;
  std::unique_ptr<Inflation> inflation_;
  MessageReceived message_;
  Utf8Validator utf8_;
  std::size_t fragments_ = 0;  // frames of the current message so far
  bool compressed_ = false;
};

}  // namespace ws
