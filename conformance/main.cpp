// wsproof: plays the catalogue against a WebSocket server or client, and judges what it does.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/endpoints/socket_runner.hpp"
#include "conformance/harness/explain.hpp"
#include "conformance/harness/run_file.hpp"
#include "conformance/harness/selection.hpp"

namespace ws::conformance {
namespace {

constexpr int kPassed = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kEndpointDead = 3;
constexpr int kHarnessError = 4;

struct Options {
  std::vector<std::string> cases{};
  std::vector<std::string> excluded{};
  std::string json{};
  std::string name{};
  std::uint64_t seed = 0;
  int jobs = 0;
  double case_timeout = 60;  // seconds
  double ready_timeout = 10;
  bool quiet = false;
  std::string url{};
  std::string listen = "127.0.0.1:9001";
  std::string id{};
};

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

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

/// What came out, in the order of the catalogue.
class Results {
 public:
  Results(std::vector<const Case*> cases, bool quiet) : cases_(std::move(cases)), quiet_(quiet) {}

  void add(CaseResult result) {
    const bool passed = is_passed(result.compatible) && result.graded.verdict != Verdict::fail;
    ++played_;
    if (!passed) ++failed_;
    if (!passed || !quiet_) {
      std::cout << '[' << played_ << '/' << cases_.size() << "] " << result.test->id << ' '
                << to_string(result.graded.verdict) << " (" << to_string(result.compatible.behavior)
                << " / " << to_string(result.compatible.close) << ')';
      if (!passed) std::cout << ": " << result.graded.reason << " [" << result.graded.source << ']';
      std::cout << std::endl;
    }
    results_.push_back(std::move(result));
  }

  /// The exit status of a run that went through.
  int exit_status() const { return failed_ == 0 && played_ >= cases_.size() ? kPassed : kFailed; }
  std::size_t failed() const { return failed_; }
  std::size_t played() const { return played_; }

  std::vector<RunCase> in_order() const {
    std::vector<RunCase> ordered;
    for (const Case* test : cases_) {
      RunCase entry{.test = test};
      for (const CaseResult& result : results_) {
        if (result.test != test) continue;
        entry.transcript = &result.transcript;
        entry.compatible = result.compatible;
        entry.graded = result.graded;
      }
      ordered.push_back(entry);
    }
    return ordered;
  }

