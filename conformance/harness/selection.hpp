// Which cases of a catalogue are meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// The tag of cases that wait for seconds.
inline constexpr const char* kSlow = "slow";

/// True if `pattern` means the case `id`: the id itself, a section (7 or 6.12), or a glob with *.
bool selects(std::string_view pattern, std::string_view id);

struct Selection {
  std::vector<const Case*> cases{};
  std::vector<std::string> unused{};  ///< patterns that mean no case at all
};

/// The cases that a pattern of `included` means (all, if there is none) and none of `excluded`.
Selection select(const std::vector<Case>& all, const std::vector<std::string>& included,
                 const std::vector<std::string>& excluded);

}  // namespace ws::conformance
