// Lines, start lines and fields of an HTTP/1.1 head (RFC 9112 sections 2 to 5).
#include "impl/handshake/http_head.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <utility>

#include "impl/handshake/head_scan.hpp"

namespace ws {
namespace {

using enum HandshakeError;

constexpr std::string_view kVersionName = "HTTP/";
constexpr std::size_t kVersionSize = kVersionName.size() + 3;

constexpr auto kIsPrintable = [] {
  std::array<bool, 256> is_printable{};
  for (unsigned c = '!'; c <= '~'; ++c) is_printable[c] = true;
  return is_printable;
}();

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
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
  if (text.size() != kVersionSize || !text.starts_with(kVersionName)) {
    return std::unexpected(malformed_start_line);
  }
  text.remove_prefix(kVersionName.size());
  if (!is_digit(text[0]) || text[1] != '.' || !is_digit(text[2])) {
    return std::unexpected(malformed_start_line);
  }
  if (text[0] != '1') return std::unexpected(unsupported_http_version);
  return text[2] - '0';
}

}  // namespace

void Fields::add(std::string_view name, std::string_view value) {
  reserve(line_count_ + 1, text_size_ + name.size() + value.size());
  const auto name_size = static_cast<Place>(name.size());
  const auto value_size = static_cast<Place>(value.size());
  memory_[line_count_++] = {text_size_, name_size, text_size_ + name_size, value_size};
  std::ranges::copy(value, std::ranges::copy(name, text_begin() + text_size_).out);
  text_size_ += name_size + value_size;
}

void Fields::reserve(std::size_t lines, std::size_t text) {
  if (lines <= line_capacity_ && text <= text_capacity_ && memory_.use_count() == 1) return;
  Fields larger;
  const std::size_t line_capacity = std::max(lines, 2 * std::size_t{line_capacity_});
  const std::size_t text_capacity = std::max(text, 2 * std::size_t{text_capacity_});
  assert(line_capacity >> 32U == 0 && text_capacity >> 32U == 0);
  larger.memory_ = std::make_shared_for_overwrite<Line[]>(
      line_capacity + (text_capacity + sizeof(Line) - 1) / sizeof(Line));
  larger.line_capacity_ = static_cast<Place>(line_capacity);
  larger.text_capacity_ = static_cast<Place>(text_capacity);
  larger.line_count_ = line_count_;
  larger.text_size_ = text_size_;
  std::copy_n(memory_.get(), line_count_, larger.memory_.get());
  std::copy_n(text_begin(), text_size_, larger.text_begin());
  *this = std::move(larger);
}

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

/// field-name ":" OWS field-value OWS (RFC 9112 section 5). A folded line (obs-fold) and white
/// space before the colon both leave a name that is no token.
inline bool HeadReader::parse_field_line(std::string_view head, const ScannedLine& line,
                                         Fields::Line& parsed) {
  const char* const text = head.data() + line.start;
  if (line.token_size == 0 || text[line.token_size] != ':') return false;
  std::uint32_t value = line.token_size + 1;
  std::uint32_t end = line.size;
  while (is_white_space(text[end - 1])) --end;  // not beyond the colon
  while (value < end && is_white_space(text[value])) ++value;
  parsed.name_start = line.start;
  parsed.name_size = line.token_size;
  parsed.value_start = line.start + value;
  parsed.value_size = end - value;
  return true;
}

std::expected<bool, HandshakeError> HeadReader::read_head(std::span<const std::byte>& input,
                                                          ParseStartLine& parse_start_line) {
  if (raw_.empty() && read_whole_head(input, parse_start_line)) return true;
  while (true) {
    const auto line = next_line(input);
    if (!line) return std::unexpected(line.error());
    if (!*line) return false;
    const auto start = static_cast<std::size_t>((*line)->data() - raw_.data());
    const auto complete = take_line(**line, start, parse_start_line);
    if (!complete) return complete;
    if (*complete) {
      keep_head();
      return true;
    }
  }
}

bool HeadReader::read_whole_head(std::span<const std::byte>& input,
                                 ParseStartLine& parse_start_line) {
  const std::string_view ahead(reinterpret_cast<const char*>(input.data()),
                               std::min(input.size(), limits_.max_total));
  std::array<ScannedLine, kMaxScannedLines> scanned;  // NOLINT: the scan fills it
  const std::size_t count = scan_lines(ahead, scanned);
  if (count < 2 || scanned[0].size == 0 || scanned[count - 1].size != 0) return false;
  const auto field_lines = std::span(scanned).subspan(1, count - 2);
  if (field_lines.size() > limits_.max_fields || scanned[0].size > limits_.max_line) return false;
  const auto parsed = parse_start_line(ahead.substr(0, scanned[0].size), scanned[0].token_size);
  if (!parsed) return false;

  const std::size_t size = scanned[count - 1].start + 2;
  fields_.reserve(field_lines.size(), size);
  Fields::Line* to = fields_.memory_.get();
  for (const ScannedLine& line : field_lines) {
    if (line.size > limits_.max_line || !parse_field_line(ahead, line, *to++)) return false;
  }
  keep_start_line(*parsed, ahead);
  std::memcpy(fields_.text_begin(), input.data(), size);
  fields_.line_count_ = static_cast<Fields::Place>(field_lines.size());
  fields_.text_size_ = static_cast<Fields::Place>(size);
  input = input.subspan(size);
  return true;
}

