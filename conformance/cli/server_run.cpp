#include "conformance/cli/server_run.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <expected>
#include <filesystem>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "conformance/cli/memory.hpp"
#include "conformance/endpoints/schedule.hpp"

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMaxRestarts = 50;  // with no case between them that left the server well
constexpr std::size_t kLivenessInterval = 32;  // cases

/// A plain echo, which every server that can go on has to give.
const Case& liveness() {
  static const Case kCase = [] {
    const Payload payload = text("wsproof is there");
    Case test{.id = "liveness"};
    test.script.emplace_back(SendFrame{.frame = {.payload = payload}});
    test.timer = Timer{.after = seconds(5)};
    test.outcomes = {{Grade::pass, {{.kind = LogEntry::Kind::text, .payload = payload}}}};
    return test;
  }();
  return kCase;
}

/// Plays of a case that finds an endpoint busy with nothing. What is left of earlier cases to a
/// compiler or collector in the endpoint comes to its end; a busy loop does not.
constexpr int kLooksAtIdleness = 6;

constexpr milliseconds kTimeToTellFaults(50);

bool is_about_idleness(const Case& test) {
  return test.dialogue && std::ranges::any_of(test.dialogue->resources, [](const auto& rule) {
           return rule.kind == ResourceRule::Kind::idleness;
         });
}

bool is_alive(const CaseResult& result) {
  return std::ranges::any_of(result.transcript.log, [](const LogEntry& entry) {
    return entry.kind == LogEntry::Kind::text &&
           entry.payload == std::get<SendFrame>(liveness().script.front()).frame.payload;
  });
}

}  // namespace

struct ServerRun::Current {
  std::mutex mutex{};
  ServerRunner* runner = nullptr;  // guarded by mutex, as the rest
  bool stopped = false;
};

ServerRun::ServerRun(const Options& options, RunnerSettings settings, Target target,
                     std::optional<std::string> command)
    : options_(options),
      settings_(std::move(settings)),
      target_(std::move(target)),
      command_(std::move(command)),
      current_(std::make_unique<Current>()) {
  if (command_) settings_.watch = watch_ = std::make_shared<ResourceWatch>();
}

ServerRun::~ServerRun() = default;

void ServerRun::stop() {
  const std::lock_guard lock(current_->mutex);
  current_->stopped = true;
  if (current_->runner != nullptr) current_->runner->stop();
}

bool ServerRun::stopped() const {
  const std::lock_guard lock(current_->mutex);
  return current_->stopped;
}

void ServerRun::set_runner(ServerRunner* runner) {
  const std::lock_guard lock(current_->mutex);
  current_->runner = runner;
  if (runner != nullptr && current_->stopped) runner->stop();
}

std::unique_ptr<ServerRunner> ServerRun::make_runner(int jobs, bool cuts_waits) {
  RunnerSettings settings = settings_;
  // Who is played alone is looked at once more, and is given all the time.
  if (!cuts_waits) settings.patience = nullptr;
  settings.jobs = jobs;
  return std::make_unique<ServerRunner>(target_, settings);
}

std::string ServerRun::output() const { return process_ ? process_->output_since(0) : ""; }

std::string ServerRun::start() {
  const auto until = std::chrono::steady_clock::now() + time_of(options_.ready_timeout);
  if (command_) {
    watch_->detach();
    process_.reset();
    std::string command = *command_;
    if (target_.path.empty()) {
      target_.port = find_free_port();
      command = replace_name(command, "port", std::to_string(target_.port));
    } else {
      // A server that crashed has left it behind.
      std::filesystem::remove(target_.path);
    }
    process_ = std::make_unique<Process>(command);
    watch_->attach(process_->id());
    output_seen_ = 0;
    output_clean_ = 0;
  }
  // Who connects and leaves without a word is a peer that goes wrong, and some servers end of that.
  // Over TLS a handshake that fails is told by the cases.
  const auto is_ready = [this] {
    if (!options_.checks_liveness || target_.secure) return make_runner(1)->is_ready();
    return !play_one(liveness()).transcript.request.empty();
  };
  while (!stopped() && !is_ready()) {
    if (process_) {
      if (const auto end = process_->poll()) {
        return "the server ended before it took connections: " + describe(*end) + "\n" + output();
      }
    }
    if (std::chrono::steady_clock::now() >= until) {
      return "nothing takes connections at " + describe(target_) + " after " +
             format_seconds(options_.ready_timeout) + "; --ready-timeout sets the limit\n" +
             output();
    }
    // There is no event that tells when a foreign process starts to listen.
    if (process_) {
      process_->wait(milliseconds(10));
    } else {
      std::this_thread::sleep_for(milliseconds(20));
    }
  }
  return {};
}

