// What came out of a run so far, and what it amounts to.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "conformance/cli/options.hpp"
#include "conformance/cli/terminal.hpp"
#include "conformance/endpoints/socket_runner.hpp"
#include "conformance/harness/run_file.hpp"
#include "conformance/outputs/baseline.hpp"

namespace ws::conformance {

/// The time as ISO 8601 in UTC.
std::string utc_now();

/// Fails a case for what became of the endpoint, whatever was seen on the wire.
void blame(CaseResult& result, std::string reason);

/// A run from its first case to what it writes.
class Results {
 public:
  /// `info` says what is tested; its times, status and selection are filled in here. Errors:
  /// InputError for a baseline that cannot be used.
  Results(const Options& options, std::vector<const Case*> cases, RunInfo info);

  /// Takes a result and shows it.
  void add(CaseResult result);

  RunInfo& info() { return info_; }

  /// Ends the run: prints the summary, writes what the options ask for, returns the exit status.
  /// `status` other than `kPassed` stands for a run that did not go through, and `why`.
  int finish(int status = kPassed, const std::string& why = {});

 private:
  std::vector<RunCase> in_order() const;
  void print_summary(const nlohmann::json& run) const;
  void write_outputs(const nlohmann::json& run) const;

  const Options& options_;
  std::vector<const Case*> cases_;
  RunInfo info_;
  std::vector<BaselineEntry> baseline_;
  Terminal terminal_;
  std::chrono::steady_clock::time_point begin_;
  std::vector<CaseResult> results_;
};

}  // namespace ws::conformance
