// Lines, start lines and fields of an HTTP/1.1 head (RFC 9112 sections 2 to 5).
#include "impl/handshake/http_head.hpp"

#include <algorithm>
#include <cassert>
#include <concepts>
#include <cstdint>
#include <utility>

#include "impl/handshake/head_scan.hpp"

namespace ws {
namespace {

using enum HandshakeError;

constexpr std::size_t kUsualFields = 16;  // what a browser sends has room without growing

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_white_space(char c) { return c == ' ' || c == '\t'; }

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_white_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_white_space(text.back())) text.remove_suffix(1);
  return text;
}

/// The element at the front of `list`, without the white space around it; `list` keeps the rest.
std::string_view take_element(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view element = list.substr(0, comma);
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return trim(element);
}

/// The minor version of "HTTP/1.x" (RFC 9112 section 2.3).
std::expected<int, HandshakeError> parse_version(std::string_view text) {
  constexpr std::string_view kName = "HTTP/";
  if (text.size() != kName.size() + 3 || !text.starts_with(kName)) {
    return std::unexpected(malformed_start_line);
  }
  text.remove_prefix(kName.size());
  if (!is_digit(text[0]) || text[1] != '.' || !is_digit(text[2])) {
    return std::unexpected(malformed_start_line);
  }
  if (text[0] != '1') return std::unexpected(unsupported_http_version);
  return text[2] - '0';
}

/// method SP request-target SP HTTP-version (RFC 9112 section 3)
std::expected<void, HandshakeError> parse_request_line(std::string_view line, RequestHead& head) {
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) {
    return std::unexpected(malformed_start_line);
  }
  const std::string_view method = line.substr(0, method_end);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  const bool target_is_printable =
      std::ranges::all_of(target, [](char c) { return c >= '!' && c <= '~'; });
  if (!is_token(method) || target.empty() || !target_is_printable) {
    return std::unexpected(malformed_start_line);
  }
  const auto version = parse_version(line.substr(target_end + 1));
  if (!version) return std::unexpected(version.error());
  head.method = method;
  head.target = target;
  head.minor_version = *version;
  return {};
}

/// HTTP-version SP status-code SP [reason-phrase] (RFC 9112 section 4); some servers leave out the
/// space before an empty reason.
std::expected<void, HandshakeError> parse_status_line(std::string_view line, ResponseHead& head) {
  const std::size_t version_end = line.find(' ');
  const auto version = parse_version(line.substr(0, version_end));
  if (!version) return std::unexpected(version.error());
  if (version_end == std::string_view::npos) return std::unexpected(malformed_start_line);
  line.remove_prefix(version_end + 1);

  const std::string_view status = line.substr(0, 3);
  const bool status_is_code = status.size() == 3 && std::ranges::all_of(status, is_digit) &&
                              status[0] >= '1' && status[0] <= '5';
  line.remove_prefix(status.size());
  if (!status_is_code || (!line.empty() && line.front() != ' ')) {
    return std::unexpected(malformed_start_line);
  }
  head.minor_version = *version;
  head.status = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0');
  head.reason = line.substr(line.empty() ? 0 : 1);
  return {};
}

}  // namespace

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      *this, [&](const Field& field) { return equals_ignoring_case(field.name, name); }));
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field& field : *this) {
    if (equals_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::string Fields::joined(std::string_view name) const {
  std::string list;
  bool first = true;
  for (const Field& field : *this) {
    if (!equals_ignoring_case(field.name, name)) continue;
    if (!first) list += ", ";
    list += field.value;
    first = false;
  }
  return list;
}

bool Fields::has_token(std::string_view name, std::string_view token) const {
  for (const Field& field : *this) {
    if (equals_ignoring_case(field.name, name) && list_has_token(field.value, token)) return true;
  }
  return false;
}

bool Fields::operator==(const Fields& other) const { return std::ranges::equal(*this, other); }

bool list_has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (equals_ignoring_case(take_element(list), token)) return true;
  }
  return false;
}

std::optional<HandshakeError> HeadReader::check_byte(char next, std::size_t line_length,
                                                     std::size_t total) const {
  if (total == limits_.max_total) return head_too_large;
  if (cr_seen_) {
    if (next == '\n') return std::nullopt;
  } else {
    if (next == '\r') return std::nullopt;
    if (line_length == limits_.max_line) {
      return start_line_done_ ? line_too_long : start_line_too_long;
    }
    if (!is_control_character(next)) return std::nullopt;
  }
  return start_line_done_ ? malformed_field : malformed_start_line;
}

std::expected<std::optional<std::string_view>, HandshakeError> HeadReader::next_line(
    std::span<const std::byte>& input) {
  const std::size_t total_before = raw_.size();
  for (std::size_t i = 0; i < input.size(); ++i) {
    const char next = static_cast<char>(input[i]);
    const std::size_t total = total_before + i;
    if (const auto error = check_byte(next, total - line_start_, total)) {
      take(input, i);
      return std::unexpected(*error);
    }
    cr_seen_ = next == '\r';
    if (next != '\n') continue;

    take(input, i + 1);
    const std::size_t start = std::exchange(line_start_, raw_.size());
    return std::string_view(raw_).substr(start, raw_.size() - 2 - start);
  }
  take(input, input.size());
  return std::nullopt;
}

