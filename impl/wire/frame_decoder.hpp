// Reads to frames: finds the headers in a stream and hands out the payload in the stretches in
// which it arrives, without storing it (RFC 6455 sections 5.2 and 6.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <span>

#include "impl/wire/frame_header.hpp"
#include "impl/wire/role.hpp"
#include "impl/wire/violation.hpp"

namespace ws {

/// A stretch of one frame's payload as it arrived, still masked.
struct FramePart {
  FrameHeader header{};
  std::span<const std::byte> payload{};  ///< borrowed from the read; may be empty
  std::uint64_t offset = 0;              ///< of `payload` in the frame's payload, bytes
  bool is_first = false;                 ///< the header was completed just now
  bool is_last = false;                  ///< the frame ends with this part
};

struct FrameDecoderSettings {
  Role sender = Role::client;  ///< the side whose frames are decoded
  bool rsv1_defined = false;   ///< see check_frame_header
  std::uint64_t max_frame_size = std::numeric_limits<std::uint64_t>::max();  ///< payload bytes
};

/// Checks each header before its payload is looked at, and as early as its bytes allow.
class FrameDecoder {
 public:
  explicit FrameDecoder(FrameDecoderSettings settings) : settings_(settings) {}

  /// Takes bytes from the front of `input` and hands out the next part of a frame.
  ///
  /// The first part of a frame comes as soon as its header is complete, with as much payload as
  /// `input` has. A frame without payload is one part. `input` is shortened by what was taken.
  /// Returns: nothing when `input` is used up.
  /// Errors: the first rule broken, after which the decoder is not to be used again.
  std::expected<std::optional<FramePart>, Violation> next(std::span<const std::byte>& input);

  /// True between two frames.
  bool is_at_frame_boundary() const { return header_size_ == 0 && !in_payload_; }

 private:
  std::expected<bool, Violation> take_header(std::span<const std::byte>& input);

  FrameDecoderSettings settings_;
  std::array<std::byte, kMaxFrameHeaderSize> header_bytes_{};  // of a header cut by a read
  std::size_t header_size_ = 0;
  FrameHeader header_{};
  std::uint64_t payload_offset_ = 0;
  bool in_payload_ = false;
};

}  // namespace ws
