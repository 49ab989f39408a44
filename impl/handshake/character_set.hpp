// Sets of characters, as tables by byte.
#pragma once

#include <array>
#include <string_view>

namespace ws {

/// Digits, letters, and `others`.
constexpr std::array<bool, 256> alphanumerics_and(std::string_view others) {
  std::array<bool, 256> set{};
  for (unsigned c = '0'; c <= '9'; ++c) set[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) set[c] = set[c + 32] = true;
  for (const char c : others) set[static_cast<unsigned char>(c)] = true;
  return set;
}

}  // namespace ws
