#include "conformance/oracle/extension_list.hpp"

#include <string>

namespace ws::oracle {
namespace {

enum class Kind { token, quoted, separator };

struct Word {
  Kind kind = Kind::token;
  std::string text{};
};

bool is_token_character(char c) {
  return std::string_view(
             "!#$%&'*+-.^_`|~0123456789"
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
      .contains(c);
}

/// Tokens, quoted strings without their quotes, and "," ";" "="; white space is dropped.
std::optional<std::vector<Word>> split_words(std::string_view value) {
  std::vector<Word> words;
  for (std::size_t i = 0; i < value.size();) {
    const char c = value[i];
    if (c == ' ' || c == '\t') {
      ++i;
    } else if (c == ',' || c == ';' || c == '=') {
      words.push_back({Kind::separator, std::string(1, c)});
      ++i;
    } else if (c == '"') {
      Word word{Kind::quoted, {}};
      for (++i; i < value.size() && value[i] != '"'; ++i) {
        if (value[i] == '\\') ++i;
        if (i < value.size()) word.text += value[i];
      }
      if (i >= value.size()) return std::nullopt;
      ++i;
      words.push_back(word);
    } else if (is_token_character(c)) {
      Word word;
      while (i < value.size() && is_token_character(value[i])) word.text += value[i++];
      words.push_back(word);
    } else {
      return std::nullopt;
    }
  }
  return words;
}

std::vector<std::vector<Word>> split_at(const std::vector<Word>& words,
                                        std::string_view separator) {
  std::vector<std::vector<Word>> parts(1);
  for (const Word& word : words) {
    if (word.kind == Kind::separator && word.text == separator) {
      parts.emplace_back();
    } else {
      parts.back().push_back(word);
    }
  }
  return parts;
}

/// token [ "=" ( token / quoted-string ) ]
std::optional<ExtensionParameter> parse_parameter(const std::vector<Word>& words) {
  if (words.size() != 1 && words.size() != 3) return std::nullopt;
  if (words[0].kind != Kind::token) return std::nullopt;
  if (words.size() == 1) return ExtensionParameter{.name = words[0].text};
  if (words[1].text != "=" || words[1].kind != Kind::separator) return std::nullopt;
  if (words[2].kind == Kind::separator || words[2].text.empty()) return std::nullopt;
  for (const char c : words[2].text) {
    if (!is_token_character(c)) return std::nullopt;  // "MUST conform to the 'token' ABNF"
  }
  return ExtensionParameter{.name = words[0].text, .value = words[2].text};
}

}  // namespace

std::optional<std::vector<Extension>> parse_extension_list(std::string_view value) {
  const auto words = split_words(value);
  if (!words) return std::nullopt;
  std::vector<Extension> extensions;
  for (const auto& element : split_at(*words, ",")) {
    if (element.empty()) continue;
    const auto parts = split_at(element, ";");
    if (parts[0].size() != 1 || parts[0][0].kind != Kind::token) return std::nullopt;
    Extension& extension = extensions.emplace_back(Extension{.name = parts[0][0].text});
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const auto parameter = parse_parameter(parts[i]);
      if (!parameter) return std::nullopt;
      extension.parameters.push_back(*parameter);
    }
  }
  return extensions;
}

}  // namespace ws::oracle
