// A run against a server: liveness after the cases, and, if the server was started here, its
// crashes, hangs and sanitizer reports tied to the case that caused them.
#pragma once

#include <chrono>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "conformance/cli/options.hpp"
#include "conformance/cli/result_sink.hpp"
#include "conformance/cli/second_look.hpp"
#include "conformance/endpoints/process.hpp"
#include "conformance/endpoints/server_runner.hpp"
#include "conformance/endpoints/target.hpp"
#include "conformance/harness/limit_search.hpp"

namespace ws::conformance {

class ServerRun {
 public:
  /// `command` starts the server on {port}, or {socket}, again after each crash; without one, it is
  /// at `target`.
  ServerRun(const Options& options, RunnerSettings settings, Target target,
            std::optional<std::string> command);
  ~ServerRun();

  /// Waits until the server takes connections. Returns: why it does not; empty if it does.
  std::string start();

  /// Plays the cases, `jobs` at a time; 0: as many as the settings say.
  ///
  /// Returns: why the run could not go on; empty if it went through.
  std::string run(const std::vector<const Case*>& cases, ResultSink& results, int jobs = 0);

  /// Asks the server for the longest frame that it takes. Returns: nothing if it refuses none by
  /// the header alone, or does not answer.
  std::optional<MessageLimits> find_limits();

  /// Ends `run` soon; may be called from any thread.
  void stop();

  /// The end of what the server wrote.
  std::string output() const;

 private:
  enum class Health { good, crashed, reported, hangs };

  /// A case in which the server reported a fault that did not come again.
  struct Stray {
    CaseResult result{};
    std::string what{};
  };

  Health look(std::string* what = nullptr);
  static std::string fault_of(Health health, const std::string& what);
  void play(const std::vector<const Case*>& cases, int jobs,
            const std::function<void(CaseResult)>& on_result);
  CaseResult play_one(const Case& test);
  std::string run_part(const std::vector<const Case*>& cases, ResultSink& results, int jobs);
  std::string play_part(const std::vector<const Case*>& cases, ResultSink& results, int jobs);
  std::string look_again(ResultSink& results);
  void settle_strays(ResultSink& results);
  std::unordered_map<const Case*, std::optional<Time>> probe(const std::deque<Case>& cases,
                                                             int jobs);
  std::optional<LimitSearch> search_limit(std::chrono::milliseconds patience, Time& slowest);
  bool echoes();
  std::string restart();
  std::vector<const Case*> play_together(const std::vector<const Case*>& cases, ResultSink& results,
                                         std::vector<const Case*>& suspects,
                                         std::vector<CaseResult>& doubtful);
  std::expected<bool, std::string> reports_again(const Case& test);
  std::string play_alone(const Case& test, ResultSink& results);
  std::unique_ptr<ServerRunner> make_runner(int jobs, bool cuts_waits = false);
  void set_runner(ServerRunner* runner);
  bool stopped() const;

  const Options& options_;
  RunnerSettings settings_;
  Target target_;
  std::optional<std::string> command_;
  std::shared_ptr<ResourceWatch> watch_;  // of the process
  std::unique_ptr<Process> process_;
  std::uint64_t output_seen_ = 0;   // bytes of output before the case that is looked at
  std::uint64_t output_clean_ = 0;  // bytes of output in which nothing was found
  SecondLooks second_looks_;
  std::vector<Stray> strays_;
  bool blamed_for_report_ = false;  // any case
  bool checks_liveness_ = false;
  int restarts_ = 0;
  int jobs_ = 1;  // cases at a time

  struct Current;
  std::unique_ptr<Current> current_;  // the runner that `stop` stops
};

}  // namespace ws::conformance