std::string ServerRun::restart() {
  if (!command_) return "the server does not answer any more";
  if (++restarts_ > kMaxRestarts) {
    return "the server crashed " + std::to_string(kMaxRestarts) + " times in a row";
  }
  return start();
}

ServerRun::Health ServerRun::look(std::string* what) {
  if (!process_) return Health::good;
  const auto end = process_->poll();  // before its output, which tells more
  if (const std::uint64_t size = process_->output_size(); size != output_clean_) {
    const std::string fresh = process_->output_since(output_seen_);
    if (const std::string report = find_sanitizer_report(fresh); !report.empty()) {
      if (what != nullptr) *what = report;
      return Health::reported;
    }
    output_clean_ = size;
  }
  if (end) {
    if (what != nullptr) *what = describe(*end);
    return Health::crashed;
  }
  return Health::good;
}

/// Plays cases with a runner of their own, which `stop` can end.
void ServerRun::play(const std::vector<const Case*>& cases, int jobs,
                     const std::function<void(CaseResult)>& on_result) {
  const auto runner = make_runner(jobs);
  set_runner(runner.get());
  runner->run(cases, on_result);
  set_runner(nullptr);
}

CaseResult ServerRun::play_one(const Case& test) {
  CaseResult played;
  play({&test}, 1, [&](CaseResult result) { played = std::move(result); });
  return played;
}

bool ServerRun::echoes() { return is_alive(play_one(liveness())); }

/// Plays cases side by side until all are over or the server is not well.
///
/// Returns: the cases still to be played. Those that may have harmed the server are `suspects`;
/// the results of some of them are `doubtful`.
std::vector<const Case*> ServerRun::play_together(const std::vector<const Case*>& cases,
                                                  ResultSink& results,
                                                  std::vector<const Case*>& suspects,
                                                  std::vector<CaseResult>& doubtful) {
  const std::vector<const Case*> sorted = jobs_ > 1 ? longest_first(cases) : cases;
  std::vector<const Case*> order;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    order.push_back(sorted[i]);
    const bool is_last = i + 1 == sorted.size();
    if (checks_liveness_ && ((i + 1) % kLivenessInterval == 0 && !is_last)) {
      order.push_back(&liveness());
    }
  }
  std::unordered_set<const Case*> settled;
  std::vector<CaseResult> fresh;  // since the last sign of life
  bool unwell = false;
  const auto runner = make_runner(jobs_, true);
  const auto settle = [&] {
    if (!fresh.empty()) restarts_ = 0;
    for (CaseResult& result : fresh) {
      settled.insert(result.test);
      if (jobs_ == 1 || !second_looks_.keep(result)) results.add(std::move(result));
    }
    fresh.clear();
  };
  set_runner(runner.get());
  runner->run(order, [&](CaseResult result) {
    if (unwell) return;
    const bool is_probe = result.test == &liveness();
    const bool alive = !is_probe || is_alive(result);
    if (!is_probe) fresh.push_back(std::move(result));
    if (look() != Health::good || !alive) {
      unwell = true;
      runner->stop();
    } else if (is_probe || !checks_liveness_) {
      settle();
    }
  });
  set_runner(nullptr);
  const bool was_stopped = stopped();
  if (!unwell && !was_stopped && checks_liveness_) {
    unwell = look() != Health::good || !echoes() || look() != Health::good;
  }
  if (!unwell || was_stopped) {
    settle();
    if (was_stopped) return {};
  }
  if (unwell) {
    for (const CaseResult& result : fresh) suspects.push_back(result.test);
    doubtful = std::move(fresh);
  }
  std::vector<const Case*> rest;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Case* test = order[i];
    if (test == &liveness() || settled.contains(test)) continue;
    if (runner->has_begun(i) && unwell) {
      if (std::ranges::find(suspects, test) == suspects.end()) suspects.push_back(test);
    } else {
      rest.push_back(test);
    }
  }
  return rest;
}

std::string ServerRun::fault_of(Health health, const std::string& what) {
  switch (health) {
    case Health::good:
      break;
    case Health::crashed:
      return "the server crashed: " + what;
    case Health::reported:
      return "the server reports a fault of its own: " + what;
    case Health::hangs:
      return "after the case the server does not answer an echo on a new connection";
  }
  return {};
}

