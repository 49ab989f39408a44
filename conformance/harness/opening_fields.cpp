#include "conformance/harness/opening_fields.hpp"

#include <algorithm>
#include <utility>

namespace ws::conformance {

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

std::vector<std::string> values_of(const oracle::FieldLines& fields, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [field, value] : fields) {
    if (to_lower(field) == name) values.push_back(value);
  }
  return values;
}

std::vector<std::string> split_list(const std::vector<std::string>& values) {
  std::vector<std::string> elements;
  for (const std::string& value : values) {
    std::size_t begin = 0;
    while (begin <= value.size()) {
      const std::size_t end = std::min(value.find(',', begin), value.size());
      const std::string element = trim(std::string_view(value).substr(begin, end - begin));
      if (!element.empty()) elements.push_back(element);
      begin = end + 1;
    }
  }
  return elements;
}

std::vector<std::string> elements_of(const oracle::FieldLines& fields, std::string_view name) {
  std::vector<std::string> elements = split_list(values_of(fields, name));
  for (std::string& element : elements) element = to_lower(element);
  return elements;
}

std::string join_list(const std::vector<std::string>& values) {
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ", ") + value;
  return list;
}

oracle::FieldLines fields_of(std::string_view head) {
  oracle::FieldLines fields;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 1, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    fields.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return fields;
}

std::string other_name_of(std::string_view authority) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"127.0.0.1:", "localhost:"},
                                                                      {"localhost:", "127.0.0.1:"}};
  for (const auto& [name, other] : kNames) {
    if (authority.starts_with(name)) {
      return std::string(other) + std::string(authority.substr(name.size()));
    }
  }
  return std::string(authority);
}

std::string random_key(std::mt19937_64& random) {
  std::string key;
  for (int i = 0; i < 21; ++i) key += kBase64Digits[random() % 64];
  return key + kBase64Digits[random() % 4 * 16] + "==";  // the last digit has two bits of the 128
}

std::string decode_key(std::string_view key) {
  std::string bytes;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : key) {
    const std::size_t digit = kBase64Digits.find(c);
    if (digit == std::string_view::npos) break;
    bits = (bits * 64 + static_cast<unsigned>(digit)) & 0xffffU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xffU);
  }
  return bytes;
}

}  // namespace ws::conformance
