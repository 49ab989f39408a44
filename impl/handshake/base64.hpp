// Base64 as the opening handshake uses it (RFC 4648 section 4).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ws {

inline constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// By byte: true for the 64 characters that stand for six bits.
inline constexpr auto kIsBase64Digit = [] {
  std::array<bool, 256> is_digit{};
  for (const char c : kBase64Alphabet) is_digit[static_cast<unsigned char>(c)] = true;
  return is_digit;
}();

/// True for the 64 characters that stand for six bits.
constexpr bool is_base64_digit(char c) { return kIsBase64Digit[static_cast<unsigned char>(c)]; }

/// The encoding of `bytes`, padded with "=".
std::string encode_base64(std::span<const std::byte> bytes);

/// Appends what encode_base64() returns to `text`.
void append_base64(std::string& text, std::span<const std::byte> bytes);

}  // namespace ws
