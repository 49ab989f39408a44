// Section 41.
#pragma once

#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

std::vector<Case> rare_form_cases();

}  // namespace ws::conformance
