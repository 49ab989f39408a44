// Section 42: everything that compression leaves free, under every agreement.
#pragma once

#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

std::vector<Case> agreement_cases();

}  // namespace ws::conformance
