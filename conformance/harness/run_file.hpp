// Results as the one format of a run, reports/run.schema.json.
#pragma once

#include <string>
#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/harness/transcript.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

/// What a run was about.
struct RunInfo {
  std::string name = "unnamed";  ///< of the implementation
  std::string version{};         ///< empty: not known
  std::string language{};
  Role role = Role::server;  ///< of the implementation
  std::string target{};      ///< URL or command
  std::string harness_version{};
  std::string started{};  ///< ISO 8601, UTC
  double duration_ms = 0;
  std::vector<std::string> included{};
  std::vector<std::string> excluded{};
  bool interrupted = false;
  int exit_status = 0;
  std::string reason{};  ///< why it is not 0 or 1
};

/// A case of the run; without a transcript it has no result.
struct RunCase {
  const Case* test = nullptr;
  const Transcript* transcript = nullptr;
  CompatibleVerdict compatible{};
  GradedVerdict graded{};
};

/// True if the compatible verdicts are a pass, by the rule of most users of Autobahn: behaviour OK,
/// NON-STRICT or INFORMATIONAL, close OK or INFORMATIONAL.
bool is_passed(const CompatibleVerdict& verdict);

/// The run file's text. Our own verdict of each case stands beside the compatible ones.
std::string format_run(const RunInfo& info, const std::vector<RunCase>& cases);

}  // namespace ws::conformance
