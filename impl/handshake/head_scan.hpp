// The two scans in which reading a head spends its time, with the vectors that the processor has.
#pragma once

#include <string_view>

#include "impl/wire/kernels/variant.hpp"

namespace ws {

/// A control character other than the tab ends what a line may have in it (RFC 9112 section 5).
constexpr bool is_control_character(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
}

/// The index of the first control character other than the tab; the size if there is none.
std::size_t find_control_character(std::string_view text);

/// How many characters of a token (RFC 9110 section 5.6.2) `text` begins with.
std::size_t count_token_characters(std::string_view text);

}  // namespace ws
