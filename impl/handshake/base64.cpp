// Base64, three bytes to four characters (RFC 4648 section 4).
#include "impl/handshake/base64.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace ws {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto kIsDigit = [] {
  std::array<bool, 256> is_digit{};
  for (const char c : kAlphabet) is_digit[static_cast<unsigned char>(c)] = true;
  return is_digit;
}();

}  // namespace

bool is_base64_digit(char c) { return kIsDigit[static_cast<unsigned char>(c)]; }

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

}  // namespace ws
