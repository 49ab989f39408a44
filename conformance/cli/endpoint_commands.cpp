#include "conformance/cli/endpoint_commands.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "conformance/cli/client_run.hpp"
#include "conformance/cli/profile.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/cli/server_run.hpp"
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
          .case_limit = time_of(options.case_timeout),
          .seed = options.seed};
}

/// `why` the run did not go through; empty if it did.
int finish(Results& results, bool interrupted, const std::string& why) {
  if (interrupted) return results.finish(kHarnessError, "interrupted");
  return why.empty() ? results.finish() : results.finish(kEndpointDead, why);
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
  const StopOnSignal stop(run);
  for (CaseResult& result : cases.unsupported) results.add(std::move(result));
  std::string why = run.start();
  if (why.empty()) why = run.run(cases.played, results);
  results.info().endpoint_output = run.output();
  return finish(results, stop.interrupted(), why);
}

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
  const std::size_t colon = listen.rfind(':');
  std::string host = colon == std::string::npos ? "127.0.0.1" : listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string digits = colon == std::string::npos ? listen : listen.substr(colon + 1);
  unsigned long port = 0;
  try {
    std::size_t used = 0;
    port = std::stoul(digits, &used);
    if (used != digits.size() || port > 65'535) throw std::out_of_range("port");
  } catch (const std::exception&) {
    return complain("--listen: \"" + listen + "\" is no [ADDRESS:]PORT");
  }
  ProfiledCases cases = apply_profile(options.profile, selected(options, Role::client));
  ClientRunner runner(host, static_cast<std::uint16_t>(port), runner_settings(options));
  const std::string url = "ws://" + (host.contains(':') ? "[" + host + "]" : host) + ":" +
                          std::to_string(runner.port()) + "/";
  const bool spawns = !options.spawn.empty();
  if (!spawns) {
    std::cout << "listening on " << url << ", for clients that speak Autobahn's protocol"
              << std::endl;
  }
  Results results(
      options, cases.all,
      {.name = options.name.empty() ? "client" : options.name,
       .role = Role::client,
       .target = spawns ? options.spawn : "client of " + url,
       .reproduce = "wsproof client " +
                    (spawns ? "--spawn " + quote(options.spawn) : "--listen " + listen) +
                    profile_option(options) + " --cases {case}"});
  ClientRun run(options, runner, url);
  const StopOnSignal stop(run);
  for (CaseResult& result : cases.unsupported) results.add(std::move(result));
  std::string why;
  if (spawns) {
    why = run.spawn(options.spawn, cases.played, results);
  } else {
    run.serve(cases.played, results);
  }
  return finish(results, stop.interrupted(), why);
}

}  // namespace ws::conformance
