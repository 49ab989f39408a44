#include "conformance/cli/client_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <unordered_set>
#include <utility>

#include "conformance/cli/memory.hpp"
#include "conformance/cli/second_look.hpp"
#include "conformance/endpoints/closed_port.hpp"
#include "conformance/endpoints/schedule.hpp"
#include "conformance/harness/plays.hpp"

namespace ws::conformance {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Cases that a client may leave unplayed, each time that it is started again.
constexpr int kMaxPassedOver = 300;

}  // namespace

std::string agent_of(const Options& options) {
  return options.name.empty() ? "client" : options.name;
}

ClientRun::ClientRun(const Options& options, ClientRunner& runner, std::string url,
                     std::shared_ptr<ResourceWatch> watch)
    : options_(options), runner_(runner), url_(std::move(url)), watch_(std::move(watch)) {}

void ClientRun::stop() {
  stopped_ = true;
  runner_.stop();
}

std::string ClientRun::serve(const std::vector<const Case*>& cases, ResultSink& results) {
  bool came = false;
  const bool in_time =
      runner_.run(cases, {.on_result =
                              [&](CaseResult result) {
                                came = true;
                                results.add(std::move(result));
                              },
                          .on_update =
                              [&](const std::string& agent, bool) {
                                results.take_name(agent);
                                return true;
                              },
                          .on_trouble = [&](const std::string& what) { results.note(what); }});
  if (in_time || results.missing() == 0) return {};
  return (came ? "no client came any more" : "no client came to " + url_) + " for " +
         format_seconds(options_.idle_timeout) + "; --idle-timeout sets the limit" + refusal();
}

std::string ClientRun::refusal() const {
  return runner_.refusal().empty() ? "" : "; " + runner_.refusal();
}

std::string ClientRun::spawn(const std::string& command, const std::vector<const Case*>& cases,
                             ResultSink& results) {
  const std::string line =
      replace_name(replace_name(command, "url", quote(url_)), "agent", quote(agent_of(options_)));
  std::vector<const Case*> rest = cases;
  bool has_played = false;
  int passed_over = 0;
  while (!rest.empty() && !stopped_) {
    Process process(line);
    if (watch_) watch_->attach(process.id());
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
        blame(*last, "the client reports a fault of its own: " + report);
      }
      last->endpoint_output = fresh;
      settled.insert(last->test);
      results.add(*std::exchange(last, std::nullopt));
    };
    // Watches the process while `run` serves it.
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<bool> over = false;
    std::atomic<bool> hangs = false;
    const int number = runner_.announce_run();
    std::thread watcher([&] {
      const auto limit = time_of(options_.case_timeout) + std::chrono::seconds(30);
      const auto is_silent = [&] {
        const steady_clock::time_point seen{steady_clock::duration(last_sign)};
        return steady_clock::now() - seen > limit;
      };
      while (!over) {
        if (process.wait(milliseconds(20))) {
          runner_.stop_when_idle(number);
          // Whatever is left of its connections, a run without a client comes to an end.
          std::unique_lock lock(mutex);
          while (!changed.wait_for(lock, limit, [&] { return over.load(); })) {
            if (is_silent()) return runner_.stop();
          }
          return;
        }
        if (is_silent()) {
          hangs = true;
          return runner_.stop();
        }
      }
    });
    runner_.run(rest, {.on_result =
                           [&](CaseResult result) {
                             last_sign = steady_clock::now().time_since_epoch().count();
                             settle();
                             last = std::move(result);
                           },
                       .on_update =
                           [&](const std::string& agent, bool) {
                             updated = true;
                             results.take_name(agent);
                             return true;
                           },
                       .on_trouble = [&](const std::string& what) { results.note(what); }});
    {
      const std::lock_guard lock(mutex);
      over = true;
    }
    changed.notify_one();
    watcher.join();
    if (watch_) watch_->detach();
    const auto end = process.poll();
    // Many drivers give up where a handshake fails; that is no crash, and they are started again.
    if (end && end->by_signal && last && !updated) {
      blame(*last, "the client crashed: " + describe(*end));
    } else if (hangs && last) {
      blame(*last, "after the case the client did not go on");
    }
    const bool progress = last.has_value() || !settled.empty();
    const std::string report = find_sanitizer_report(process.output_since(output_seen));
    settle();
    std::erase_if(rest, [&](const Case* test) { return settled.contains(test); });
    results.keep_output(process.output_since(0));
    has_played = has_played || progress;
    if (!progress && !stopped_ && has_played && end && passed_over < kMaxPassedOver) {
      // It ended between the connections of a case that makes several.
      ++passed_over;
      CaseResult result{.test = rest.front(), .endpoint_output = process.output_since(0)};
      result.graded = {.verdict = Verdict::unsupported,
                       .reason = "the client ends before the case is through: " + describe(*end)};
      if (!report.empty()) {
        blame(result, "the client reports a fault of its own: " + report);
      } else if (end->by_signal) {
        blame(result, "the client crashed: " + describe(*end));
      }
      results.add(std::move(result));
      rest.erase(rest.begin());
    } else if (!progress && !stopped_) {
      return (hangs ? "the client did not run a case in time"
                    : "the client ended without running a case") +
             (end ? ": " + describe(*end) : std::string()) + refusal() + "\n" +
             process.output_since(0);
    }
    if (updated) break;  // the client took itself to be done
  }
  return {};
}

