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

bool has_empty_element(std::string_view list) {
  bool is_empty = true;
  for (const char c : list) {
    if (c == ',' && is_empty) return true;
    if (c != ' ' && c != '\t') is_empty = c == ',';
  }
  return is_empty;
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

namespace {

/// Every code point of `text`, or the byte where there is none, goes through `change`, which says
/// what stands for it.
template <typename Change>
std::string change_points(std::string_view text, const Change& change) {
  std::string changed;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size == 1 || at + size > text.size()) {
      changed += text[at++];
      continue;
    }
    unsigned point = lead & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
      point = point * 64 + (static_cast<unsigned char>(text[at + i]) & 63U);
    }
    changed += change(point, text.substr(at, size));
    at += size;
  }
  return changed;
}

}  // namespace

std::string cut_to_bytes(std::string_view text) {
  return change_points(text, [](unsigned point, std::string_view) {
    return std::string(1, static_cast<char>(point));
  });
}

std::string narrow(std::string_view text) {
  return change_points(text, [](unsigned point, std::string_view bytes) {
    const bool is_wide = point > 0xff00 && point < 0xff5f;
    return is_wide ? std::string(1, static_cast<char>(point - 0xff00 + 0x20)) : std::string(bytes);
  });
}

std::string without_invisible(std::string_view text) {
  return change_points(text, [](unsigned point, std::string_view bytes) {
    const bool is_seen = point != 0xad && point != 0x200b && point != 0xfeff;
    return is_seen ? std::string(bytes) : std::string();
  });
}

std::string fold_to_ascii(std::string_view text) {
  constexpr std::string_view kLongS = "\xc5\xbf";
  constexpr std::string_view kKelvin = "\xe2\x84\xaa";
  std::string folded;
  while (!text.empty()) {
    if (text.starts_with(kLongS)) {
      folded += 's';
      text.remove_prefix(kLongS.size());
    } else if (text.starts_with(kKelvin)) {
      folded += 'k';
      text.remove_prefix(kKelvin.size());
    } else {
      folded += text.front();
      text.remove_prefix(1);
    }
  }
  return folded;
}

}  // namespace ws::conformance::mutants
