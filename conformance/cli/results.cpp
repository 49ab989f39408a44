#include "conformance/cli/results.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cli/memory.hpp"
#include "conformance/harness/plays.hpp"
#include "conformance/outputs/autobahn_report.hpp"
#include "conformance/outputs/causes.hpp"
#include "conformance/outputs/formats.hpp"
#include "conformance/outputs/html.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

/// Such as "of 20 plays 19 pass, 1 fail".
std::string describe_plays(const std::map<Verdict, int>& verdicts) {
  int plays = 0;
  std::string text;
  for (const auto& [verdict, count] : verdicts) {
    plays += count;
    text +=
        (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(to_string(verdict));
  }
  return "of " + std::to_string(plays) + " plays " + text;
}

/// A baseline that is updated need not be there yet.
std::vector<BaselineEntry> baseline_of(const Options& options) {
  if (!options.baseline.empty()) return read_baseline(options.baseline, catalogue_ids());
  if (options.new_baseline.empty() || !std::filesystem::exists(options.new_baseline)) return {};
  return read_baseline(options.new_baseline, catalogue_ids());
}

}  // namespace

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void blame(CaseResult& result, std::string reason) {
  result.graded = {.verdict = Verdict::fail, .reason = std::move(reason)};
}

Results::Results(const Options& options, std::vector<const Case*> cases, RunInfo info)
    : options_(options),
      cases_(std::move(cases)),
      info_(std::move(info)),
      baseline_(baseline_of(options)),
      terminal_(options, cases_.size(), info_.reproduce),
      begin_(std::chrono::steady_clock::now()) {
  info_.started = utc_now();
  info_.harness_version = WSPROOF_VERSION;
  info_.included = options.cases;
  info_.excluded = options.excluded;
  info_.quick = options.quick;
  info_.shard = options.shard;
  info_.fail_on = options.fail_on;
  info_.version = options.version;
  info_.language = options.language;
}

bool Results::is_failure(const CaseResult& result) const {
  return is_failed(result.compatible, result.graded.verdict, options_.fail_on);
}

void Results::add(CaseResult result) {
  const bool failed = is_failure(result);
  bool ends = false;
  {
    const std::lock_guard lock(mutex_);
    terminal_.show(result, failed);
    if (failed && (options_.fail_fast || options_.until_fail) &&
        !is_known(baseline_, result.test->id, to_string(result.graded.verdict))) {
      wants_end_ = true;
      ends = options_.fail_fast;
    }
    keep(std::move(result));
  }
  if (ends && stop_) stop_();
}

void Results::keep(CaseResult result) {
  // Who follows a redirection with the key of before is judged there.
  const auto& dialogue = result.test->dialogue;
  if (info_.role == Role::client && (!dialogue || dialogue->opens)) {
    keys_.add(result.test->id, result.transcript.request, result.transcript.masking_keys);
  }
  Played& played = results_[result.test];
  ++played.verdicts[result.graded.verdict];
  played.round = round_;
  const bool is_first = played.worst.test == nullptr;
  const bool failed = is_failure(result);
  const bool had_failed = !is_first && is_failure(played.worst);
  if (is_first || failed > had_failed ||
      (failed == had_failed && is_worse(result.graded.verdict, played.worst.graded.verdict))) {
    played.entry = std::make_shared<json>(
        make_case(info_, {.test = result.test,
                          .transcript = &result.transcript,
                          .compatible = result.compatible,
                          .graded = result.graded,
                          .segmentation = std::string(to_string(result.segmentation)),
                          .endpoint_output = result.endpoint_output,
                          .resources = result.resources}));
    played.taken = taken_offers(result.transcript);
    played.worst = std::move(result);
    played.worst.transcript = {};
  }
}

bool Results::wants_end() const {
  const std::lock_guard lock(mutex_);
  return wants_end_;
}

void Results::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(notes_, text) == notes_.end()) notes_.push_back(text);
}

std::size_t Results::missing() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(cases_, [&](const Case* test) {
    const auto found = results_.find(test);
    return found == results_.end() || found->second.round < round_;
  }));
}

bool Results::has_all() const {
  const std::lock_guard lock(mutex_);
  return results_.size() == cases_.size();
}

void Results::begin_round() {
  const std::lock_guard lock(mutex_);
  ++round_;
}

void Results::take_name(const std::string& agent) {
  const std::lock_guard lock(mutex_);
  if (options_.name.empty() && !agent.empty()) info_.name = agent;
}

void Results::replace_verdict(Played& played, const GradedVerdict& other) {
  const bool had_failed = is_failure(played.worst);
  played.worst.graded = other;
  json& entry = *played.entry;
  entry["verdict"] = to_string(other.verdict);
  entry["reason"] = other.reason;
  entry["source"] = other.source;
  const bool failed = is_failure(played.worst);
  entry["passed"] = !failed;
  if (failed && !had_failed) terminal_.show(played.worst, failed);
}

/// What only the whole run tells: a server that declines in one form what it takes in another.
void Results::compare_offers() {
  std::unordered_map<std::string_view, const TakenOffers*> taken;
  for (const auto& [test, played] : results_) taken.emplace(test->id, &played.taken);
  const auto find = [&](std::string_view id) {
    const auto found = taken.find(id);
    return found == taken.end() ? nullptr : found->second;
  };
  for (auto& [test, played] : results_) {
    const auto other = compare_same_offers(*test, played.worst.graded, played.taken, find);
    if (other) replace_verdict(played, *other);
  }
}

