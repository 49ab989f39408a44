#include "conformance/cli/rounds.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <utility>

namespace ws::conformance {

Stopper::Stopper(std::function<void()> stop, double limit) : stop_(std::move(stop)), limit_(limit) {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  waiter_ = std::thread([this] { wait(); });
}

Stopper::~Stopper() {
  pthread_kill(waiter_.native_handle(), SIGUSR1);
  waiter_.join();
}

void Stopper::wait() {
  int signal = 0;
  if (limit_ > 0) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time_of(limit_));
    const timespec limit{.tv_sec = whole.count(),
                         .tv_nsec = std::chrono::nanoseconds(time_of(limit_) - whole).count()};
    do {
      signal = sigtimedwait(&signals_, nullptr, &limit);
    } while (signal < 0 && errno == EINTR);
    if (signal < 0) {
      out_of_time_ = true;
      stop_();
    }
  }
  while (true) {
    if (signal <= 0) sigwait(&signals_, &signal);
    if (signal == SIGUSR1) return;
    if (interrupted_.exchange(true)) std::_Exit(128 + signal);
    stop_();
    signal = 0;
  }
}

int play_rounds(const Options& options, Results& results, const Stopper& stopper,
                const std::function<std::string()>& play_round) {
  std::string why;
  for (int round = 1;; ++round) {
    why = play_round();
    const bool is_last = round == options.repeat && (!options.until_fail || options.repeat > 1);
    if (!why.empty() || is_last || stopper.interrupted() || stopper.out_of_time() ||
        results.wants_end()) {
      break;
    }
    results.begin_round();
  }
  if (stopper.interrupted()) return results.finish(kHarnessError, "interrupted");
  if (stopper.out_of_time() && !(options.until_fail && results.has_all())) {
    return results.finish(kHarnessError, "interrupted: the run took more than " +
                                             format_seconds(options.run_timeout) +
                                             ", the limit of --run-timeout");
  }
  return why.empty() ? results.finish() : results.finish(kEndpointDead, why);
}

int processor_cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

RunnerSettings runner_settings(const Options& options) {
  RunnerSettings settings{.jobs = options.jobs > 0 ? options.jobs : processor_cores() * 8,
                          .case_limit = time_of(options.case_timeout),
                          .seed = options.seed,
                          .segmentation = options.segmentation,
                          .tap = options.wire_tap,
                          .origin = options.origin,
                          .missing = options.missing};
  if (options.open_timeout) settings.open_timeout = time_of(*options.open_timeout);
  if (options.close_timeout) settings.close_timeout = time_of(*options.close_timeout);
  if (options.drop_timeout) settings.drop_timeout = time_of(*options.drop_timeout);
  return settings;
}

void tell_waits_cut(const Patience& patience, ResultSink& results) {
  if (!patience.is_cut()) return;
  results.note(std::to_string(patience.run_out()) + " waits ran out. After " +
               std::to_string(Patience::kEnough) +
               " for one kind of reaction the endpoint was given less time than a case has: a "
               "quarter of a second, later a tenth, or four times the slowest that there was");
}

int complain(const std::string& what) {
  std::cerr << "wsproof: " << what << '\n';
  return kUsage;
}

}  // namespace ws::conformance
