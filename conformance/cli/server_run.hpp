// A run against a server: liveness after the cases, and, if the server was started here, its
// crashes, hangs and sanitizer reports tied to the case that caused them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/cli/options.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/endpoints/process.hpp"
#include "conformance/endpoints/server_runner.hpp"
#include "conformance/endpoints/target.hpp"

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

  /// Plays the cases. Returns: why the run could not go on; empty if it went through.
  std::string run(const std::vector<const Case*>& cases, Results& results);

  /// Ends `run` soon; may be called from any thread.
  void stop();

  /// The end of what the server wrote.
  std::string output() const;

 private:
  enum class Health { good, crashed, reported, hangs };

  Health look(std::string* what = nullptr);
  CaseResult play_one(const Case& test);
  bool echoes();
  std::string restart();
  std::vector<const Case*> play_together(const std::vector<const Case*>& cases, Results& results,
                                         std::vector<const Case*>& suspects,
                                         std::vector<CaseResult>& doubtful);
  std::string play_alone(const Case& test, Results& results);
  std::unique_ptr<ServerRunner> make_runner(int jobs);
  void set_runner(ServerRunner* runner);
  bool stopped() const;

  const Options& options_;
  RunnerSettings settings_;
  Target target_;
  std::optional<std::string> command_;
  std::unique_ptr<Process> process_;
  std::uint64_t output_seen_ = 0;   // bytes of output before the case that is looked at
  std::uint64_t output_clean_ = 0;  // bytes of output in which nothing was found
  bool checks_liveness_ = false;
  int restarts_ = 0;

  struct Current;
  std::unique_ptr<Current> current_;  // the runner that `stop` stops
};

}  // namespace ws::conformance