void HeadReader::keep_head() {
  fields_.reserve(lines_.size(), raw_.size());
  std::ranges::copy(lines_, fields_.memory_.get());
  std::ranges::copy(raw_, fields_.text_begin());
  fields_.line_count_ = static_cast<Fields::Place>(lines_.size());
  fields_.text_size_ = static_cast<Fields::Place>(raw_.size());
  raw_.clear();
}

std::expected<bool, HandshakeError> HeadReader::take_line(std::string_view line, std::size_t start,
                                                          ParseStartLine& parse_start_line) {
  const std::size_t token_size = count_token_characters(line);
  if (start_line_done_) {
    if (line.empty()) return true;
    if (lines_.size() == limits_.max_fields) return std::unexpected(too_many_fields);
    const ScannedLine scanned{static_cast<std::uint32_t>(start),
                              static_cast<std::uint32_t>(token_size),
                              static_cast<std::uint32_t>(line.size())};
    if (!parse_field_line(raw_, scanned, lines_.emplace_back())) {
      return std::unexpected(malformed_field);
    }
  } else if (!line.empty() || &parse_start_line != &parse_request_line) {
    const auto parsed = parse_start_line(line, token_size);
    if (!parsed) return std::unexpected(parsed.error());
    keep_start_line(*parsed, raw_);
    start_line_done_ = true;
  }
  return false;
}

void HeadReader::keep_start_line(const StartLine& parsed, std::string_view head) {
  const auto place_of = [head](std::string_view part) {
    return static_cast<Fields::Place>(part.empty() ? 0 : part.data() - head.data());
  };
  const auto size_of = [](std::string_view part) {
    return static_cast<Fields::Place>(part.size());
  };
  start_line_ = {place_of(parsed.method), size_of(parsed.method), place_of(parsed.target_or_reason),
                 size_of(parsed.target_or_reason)};
  minor_version_ = parsed.minor_version;
  status_ = parsed.status;
}

HeadReader::StartLine HeadReader::start_line() const {
  const std::string_view text = fields_.text();
  return {.method = text.substr(start_line_.name_start, start_line_.name_size),
          .target_or_reason = text.substr(start_line_.value_start, start_line_.value_size),
          .minor_version = minor_version_,
          .status = status_};
}

/// method SP request-target SP HTTP-version (RFC 9112 section 3)
std::expected<HeadReader::StartLine, HandshakeError> HeadReader::parse_request_line(
    std::string_view line, std::size_t token_size) {
  const std::size_t target_start = token_size + 1;
  if (token_size == 0 || line.size() < target_start + 1 + kVersionSize + 1 ||
      line[token_size] != ' ') {
    return std::unexpected(malformed_start_line);
  }
  const std::size_t target_end = line.size() - kVersionSize - 1;
  const std::string_view target = line.substr(target_start, target_end - target_start);
  bool is_malformed = line[target_end] != ' ';
  for (const char c : target) is_malformed |= !kIsPrintable[static_cast<unsigned char>(c)];
  if (is_malformed) return std::unexpected(malformed_start_line);
  const auto version = parse_version(line.substr(target_end + 1));
  if (!version) return std::unexpected(version.error());
  return StartLine{
      .method = line.substr(0, token_size), .target_or_reason = target, .minor_version = *version};
}

/// HTTP-version SP status-code SP [reason-phrase] (RFC 9112 section 4); some servers leave out the
/// space before an empty reason.
std::expected<HeadReader::StartLine, HandshakeError> HeadReader::parse_status_line(
    std::string_view line, std::size_t /*token_size*/) {
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
  return StartLine{.target_or_reason = line.substr(line.empty() ? 0 : 1),
                   .minor_version = *version,
                   .status = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0')};
}

std::expected<std::optional<RequestHead>, HandshakeError> RequestHeadParser::receive(
    std::span<const std::byte>& input) {
  const auto complete = read_head(input, parse_request_line);
  if (!complete) return std::unexpected(complete.error());
  if (!*complete) return std::nullopt;
  const StartLine line = start_line();
  return RequestHead{.method = line.method,
                     .target = line.target_or_reason,
                     .minor_version = line.minor_version,
                     .fields = std::move(fields_)};
}

std::expected<std::optional<ResponseHead>, HandshakeError> ResponseHeadParser::receive(
    std::span<const std::byte>& input) {
  const auto complete = read_head(input, parse_status_line);
  if (!complete) return std::unexpected(complete.error());
  if (!*complete) return std::nullopt;
  const StartLine line = start_line();
  return ResponseHead{.minor_version = line.minor_version,
                      .status = line.status,
                      .reason = std::string(line.target_or_reason),
                      .fields = std::move(fields_)};
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
  if (left.size() != right.size()) return false;
  return std::equal(left.begin(), left.end(), right.begin(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
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
