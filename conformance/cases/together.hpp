// Section 43, in three files: two things at once, of which each is seen by itself elsewhere.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/parts.hpp"

namespace ws::conformance {

std::vector<Case> opening_mixture_cases();
std::vector<Case> frame_mixture_cases();
std::vector<Case> early_mixture_cases();

inline Case together_case(std::string id, std::string title, std::string purpose,
                          std::vector<std::string> checks, Dialogue dialogue) {
  return {.id = "43." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"together"},
          .dialogue = std::move(dialogue)};
}

}  // namespace ws::conformance
