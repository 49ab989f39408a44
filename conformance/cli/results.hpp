// What came out of a run so far, and what it amounts to.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "conformance/cli/options.hpp"
#include "conformance/endpoints/socket_runner.hpp"
#include "conformance/harness/run_file.hpp"

namespace ws::conformance {

/// The time as ISO 8601 in UTC.
std::string utc_now();

class Results {
 public:
  Results(std::vector<const Case*> cases, bool quiet);

  /// Takes a result and prints its line.
  void add(CaseResult result);

  /// The exit status of a run that went through.
  int exit_status() const { return failed_ == 0 && played_ >= cases_.size() ? kPassed : kFailed; }
  std::size_t failed() const { return failed_; }
  std::size_t played() const { return played_; }

  /// In the order of the catalogue.
  std::vector<RunCase> in_order() const;

 private:
  std::vector<const Case*> cases_;
  bool quiet_;
  std::vector<CaseResult> results_;
  std::size_t played_ = 0;
  std::size_t failed_ = 0;
};

/// Prints the summary, writes what the options ask for, and returns the exit status.
int finish_run(const Options& options, RunInfo info, const Results& results, bool interrupted,
               std::chrono::steady_clock::time_point begin);

}  // namespace ws::conformance
