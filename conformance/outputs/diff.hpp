// Two runs compared.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ws::conformance {

struct Difference {
  std::string text{};  ///< for people: better, worse, changed, new and gone, a case on a line
  int better = 0;
  int worse = 0;
  int changed = 0;  ///< another verdict of the same worth
  int added = 0;
  int gone = 0;
};

Difference compare_runs(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace ws::conformance
