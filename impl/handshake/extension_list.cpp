// One pass over the value, without going back: its time is linear in the length whatever it says.
#include "impl/handshake/extension_list.hpp"

#include <algorithm>
#include <utility>

#include "impl/handshake/http_head.hpp"

namespace ws {
namespace {

/// What is left of the value.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { skip_white_space(); }

  bool at_end() const { return text_.empty(); }

  /// Takes `separator` and the white space behind it, if it is next.
  bool take(char separator) {
    if (!text_.starts_with(separator)) return false;
    text_.remove_prefix(1);
    skip_white_space();
    return true;
  }

  /// Takes a token and the white space behind it; empty if something else is next.
  std::string take_token() {
    const auto end =
        std::ranges::find_if_not(text_, [](char c) { return is_token(std::string_view(&c, 1)); });
    const auto length = static_cast<std::size_t>(end - text_.begin());
    std::string token(text_.substr(0, length));
    text_.remove_prefix(length);
    skip_white_space();
    return token;
  }

  /// Takes a quoted string, unquoted, and the white space behind it (RFC 9110 section 5.6.4); empty
  /// if something else is next, and where it is not closed.
  std::string take_quoted_string() {
    std::string value;
    if (!text_.starts_with('"')) return value;
    for (std::size_t i = 1; i < text_.size(); ++i) {
      if (text_[i] == '"') {
        text_.remove_prefix(i + 1);
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
    text_.remove_prefix(std::min(text_.find_first_not_of(" \t"), text_.size()));
  }

  std::string_view text_;
};

/// token [ "=" ( token / quoted-string ) ]
std::optional<ExtensionParameter> take_parameter(Scanner& scanner) {
  ExtensionParameter parameter{.name = scanner.take_token()};
  if (parameter.name.empty()) return std::nullopt;
  if (scanner.take('=')) {
    std::string value = scanner.take_token();
    if (value.empty()) value = scanner.take_quoted_string();
    // "the value after quoted-string unescaping MUST conform to the 'token' ABNF"
    if (!is_token(value)) return std::nullopt;
    parameter.value = std::move(value);
  }
  return parameter;
}

/// extension-token *( ";" extension-param )
std::optional<Extension> take_extension(Scanner& scanner) {
  Extension extension{.name = scanner.take_token()};
  if (extension.name.empty()) return std::nullopt;
  while (scanner.take(';')) {
    auto parameter = take_parameter(scanner);
    if (!parameter) return std::nullopt;
    extension.parameters.push_back(std::move(*parameter));
  }
  return extension;
}

}  // namespace

std::optional<std::vector<Extension>> parse_extension_list(std::string_view value) {
  std::vector<Extension> extensions;
  Scanner scanner(value);
  while (!scanner.at_end()) {
    if (scanner.take(',')) continue;  // an empty element
    auto extension = take_extension(scanner);
    if (!extension || !(scanner.at_end() || scanner.take(','))) return std::nullopt;
    extensions.push_back(std::move(*extension));
  }
  return extensions;
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
