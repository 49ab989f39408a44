// The frame header: from bytes and back (RFC 6455 section 5.2).
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

inline constexpr std::uint64_t kMaxShortestLength = 125;  // that needs no more than the 7-bit field

/// The first byte of `header`: FIN, RSV1 to RSV3 and the opcode.
constexpr std::byte first_byte_of(const FrameHeader& header) {
  const auto bit = [](bool is_set, unsigned place) { return unsigned{is_set} << place; };
  return static_cast<std::byte>(bit(header.fin, 7) | bit(header.rsv1, 6) | bit(header.rsv2, 5) |
                                bit(header.rsv3, 4) | static_cast<unsigned>(header.opcode));
}

/// Encodes a header with the shortest length form into the front of `out`.
///
/// Returns: its size.
/// Requires: `payload_length` below 2^63.
inline std::size_t write_frame_header(std::byte first_byte, std::uint64_t payload_length,
                                      const std::optional<MaskingKey>& masking_key,
                                      std::span<std::byte, kMaxFrameHeaderSize> out) {
  assert(payload_length >> 63U == 0);
  const auto put_two = [&](std::uint64_t length_field) {
    out[0] = first_byte;
    out[1] = static_cast<std::byte>(length_field | (masking_key ? 0x80U : 0U));
  };
  const auto put_length = [&](auto length) {
    if constexpr (std::endian::native == std::endian::little) length = std::byteswap(length);
    std::memcpy(&out[2], &length, sizeof length);
  };
  std::size_t size = 2;
  if (payload_length <= kMaxShortestLength) {
    put_two(payload_length);
  } else if (payload_length < 0x1'0000U) {
    put_two(126);
    put_length(static_cast<std::uint16_t>(payload_length));
    size = 4;
  } else {
    put_two(127);
    put_length(payload_length);
    size = 10;
  }
  if (!masking_key) return size;
  std::memcpy(&out[size], masking_key->data(), masking_key->size());
  return size + masking_key->size();
}

namespace detail {
std::size_t write_long_frame(std::byte first_byte, const std::byte* payload, std::size_t size,
                             std::byte* out);
std::size_t write_long_frame(std::byte first_byte, const std::byte* payload, std::size_t size,
                             std::byte* out, MaskingKey key);
}  // namespace detail

/// Encodes a frame of `header`, whose payload length is taken from `payload`, which is masked if
/// there is a key.
///
/// Returns: its size.
/// Requires: `out` has room for kMaxFrameHeaderSize more than `payload`.
inline std::size_t write_frame(const FrameHeader& header, std::span<const std::byte> payload,
                               std::span<std::byte> out) {
  assert(out.size() >= kMaxFrameHeaderSize + payload.size());
  const std::byte first = first_byte_of(header);
  const std::size_t payload_size = payload.size();
  // Here, so that small frames, which most are, are encoded without a call.
  if (payload_size <= kMaxShortestLength) [[likely]] {
    const std::size_t size = write_frame_header(first, payload_size, header.masking_key,
                                                out.first<kMaxFrameHeaderSize>());
    std::uint32_t key = 0;
    if (header.masking_key) key = std::bit_cast<std::uint32_t>(*header.masking_key);
    kernels::mask_short(payload.data(), out.data() + size, payload_size, key);
    return size + payload_size;
  }
  return header.masking_key
             ? detail::write_long_frame(first, payload.data(), payload_size, out.data(),
                                        *header.masking_key)
             : detail::write_long_frame(first, payload.data(), payload_size, out.data());
}

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
inline EncodedFrameHeader encode_frame_header(const FrameHeader& header) {
  EncodedFrameHeader encoded;
  encoded.size_ = write_frame_header(first_byte_of(header), header.payload_length,
                                     header.masking_key, encoded.bytes_);
  return encoded;
}

}  // namespace ws
