// What is checked in every case, whatever the case is about: the rules of the oracles, and the
// statements of the RFCs that they come from (conformance/requirements.json).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "impl/wire/role.hpp"

namespace ws::conformance {

struct OracleRule {
  std::string_view oracle{};              ///< frames, masking keys, request or response
  std::string_view name{};                ///< as in PeerViolation::rule
  std::optional<Role> endpoint{};         ///< whose output is looked at; nothing: of both
  std::vector<std::string> statements{};  ///< the most general first
};

/// All rules. A name may have two entries, one for each role.
const std::vector<OracleRule>& oracle_rules();

/// The statement that an endpoint has broken with a rule; empty for a name that is no rule's.
std::string statement_of(std::string_view rule, Role endpoint);

}  // namespace ws::conformance
