// What a run shows while it goes on: progress on a terminal, and a line for what did not pass.
#pragma once

#include <cstddef>
#include <string>

#include "conformance/cli/options.hpp"
#include "conformance/endpoints/runner.hpp"

namespace ws::conformance {

class Terminal {
 public:
  /// `reproduce` is a command that plays one case, with {case} for its id.
  Terminal(const Options& options, std::size_t cases, std::string reproduce);

  void show(const CaseResult& result, bool failed);

  /// Takes the progress line away.
  void finish();

 private:
  enum class Color { red, yellow, green, dim };
  std::string paint(Color color, const std::string& text) const;

  Verbosity verbosity_;
  FailOn fail_on_;
  bool is_terminal_;
  bool has_color_;
  std::size_t cases_;
  std::size_t played_ = 0;
  std::size_t failed_ = 0;
  std::string reproduce_;
};

}  // namespace ws::conformance
