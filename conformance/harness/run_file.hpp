// Results as the one format of a run, reports/run.schema.json.
#pragma once

#include <iosfwd>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
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
  bool quick = false;   ///< without what takes long
  std::string shard{};  ///< "2/4"; empty: the whole
  int exit_status = 0;
  FailOn fail_on = FailOn::must;
  bool tls = false;
  std::map<std::string, std::string> options{};  ///< what a replay needs
  std::string reproduce{};                       ///< a command with {case} for the id
  std::string endpoint_output{};                 ///< the end of what it wrote to stdout and stderr
  std::vector<std::string> notes{};              ///< what a reader of the results has to know
  std::string reason{};  ///< why it is not 0 or 1; begins with "interrupted" if it was
};

/// A case of the run; without a transcript it has no result.
struct RunCase {
  const Case* test = nullptr;
  const Transcript* transcript = nullptr;
  std::optional<CompatibleVerdict> compatible{};  ///< none for cases that Autobahn does not have
  GradedVerdict graded{};
  std::string segmentation{};     ///< of the play that decided; empty: not known
  std::string endpoint_output{};  ///< what the endpoint wrote to stdout and stderr meanwhile
  std::optional<ResourceUse> resources{};  ///< what it used
};

/// The entry of a case in the run file, with its details packed. `info` says whose run it is.
nlohmann::json make_case(const RunInfo& info, const RunCase& result);

/// The run file. Its verdicts are ours; the compatible ones stand beside them. `cases` has an entry
/// for each id, as `make_case` makes them.
nlohmann::json make_run(const RunInfo& info, nlohmann::json cases);

/// Puts the members of an entry that only those need who show the case as a whole (its logs, heads,
/// description and the like) into one binary member, compressed. They are most of a run in memory,
/// where they are always so; in a file they never are.
void pack_details(nlohmann::json& entry);

/// An entry as it is in the file.
nlohmann::json unpack_details(nlohmann::json entry);

/// Writes a run file, a case on a line.
void write_run(std::ostream& file, const nlohmann::json& run);

/// Sets the exit status and the status that follows from it.
void set_status(nlohmann::json& run, int exit_status);

/// Computes `totals` from the cases, once more after they were changed.
void count_totals(nlohmann::json& run);

}  // namespace ws::conformance
