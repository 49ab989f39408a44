#include "conformance/cli/endpoint_commands.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/cli/client_run.hpp"
#include "conformance/cli/profile.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/cli/server_run.hpp"
#include "conformance/endpoints/socket_runner.hpp"

namespace ws::conformance {
namespace {

/// Stops a run on SIGINT or SIGTERM, or after a time, so that what was played so far is kept. A
/// second signal ends the program at once.
class Stopper {
 public:
  /// `limit` in seconds, 0 for none.
  Stopper(std::function<void()> stop, double limit) : stop_(std::move(stop)), limit_(limit) {
    sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    waiter_ = std::thread([this] { wait(); });
  }
  Stopper(const Stopper&) = delete;
  Stopper& operator=(const Stopper&) = delete;
  ~Stopper() {
    pthread_kill(waiter_.native_handle(), SIGUSR1);
    waiter_.join();
  }

  bool interrupted() const { return interrupted_; }
  bool out_of_time() const { return out_of_time_; }

 private:
  void wait() {
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

  std::function<void()> stop_;
  double limit_;
  sigset_t signals_{};
  std::atomic<bool> interrupted_ = false;
  std::atomic<bool> out_of_time_ = false;
  std::thread waiter_;
};

/// Plays a selection as often as the options say, with `play_round`, and ends the run.
///
/// Returns: the exit status.
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

int cores() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

RunnerSettings runner_settings(const Options& options) {
  return {.jobs = options.jobs > 0 ? options.jobs : cores() * 8,
          .case_limit = time_of(options.case_timeout),
          .seed = options.seed};
}

std::string profile_option(const Options& options) {
  return options.profile.empty() ? "" : " --profile " + options.profile;
}

int complain(const std::string& what) {
  std::cerr << "wsproof: " << what << '\n';
  return kUsage;
}

}  // namespace

int test_server(const Options& options) {
  if (options.url.empty() && options.spawn.empty()) {
    return complain("server needs a URL, such as ws://127.0.0.1:9001/, or --spawn COMMAND");
  }
  if (!options.spawn.empty() && !options.spawn.contains("{port}")) {
    return complain("--spawn: \"" + options.spawn +
                    "\" has no {port}, which stands for the port to listen on");
  }
  const std::string url = options.url.empty() ? "ws://127.0.0.1:{port}/" : options.url;
  const auto target = parse_target(options.spawn.empty() ? url : replace_name(url, "port", "1"));
  if (!target) {
    return complain("\"" + url + "\" is no URL of a server; ws://HOST:PORT/PATH is");
  }
  ProfiledCases cases = apply_profile(options.profile, selected(options, Role::server));
  const bool spawns = !options.spawn.empty();
  ServerRun run(options, runner_settings(options), *target,
                spawns ? std::optional(options.spawn) : std::nullopt);
  Results results(options, cases.all,
                  {.name = options.name.empty() ? "server" : options.name,
                   .role = Role::server,
                   .target = spawns ? options.spawn : url,
                   .reproduce = "wsproof server " +
                                (spawns ? "--spawn " + quote(options.spawn) : std::string()) +
                                (options.url.empty() ? "" : (spawns ? " " : "") + quote(url)) +
                                profile_option(options) + " --cases {case}"});
  results.stop_on_failure([&] { run.stop(); });
  const Stopper stopper([&] { run.stop(); }, options.run_timeout);
  bool started = false;
  return play_rounds(options, results, stopper, [&] {
    for (const CaseResult& result : cases.unsupported) results.add(result);
    std::string why = started ? "" : run.start();
    started = true;
    if (why.empty()) why = run.run(cases.played, results);
    results.info().endpoint_output = run.output();
    return why;
  });
}

namespace {

/// Clients that come or are started, each run with a port and a part of the cases of its own.
class ClientRuns {
 public:
  /// Throws std::system_error if it cannot listen.
  ClientRuns(const Options& options, const ListenAddress& address, int count,
             const std::vector<const Case*>& cases)
      : options_(options) {
    for (int i = 0; i < count; ++i) {
      auto part = std::make_unique<Part>(options, address);
      const auto stride = static_cast<std::size_t>(count);
      for (std::size_t j = static_cast<std::size_t>(i); j < cases.size(); j += stride) {
        part->cases.push_back(cases[j]);
      }
      if (i == 0 || !part->cases.empty()) parts_.push_back(std::move(part));
    }
  }

