#include "conformance/mutants/text.hpp"

#include <algorithm>

namespace ws::conformance::mutants {

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() && to_lower(left) == to_lower(right);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

std::vector<std::string> split_list(std::string_view list, char separator) {
  std::vector<std::string> elements;
  while (true) {
    const std::size_t end = std::min(list.find(separator), list.size());
    const std::string_view element = trim(list.substr(0, end));
    if (!element.empty()) elements.emplace_back(element);
    if (end == list.size()) return elements;
    list.remove_prefix(end + 1);
  }
}

bool lists_quoted(std::string_view list, std::string_view token) {
  return std::ranges::any_of(split_list(list), [&](const std::string& element) {
    return equals_ignoring_case(element, '"' + std::string(token) + '"');
  });
}

bool is_token(std::string_view text) {
  constexpr std::string_view kDelimiters = "\"(),/:;<=>?@[\\]{}";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return c > ' ' && c < 0x7f && kDelimiters.find(c) == std::string_view::npos;
  });
}

int parse_number(std::string_view text) {
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || text.size() > 6 || !digits) return -1;
  return std::stoi(std::string(text));
}

}  // namespace ws::conformance::mutants
