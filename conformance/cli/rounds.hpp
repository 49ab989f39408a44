// A run from its first round to its exit status: signals, the limit on its time, repetition.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <string>
#include <thread>

#include "conformance/cli/options.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/endpoints/runner.hpp"

namespace ws::conformance {

/// Stops a run on SIGINT or SIGTERM, or after a time, so that what was played so far is kept. A
/// second signal ends the program at once.
class Stopper {
 public:
  /// `limit` in seconds, 0 for none.
  Stopper(std::function<void()> stop, double limit);
  Stopper(const Stopper&) = delete;
  Stopper& operator=(const Stopper&) = delete;
  ~Stopper();

  bool interrupted() const { return interrupted_; }
  bool out_of_time() const { return out_of_time_; }

 private:
  void wait();

  std::function<void()> stop_;
  double limit_;
  sigset_t signals_{};
  std::atomic<bool> interrupted_ = false;
  std::atomic<bool> out_of_time_ = false;
  std::thread waiter_;
};

/// Plays a selection as often as the options say, with `play_round`, which returns why it could not
/// go on, and ends the run.
///
/// Returns: the exit status.
int play_rounds(const Options& options, Results& results, const Stopper& stopper,
                const std::function<std::string()>& play_round);

/// What `options` say for a runner, but for TLS.
RunnerSettings runner_settings(const Options& options);

/// Notes that waits were cut short, if any were.
void tell_waits_cut(const Patience& patience, ResultSink& results);

/// At least one.
int processor_cores();

/// Says what is wrong with the options. Returns: kUsage.
int complain(const std::string& what);

}  // namespace ws::conformance
