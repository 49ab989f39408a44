// Compression of messages (RFC 7692 section 7.2.1).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "impl/deflate/deflate_parameters.hpp"

namespace ws {

/// Compresses the messages of one direction of a connection.
///
/// zlib has no deflater with a window of 8 bits. One of 9 bits serves instead: its matches reach
/// back at most 512 - 262 = 250 bytes, which a window of 256 bytes covers.
class MessageDeflater {
 public:
  /// `level` (0 to 9) and `memory_level` (1 to 9) are zlib's; of the latter no more is taken than a
  /// small window can use. Level 1 is ISA-L's where the build has it: several times as fast.
  /// Throws std::bad_alloc.
  MessageDeflater(DirectionParameters parameters, int level, int memory_level);
  ~MessageDeflater();
  MessageDeflater(MessageDeflater&&) noexcept;
  MessageDeflater& operator=(MessageDeflater&&) noexcept;

  /// Compresses the next stretch of a message and appends to `output` what is ready. With
  /// `is_last` the message ends: the output is flushed and its tail 00 00 ff ff left out, and an
  /// empty message becomes the single byte 00 (section 7.2.3.6).
  void deflate(std::span<const std::byte> stretch, bool is_last, std::vector<std::byte>& output);

  /// One of the libraries at work.
  class Stream {
   public:
    Stream() = default;
    virtual ~Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    /// As MessageDeflater's.
    virtual void deflate(std::span<const std::byte> stretch, bool is_last,
                         std::vector<std::byte>& output) = 0;
  };

 private:
  std::unique_ptr<Stream> stream_;
};

}  // namespace ws
