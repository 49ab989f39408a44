// Bytes from text and back, for tests.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ws::testing {

/// Bytes written in hex with white space wherever it helps: bytes("81 05 48656c6c6f").
inline std::vector<std::byte> bytes(std::string_view hex) {
  std::vector<std::byte> result;
  int high = -1;
  for (const char digit : hex) {
    if (digit == ' ' || digit == '\n') continue;
    const std::size_t value = std::string_view("0123456789abcdef").find(digit);
    assert(value != std::string_view::npos);
    if (high < 0) {
      high = static_cast<int>(value);
    } else {
      result.push_back(static_cast<std::byte>(high * 16 + static_cast<int>(value)));
      high = -1;
    }
  }
  assert(high < 0);
  return result;
}

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

}  // namespace ws::testing