/// Likewise: a peer that takes longer messages than one that it calls too big.
void Results::compare_sizes() {
  SizeRecord record;
  for (const Case* test : cases_) {
    const auto found = results_.find(test);
    if (found != results_.end()) record.add(test->id, found->second.worst.graded.sizes);
  }
  for (auto& [test, played] : results_) {
    if (const auto other = record.compare(played.worst.graded)) replace_verdict(played, *other);
  }
}

/// Likewise: a client whose keys have bits that never change, or that chooses the same again.
void Results::compare_keys() {
  const auto verdict = keys_.judge();
  if (!verdict) return;
  for (auto& [test, played] : results_) {
    if (test->id == kRandomCase && played.worst.graded.verdict == Verdict::pass) {
      replace_verdict(played, *verdict);
    }
  }
}

/// The entries of the run file, which are not kept.
json Results::take_entries() {
  json entries = json::object();
  for (const Case* test : cases_) {
    const auto found = results_.find(test);
    if (found == results_.end()) {
      entries[test->id] = make_case(info_, {.test = test});
      continue;
    }
    const Played& played = found->second;
    json& entry = entries[test->id] = std::move(*played.entry);
    if (played.verdicts.size() > 1) {
      entry["reason"] = played.worst.graded.reason + "; " + describe_plays(played.verdicts);
    }
  }
  return entries;
}

/// The most that the endpoint used, and in which case; empty if nobody has looked.
std::string Results::describe_resources() const {
  const CaseResult* memory = nullptr;
  const CaseResult* descriptors = nullptr;
  for (const auto& [test, played] : results_) {
    const CaseResult& result = played.worst;
    if (!result.resources) continue;
    if (memory == nullptr || result.resources->memory > memory->resources->memory) memory = &result;
    if (descriptors == nullptr ||
        result.resources->descriptors > descriptors->resources->descriptors) {
      descriptors = &result;
    }
  }
  if (memory == nullptr) return {};
  constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;
  return "the endpoint used up to " + std::to_string(memory->resources->memory / kMiB) +
         " MiB of memory, in " + memory->test->id + ", and " +
         std::to_string(descriptors->resources->descriptors) + " descriptors, in " +
         descriptors->test->id;
}

int Results::finish(int status, const std::string& why) {
  info_.duration_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin_).count();
  info_.exit_status = status;
  info_.notes = notes_;
  if (const std::string used = describe_resources(); !used.empty()) info_.notes.push_back(used);
  info_.reason = why;
  if (why.empty() && wants_end_ && options_.fail_fast) {
    info_.reason = "ended at the first failure";
  }
  compare_offers();
  compare_sizes();
  compare_keys();
  terminal_.finish();
  give_back_memory();      // the outputs need large pieces
  std::vector<json> runs;  // as those want it who write several; a copy would be tens of megabytes
  runs.push_back(make_run(info_, take_entries()));
  json& run = runs.front();
  apply_baseline(run, baseline_);
  const json& totals = run["totals"];
  if (status == kPassed && (totals["failed"] != 0 || totals["unexpected_passes"] != 0)) {
    status = kFailed;
  }
  set_status(run, status);
  print_summary(run);
  write_outputs(runs);
  run_ = std::make_shared<const json>(std::move(run));
  return status;
}

void Results::print_summary(const json& run) const {
  const json& totals = run.at("totals");
  std::string line = info_.name + " as " + (info_.role == Role::server ? "server" : "client") +
                     ": " + run.at("status").get<std::string>() + ", " +
                     totals.at("passed").dump() + " of " + totals.at("cases").dump() +
                     " cases passed";
  for (const auto& [name, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {"failed", "failed"},
           {"expected_failures", "known to fail"},
           {"unexpected_passes", "passed unexpectedly"}}) {
    if (totals.at(name) != 0) line += ", " + totals.at(name).dump() + " " + text;
  }
  const json& verdicts = totals.at("verdicts");
  for (const auto& [name, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {"non_strict", "non-strict"},
           {"informational", "informational"},
           {"unsupported", "unsupported"},
           {"MISSING", "not played"}}) {
    if (verdicts.contains(name)) line += ", " + verdicts.at(name).dump() + " " + text;
  }
  if (options_.verbosity != Verbosity::quiet) std::cout << describe_causes(run);
  const auto tenths = static_cast<long>(info_.duration_ms / 100);
  line += ", " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  std::cout << line << '\n';
  if (!info_.reason.empty()) std::cout << info_.reason << '\n';
  for (const std::string& note : notes_) std::cout << "note: " << note << '\n';
  if (info_.notes.size() > notes_.size()) std::cout << info_.notes.back() << '\n';
  for (const std::string& id : case_ids(run)) {
    if (run.at("cases").at(id).value("unexpected_pass", false)) {
      std::cout << "passed, though the baseline expects it to fail: " << id << '\n';
    }
  }
}

void Results::write_outputs(const std::vector<json>& runs) const {
  const json& run = runs.front();
  const auto write = [](const std::string& path, const auto& make) {
    if (!path.empty()) write_file(path, make());
  };
  if (!options_.json.empty()) {
    write_file(options_.json, [&](std::ostream& file) { write_run(file, run); });
  }
  write(options_.junit, [&] { return format_junit(run); });
  write(options_.tap, [&] { return format_tap(run); });
  write(options_.markdown, [&] { return format_markdown(run); });
  write(options_.badge, [&] { return format_badge(run); });
  write(options_.html, [&] { return render_html(runs, nullptr); });
  write(options_.new_baseline, [&] { return update_baseline(run, baseline_); });
  if (!options_.autobahn.empty()) write_autobahn_report(options_.autobahn, runs);
  if (options_.github) std::cout << format_github(run);
  if (!options_.html.empty()) std::cout << "report: " << options_.html << '\n';
}

}  // namespace ws::conformance