namespace {

/// Plays of which a client that was started for one each asked, and what came out of their cases.
class Arrivals {
 public:
  using Play = std::pair<const Case*, Segmentation>;

  void begin(Play play) {
    const std::lock_guard lock(mutex_);
    begun_.insert(play);
    changed_.notify_all();
  }

  void put(CaseResult result) {
    const std::lock_guard lock(mutex_);
    const Case* test = result.test;
    results_[test] = std::move(result);
    changed_.notify_all();
  }

  /// The case is to be played once more.
  void forget(const Case& test) {
    const std::lock_guard lock(mutex_);
    std::erase_if(begun_, [&](const Play& play) { return play.first == &test; });
    results_.erase(&test);
  }

  /// Whether the play was asked for, now or within `limit`.
  bool has_begun(Play play, milliseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return begun_.contains(play); });
  }

  /// The case's result, once it has come within `limit`; it comes once the end of the last
  /// connection has been seen, which follows that of the client.
  std::optional<CaseResult> take(const Case& test, Time limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return results_.contains(&test); });
    auto found = results_.extract(&test);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
  }

  bool any() const {
    const std::lock_guard lock(mutex_);
    return !begun_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Play> begun_;
  std::map<const Case*, CaseResult> results_;
};

constexpr std::string_view kNeverCame = "the client never ran the case";
constexpr std::string_view kNorEnded = ", nor did it end";

