#include "conformance/cli/terminal.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace ws::conformance {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

Terminal::Terminal(const Options& options, std::size_t cases, std::string reproduce)
    : verbosity_(options.verbosity),
      fail_on_(options.fail_on),
      is_terminal_(isatty(STDOUT_FILENO) == 1),
      has_color_(options.color == "always" ||
                 (options.color == "auto" && is_terminal_ && !is_set("NO_COLOR"))),
      cases_(cases),
      reproduce_(std::move(reproduce)) {}

std::string Terminal::paint(Color color, const std::string& text) const {
  if (!has_color_) return text;
  static constexpr const char* kCodes[] = {"31", "33", "32", "2"};
  return "\x1b[" + std::string(kCodes[static_cast<std::size_t>(color)]) + "m" + text + "\x1b[0m";
}

void Terminal::show(const CaseResult& result, bool failed) {
  ++played_;
  if (failed) ++failed_;
  const Verdict verdict = result.graded.verdict;
  const bool notable = failed && verbosity_ != Verbosity::quiet;
  if (notable || verbosity_ == Verbosity::verbose) {
    finish();
    const Color color = failed                     ? Color::red
                        : verdict == Verdict::pass ? Color::green
                                                   : Color::yellow;
    std::string line = paint(color, std::string(to_string(verdict))) + " " + result.test->id + " " +
                       result.test->title;
    if (verdict != Verdict::pass || failed) {
      line += "\n    " + result.graded.reason;
      if (!result.graded.source.empty()) line += " [" + result.graded.source + "]";
    }
    if (result.compatible && failed) {
      line += "\n    Autobahn: " + std::string(to_string(result.compatible->behavior)) + ", " +
              std::string(to_string(result.compatible->close));
    }
    if (failed) {
      std::string command = reproduce_;
      if (const std::size_t at = command.find("{case}"); at != std::string::npos) {
        command.replace(at, 6, result.test->id);
      }
      line += "\n    " + paint(Color::dim, "again: " + command);
    }
    std::cout << line << std::endl;
  }
  if (is_terminal_ && verbosity_ == Verbosity::normal) {
    std::cout << "\r\x1b[K" << played_ << " of " << cases_ << ", " << failed_ << " failed, "
              << result.test->id << std::flush;
  }
}

void Terminal::finish() {
  if (is_terminal_ && verbosity_ == Verbosity::normal && played_ > 0) {
    std::cout << "\r\x1b[K" << std::flush;
  }
}

}  // namespace ws::conformance
