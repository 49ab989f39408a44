#include "conformance/cli/kept_options.hpp"

#include <array>
#include <sstream>
#include <string_view>

#include "conformance/endpoints/process.hpp"

namespace ws::conformance {
namespace {

constexpr const char* kTrue = "true";

/// How an option becomes text, empty if it is as it is by default, and is read from it.
struct KeptOption {
  std::string_view name{};
  std::string (*get)(const Options& options) = nullptr;
  void (*set)(Options& options, const std::string& text) = nullptr;
};

template <std::string Options::* Member>
constexpr KeptOption kept_text(std::string_view name) {
  return {name, [](const Options& options) { return options.*Member; },
          [](Options& options, const std::string& text) { options.*Member = text; }};
}

template <auto Member>
constexpr KeptOption kept_number(std::string_view name) {
  return {name,
          [](const Options& options) {
            if (options.*Member == Options{}.*Member) return std::string();
            std::ostringstream text;
            text << options.*Member;
            return text.str();
          },
          [](Options& options, const std::string& text) {
            std::istringstream(text) >> options.*Member;
          }};
}

constexpr auto kKept = std::to_array<KeptOption>({
    kept_text<&Options::url>("url"),
    kept_text<&Options::spawn>("spawn"),
    kept_text<&Options::listen>("listen"),
    kept_text<&Options::profile>("profile"),
    kept_text<&Options::case_file>("case-file"),
    {"tls", [](const Options& options) { return std::string(options.tls ? kTrue : ""); },
     [](Options& options, const std::string& text) { options.tls = text == kTrue; }},
    kept_text<&Options::ca>("ca"),
    kept_text<&Options::certificate>("certificate"),
    kept_text<&Options::key>("key"),
    kept_number<&Options::seed>("seed"),
    kept_number<&Options::max_message>("max-message"),
    kept_text<&Options::origin>("origin"),
    kept_text<&Options::missing>("missing"),
    kept_number<&Options::case_timeout>("case-timeout"),
    kept_number<&Options::ready_timeout>("ready-timeout"),
});

}  // namespace

std::map<std::string, std::string> keep_options(const Options& options) {
  std::map<std::string, std::string> kept;
  for (const KeptOption& option : kKept) {
    if (std::string text = option.get(options); !text.empty()) {
      kept.emplace(option.name, std::move(text));
    }
  }
  return kept;
}

void take_up_options(const std::map<std::string, std::string>& kept, Options& options) {
  for (const KeptOption& option : kKept) {
    if (const auto found = kept.find(std::string(option.name)); found != kept.end()) {
      option.set(options, found->second);
    }
  }
}

std::string options_to_reproduce(const Options& options) {
  std::string words;
  for (const KeptOption& option : kKept) {
    const std::string text = option.get(options);
    if (text.empty()) continue;
    if (option.name != "url") words += " --" + std::string(option.name);
    if (text != kTrue) words += " " + quote(text);
  }
  return words + " --cases {case}";
}

}  // namespace ws::conformance
