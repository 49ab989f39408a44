// Decompression of messages within a limit (RFC 7692 section 7.2.2).
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <vector>

#include "impl/deflate/deflate_parameters.hpp"
#include "impl/wire/violation.hpp"

namespace ws {

/// Decompresses the messages of one direction of a connection.
///
/// The window has 15 bits whatever was agreed, so that what a message comes to does not depend on
/// how it was cut: zlib checks distances against the window and all that the present call puts out.
class MessageInflater {
 public:
  /// Throws std::bad_alloc.
  explicit MessageInflater(DirectionParameters parameters);
  ~MessageInflater();
  MessageInflater(MessageInflater&&) noexcept;
  MessageInflater& operator=(MessageInflater&&) noexcept;

  /// Decompresses the next stretch of a message and appends it to `output`, which holds the message
  /// so far and never grows beyond `max_message_size` bytes, its capacity included. With `is_last`
  /// the message ends, and its tail 00 00 ff ff is supplied unless the sender left it on.
  ///
  /// Blocks with BFINAL set are taken (section 7.2.3.4), also in the middle of a message, and also
  /// at its end without an empty block behind.
  /// Errors: message_too_big as soon as one byte more than the limit would come out;
  /// bad_deflate_data, also for a message that ends inside a block. `output` has all that came out
  /// before the error; the object is not to be used again. Throws std::bad_alloc.
  /// Requires: `output` holds at most `max_message_size` bytes.
  std::expected<void, Violation> inflate(std::span<const std::byte> stretch, bool is_last,
                                         std::vector<std::byte>& output,
                                         std::size_t max_message_size);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace ws