  const std::string& url() const { return parts_.front()->url; }

  void stop() {
    for (const auto& part : parts_) part->run.stop();
  }

  /// Plays all parts side by side. Returns: why one of them could not go on.
  std::string play(const std::string& command, int jobs, Results& results) {
    std::vector<std::string> reasons(parts_.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      threads.emplace_back([&, i] { reasons[i] = play(*parts_[i], command, jobs, results); });
    }
    for (std::thread& thread : threads) thread.join();
    const auto first = std::ranges::find_if(reasons, [](const auto& why) { return !why.empty(); });
    return first == reasons.end() ? "" : *first;
  }

 private:
  struct Part {
    Part(const Options& options, const ListenAddress& address)
        : runner(address.host, address.port, client_settings(options)),
          url(url_of(address.host, runner.port())),
          run(options, runner, url) {}

    static RunnerSettings client_settings(const Options& options) {
      RunnerSettings settings = runner_settings(options);
      // What is started here is watched as a process.
      if (options.spawn.empty() && options.idle_timeout > 0) {
        settings.silence_limit = time_of(options.idle_timeout);
      }
      return settings;
    }

    /// Where a client of this machine connects to.
    static std::string url_of(std::string host, std::uint16_t port) {
      if (host == "0.0.0.0") host = "127.0.0.1";
      if (host == "::") host = "::1";
      if (host.contains(':')) host = "[" + host + "]";
      return "ws://" + host + ":" + std::to_string(port) + "/";
    }

    ClientRunner runner;
    std::string url;
    ClientRun run;
    std::vector<const Case*> cases{};
  };

  static std::string play(Part& part, const std::string& command, int jobs, Results& results) {
    if (command.empty()) return part.run.serve(part.cases, results);
    if (command.contains("{case_url}")) {
      return part.run.spawn_for_each_play(command, jobs, part.cases, results);
    }
    return part.run.spawn(command, part.cases, results);
  }

  const Options& options_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace

int test_client(const Options& options) {
  if (!options.spawn.empty() && !options.spawn.contains("{url}") &&
      !options.spawn.contains("{case_url}")) {
    return complain("--spawn: \"" + options.spawn +
                    "\" has neither {url} nor {case_url}, which stand for where to connect");
  }
  // A client that is started here is told the port.
  const std::string listen = !options.listen.empty() ? options.listen
                             : options.spawn.empty() ? "9001"
                                                     : "0";
  const auto address = parse_listen(listen);
  if (!address) {
    return complain("--listen: \"" + listen +
                    "\" is no [HOST:]PORT, such as 9001, localhost:9001 or [::1]:9001");
  }
  const bool spawns = !options.spawn.empty();
  const bool once_for_each = options.spawn.contains("{case_url}");
  const int processes = options.jobs > 0 ? options.jobs : 1;
  if (spawns && !once_for_each && processes > 1 && address->port != 0) {
    return complain("--jobs " + std::to_string(processes) + ": each client needs a port of its " +
                    "own, and --listen names one; leave it out or give port 0");
  }
  ProfiledCases cases = apply_profile(options.profile, selected(options, Role::client));
  std::optional<ClientRuns> runs;
  try {
    runs.emplace(options, *address, spawns && !once_for_each ? processes : 1, cases.played);
  } catch (const std::system_error& error) {
    return complain("--listen: cannot listen on \"" + listen + "\": " + error.code().message());
  }
  if (!spawns) {
    std::cout << "listening on " << runs->url() << ", for clients that speak Autobahn's protocol"
              << std::endl;
  }
  Results results(
      options, cases.all,
      {.name = options.name.empty() ? "client" : options.name,
       .role = Role::client,
       .target = spawns ? options.spawn : "client of " + runs->url(),
       .reproduce = "wsproof client " +
                    (spawns ? "--spawn " + quote(options.spawn) : "--listen " + listen) +
                    profile_option(options) + " --cases {case}"});
  results.stop_on_failure([&] { runs->stop(); });
  const Stopper stopper([&] { runs->stop(); }, options.run_timeout);
  const int jobs = options.jobs > 0 ? options.jobs : cores();
  return play_rounds(options, results, stopper, [&] {
    for (const CaseResult& result : cases.unsupported) results.add(result);
    return runs->play(options.spawn, jobs, results);
  });
}

}  // namespace ws::conformance
