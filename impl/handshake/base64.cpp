// Base64, three bytes to four characters and back (RFC 4648 section 4).
#include "impl/handshake/base64.hpp"

#include <array>
#include <cstdint>

namespace ws {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 64;

/// The six bits that each character stands for; kNoDigit for all others.
constexpr auto kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::uint8_t digit = 0; digit < 64; ++digit) {
    digits[static_cast<std::uint8_t>(kAlphabet[digit])] = digit;
  }
  return digits;
}();

}  // namespace

bool is_base64_digit(char c) { return kDigits[static_cast<std::uint8_t>(c)] != kNoDigit; }

std::string encode_base64(std::span<const std::byte> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  char* out = text.data();
  const auto put = [&out](std::uint32_t bits) { *out++ = kAlphabet[bits & 63]; };
  for (; bytes.size() >= 3; bytes = bytes.subspan(3)) {
    const std::uint32_t bits = std::to_integer<std::uint32_t>(bytes[0]) << 16 |
                               std::to_integer<std::uint32_t>(bytes[1]) << 8 |
                               std::to_integer<std::uint32_t>(bytes[2]);
    put(bits >> 18);
    put(bits >> 12);
    put(bits >> 6);
    put(bits);
  }
  if (!bytes.empty()) {
    std::uint32_t bits = std::to_integer<std::uint32_t>(bytes[0]) << 16;
    if (bytes.size() == 2) bits |= std::to_integer<std::uint32_t>(bytes[1]) << 8;
    put(bits >> 18);
    put(bits >> 12);
    if (bytes.size() == 2) put(bits >> 6);
  }
  return text;
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }

  std::vector<std::byte> bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char character : text) {
    const std::uint8_t digit = kDigits[static_cast<std::uint8_t>(character)];
    if (digit == kNoDigit) return std::nullopt;
    bits = bits << 6 | digit;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<std::byte>(bits >> bit_count & 0xff));
    }
  }
  return bytes;
}

}  // namespace ws
