#include "impl/wire/frame_header.hpp"

#include <algorithm>

namespace ws {
namespace {

constexpr std::byte kFinBit{0x80};
constexpr std::byte kRsv1Bit{0x40};
constexpr std::byte kRsv2Bit{0x20};
constexpr std::byte kRsv3Bit{0x10};
constexpr std::byte kOpcodeBits{0x0f};
constexpr std::byte kMaskBit{0x80};
constexpr std::byte kLengthBits{0x7f};

constexpr std::uint64_t kLength16 = 126;  // 7-bit values that announce a longer form
constexpr std::uint64_t kLength64 = 127;

bool has(std::byte byte, std::byte bit) { return (byte & bit) != std::byte{0}; }

std::uint64_t decode_big_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}

}  // namespace

std::optional<FrameHeader> peek_frame_header(std::span<const std::byte> bytes) {
  if (bytes.size() < 2) return std::nullopt;
  FrameHeader header{.fin = has(bytes[0], kFinBit),
                     .rsv1 = has(bytes[0], kRsv1Bit),
                     .rsv2 = has(bytes[0], kRsv2Bit),
                     .rsv3 = has(bytes[0], kRsv3Bit),
                     .opcode = static_cast<Opcode>(bytes[0] & kOpcodeBits),
                     .payload_length = std::to_integer<std::uint64_t>(bytes[1] & kLengthBits)};
  if (has(bytes[1], kMaskBit)) header.masking_key = MaskingKey{};
  return header;
}

std::expected<std::optional<DecodedFrameHeader>, Violation> decode_frame_header(
    std::span<const std::byte> bytes) {
  const auto peeked = peek_frame_header(bytes);
  if (!peeked) return std::nullopt;
  DecodedFrameHeader decoded{.header = *peeked, .size = 2};
  FrameHeader& header = decoded.header;

  if (header.payload_length >= kLength16) {
    const bool is_64_bit = header.payload_length == kLength64;
    const std::size_t length_size = is_64_bit ? 8 : 2;
    // "the most significant bit MUST be 0" (section 5.2)
    if (is_64_bit && bytes.size() > 2 && has(bytes[2], std::byte{0x80})) {
      return std::unexpected(Violation::length_top_bit_set);
    }
    // "the minimal number of bytes MUST be used to encode the length" (section 5.2)
    const auto length_bytes = bytes.subspan(2, std::min(length_size, bytes.size() - 2));
    if (length_bytes.size() >= 6 && decode_big_endian(length_bytes.first(6)) == 0) {
      return std::unexpected(Violation::non_minimal_length);  // the rest would fit 16 bits
    }
    if (length_bytes.size() < length_size) return std::nullopt;
    header.payload_length = decode_big_endian(length_bytes);
    if (header.payload_length < kLength16) return std::unexpected(Violation::non_minimal_length);
    decoded.size += length_size;
  }
  if (header.masking_key) {
    if (bytes.size() < decoded.size + header.masking_key->size()) return std::nullopt;
    std::ranges::copy(bytes.subspan(decoded.size, header.masking_key->size()),
                      header.masking_key->begin());
    decoded.size += header.masking_key->size();
  }
  return decoded;
}

std::size_t detail::write_long_frame(std::byte first_byte, const std::byte* payload,
                                     std::size_t size, std::byte* out) {
  const std::size_t header_size =
      write_frame_header(first_byte, size, std::nullopt,
                         std::span<std::byte, kMaxFrameHeaderSize>(out, kMaxFrameHeaderSize));
  std::memcpy(out + header_size, payload, size);
  return header_size + size;
}

std::size_t detail::write_long_frame(std::byte first_byte, const std::byte* payload,
                                     std::size_t size, std::byte* out, MaskingKey key) {
  const std::size_t header_size = write_frame_header(
      first_byte, size, key, std::span<std::byte, kMaxFrameHeaderSize>(out, kMaxFrameHeaderSize));
  copy_masked(std::span(payload, size), std::span(out + header_size, size), key);
  return header_size + size;
}

}  // namespace ws
