// Base64 as the opening handshake uses it (RFC 4648 section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "impl/handshake/character_set.hpp"

namespace ws {

inline constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// By byte: true for the 64 characters that stand for six bits.
inline constexpr auto kIsBase64Digit = alphanumerics_and("+/");

/// True for the 64 characters that stand for six bits.
constexpr bool is_base64_digit(char c) { return kIsBase64Digit[static_cast<unsigned char>(c)]; }

/// The encoding of `bytes`, padded with "=".
std::string encode_base64(std::span<const std::byte> bytes);

/// How many characters encode so many bytes.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// Writes what encode_base64() returns to `out`, base64_size() characters.
inline void write_base64(std::span<const std::byte> bytes, char* out) {
  const auto put = [&out](std::uint32_t bits) { *out++ = kBase64Alphabet[bits & 63U]; };
  for (; bytes.size() >= 3; bytes = bytes.subspan(3)) {
    const std::uint32_t bits = std::to_integer<std::uint32_t>(bytes[0]) << 16U |
                               std::to_integer<std::uint32_t>(bytes[1]) << 8U |
                               std::to_integer<std::uint32_t>(bytes[2]);
    put(bits >> 18U);
    put(bits >> 12U);
    put(bits >> 6U);
    put(bits);
  }
  if (bytes.empty()) return;
  std::uint32_t bits = std::to_integer<std::uint32_t>(bytes[0]) << 16U;
  if (bytes.size() == 2) bits |= std::to_integer<std::uint32_t>(bytes[1]) << 8U;
  put(bits >> 18U);
  put(bits >> 12U);
  if (bytes.size() == 2) {
    put(bits >> 6U);
  } else {
    *out++ = '=';
  }
  *out = '=';
}

}  // namespace ws
