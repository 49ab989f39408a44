#include "conformance/cli/client_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string agent_of(const Options& options) {
  return options.name.empty() ? "client" : options.name;
}

}  // namespace

ClientRun::ClientRun(const Options& options, ClientRunner& runner, std::string url)
    : options_(options), runner_(runner), url_(std::move(url)) {}

void ClientRun::stop() {
  stopped_ = true;
  runner_.stop();
}

/// The client's name for itself is the implementation's where the options name none.
void ClientRun::take_name(const std::string& agent, Results& results) const {
  if (options_.name.empty() && !agent.empty()) results.info().name = agent;
}

void ClientRun::serve(const std::vector<const Case*>& cases, Results& results) {
  runner_.run(
      cases, [&](CaseResult result) { results.add(std::move(result)); },
      [&](const std::string& agent, bool) {
        take_name(agent, results);
        return true;
      });
}

std::string ClientRun::spawn(const std::string& command, const std::vector<const Case*>& cases,
                             Results& results) {
  if (command.contains("{case_url}")) return spawn_once_for_each(command, cases, results);
  const std::string line =
      replace_name(replace_name(command, "url", quote(url_)), "agent", quote(agent_of(options_)));
  std::vector<const Case*> rest = cases;
  while (!rest.empty() && !stopped_) {
    Process process(line);
    std::unordered_set<const Case*> settled;
    std::optional<CaseResult> last;  // not settled yet: the client may be about to crash
    std::uint64_t output_seen = 0;
    std::atomic<std::int64_t> last_sign{steady_clock::now().time_since_epoch().count()};
    bool updated = false;
    const auto settle = [&] {
      if (!last) return;
      const std::string fresh = process.output_since(output_seen);
      output_seen = process.output_size();
      if (const std::string report = find_sanitizer_report(fresh); !report.empty()) {
        blame(*last, "the client's sanitizer reports: " + report);
      }
      last->endpoint_output = fresh;
      settled.insert(last->test);
      results.add(*std::exchange(last, std::nullopt));
    };
    // Watches the process while `run` serves it.
    std::atomic<bool> over = false;
    std::atomic<bool> hangs = false;
    std::thread watcher([&] {
      const auto limit = time_of(options_.case_timeout) + std::chrono::seconds(30);
      while (!over) {
        if (process.wait(milliseconds(20))) return runner_.stop_when_idle();
        const auto silence =
            steady_clock::now() - steady_clock::time_point(steady_clock::duration(last_sign));
        if (silence > limit) {
          hangs = true;
          return runner_.stop();
        }
      }
    });
    runner_.run(
        rest,
        [&](CaseResult result) {
          last_sign = steady_clock::now().time_since_epoch().count();
          settle();
          last = std::move(result);
        },
        [&](const std::string& agent, bool) {
          updated = true;
          take_name(agent, results);
          return true;
        });
    over = true;
    watcher.join();
    const auto end = process.poll();
    // Many drivers give up where a handshake fails; that is no crash, and they are started again.
    if (end && end->by_signal && last && !updated) {
      blame(*last, "the client crashed: " + describe(*end));
    } else if (hangs && last) {
      blame(*last, "after the case the client did not go on");
    }
    const bool progress = last.has_value() || !settled.empty();
    settle();
    std::erase_if(rest, [&](const Case* test) { return settled.contains(test); });
    results.info().endpoint_output = process.output_since(0);
    if (!progress && !stopped_) {
      return (hangs ? "the client did not run a case in time"
                    : "the client ended without running a case") +
             (end ? ": " + describe(*end) : std::string()) + "\n" + process.output_since(0);
    }
    if (updated) break;  // the client took itself to be done
  }
  return {};
}

std::string ClientRun::spawn_once_for_each(const std::string& command,
                                           const std::vector<const Case*>& cases,
                                           Results& results) {
  std::mutex mutex;
  std::condition_variable came;
  std::map<const Case*, CaseResult> arrived;  // guarded by mutex, as the rest
  std::size_t next = 0;
  std::size_t connected = 0;

  std::thread server([&] {
    runner_.run(
        cases,
        [&](CaseResult result) {
          const std::lock_guard lock(mutex);
          const Case* test = result.test;
          arrived[test] = std::move(result);
          came.notify_all();
        },
        [](const std::string&, bool) { return false; });
  });
  const auto limit = time_of(options_.case_timeout);
  const auto play = [&](const Case& test) {
    const std::string case_url =
        url_ + "runCase?casetuple=" + test.id + "&agent=" + agent_of(options_);
    Process process(replace_name(
        replace_name(replace_name(command, "case_url", quote(case_url)), "url", quote(url_)),
        "agent", quote(agent_of(options_))));
    const auto until = steady_clock::now() + limit;
    std::optional<ProcessEnd> end;
    bool hangs = false;
    while (!stopped_) {
      end = process.wait(milliseconds(20));
      if (end) break;
      if (steady_clock::now() > until) {
        hangs = true;
        break;
      }
    }
    if (stopped_) return;
    std::unique_lock lock(mutex);
    // The result comes once the connection's end has been seen, which follows that of the client.
    came.wait_for(lock, std::chrono::seconds(5), [&] { return arrived.contains(&test); });
    CaseResult result{.test = &test};
    if (const auto found = arrived.find(&test); found != arrived.end()) {
      result = std::move(found->second);
      ++connected;
    } else {
      blame(result, "the client never ran the case");
      if (end) result.graded.reason += ", " + describe(*end);
    }
    result.endpoint_output = process.output_since(0);
    const std::string report = find_sanitizer_report(result.endpoint_output);
    if (!report.empty()) {
      blame(result, "the client's sanitizer reports: " + report);
    } else if (end && end->by_signal) {
      blame(result, "the client crashed: " + describe(*end));
    } else if (hangs) {
      blame(result, "the client did not end after the case");
    }
    results.add(std::move(result));
  };
  std::vector<std::thread> workers;
  const unsigned jobs = options_.jobs > 0 ? static_cast<unsigned>(options_.jobs)
                                          : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < jobs; ++i) {
    workers.emplace_back([&] {
      while (!stopped_) {
        const Case* test = nullptr;
        {
          const std::lock_guard lock(mutex);
          if (next == cases.size()) return;
          test = cases[next++];
        }
        play(*test);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  runner_.stop();
  server.join();
  if (connected == 0 && !stopped_) return "no client ever ran a case";
  return {};
}

}  // namespace ws::conformance
