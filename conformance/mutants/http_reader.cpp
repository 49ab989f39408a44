#include "conformance/mutants/http_reader.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "conformance/mutants/text.hpp"
#include "conformance/oracle/utf8.hpp"

namespace ws::conformance::mutants {
namespace {

constexpr HeadLimits kLimits;

bool is_text(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

HeadReader::State HeadReader::feed(std::string_view read) {
  text_ += read;
  if (state_ != State::incomplete) return state_;
  const std::size_t head_end = text_.find("\r\n\r\n");
  if (head_end < 16'000 && text_.size() > 16'000 && switches_.has("hs-early-data-counts")) {
    return state_ = State::too_large;
  }
  for (std::size_t lf = text_.find('\n'); lf < head_end; lf = text_.find('\n', lf + 1)) {
    if (lf > 0 && text_[lf - 1] != '\r' && switches_.has("hs-lf-cuts-value")) text_[lf - 1] = '\r';
  }
  if (reader_ == Role::server && text_.size() > read.size() &&
      switches_.has("lm-handshake-quadratic")) {
    extra_work_ += 4 * text_.size();
  }
  if (!text_.ends_with("\r\n\r\n") && text_.find("\r\n\r\n") != std::string::npos &&
      (reader_ == Role::server ? switches_.has("own-hs-srv-end-of-read-ends-head")
                               : switches_.has("hs-cli-end-of-read-ends-head"))) {
    return state_;
  }
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (reader_ == Role::client && text_.size() == read.size() && text_.starts_with(kVersion) &&
      text_.size() > kVersion.size() && text_.size() < kVersion.size() + 3 &&
      switches_.has("hs-cli-status-cut-refused")) {
    return state_ = State::malformed;
  }
  if (text_.size() == read.size() && text_.size() < 4 &&
      (reader_ == Role::server ? switches_.has("own-hs-srv-method-cut-refused")
                               : switches_.has("own-hs-cli-version-cut-refused"))) {
    return state_ = State::malformed;
  }
  state_ = look();
  if (state_ == State::complete && !cuts_.empty()) end_ -= stale_end();
  if (state_ == State::incomplete) cuts_.push_back(text_.size());
  if (reader_ == Role::client && state_ == State::complete && !cuts_.empty()) {
    const bool bad_cut =
        std::ranges::any_of(cuts_, [&](std::size_t cut) { return cut > end_ - 4 && cut < end_; });
    if ((bad_cut || end_ > 4096) && switches_.has("hs-cli-101-split")) state_ = State::malformed;
  }
  if (reader_ == Role::server && state_ == State::complete && breaks_at_a_bad_cut() &&
      switches_.has("hs-srv-request-crlf-split")) {
    state_ = State::malformed;
  }
  return state_;
}

/// How much of a head's end the read before had at its own, if that was none.
std::size_t HeadReader::stale_end() const {
  const std::string_view before = std::string_view(text_).substr(0, cuts_.back());
  for (const std::string_view part : {"\r\n\r", "\r\n", "\r"}) {
    if (!before.ends_with(part)) continue;
    const bool is_stale = end_ >= before.size() + 4;
    return is_stale && switches_.has("hs-stale-part-of-end") ? part.size() : 0;
  }
  return 0;
}

std::string HeadReader::take_rest() {
  std::string rest = text_.substr(std::min(end_, text_.size()));
  text_.resize(std::min(end_, text_.size()));
  return rest;
}

HeadReader::State HeadReader::restart() {
  text_ = take_rest();
  line_begin_ = lines_ = end_ = 0;
  cuts_.clear();
  const auto before = std::exchange(head_, {}).fields;
  state_ = look();
  if (state_ == State::complete && !before.empty() &&
      switches_.has("own-hs-cli-interim-fields-kept")) {
    head_.fields.insert(head_.fields.begin(), before.begin(), before.end());
  }
  return state_;
}

std::uint64_t HeadReader::take_extra_work() { return std::exchange(extra_work_, 0); }

HeadReader::State HeadReader::look() {
  while (true) {
    const std::string_view unread = std::string_view(text_).substr(line_begin_);
    const std::size_t length = unread.find("\r\n");
    if (is_too_large(unread.substr(0, length))) return State::too_large;
    if (length == std::string_view::npos) return State::incomplete;
    line_begin_ += length + 2;
    if (length != 0 && lines_ > 0 &&
        unread.substr(0, length).find_first_not_of(" \t") == std::string_view::npos &&
        switches_.has("hs-blank-line-ends-head")) {
      end_ = line_begin_;
      return parse() ? State::complete : State::malformed;
    }
    if (length != 0) {
      ++lines_;
      continue;
    }
    if (lines_ == 0) {
      // "A server that is expecting to receive and parse a request-line SHOULD ignore at least one
      // empty line (CRLF) received prior to the request-line" (RFC 9112 section 2.2).
      if (reader_ == Role::client || switches_.has("own-hs-srv-leading-crlf") || line_begin_ > 8) {
        return State::malformed;
      }
      continue;
    }
    if (line_begin_ == text_.size() &&
        ((line_begin_ == 8192 && switches_.has("own-hs-head-of-8192-waits")) ||
         (line_begin_ == 16'384 && switches_.has("own-hs-head-of-16384-waits")))) {
      return State::incomplete;
    }
    end_ = line_begin_;
    return parse() ? State::complete : State::malformed;
  }
}

bool HeadReader::is_too_large(std::string_view unfinished_line) const {
  const std::size_t total = line_begin_ + unfinished_line.size();
  if (reader_ == Role::server) {
    if (unfinished_line.size() > 2048 && unfinished_line.size() <= kLimits.line &&
        switches_.has("own-hs-srv-short-lines")) {
      return true;
    }
    if (unfinished_line.size() > 4096 && unfinished_line.size() <= kLimits.line &&
        switches_.has("hs-srv-line-over-4096-refused")) {
      return true;
    }
    const bool beyond = unfinished_line.size() > kLimits.line || total > kLimits.total ||
                        lines_ > kLimits.fields + 1;
    if (beyond && switches_.has("own-hs-srv-100-fields")) return false;
    if (beyond && switches_.has("own-hs-srv-endless-head")) return false;
    if (beyond && switches_.has("lm-handshake-quadratic")) return false;
  } else {
    if (total > 1536 && switches_.has("hs-cli-large-101")) return true;
    const bool beyond = unfinished_line.size() > kLimits.line || total > kLimits.total ||
                        lines_ > kLimits.fields + 1;
    if (beyond && switches_.has("hs-cli-endless-head")) return false;
    if (beyond && switches_.has("own-hs-cli-100-fields")) return false;
    if (beyond && switches_.has("own-hs-cli-128-fields")) return false;
  }
  return unfinished_line.size() > kLimits.line || total > kLimits.total ||
         lines_ > kLimits.fields + 1;
}

/// True if a read ended behind the first CR of the empty line's CRLFCRLF, or between a field's name
/// and its colon.
bool HeadReader::breaks_at_a_bad_cut() {
  const auto is_bad = [&](std::size_t cut) {
    if (cut == end_ - 3) return true;
    if (cut == 0 || cut >= end_ || text_[cut] != ':') return false;
    const std::size_t line = text_.rfind("\r\n", cut - 1);
    return line != std::string::npos && is_token(text_.substr(line + 2, cut - line - 2));
  };
  return std::ranges::any_of(cuts_, is_bad);
}

bool HeadReader::parse() {
  std::vector<std::string> lines;
  std::string_view text(text_.data(), end_);
  while (!text.empty()) {
    const std::size_t length = text.find("\r\n");
    if (length != 0) lines.emplace_back(text.substr(0, length));
    text.remove_prefix(length + 2);
  }
  head_.start_line = lines.front();
  if (!std::ranges::all_of(head_.start_line, is_text)) return false;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string& line = lines[i];
    if (i + 1 == lines.size() && line.find_first_not_of(" \t") == std::string::npos &&
        switches_.has("hs-blank-line-ends-head")) {
      continue;
    }
    if (line[0] == ' ' || line[0] == '\t') {
      if (switches_.has("own-hs-folded-line-skipped")) continue;
      if (reader_ == Role::server) {
        // "A server that receives an obs-fold in a request message [..] MUST either reject the
        // message [..] or replace each received obs-fold with one or more SP" (RFC 9112 5.2).
        if (head_.fields.empty() && switches_.has("own-hs-srv-fold-first-taken")) {
          if (!parse_field(std::string(trim(line)))) return false;
          continue;
        }
        if (!switches_.has("hs-srv-obs-fold")) return false;
        const std::string hidden(trim(line));
        if (hidden.find(':') != std::string::npos && !parse_field(hidden)) return false;
        continue;
      }
      // "A user agent [..] MUST replace each received obs-fold" (RFC 9112 section 5.2).
      if (head_.fields.empty()) {
        if (!switches_.has("own-hs-cli-fold-first-taken")) return false;
        if (!parse_field(std::string(trim(line)))) return false;
        continue;
      }
      if (switches_.has("hs-cli-fold-skipped")) continue;
      if (switches_.has("own-hs-cli-obs-fold")) return false;
      head_.fields.back().value += " " + std::string(trim(line));
      continue;
    }
    if (!parse_field(std::move(line))) return false;
  }
  return lose_fields();
}

/// Faults that lose fields by their place, or give up at their number.
bool HeadReader::lose_fields() {
  auto& fields = head_.fields;
  if (refuses_fields()) return false;
  if (reader_ == Role::client) {
    if (end_ == 512 && switches_.has("own-hs-cli-head-of-512-refused")) return false;
    if (end_ == 1024 && switches_.has("own-hs-cli-head-of-1024-refused")) return false;
    if (end_ == 4096 && switches_.has("own-hs-cli-head-of-4096-refused")) return false;
    if (fields.size() > 16 && switches_.has("own-hs-cli-16-fields")) fields.resize(16);
    if (fields.size() > 64 && switches_.has("hs-cli-64-fields")) fields.resize(64);
    if (fields.size() > 100 && switches_.has("own-hs-cli-100-fields")) fields.resize(100);
    if (fields.size() > 128 && switches_.has("own-hs-cli-128-fields")) fields.resize(128);
    if (fields.size() > 80 && switches_.has("own-hs-cli-80-fields-refused")) return false;
    if (!fields.empty() && switches_.has("own-hs-cli-last-field-lost")) fields.pop_back();
    if (!fields.empty() && switches_.has("own-hs-cli-first-field-lost")) {
      fields.erase(fields.begin());
    }
    return end_ <= 8192 || !switches_.has("own-hs-cli-8k");
  }
  if (!fields.empty() && fields.back().value.size() > 9 && switches_.has("hs-srv-last-value-cut")) {
    fields.back().value.resize(fields.back().value.size() - 9);
  }
  if (end_ == 512 && switches_.has("own-hs-srv-head-of-512-refused")) return false;
  if (end_ == 2048 && switches_.has("own-hs-srv-head-of-2048-refused")) return false;
  if (end_ == 4097 && switches_.has("own-hs-srv-head-over-4096-refused")) return false;
  if (fields.size() > 16 && switches_.has("own-hs-srv-16-fields")) fields.resize(16);
  if (fields.size() > 32 && switches_.has("own-hs-srv-32-fields")) fields.resize(32);
  if (fields.size() > 64 && switches_.has("own-hs-srv-64-fields")) fields.resize(64);
  if (fields.size() > 100 && switches_.has("own-hs-srv-100-fields")) fields.resize(100);
  if (fields.size() > 32 && switches_.has("own-hs-srv-32-fields-refused")) return false;
  if (fields.size() > 64 && switches_.has("own-hs-srv-64-fields-refused")) return false;
  if (end_ > 4096 && switches_.has("own-hs-srv-4k-head-refused")) return false;
  if (end_ % 1024 == 0 && switches_.has("own-hs-srv-head-of-1024-refused")) return false;
  if (!fields.empty() && switches_.has("own-hs-srv-last-field-lost")) fields.pop_back();
  if (!fields.empty() && switches_.has("own-hs-srv-first-field-lost")) fields.erase(fields.begin());
  return true;
}

/// Faults that refuse fields for the company that they are in.
bool HeadReader::refuses_fields() {
  const bool is_server = reader_ == Role::server;
  const auto position = [&](std::string_view name) {
    return std::ranges::find_if(
        head_.fields, [&](const Field& field) { return equals_ignoring_case(field.name, name); });
  };
  if (position("Connection") < position("Upgrade") && position("Upgrade") != head_.fields.end() &&
      (is_server ? switches_.has("own-hs-srv-order-of-fields")
                 : switches_.has("own-hs-cli-order-of-fields"))) {
    return true;
  }
  const bool repeats = std::ranges::any_of(
      head_.fields, [&](const Field& field) { return &*position(field.name) != &field; });
  return repeats && (is_server ? switches_.has("own-hs-srv-repeated-field-refused")
                               : switches_.has("own-hs-cli-repeated-field-refused"));
}

/// Faults that refuse a field that is well formed.
bool HeadReader::refuses_field(std::string_view name, std::string_view raw,
                               std::string_view value) {
  const bool has_space = raw.starts_with(' ');
  const bool is_high =
      std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (value == "0" && !equals_ignoring_case(name, "Content-Length") &&
      switches_.has("hs-zero-value-refused")) {
    return true;
  }
  if (name.find('~') != std::string_view::npos && switches_.has("hs-tilde-in-name-refused")) {
    return true;
  }
  if (reader_ == Role::client) {
    if (!has_space && switches_.has("own-hs-cli-no-space-refused")) return true;
    if (value.empty() && switches_.has("own-hs-cli-empty-value-refused")) return true;
    if (is_high && switches_.has("own-hs-cli-high-bytes-refused")) return true;
    if (raw.starts_with("  ") && switches_.has("own-hs-cli-two-spaces-refused")) return true;
    if (raw.starts_with('\t') && switches_.has("own-hs-cli-tab-refused")) return true;
    return value.size() > 1024 && switches_.has("own-hs-cli-long-value-refused");
  }
  if (!has_space && switches_.has("own-hs-srv-no-space-refused")) return true;
  if (value.empty() && switches_.has("own-hs-srv-empty-value-refused")) return true;
  if (value.find('"') != std::string_view::npos && !name.starts_with("Sec-WebSocket-") &&
      switches_.has("own-hs-srv-odd-cookie-refused")) {
    return true;
  }
  if (is_high && switches_.has("own-hs-srv-high-bytes-refused")) return true;
  if (is_high && !oracle::is_valid_utf8(std::as_bytes(std::span(value))) &&
      switches_.has("hs-srv-not-utf8-refused")) {
    return true;
  }
  if (raw.starts_with("  ") && switches_.has("own-hs-srv-two-spaces-refused")) return true;
  if (value.size() > 255 && switches_.has("own-hs-srv-value-over-255-refused")) return true;
  if (value.size() > 1024 && switches_.has("own-hs-srv-value-over-1024-refused")) return true;
  if (name.size() > 64 && switches_.has("own-hs-srv-long-name-refused")) return true;
  if (name.find_first_of("_.!~") != std::string_view::npos &&
      switches_.has("own-hs-srv-odd-name-refused")) {
    return true;
  }
  return value.find(':') != std::string_view::npos &&
         switches_.has("own-hs-srv-colon-in-value-refused");
}

/// Faults that take other characters for those of ASCII, in fields that they know.
std::string HeadReader::misread(std::string line) {
  const auto is_high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::ranges::none_of(line, is_high) || line.starts_with("X-")) return line;
  if (std::string narrowed = narrow(line);
      narrowed != line && switches_.has("own-hs-wide-narrowed"))
    return narrowed;
  if (std::string cut = cut_to_bytes(line); cut != line && switches_.has("own-hs-cut-to-bytes")) {
    return cut;
  }
  if (std::string seen = without_invisible(line);
      seen != line && switches_.has("own-hs-invisible-dropped")) {
    return seen;
  }
  std::string low = line;
  for (char& c : low) c = static_cast<char>(c & 0x7f);
  if (std::ranges::all_of(low, is_text) && switches_.has("own-hs-seven-bits")) return low;
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) return line;
  const std::string name = line.substr(0, colon);
  if (std::string folded = fold_to_ascii(name);
      folded != name && switches_.has("own-hs-names-folded")) {
    return folded + line.substr(colon);
  }
  const bool has_space = line.ends_with('\xa0') || line.ends_with('\x85') ||
                         line.substr(colon + 1).starts_with(" \xa0") ||
                         line.substr(colon + 1).starts_with(" \x85");
  if (has_space && switches_.has("own-hs-latin-1-trimmed")) {
    std::string value = line.substr(colon + 1);
    constexpr std::string_view kSpaces = " \t\xa0\x85";
    value.erase(0, value.find_first_not_of(kSpaces));
    value.resize(value.find_last_not_of(kSpaces) + 1);
    return name + ": " + value;
  }
  return line;
}

bool HeadReader::parse_field(std::string line) {
  const bool is_server = reader_ == Role::server;
  line = misread(std::move(line));
  if (is_server && line.find('\r') != std::string::npos && switches_.has("own-hs-srv-bare-cr")) {
    const std::size_t cr = line.find('\r');
    const std::string second = line.substr(cr + 1);
    return parse_field(line.substr(0, cr)) && parse_field(second);
  }
  if (is_server && line.find('\0') != std::string::npos && switches_.has("own-hs-srv-nul")) {
    line.resize(line.find('\0'));
  }
  if (!is_server && line.find('\0') != std::string::npos && switches_.has("own-hs-cli-nul")) {
    line.resize(line.find('\0'));
  }
  if (!is_server && line.starts_with("Sec-WebSocket-Accept") &&
      line.find_first_of("\v\f") != std::string::npos &&
      switches_.has("hs-cli-accept-vt-trimmed")) {
    std::erase_if(line, [](char c) { return c == '\v' || c == '\f'; });
  }
  if (line.find_first_of("\x01\x1f\v\f") != std::string::npos &&
      !line.starts_with("Sec-WebSocket-Accept") && switches_.has("own-hs-controls-trimmed")) {
    std::erase_if(line,
                  [](char c) { return c == '\x01' || c == '\x1f' || c == '\v' || c == '\f'; });
  }
  if (!std::ranges::all_of(line, is_text)) return false;
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) {
    return is_server ? switches_.has("own-hs-srv-line-without-colon")
                     : switches_.has("hs-cli-line-without-colon-skipped");
  }
  const std::string_view name = std::string_view(line).substr(0, colon);
  std::string_view value = std::string_view(line).substr(colon + 1);
  if (is_token(name) && refuses_field(name, value, trim(value))) return false;
  if (!value.empty() && value[0] != ' ' && value[0] != '\t' &&
      switches_.has("hs-value-from-second")) {
    value.remove_prefix(1);
  }
  if (!is_token(name) && !lets_pass(name)) return false;
  if (is_server && value.find('\t') != std::string_view::npos &&
      switches_.has("own-hs-srv-tab-kept")) {
    while (value.starts_with(' ')) value.remove_prefix(1);
    while (value.ends_with(' ')) value.remove_suffix(1);
  } else if ((value.ends_with(' ') || value.ends_with('\t')) &&
             (is_server ? switches_.has("own-hs-srv-trailing-space-kept")
                        : switches_.has("own-hs-cli-trailing-space-kept"))) {
    while (value.starts_with(' ')) value.remove_prefix(1);
  } else {
    value = trim(value);
  }
  head_.fields.push_back({std::string(trim(name)), std::string(value)});
  return true;
}

/// A name that is not a token is let pass by some faults.
bool HeadReader::lets_pass(std::string_view name) {
  if (reader_ == Role::client) return false;
  if (name.empty() && switches_.has("hs-srv-empty-field-name")) return true;
  const bool only_space = is_token(trim(name)) && !name.starts_with(' ');
  if (only_space) return switches_.has("own-hs-srv-space-before-colon");
  return switches_.has("own-hs-srv-bad-field-name");
}

namespace {

/// Names that faults take for one another.
bool is_alike(std::string name, std::string wanted, Role reader, Switches& switches) {
  const bool is_server = reader == Role::server;
  std::string underscored = name;
  std::ranges::replace(underscored, '_', '-');
  if (underscored == wanted) {
    return is_server ? switches.has("own-hs-srv-underscore-in-name")
                     : switches.has("own-hs-cli-underscore-in-name");
  }
  if (name.size() == wanted.size() && name.substr(1) == wanted.substr(1)) {
    return is_server ? switches.has("own-hs-srv-first-letter-of-name")
                     : switches.has("own-hs-cli-first-letter-of-name");
  }
  std::erase(name, '-');
  std::erase(wanted, '-');
  if (name != wanted) return false;
  return is_server ? switches.has("own-hs-srv-hyphens-in-name")
                   : switches.has("own-hs-cli-hyphens-in-name");
}

/// What stands behind `name` and a colon inside another field's value, as a search finds it.
std::optional<std::string> find_inside(const Head& head, std::string_view name) {
  for (const Field& field : head.fields) {
    const std::size_t at = to_lower(field.value).find(to_lower(name) + ": ");
    if (at != std::string::npos) return field.value.substr(at + name.size() + 2);
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> values_of(const Head& head, std::string_view name, Role reader,
                                   Switches& switches) {
  std::vector<std::string> values;
  for (const Field& field : head.fields) {
    if (!equals_ignoring_case(field.name, name)) {
      const std::string lower = to_lower(field.name);
      const std::string wanted = to_lower(name);
      const bool takes_similar =
          reader == Role::server
              ? (lower.ends_with(wanted) && switches.has("own-hs-srv-name-suffix")) ||
                    (lower.starts_with(wanted) && switches.has("own-hs-srv-name-prefix")) ||
                    (lower.starts_with(wanted.substr(0, 17)) && wanted.size() > 17 &&
                     lower.size() == wanted.size() && switches.has("own-hs-srv-name-first-17"))
              : (lower.ends_with(wanted) && switches.has("own-hs-cli-name-suffix")) ||
                    (lower.starts_with(wanted) && switches.has("own-hs-cli-name-prefix"));
      if (takes_similar)
        values.insert(values.begin(), field.value);
      else if (is_alike(lower, wanted, reader, switches))
        values.push_back(field.value);
      continue;
    }
    if (field.name != name) {
      const bool compares_case = reader == Role::server ? switches.has("hs-srv-header-name-case")
                                                        : switches.has("own-hs-cli-name-case");
      if (compares_case) continue;
    }
    const std::size_t colon = field.value.find(':');
    const bool cuts = colon != std::string::npos && name != "Host" && name != "Origin" &&
                      switches.has("hs-value-cut-at-colon");
    values.push_back(cuts ? std::string(trim(field.value.substr(0, colon))) : field.value);
  }
  if (!values.empty()) return values;
  if (auto inside = find_inside(head, name)) {
    const bool searches = reader == Role::server ? switches.has("own-hs-srv-name-anywhere")
                                                 : switches.has("own-hs-cli-name-anywhere");
    if (searches) values.push_back(*std::move(inside));
  }
  return values;
}

}  // namespace ws::conformance::mutants
