#include "conformance/oracle/http_head.hpp"

#include <algorithm>

namespace ws::oracle {
namespace {

struct Lines {
  std::vector<std::string> lines{};  // the start line first, no empty ones
  std::size_t size = 0;
};

bool is_text(unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); }
bool is_visible(unsigned char c) { return c > 0x20 && c < 0x7f; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A token: visible characters but for the delimiters (RFC 9110 section 5.6.2).
bool is_token(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_visible(static_cast<unsigned char>(c)) &&
           std::string("\"(),/:;<=>?@[\\]{}").find(c) == std::string::npos;
  });
}

/// The lines up to the empty one; nothing if that is missing, or some line is not text.
std::optional<Lines> split_lines(std::string_view text, bool skip_empty, const HttpLimits& limits) {
  Lines result;
  while (true) {
    const std::size_t length = text.substr(result.size).find("\r\n");
    if (length == std::string_view::npos) return std::nullopt;
    const std::string line(text.substr(result.size, length));
    result.size += length + 2;
    if (length > limits.max_line || result.size > limits.max_total ||
        !std::ranges::all_of(line, [](char c) { return is_text(static_cast<unsigned char>(c)); })) {
      return std::nullopt;
    }
    if (line.empty() && !(skip_empty && result.lines.empty())) return result;
    if (!line.empty()) result.lines.push_back(line);
  }
}

/// The minor version of "HTTP/1.x".
std::optional<int> parse_version(const std::string& text) {
  if (text.size() != 8 || text.substr(0, 7) != "HTTP/1." || !is_digit(text[7])) return std::nullopt;
  return text[7] - '0';
}

std::optional<FieldLines> parse_fields(const std::vector<std::string>& lines,
                                       const HttpLimits& limits) {
  FieldLines fields;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string::npos) return std::nullopt;
    const std::string name = lines[i].substr(0, colon);
    std::string value = lines[i].substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.erase(0, 1);
    while (value.ends_with(' ') || value.ends_with('\t')) value.pop_back();
    if (!is_token(name) || fields.size() == limits.max_fields) return std::nullopt;
    fields.emplace_back(name, value);
  }
  return fields;
}

/// `line` cut at its first two spaces.
std::vector<std::string> split_start_line(const std::string& line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == ' ' && words.size() < 3) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace

std::optional<HttpHead> parse_request_head(std::string_view text, const HttpLimits& limits) {
  const auto lines = split_lines(text, true, limits);
  if (!lines || lines->lines.empty()) return std::nullopt;
  const auto words = split_start_line(lines->lines[0]);
  if (words.size() != 3) return std::nullopt;
  const auto version = parse_version(words[2]);
  const auto fields = parse_fields(lines->lines, limits);
  if (!is_token(words[0]) || words[1].empty() || !version || !fields ||
      !std::ranges::all_of(words[1],
                           [](char c) { return is_visible(static_cast<unsigned char>(c)); })) {
    return std::nullopt;
  }
  return HttpHead{.method = words[0],
                  .target = words[1],
                  .minor_version = *version,
                  .fields = *fields,
                  .size = lines->size};
}

std::optional<HttpHead> parse_response_head(std::string_view text, const HttpLimits& limits) {
  const auto lines = split_lines(text, false, limits);
  if (!lines || lines->lines.empty()) return std::nullopt;
  auto words = split_start_line(lines->lines[0]);
  if (words.size() == 2) words.emplace_back();  // no space before an empty reason
  if (words.size() != 3) return std::nullopt;
  const auto version = parse_version(words[0]);
  const auto fields = parse_fields(lines->lines, limits);
  if (!version || !fields || words[1].size() != 3 || !std::ranges::all_of(words[1], is_digit)) {
    return std::nullopt;
  }
  const int status = std::stoi(words[1]);
  if (status < 100 || status > 599) return std::nullopt;
  return HttpHead{.status = status,
                  .reason = words[2],
                  .minor_version = *version,
                  .fields = *fields,
                  .size = lines->size};
}

}  // namespace ws::oracle
