// What came out of a run so far, and what it amounts to.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conformance/cli/options.hpp"
#include "conformance/cli/result_sink.hpp"
#include "conformance/cli/terminal.hpp"
#include "conformance/endpoints/runner.hpp"
#include "conformance/harness/client_keys.hpp"
#include "conformance/harness/run_file.hpp"
#include "conformance/harness/same_offers.hpp"
#include "conformance/outputs/baseline.hpp"

namespace ws::conformance {

/// The time as ISO 8601 in UTC.
std::string utc_now();

/// A run from its first case to what it writes. `add` may be called from any thread.
class Results : public ResultSink {
 public:
  /// `info` says what is tested; its times, status and selection are filled in here. Errors:
  /// InputError for a baseline that cannot be used.
  Results(const Options& options, std::vector<const Case*> cases, RunInfo info);

  /// Takes a result and shows it. Of a case that is played several times, the worst counts.
  void add(CaseResult result) override;

  /// `stop` is called at the first failure that no baseline knows, if the options ask for an end
  /// there.
  void stop_on_failure(std::function<void()> stop) { stop_ = std::move(stop); }

  /// Whether there was a failure at which the run is to end.
  bool wants_end() const;

  void note(const std::string& text) override;

  /// The cases that have no result in this round, of those that are played.
  std::size_t missing() const override;

  /// The cases are played once more.
  void begin_round();

  /// Whether each case has had a result, in whatever round.
  bool has_all() const;

  /// The client's name for itself, where the options name none.
  void take_name(const std::string& agent) override;

  void keep_output(std::string output) override { info_.endpoint_output = std::move(output); }

  RunInfo& info() { return info_; }

  /// Ends the run: prints the summary, writes what the options ask for, returns the exit status.
  /// `status` other than `kPassed` stands for a run that did not go through, and `why`.
  int finish(int status = kPassed, const std::string& why = {});

  /// The run file. Requires: `finish` was called.
  const nlohmann::json& run() const { return *run_; }

 private:
  /// All results of a case so far.
  struct Played {
    CaseResult worst{};                       // without its transcript, which is in the entry
    std::shared_ptr<nlohmann::json> entry{};  // of the run file
    std::map<Verdict, int> verdicts{};
    TakenOffers taken{};  // in the play that decided
    int round = 0;        // the last with a result
  };

  bool is_failure(const CaseResult& result) const;
  void keep(CaseResult result);
  void replace_verdict(Played& played, const GradedVerdict& other);
  void compare_offers();
  void compare_sizes();
  void compare_keys();
  nlohmann::json take_entries();
  std::string describe_resources() const;
  void print_summary(const nlohmann::json& run) const;
  void write_outputs(const std::vector<nlohmann::json>& runs) const;

  const Options& options_;
  std::vector<const Case*> cases_;
  RunInfo info_;
  std::vector<BaselineEntry> baseline_;
  Terminal terminal_;
  std::chrono::steady_clock::time_point begin_;
  std::function<void()> stop_;
  mutable std::mutex mutex_;  // guards what follows, and the terminal
  std::unordered_map<const Case*, Played> results_;
  std::vector<std::string> notes_;
  KeyRecord keys_;  // of a client's connections
  int round_ = 1;
  bool wants_end_ = false;
  std::shared_ptr<const nlohmann::json> run_;
};

}  // namespace ws::conformance