/// Plays a case again, twice at most, each time with a server that is new.
///
/// Returns: whether the server reports a fault of its own; why the run cannot go on.
std::expected<bool, std::string> ServerRun::reports_again(const Case& test) {
  for (int i = 0; i < 2; ++i) {
    if (std::string why = restart(); !why.empty()) return std::unexpected(std::move(why));
    play_one(test);
    echoes();
    process_->wait(kTimeToTellFaults);
    if (stopped() || look() != Health::good) return true;
  }
  return false;
}

/// Plays a case with nothing beside it, and looks at the server afterwards.
///
/// Returns: why the run cannot go on; empty if it can.
std::string ServerRun::play_alone(const Case& test, ResultSink& results) {
  if (look() != Health::good) {
    if (std::string why = restart(); !why.empty()) return why;
  }
  const std::uint64_t begin = process_ ? process_->output_size() : 0;
  output_seen_ = begin;
  CaseResult result = play_one(test);
  for (int looks = 1; looks < kLooksAtIdleness && is_about_idleness(test) &&
                      result.graded.verdict == Verdict::fail && look() == Health::good;
       ++looks) {
    result = play_one(test);
  }
  if (result.test == nullptr) return {};  // stopped
  // What the case has sent may still be worked through: who hangs is silent twice.
  const bool alive = !checks_liveness_ || echoes() || (look() == Health::good && echoes());
  // One that ends no longer listens, a moment before it is gone.
  if (!alive && process_) process_->wait(milliseconds(200));
  // A thread of its own may tell a fault when the case is over.
  if (process_) process_->wait(kTimeToTellFaults);
  std::string what;
  Health health = look(&what);
  if (health == Health::good && !alive) health = Health::hangs;
  if (process_) result.endpoint_output = process_->output_since(begin);
  if (health == Health::reported) {
    const auto again = reports_again(test);
    if (!again) {
      blame(result, fault_of(health, what));
      results.add(std::move(result));
      return again.error();
    }
    if (!*again) {
      strays_.push_back({std::move(result), what});
      restarts_ = 0;
      return {};
    }
  }
  if (health != Health::good) blame(result, fault_of(health, what));
  if (health == Health::reported) blamed_for_report_ = true;
  if (health == Health::good) restarts_ = 0;
  const std::string why = health == Health::good ? std::string() : restart();
  results.add(std::move(result));
  return why;
}

/// Plays cases that nobody is told of.
///
/// Returns: when each one was refused, if it was; nothing for those without an open connection, and
/// for those that failed by silence.
std::unordered_map<const Case*, std::optional<Time>> ServerRun::probe(const std::deque<Case>& cases,
                                                                      int jobs) {
  std::vector<const Case*> order;
  for (const Case& test : cases) order.push_back(&test);
  std::unordered_map<const Case*, std::optional<Time>> refused;
  play(order, jobs, [&](const CaseResult& result) {
    if (!result.transcript.opened) return;
    const auto time = time_of_refusal(result.transcript);
    const bool failed = result.graded.verdict == Verdict::fail;
    if (failed && !time) return;
    refused.emplace(result.test, failed ? time : std::nullopt);
  });
  return refused;
}

/// Returns: nothing if a length had no answer. `slowest` is the longest time to a refusal.
std::optional<LimitSearch> ServerRun::search_limit(milliseconds patience, Time& slowest) {
  LimitSearch search;
  while (!search.round().empty()) {
    std::deque<Case> cases;
    for (const std::uint64_t length : search.round()) cases.push_back(announce(length, patience));
    // They wait, and do nothing else.
    const auto refused = probe(cases, static_cast<int>(cases.size()));
    if (refused.size() != cases.size()) return std::nullopt;
    std::vector<bool> answers;
    for (const Case& test : cases) {
      const std::optional<Time>& time = refused.at(&test);
      answers.push_back(time.has_value());
      if (time) slowest = std::max(slowest, *time);
    }
    search.finish_round(answers);
  }
  return search;
}

std::optional<MessageLimits> ServerRun::find_limits() {
  // Who refuses late, as on a busy machine, seems to take what it refuses.
  std::optional<LimitSearch> search;
  for (const milliseconds patience : {milliseconds(500), milliseconds(3000)}) {
    Time slowest{};
    search = search_limit(patience, slowest);
    if (!search) return std::nullopt;
    if (slowest < patience / 4) break;
    search.reset();
  }
  if (!search) return std::nullopt;
  if (const auto limit = search->limit()) return limits_from_frame(*limit);

  const std::vector<std::uint64_t> lengths = whole_lengths();
  std::deque<Case> cases;
  for (const std::uint64_t length : lengths) cases.push_back(send_whole(length));
  const auto refused = probe(cases, 1);
  std::vector<std::uint64_t> taken;
  std::vector<std::uint64_t> too_long;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto answer = refused.find(&cases[i]);
    if (answer != refused.end()) (answer->second ? too_long : taken).push_back(lengths[i]);
  }
  return limits_from_whole(taken, too_long);
}

