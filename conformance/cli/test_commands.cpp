#include "conformance/cli/test_commands.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include "conformance/cli/results.hpp"
#include "conformance/endpoints/socket_runner.hpp"

namespace ws::conformance {
namespace {

/// Stops a runner on SIGINT or SIGTERM, so that what was played so far is kept.
template <typename Runner>
class StopOnSignal {
 public:
  explicit StopOnSignal(Runner& runner) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    waiter_ = std::thread([this, &runner] {
      int signal = 0;
      sigwait(&signals_, &signal);
      if (signal == SIGUSR1) return;
      interrupted_ = true;
      runner.stop();
    });
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  ~StopOnSignal() {
    pthread_kill(waiter_.native_handle(), SIGUSR1);
    waiter_.join();
  }

  bool interrupted() const { return interrupted_; }

 private:
  sigset_t signals_{};
  std::atomic<bool> interrupted_ = false;
  std::thread waiter_;
};

RunnerSettings runner_settings(const Options& options) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return {.jobs = options.jobs > 0 ? options.jobs : cores * 8,
          .case_limit =
              std::chrono::duration_cast<Time>(std::chrono::duration<double>(options.case_timeout)),
          .seed = options.seed};
}

/// A word for a shell.
std::string quote(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:@%+=,[]";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

int finish(Results& results, bool interrupted) {
  return interrupted ? results.finish(kHarnessError, "interrupted") : results.finish();
}

}  // namespace

int test_server(const Options& options) {
  const auto target = parse_target(options.url);
  if (!target) {
    std::cerr << "wsproof: \"" << options.url
              << "\" is no URL of a server; ws://HOST:PORT/PATH is\n";
    return kUsage;
  }
  const auto cases = selected(options);
  ServerRunner runner(*target, runner_settings(options));
  const auto limit =
      std::chrono::duration_cast<Time>(std::chrono::duration<double>(options.ready_timeout));
  if (!runner.wait_until_ready(limit)) {
    std::cerr << "wsproof: nothing accepts connections at " << options.url << " after "
              << options.ready_timeout << " s; --ready-timeout sets the limit\n";
    return kEndpointDead;
  }
  Results results(options, cases,
                  {.name = options.name.empty() ? "server" : options.name,
                   .role = Role::server,
                   .target = options.url,
                   .reproduce = "wsproof server " + quote(options.url) + " --cases {case}"});
  const StopOnSignal stop(runner);
  runner.run(cases, [&](CaseResult result) { results.add(std::move(result)); });
  return finish(results, stop.interrupted());
}

int test_client(const Options& options) {
  const std::size_t colon = options.listen.rfind(':');
  const std::string host =
      colon == std::string::npos ? "127.0.0.1" : options.listen.substr(0, colon);
  const std::string digits =
      colon == std::string::npos ? options.listen : options.listen.substr(colon + 1);
  unsigned long port = 0;
  try {
    std::size_t used = 0;
    port = std::stoul(digits, &used);
    if (used != digits.size() || port > 65'535) throw std::out_of_range("port");
  } catch (const std::exception&) {
    std::cerr << "wsproof: --listen: \"" << options.listen << "\" is no [ADDRESS:]PORT\n";
    return kUsage;
  }
  const auto cases = selected(options);
  ClientRunner runner(host, static_cast<std::uint16_t>(port), runner_settings(options));
  std::cout << "listening on ws://" << host << ':' << runner.port()
            << "/, for clients that speak Autobahn's protocol" << std::endl;
  Results results(options, cases,
                  {.name = options.name.empty() ? "client" : options.name,
                   .role = Role::client,
                   .target = "client of ws://" + host + ":" + std::to_string(runner.port()) + "/",
                   .reproduce = "wsproof client --listen " + options.listen + " --cases {case}"});
  const StopOnSignal stop(runner);
  runner.run(
      cases, [&](CaseResult result) { results.add(std::move(result)); },
      [&](const std::string& agent, bool) {
        if (options.name.empty() && !agent.empty()) results.info().name = agent;
        return true;
      });
  return finish(results, stop.interrupted());
}

}  // namespace ws::conformance