 private:
  std::vector<const Case*> cases_;
  bool quiet_;
  std::vector<CaseResult> results_;
  std::size_t played_ = 0;
  std::size_t failed_ = 0;
};

/// The cases that the options mean. Throws CLI::ValidationError for a pattern that means none.
std::vector<const Case*> selected(const Options& options) {
  const Selection selection = select(catalogue(), options.cases, options.excluded);
  if (!selection.unused.empty()) {
    throw CLI::ValidationError("\"" + selection.unused.front() +
                               "\" means no case; wsproof list shows them all");
  }
  if (selection.cases.empty()) throw CLI::ValidationError("no case is left to play");
  return selection.cases;
}

/// Prints the summary and writes the run file.
int finish(const Options& options, RunInfo info, const Results& results, bool interrupted,
           std::chrono::steady_clock::time_point begin) {
  info.duration_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  info.harness_version = WSPROOF_VERSION;
  info.included = options.cases;
  info.excluded = options.excluded;
  info.interrupted = interrupted;
  info.exit_status = interrupted ? kHarnessError : results.exit_status();
  if (interrupted) info.reason = "interrupted";
  const auto cases = results.in_order();
  std::printf("%s as %s: %zu of %zu cases played, %zu failed, %.1f s\n", info.name.c_str(),
              info.role == Role::server ? "server" : "client", results.played(), cases.size(),
              results.failed(), info.duration_ms / 1000);
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << format_run(info, cases);
    if (!file.flush()) {
      std::cerr << "wsproof: --json: cannot write \"" << options.json << "\"\n";
      return kHarnessError;
    }
    std::cout << "run file: " << options.json << '\n';
  }
  return info.exit_status;
}

RunnerSettings runner_settings(const Options& options) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return {.jobs = options.jobs > 0 ? options.jobs : cores * 8,
          .case_limit =
              std::chrono::duration_cast<Time>(std::chrono::duration<double>(options.case_timeout)),
          .seed = options.seed};
}

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
  Results results(cases, options.quiet);
  RunInfo info{.name = options.name.empty() ? "server" : options.name,
               .role = Role::server,
               .target = options.url,
               .started = utc_now()};
  const auto begin = std::chrono::steady_clock::now();
  const StopOnSignal stop(runner);
  runner.run(cases, [&](CaseResult result) { results.add(std::move(result)); });
  return finish(options, std::move(info), results, stop.interrupted(), begin);
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
  Results results(cases, options.quiet);
  RunInfo info{.name = options.name.empty() ? "client" : options.name,
               .role = Role::client,
               .target = "client of ws://" + host + ":" + std::to_string(runner.port()) + "/",
               .started = utc_now()};
  const auto begin = std::chrono::steady_clock::now();
  const StopOnSignal stop(runner);
  runner.run(
      cases, [&](CaseResult result) { results.add(std::move(result)); },
      [&](const std::string& agent, bool) {
        if (options.name.empty() && !agent.empty()) info.name = agent;
        return true;
      });
  return finish(options, std::move(info), results, stop.interrupted(), begin);
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Conformance tests for WebSocket (RFC 6455) servers and clients.", "wsproof");
  app.set_version_flag("--version", std::string("wsproof ") + WSPROOF_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 passed, 1 cases failed, 2 bad usage, 3 the endpoint is dead or never "
      "was ready, 4 the harness failed or was interrupted.");

  const auto add_selection = [&](CLI::App* command) {
    command
        ->add_option("--cases", options.cases, "Ids, sections (7 or 6.12) or globs; default: all")
        ->delimiter(',');
    command->add_option("--exclude", options.excluded, "Leave these out")->delimiter(',');
  };
  const auto add_run = [&](CLI::App* command) {
    add_selection(command);
    command->add_option("--name", options.name, "Of the implementation, for the report");
    command->add_option("--json", options.json, "Write a run file (reports/run.schema.json)");
    command->add_option("--seed", options.seed, "Of keys and masks")->capture_default_str();
    command
        ->add_option("--case-timeout", options.case_timeout,
                     "Seconds beyond a case's own timers after which it is given up")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_flag("--quiet", options.quiet, "Print only what does not pass");
  };

  auto* list = app.add_subcommand("list", "List the cases");
  add_selection(list);
  auto* explain = app.add_subcommand("explain", "Say what a case does and expects, bytes included");
  explain->add_option("ID", options.id, "Such as 6.4.1")->required();
  auto* server = app.add_subcommand("server", "Test a server");
  server->add_option("URL", options.url, "Of an echo service, such as ws://127.0.0.1:9001/")
      ->required();
  add_run(server);
  server->add_option("--jobs", options.jobs, "Cases at a time; default: eight for each core")
      ->check(CLI::Range(1, 1000));
  server
      ->add_option("--ready-timeout", options.ready_timeout,
                   "Seconds until the server has to accept connections")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  auto* client = app.add_subcommand("client", "Test a client that speaks Autobahn's protocol");
  client->add_option("--listen", options.listen, "[ADDRESS:]PORT; port 0 takes a free one")
      ->capture_default_str();
  add_run(client);

  try {
    app.parse(argc, argv);
    if (list->parsed()) {
      for (const Case* test : selected(options))
        std::cout << test->id << '\t' << test->title << '\n';
      return kPassed;
    }
    if (explain->parsed()) {
      const Case* test = find_case(options.id);
      if (test == nullptr) {
        std::cerr << "wsproof: \"" << options.id << "\" is no case; wsproof list shows them all\n";
        return kUsage;
      }
      std::cout << explain_case(*test);
      return kPassed;
    }
    return server->parsed() ? test_server(options) : test_client(options);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? kPassed : kUsage;
  } catch (const std::exception& error) {
    std::cerr << "wsproof: " << error.what() << '\n';
    return kHarnessError;
  }
}

}  // namespace
}  // namespace ws::conformance

int main(int argc, char** argv) { return ws::conformance::run(argc, argv); }
