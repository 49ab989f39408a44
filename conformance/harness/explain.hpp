// A case in words, for people.
#pragma once

#include <string>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// Title, purpose, statements checked, script with its bytes, and what is expected: several lines.
std::string explain_case(const Case& test);

}  // namespace ws::conformance
