// What many failures of a run have in common.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace ws::conformance {

/// Failures with the same reason, but for the numbers in it, and the same source.
struct Cause {
  std::string reason{};  // of the first
  std::string source{};  // may be empty
  std::vector<std::string> cases{};
};

/// The causes of the unexpected failures of a run file, those of most cases first. A library with
/// one mistake may fail hundreds of cases.
std::vector<Cause> find_causes(const nlohmann::json& run);

/// For a terminal: the causes that several failures share, a line each. Empty if there are few
/// failures, which are soon read one by one.
std::string describe_causes(const nlohmann::json& run);

}  // namespace ws::conformance
