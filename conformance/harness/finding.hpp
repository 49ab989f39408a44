// What was found about one step of a dialogue, or about all of it.
#pragma once

#include <string>

#include "conformance/harness/dialogue.hpp"

namespace ws::conformance {

struct Finding {
  Grade grade = Grade::pass;
  bool unsupported = false;
  std::string why{};
  std::string source{};
};

}  // namespace ws::conformance
