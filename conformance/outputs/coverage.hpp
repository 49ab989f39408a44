// Which statements of the RFCs are checked, by which cases and by which rules of the oracles, and
// what a run says of each.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/outputs/requirements.hpp"

namespace ws::conformance {

/// A statement and what checks it.
struct Coverage {
  const Requirement* statement = nullptr;
  std::vector<std::string> cases{};      ///< ids, in the order of the catalogue
  std::vector<std::string> rules{};      ///< of the oracles, such as "frames: text_not_utf8"
  std::vector<std::string> unchecked{};  ///< the roles that it binds and nothing checks it for
  std::vector<Exemption> reasons{};
};

/// All statements, in the order of the RFCs.
std::vector<Coverage> find_coverage(const std::vector<Case>& cases);

/// Whether the statement is checked for all roles that it binds.
inline bool is_covered(const Coverage& coverage) { return coverage.unchecked.empty(); }

/// Whether there is a reason for each role that the statement is not checked for.
bool is_explained(const Coverage& coverage);

/// How many statements of a level that the wire can show are covered.
struct CoverageCount {
  std::size_t covered = 0;
  std::size_t all = 0;
};
CoverageCount count_coverage(const std::vector<Coverage>& coverage, std::string_view level);

/// What a run says of statements.
class StatementResults {
 public:
  explicit StatementResults(const nlohmann::json& run);

  /// The worst verdict of the cases that check the statement, "pass" where the oracles alone do and
  /// found nothing, "unsupported" if all its cases are. Empty for a statement that binds the other
  /// role, or that the run did not look at.
  std::string of(const Coverage& coverage) const;

 private:
  std::string role_;
  bool was_played_ = false;                     ///< any case
  std::map<std::string, std::size_t> worst_{};  ///< by statement, among the verdicts
};

/// One line for each statement: id, level, what checks it.
std::string format_coverage(const std::vector<Coverage>& coverage);

/// The document. `run` is null, or the run whose results stand beside.
std::string format_coverage_markdown(const std::vector<Coverage>& coverage,
                                     const nlohmann::json& run);

}  // namespace ws::conformance