/// `url` as a case wants it; `closed` is a port that nobody listens at.
std::string changed(std::string url, const GivenUrl& given, std::uint16_t closed) {
  if (given.upper_scheme) {
    const auto end = url.begin() + static_cast<std::ptrdiff_t>(url.find(':'));
    std::transform(url.begin(), end, url.begin(),
                   [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  }
  if (given.no_path || !given.path.empty()) {
    const std::size_t slash = url.find('/', url.find("://") + 3);
    url.replace(slash, url.find('?') - slash, given.path);
  }
  if (given.host.empty() && given.behind_port.empty() && given.port_offset == 0 &&
      !given.is_closed) {
    return url + given.more;
  }
  const std::size_t host = url.find("://") + 3;
  const std::size_t colon = url.rfind(':');
  const std::size_t slash = url.find('/', host);
  const unsigned long port =
      given.is_closed ? closed : std::stoul(url.substr(colon + 1, slash - colon - 1));
  const std::string authority = given.host.empty() ? url.substr(host, colon - host) : given.host;
  url.replace(host, slash - host,
              authority + ":" + std::to_string(port + given.port_offset) + given.behind_port);
  return url + given.more;
}

}  // namespace

std::string ClientRun::spawn_for_each_play(const std::string& command, int jobs,
                                           const std::vector<const Case*>& cases,
                                           ResultSink& results) {
  Arrivals arrivals;
  const ClosedPort closed;
  std::thread server([&] {
    runner_.run(cases, {.on_result = [&](CaseResult result) { arrivals.put(std::move(result)); },
                        .on_update = [](const std::string&, bool) { return false; },
                        .on_begin =
                            [&](const Case& test, Segmentation segmentation) {
                              arrivals.begin({&test, segmentation});
                            },
                        .on_trouble = [&](const std::string& what) { results.note(what); }});
  });
  const Time limit = time_of(options_.case_timeout);

  // Starts the client for one play. Returns: what is to be said against it.
  const auto play = [&](const Case& test, Segmentation segmentation, std::string& output) {
    std::string case_url = url_ + "runCase?casetuple=" + test.id +
                           "&segmentation=" + std::string(to_string(segmentation)) +
                           "&agent=" + agent_of(options_);
    if (test.dialogue && test.dialogue->url) {
      case_url = changed(case_url, *test.dialogue->url, closed.number());
    }
    if (test.alone) runner_.expect(test, segmentation);
    Process process(replace_name(
        replace_name(replace_name(command, "case_url", quote(case_url)), "url", quote(url_)),
        "agent", quote(agent_of(options_))));
    if (test.alone && watch_) watch_->attach(process.id());
    const auto until = steady_clock::now() + limit;
    std::optional<ProcessEnd> end;
    while (!stopped_ && !end && steady_clock::now() < until) end = process.wait(milliseconds(20));
    if (stopped_) return std::string();
    // What a client sent before it ended may still be in the socket's queue.
    const bool begun = arrivals.has_begun({&test, segmentation}, milliseconds(end ? 500 : 0));
    const std::string fresh = process.output_since(0);
    output += fresh;
    if (const std::string report = find_sanitizer_report(fresh); !report.empty()) {
      return "the client reports a fault of its own: " + report;
    }
    if (end && end->by_signal) return "the client crashed: " + describe(*end);
    if (!begun) {
      return std::string(kNeverCame) + (end ? ", " + describe(*end) : std::string(kNorEnded));
    }
    return end ? std::string() : "the client did not end after the case";
  };
  // Returns: nothing if the run was stopped.
  const auto play_all = [&](const Case& test) -> std::optional<CaseResult> {
    std::string complaint;
    std::string output;
    bool complete = true;
    for (const Segmentation segmentation :
         options_.segmentation ? std::vector{*options_.segmentation} : segmentations_of(test)) {
      std::string what = play(test, segmentation, output);
      if (stopped_) return std::nullopt;
      if (complaint.empty()) complaint = std::move(what);
      complete = arrivals.has_begun({&test, segmentation}, milliseconds(0));
      if (!complete) break;
    }
    CaseResult result{.test = &test};
    if (complete) {
      if (auto arrived = arrivals.take(test, limit)) {
        result = *std::move(arrived);
      } else if (complaint.empty()) {
        complaint = "the case did not end";
      }
    }
    const bool stays_away = complaint.starts_with(kNeverCame);
    const bool gives_up = stays_away && !complaint.ends_with(kNorEnded);
    if (!complaint.empty()) blame(result, std::move(complaint));
    if (stays_away && test.dialogue && test.dialogue->url && test.dialogue->url->is_invalid) {
      result.graded = {.verdict = Verdict::pass,
                       .reason = "the client does not go to a URL that is none",
                       .source = "RFC 6455 4.1"};
    }
    if (stays_away && test.dialogue && test.dialogue->url && test.dialogue->url->is_closed) {
      // Whoever tries again and again may have been told to.
      result.graded = {.verdict = gives_up ? Verdict::pass : Verdict::non_strict,
                       .reason = gives_up
                                     ? "the client gives up where no connection can be opened"
                                     : "the client does not give up where no connection can be "
                                       "opened: it hangs, or tries again and again",
                       .source = "RFC 6455 4.1"};
    }
    if (!complete && test.dialogue && test.dialogue->url && test.dialogue->url->may_be_refused) {
      result.graded = {.verdict = Verdict::informational,
                       .reason = "the client does not go to that URL",
                       .source = "RFC 6455 11.1"};
    }
    if (stays_away && test.dialogue && test.dialogue->url && test.dialogue->url->upper_scheme) {
      result.graded = {.verdict = Verdict::non_strict,
                       .reason = "the client does not know the scheme in upper case, as it should",
                       .source = "RFC 3986 3.1"};
    }
    result.endpoint_output = std::move(output);
    return result;
  };

  std::mutex looks_mutex;
  SecondLooks looks;
  std::vector<const Case*> order = jobs > 1 ? longest_first(cases) : cases;
  const auto alone =
      std::ranges::stable_partition(order, [](const Case* test) { return !test->alone; });
  const std::size_t count = order.size() - alone.size();
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < jobs; ++i) {
    workers.emplace_back([&] {
      while (!stopped_) {
        const std::size_t index = next++;
        if (index >= count) return;
        std::optional<CaseResult> result = play_all(*order[index]);
        if (!result) return;
        const auto is_kept = [&] {
          const std::lock_guard lock(looks_mutex);
          return looks.keep(*result);
        };
        if (jobs == 1 || !is_kept()) results.add(*std::move(result));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  give_back_memory();  // what is played alone sends more at once than anything else
  for (const Case* test : alone) {
    std::optional<CaseResult> result = stopped_ ? std::nullopt : play_all(*test);
    if (result) results.add(*std::move(result));
  }
  for (CaseResult& late : looks.take()) {
    // After the first failure nothing is played any more, and so nothing said about this one.
    if (options_.fail_fast && stopped_) break;
    if (stopped_ || looks.is_clear()) {
      results.add(std::move(late));
      continue;
    }
    arrivals.forget(*late.test);
    CaseResult again = play_all(*late.test).value_or(CaseResult{});
    results.add(looks.settle(std::move(late), std::move(again)));
  }
  if (const std::string note = looks.note(); !note.empty()) results.note(note);
  if (watch_) watch_->detach();
  runner_.stop();
  server.join();
  return arrivals.any() || stopped_ ? "" : "no client ever ran a case" + refusal();
}

}  // namespace ws::conformance