void HeadReader::take(std::span<const std::byte>& input, std::size_t count) {
  raw_.append(reinterpret_cast<const char*>(input.data()), count);
  input = input.subspan(count);
}

template <typename Head>
std::expected<bool, HandshakeError> HeadReader::read_head(
    std::span<const std::byte>& input, Head& head,
    std::expected<void, HandshakeError> (*parse_start_line)(std::string_view, Head&)) {
  auto complete = read_plain_lines(input, head, parse_start_line);
  while (complete && !*complete) {
    const auto line = next_line(input);
    if (!line) return std::unexpected(line.error());
    if (!*line) return false;
    const auto start = static_cast<std::size_t>((*line)->data() - raw_.data());
    complete = take_line(**line, start, head, parse_start_line);
    if (complete && *complete) head.fields.text_ = std::move(raw_);
  }
  return complete;
}

template <typename Head>
std::expected<bool, HandshakeError> HeadReader::read_plain_lines(
    std::span<const std::byte>& input, Head& head,
    std::expected<void, HandshakeError> (*parse_start_line)(std::string_view, Head&)) {
  if (line_start_ != raw_.size() || cr_seen_) return false;  // inside a line
  // Looked at where they are, and kept in one go.
  const std::string_view ahead(reinterpret_cast<const char*>(input.data()),
                               std::min(input.size(), limits_.max_total - raw_.size()));
  std::size_t taken = 0;
  std::expected<bool, HandshakeError> complete = false;
  while (complete && !*complete) {
    const std::string_view rest = ahead.substr(taken);
    const std::size_t size = find_control_character(rest);
    if (size > limits_.max_line || rest.size() - size < 2 || rest[size] != '\r' ||
        rest[size + 1] != '\n') {
      break;
    }
    complete = take_line(rest.substr(0, size), raw_.size() + taken, head, parse_start_line);
    taken += size + 2;
  }
  take(input, taken);
  line_start_ = raw_.size();
  if (complete && *complete) head.fields.text_ = std::move(raw_);
  return complete;
}

template <typename Head>
std::expected<bool, HandshakeError> HeadReader::take_line(
    std::string_view line, std::size_t start, Head& head,
    std::expected<void, HandshakeError> (*parse_start_line)(std::string_view, Head&)) {
  if (start_line_done_) {
    if (line.empty()) return true;
    if (head.fields.size() == limits_.max_fields) return std::unexpected(too_many_fields);
    if (auto taken = take_field_line(line, start, head.fields); !taken) {
      return std::unexpected(taken.error());
    }
  } else if (!line.empty() || std::same_as<Head, ResponseHead>) {
    if (auto taken = parse_start_line(line, head); !taken) return std::unexpected(taken.error());
    start_line_done_ = true;
    head.fields.lines_.reserve(kUsualFields);
  }
  return false;
}

/// field-name ":" OWS field-value OWS (RFC 9112 section 5). A folded line (obs-fold) and white
/// space before the colon both leave a name that is no token.
std::expected<void, HandshakeError> HeadReader::take_field_line(std::string_view line,
                                                                std::size_t start, Fields& fields) {
  const std::size_t name_size = count_token_characters(line);
  if (name_size == 0 || name_size == line.size() || line[name_size] != ':') {
    return std::unexpected(malformed_field);
  }
  std::size_t value_start = name_size + 1;
  std::size_t value_end = line.size();
  while (value_start < value_end && is_white_space(line[value_start])) ++value_start;
  while (value_start < value_end && is_white_space(line[value_end - 1])) --value_end;
  fields.lines_.push_back({start, name_size, start + value_start, value_end - value_start});
  return {};
}

std::expected<std::optional<RequestHead>, HandshakeError> RequestHeadParser::receive(
    std::span<const std::byte>& input) {
  const auto complete = read_head(input, head_, parse_request_line);
  if (!complete) return std::unexpected(complete.error());
  if (!*complete) return std::nullopt;
  return std::move(head_);
}

std::expected<std::optional<ResponseHead>, HandshakeError> ResponseHeadParser::receive(
    std::span<const std::byte>& input) {
  const auto complete = read_head(input, head_, parse_status_line);
  if (!complete) return std::unexpected(complete.error());
  if (!*complete) return std::nullopt;
  return std::move(head_);
}

bool is_interim(const ResponseHead& head) {
  return head.status >= 100 && head.status < 200 && head.status != 101;
}

void append_field_line(std::string& head, std::string_view name, std::string_view value) {
  assert(is_token(name));
  assert(find_control_character(value) == value.size());
  head.append(name).append(": ").append(value).append("\r\n");
}

bool is_token(std::string_view text) {
  return !text.empty() && count_token_characters(text) == text.size();
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         (left == right || std::ranges::equal(left, right, {}, to_lower, to_lower));
}

std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> elements;
  while (!list.empty()) {
    const std::string_view element = take_element(list);
    if (!element.empty()) elements.push_back(element);
  }
  return elements;
}

}  // namespace ws
