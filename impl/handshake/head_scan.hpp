// The scans in which reading a head spends its time, with the vectors that the processor has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ws {

/// A control character other than the tab ends what a line may have in it (RFC 9112 section 5).
constexpr bool is_control_character(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
}

/// White space within a line (RFC 9110 section 5.6.3).
constexpr bool is_white_space(char c) { return c == ' ' || c == '\t'; }

/// The index of the first control character other than the tab; the size if there is none.
std::size_t find_control_character(std::string_view text);

/// How many characters of a token (RFC 9110 section 5.6.2) `text` begins with.
std::size_t count_token_characters(std::string_view text);

/// A line that ends in CRLF and has no control character but tabs.
struct ScannedLine {         // NOLINT: without default values, so that none is written twice
  std::uint32_t start;       ///< in the text
  std::uint32_t token_size;  ///< characters of a token that it begins with
  std::uint32_t size;        ///< without the CRLF
};

inline constexpr std::size_t kMaxScannedLines = 32;

/// Finds such lines from the front of `text` on: up to an empty one, to one that is none or not
/// whole, or as many as `lines` has room for, kMaxScannedLines at most.
///
/// Returns: how many there are.
/// Requires: `text` is below 4 GiB.
std::size_t scan_lines(std::string_view text, std::span<ScannedLine> lines);

}  // namespace ws
