// Results grouped by section.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ws::conformance {

/// The section of a case: the first part of its id.
std::string section_of(std::string_view id);

/// What a section is about; empty for one that is not known.
std::string_view section_title(std::string_view section);

/// The ids of a run by section, both in the order of the catalogue.
std::vector<std::pair<std::string, std::vector<std::string>>> by_section(const nlohmann::json& run);

}  // namespace ws::conformance