std::string ServerRun::run(const std::vector<const Case*>& cases, ResultSink& results, int jobs) {
  std::vector<const Case*> together = cases;
  const auto first_alone =
      std::ranges::stable_partition(together, [](const Case* test) { return !test->alone; });
  std::vector<const Case*> alone(first_alone.begin(), first_alone.end());
  together.erase(first_alone.begin(), first_alone.end());
  const auto first_idle = std::ranges::stable_partition(
      alone, [](const Case* test) { return !is_about_idleness(*test); });
  const std::vector<const Case*> idle(first_idle.begin(), first_idle.end());
  alone.erase(first_idle.begin(), first_idle.end());
  std::string why = together.empty() ? "" : run_part(together, results, jobs);
  give_back_memory();  // what is played alone sends more at once than anything else
  if (why.empty() && !alone.empty() && !stopped()) why = run_part(alone, results, 1);
  if (why.empty() && !idle.empty() && !stopped()) {
    checks_liveness_ = options_.checks_liveness && echoes();
    for (const Case* test : idle) {
      if (why.empty() && !stopped()) why = play_alone(*test, results);
    }
  }
  settle_strays(results);
  return why;
}

/// A report of the server that did not come again with the case in which it was seen: of an earlier
/// case, which is then likely to be among those that were blamed for one; else nobody would be.
void ServerRun::settle_strays(ResultSink& results) {
  for (Stray& stray : std::exchange(strays_, {})) {
    const std::string seen =
        "the server reported a fault of its own that did not come again in "
        "two more plays; it may be of an earlier case, or of chance: " +
        stray.what;
    if (blamed_for_report_) {
      results.note("in " + stray.result.test->id + " " + seen);
    } else {
      blame(stray.result, seen);
    }
    results.add(std::move(stray.result));
  }
}

/// Plays alone what ran out of time beside others.
///
/// Returns: why the run cannot go on; empty if it can.
std::string ServerRun::look_again(ResultSink& results) {
  std::string why;
  for (CaseResult& late : second_looks_.take()) {
    // After the first failure nothing is played any more, and so nothing said about this one.
    if (options_.fail_fast && stopped()) break;
    if (!why.empty() || stopped() || second_looks_.is_clear()) {
      results.add(std::move(late));
      continue;
    }
    CaseResult again = play_one(*late.test);
    std::string what;
    const Health health = look(&what);
    if (health != Health::good) {
      blame(late, fault_of(health, what));
      results.add(std::move(late));
      why = restart();
      continue;
    }
    results.add(second_looks_.settle(std::move(late), std::move(again)));
  }
  if (const std::string note = second_looks_.note(); !note.empty()) results.note(note);
  return why;
}

std::string ServerRun::run_part(const std::vector<const Case*>& cases, ResultSink& results,
                                int jobs) {
  std::string why = play_part(cases, results, jobs);
  const std::string later = look_again(results);
  return why.empty() ? later : why;
}

std::string ServerRun::play_part(const std::vector<const Case*>& cases, ResultSink& results,
                                 int jobs) {
  jobs_ = jobs > 0 ? jobs : settings_.jobs;
  // Where not even an echo works, its absence later says nothing.
  const CaseResult probe = options_.checks_liveness ? play_one(liveness()) : CaseResult{};
  checks_liveness_ = options_.checks_liveness && is_alive(probe);
  if (stopped()) return {};
  if (options_.checks_liveness && !checks_liveness_) {
    results.note("before the first case the server gave no echo (" + probe.graded.reason +
                 "), so nothing was made of its giving none later: hangs are not told");
  }
  std::vector<const Case*> rest = cases;
  while (!rest.empty() && !stopped()) {
    std::vector<const Case*> suspects;
    std::vector<CaseResult> doubtful;
    rest = play_together(rest, results, suspects, doubtful);
    if (suspects.empty()) continue;
    if (look() == Health::good && !echoes()) {
      if (std::string why = restart(); !why.empty()) {
        for (CaseResult& result : doubtful) results.add(std::move(result));
        return why;
      }
    }
    for (const Case* test : suspects) {
      if (stopped()) return {};
      if (std::string why = play_alone(*test, results); !why.empty()) return why;
    }
  }
  return {};
}

}  // namespace ws::conformance
