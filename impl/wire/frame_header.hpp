// The frame header: from bytes and back (RFC 6455 section 5.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "impl/wire/masking.hpp"
#include "impl/wire/opcode.hpp"
#include "impl/wire/violation.hpp"

namespace ws {

struct FrameHeader {
  bool fin = true;
  bool rsv1 = false;
  bool rsv2 = false;
  bool rsv3 = false;
  Opcode opcode = Opcode::text;
  std::optional<MaskingKey> masking_key{};  ///< present exactly if the MASK bit is set
  std::uint64_t payload_length = 0;         ///< bytes

  bool operator==(const FrameHeader&) const = default;
};

inline constexpr std::size_t kMaxFrameHeaderSize = 14;  // bytes: 2, 8 of length, 4 of key

struct DecodedFrameHeader {
  FrameHeader header{};
  std::size_t size = 0;  ///< bytes that the header took, 2 to 14
};

/// Decodes the header at the front of `bytes`, whatever follows it.
///
/// Returns: nothing if `bytes` ends inside the header; call again with more.
/// Errors: non_minimal_length, length_top_bit_set, as early as the bytes show it. The other rules
/// are check_frame_header's.
std::expected<std::optional<DecodedFrameHeader>, Violation> decode_frame_header(
    std::span<const std::byte> bytes);

/// What the first two bytes of a header say, so that a peer's mistake can be noticed before the
/// rest is there.
///
/// Returns: nothing for fewer than two bytes. `payload_length` is the 7-bit field as it stands, 126
/// and 127 included; a set MASK bit gives a key of zeros.
std::optional<FrameHeader> peek_frame_header(std::span<const std::byte> bytes);

/// The encoded header, held without allocation.
class EncodedFrameHeader {
 public:
  std::span<const std::byte> bytes() const { return std::span(bytes_).first(size_); }

 private:
  friend EncodedFrameHeader encode_frame_header(const FrameHeader& header);
  std::array<std::byte, kMaxFrameHeaderSize> bytes_{};
  std::size_t size_ = 0;
};

/// Encodes `header` with the shortest length form.
///
/// Requires: `payload_length` below 2^63.
EncodedFrameHeader encode_frame_header(const FrameHeader& header);

}  // namespace ws
