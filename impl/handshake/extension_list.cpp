// One pass over the value, without going back: its time is linear in the length whatever it says.
#include "impl/handshake/extension_list.hpp"

#include <algorithm>
#include <utility>

#include "impl/handshake/head_scan.hpp"
#include "impl/handshake/http_head.hpp"

namespace ws {
namespace {

/// A place in the value.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { skip_white_space(); }

  bool at_end() const { return place_ == text_.size(); }

  /// Takes `separator` and the white space behind it, if it is next.
  bool take(char separator) {
    if (at_end() || text_[place_] != separator) return false;
    ++place_;
    skip_white_space();
    return true;
  }

  /// Takes a token and the white space behind it; empty if something else is next.
  std::string_view take_token() {
    const std::size_t start = place_;
    const std::size_t length = count_token_characters(text_.substr(start));
    place_ += length;
    skip_white_space();
    return text_.substr(start, length);
  }

  /// Takes a quoted string, unquoted, and the white space behind it (RFC 9110 section 5.6.4); empty
  /// if something else is next, and where it is not closed.
  std::string take_quoted_string() {
    std::string value;
    if (at_end() || text_[place_] != '"') return value;
    for (std::size_t i = place_ + 1; i < text_.size(); ++i) {
      if (text_[i] == '"') {
        place_ = i + 1;
        skip_white_space();
        return value;
      }
      if (text_[i] == '\\') {
        ++i;
        if (i == text_.size()) break;
      }
      value += text_[i];
    }
    return {};
  }

 private:
  void skip_white_space() {
    while (!at_end() && is_white_space(text_[place_])) ++place_;
  }

  std::string_view text_;
  std::size_t place_ = 0;
};

/// token [ "=" ( token / quoted-string ) ]
bool take_parameter(Scanner& scanner, auto& taker) {
  const std::string_view name = scanner.take_token();
  if (name.empty()) return false;
  if (!scanner.take('=')) {
    taker.take_parameter(name, std::nullopt);
    return true;
  }
  const std::string_view token = scanner.take_token();
  if (!token.empty()) {
    taker.take_parameter(name, token);
    return true;
  }
  const std::string value = scanner.take_quoted_string();
  taker.take_parameter(name, value);
  // "the value after quoted-string unescaping MUST conform to the 'token' ABNF"
  return is_token(value);
}

/// extension-token *( ";" extension-param )
bool take_extension(Scanner& scanner, auto& taker) {
  const std::string_view name = scanner.take_token();
  if (name.empty()) return false;
  taker.take_extension(name);
  while (scanner.take(';')) {
    if (!take_parameter(scanner, taker)) return false;
  }
  return true;
}

/// Hands each extension and parameter of the list to `taker`. Returns: false if it is malformed.
bool take_list(std::string_view value, auto& taker) {
  Scanner scanner(value);
  while (!scanner.at_end()) {
    if (scanner.take(',')) continue;  // an empty element
    if (!take_extension(scanner, taker) || !(scanner.at_end() || scanner.take(','))) return false;
  }
  return true;
}

struct Collector {
  std::vector<Extension> extensions{};

  void take_extension(std::string_view name) {
    extensions.push_back({.name = std::string(name), .parameters = {}});
  }
  void take_parameter(std::string_view name, std::optional<std::string_view> value) {
    auto& parameter = extensions.back().parameters.emplace_back();
    parameter.name = name;
    if (value) parameter.value = *value;
  }
};

struct Counter {
  std::size_t extensions = 0;

  void take_extension(std::string_view /*name*/) { ++extensions; }
  void take_parameter(std::string_view /*name*/, std::optional<std::string_view> /*value*/) {}
};

}  // namespace

std::optional<std::vector<Extension>> parse_extension_list(std::string_view value) {
  Collector collector;
  if (!take_list(value, collector)) return std::nullopt;
  return std::move(collector.extensions);
}

std::optional<std::size_t> count_extensions(std::string_view value) {
  Counter counter;
  if (!take_list(value, counter)) return std::nullopt;
  return counter.extensions;
}

std::string format_extension_list(std::span<const Extension> extensions) {
  std::string list;
  for (const Extension& extension : extensions) {
    if (!list.empty()) list += ", ";
    list += extension.name;
    for (const auto& [name, value] : extension.parameters) {
      list += "; " + name;
      if (value) list += "=" + *value;
    }
  }
  return list;
}

}  // namespace ws
