// Small text functions that the handshakes share (RFC 9110 sections 5.6.1 and 5.6.2).
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ws::conformance::mutants {

std::string to_lower(std::string_view text);

/// Equal but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view left, std::string_view right);

/// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text);

/// The elements between commas, trimmed; empty ones are left out.
std::vector<std::string> split_list(std::string_view list, char separator = ',');

/// Whether an element of `list` is `token` in quotation marks.
bool lists_quoted(std::string_view list, std::string_view token);

bool is_token(std::string_view text);

/// True if nothing but white space stands before, behind or between the commas somewhere.
bool has_empty_element(std::string_view list);

inline bool contains(std::span<const std::string> list, std::string_view element) {
  return std::ranges::find(list, element) != list.end();
}

/// The number that `text` spells in decimal digits alone; -1 if it does not, or is too long.
int parse_number(std::string_view text);

/// The letters that Unicode folds to ASCII ones, as these.
std::string fold_to_ascii(std::string_view text);

/// The code points of `text`, each cut to its lower byte.
std::string cut_to_bytes(std::string_view text);

/// Wide forms of ASCII characters, as these.
std::string narrow(std::string_view text);

/// Without what is not seen: soft hyphens, spaces without width, byte order marks.
std::string without_invisible(std::string_view text);

}  // namespace ws::conformance::mutants
