#include "conformance/explorer/explorer.hpp"

#include <algorithm>
#include <utility>

#include "conformance/explorer/case_maker.hpp"
#include "conformance/explorer/shrinker.hpp"

namespace ws::conformance::explorer {
namespace {

constexpr std::size_t kHistory = 48;     // scripts of before that may have left something behind
constexpr std::size_t kMostTries = 600;  // of simpler scripts for one finding
constexpr std::size_t kMostOfAKind = 6;  // findings of one cause and symptom that are shrunk
constexpr std::uint64_t kEnoughDeclined = 6;
constexpr milliseconds kShrinkingPatience{1500};

/// While a script is shrunk, silence is told from slowness earlier; a replay has the last word.
void make_impatient(Case& test) {
  for (DialogueStep& step : test.dialogue->steps) {
    if (auto* expect = std::get_if<Expect>(&step)) {
      expect->within = std::min(expect->within, kShrinkingPatience);
    }
  }
}

}  // namespace

std::string symptom_of(const GradedVerdict& graded) {
  if (!graded.rule.empty()) return graded.rule;
  std::string symptom = graded.reason;
  symptom.resize(std::min(symptom.find(", not "), symptom.size()));
  symptom.resize(std::min(symptom.find_first_of("\"0123456789"), symptom.size()));
  while (symptom.ends_with(' ')) symptom.pop_back();
  return symptom;
}

Explorer::Explorer(ExplorerSettings settings, Memory memory, Events events)
    : settings_(std::move(settings)), memory_(std::move(memory)), events_(std::move(events)) {}

bool Explorer::is_failure(const GradedVerdict& graded) const {
  return graded.verdict == Verdict::fail ||
         (settings_.non_strict_counts && graded.verdict == Verdict::non_strict);
}

std::optional<Case> Explorer::case_of(const Script& script, std::uint64_t number) const {
  return make_case(script, memory_.harness,
                   "explored-" + std::to_string(memory_.seed) + "-" + std::to_string(number),
                   static_cast<int>(number % 1'000'000'000));
}

/// Whether the endpoint does not compress at all, or never keeps its window.
void Explorer::learn(const Made& made) {
  if (!made.script.deflate) return;
  Tally& tally = made.script.deflate->needs_context_takeover ? with_context_ : without_context_;
  ++(made.graded->verdict == Verdict::unsupported ? tally.unsupported : tally.supported);
  if (with_context_.supported == 0 && with_context_.unsupported >= kEnoughDeclined) {
    memory_.abilities.context_takeover = false;
    if (without_context_.supported == 0 && without_context_.unsupported >= kEnoughDeclined) {
      memory_.abilities.deflate = false;
    }
  }
}

void Explorer::run_batch(std::uint64_t most) {
  std::vector<Made> batch;
  std::vector<Case> cases;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(settings_.batch, most); ++i) {
    Made made{.number = memory_.next++};
    made.script = make_script(memory_.seed, made.number, memory_.harness, memory_.abilities,
                              memory_.coverage);
    made.cause = predict(made.script, memory_.harness)->cause;
    cases.push_back(*case_of(made.script, made.number));
    batch.push_back(std::move(made));
  }
  const auto verdicts = events_.play(cases, false);
  std::vector<Made> failed;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Made& made = batch[i];
    made.graded = verdicts[i];
    if (made.graded) {
      ++played_;
      learn(made);
      if (is_failure(*made.graded)) failed.push_back(made);
    }
  }
  std::ranges::move(batch, std::back_inserter(history_));
  for (const Made& made : failed) {
    if (!stopped()) look_into(made);
  }
  while (history_.size() > kHistory) history_.pop_front();
}

/// A finding that explains this failure, or enough of its kind.
Discovery* Explorer::find_known(const Made& made) {
  const std::string symptom = symptom_of(*made.graded);
  const std::vector<std::string> shapes = shapes_of(made.script);
  Discovery* alike = nullptr;
  std::size_t count = 0;
  for (Discovery& known : memory_.found) {
    if (known.symptom != symptom) continue;
    // A rule of the oracles says by itself what is wrong.
    if (!made.graded->rule.empty()) return &known;
    if (known.cause != made.cause && known.cause != "legal") continue;
    if (is_part(known.shapes, shapes)) return &known;
    alike = &known;
    ++count;
  }
  return count >= kMostOfAKind ? alike : nullptr;
}

/// Takes a simpler script as long as there is one that shows the same.
Script Explorer::shrink(const Made& made) {
  Script best = made.script;
  const std::string symptom = symptom_of(*made.graded);
  std::size_t tries = 0;
  while (tries < kMostTries && !stopped()) {
    const std::vector<MakeScript> all = simpler_scripts(best);
    std::optional<Script> better;
    for (std::size_t begin = 0; begin < all.size() && !better && !stopped();) {
      std::vector<Script> candidates;
      std::vector<Case> cases;
      for (; begin < all.size() && cases.size() < settings_.batch; ++begin) {
        Script simpler = all[begin]();
        const auto prediction = predict(simpler, memory_.harness);
        // What fails without breaking a rule fails all the more.
        if (!prediction || (prediction->cause != made.cause && prediction->cause != "legal")) {
          continue;
        }
        cases.push_back(*case_of(simpler, made.number));
        cases.back().id += "-" + std::to_string(cases.size());
        make_impatient(cases.back());
        candidates.push_back(std::move(simpler));
      }
      if (cases.empty()) continue;
      tries += cases.size();
      const auto verdicts = events_.play(cases, false);
      for (std::size_t i = 0; i < candidates.size() && !better; ++i) {
        const auto& graded = verdicts[i];
        if (graded && is_failure(*graded) && symptom_of(*graded) == symptom) {
          better = std::move(candidates[i]);
        }
      }
    }
    if (!better) break;
    best = *std::move(better);
  }
  return best;
}

/// Plays cases one after the other, several times. Returns: how often the last one failed.
int Explorer::replay(const std::vector<Case>& cases) {
  int failed = 0;
  for (int i = 0; i < settings_.replays && !stopped(); ++i) {
    const auto verdicts = events_.play(cases, true);
    if (verdicts.back() && is_failure(*verdicts.back())) ++failed;
  }
  return failed;
}

void Explorer::look_into(const Made& made) {
  if (Discovery* known = find_known(made)) {
    ++known->count;
    return;
  }
  const std::string id =
      "found-" + std::to_string(memory_.seed) + "-" + std::to_string(made.number);
  Discovery found{.id = id,
                  .cause = made.cause,
                  .symptom = symptom_of(*made.graded),
                  .shapes = shapes_of(made.script),
                  .number = made.number,
                  .replays = settings_.replays};
  const auto finish = [&](std::vector<Case> cases) {
    if (stopped() && found.failed_replays == 0) return;
    cases.back().id = id;
    if (cases.size() > 1) {
      for (Case& test : cases) test.alone = true;
    }
    report(std::move(found), std::move(cases), *made.graded);
  };

  // The shortest, the script itself if that was too short, or the script behind those before it.
  const Script shortest = shrink(made);
  Case test = *case_of(shortest, made.number);
  found.failed_replays = replay({test});
  if (found.failed_replays == settings_.replays) {
    found.shapes = shapes_of(shortest);
    found.cause = predict(shortest, memory_.harness)->cause;
    for (Discovery& known : memory_.found) {
      if (known.cause == found.cause && known.symptom == found.symptom &&
          (is_part(known.shapes, found.shapes) || is_part(found.shapes, known.shapes))) {
        ++known.count;
        return;
      }
    }
    return finish({test});
  }
  const Case whole = *case_of(made.script, made.number);
  const int failed_whole = replay({whole});
  if (failed_whole >= std::max(1, found.failed_replays)) {
    found.failed_replays = failed_whole;
    return finish({whole});
  }
  if (found.failed_replays > 0) {
    found.shapes = shapes_of(shortest);
    return finish({test});
  }
  std::vector<Case> sequence;
  for (const Made& before : history_) {
    if (before.number >= made.number) break;
    if (auto earlier = case_of(before.script, before.number)) sequence.push_back(*earlier);
  }
  sequence.push_back(whole);
  if (sequence.size() > 1 && replay(sequence) == settings_.replays) {
    for (std::size_t size = sequence.size() / 2; size > 0 && !stopped(); size /= 2) {
      for (std::size_t begin = 0; begin + size < sequence.size();) {
        std::vector<Case> fewer = sequence;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(begin),
                    fewer.begin() + static_cast<std::ptrdiff_t>(begin + size));
        if (replay(fewer) == settings_.replays) {
          sequence = std::move(fewer);
        } else {
          begin += size;
        }
      }
    }
    found.failed_replays = settings_.replays;
    return finish(std::move(sequence));
  }
  finish({whole});
}

void Explorer::report(Discovery found, std::vector<Case> cases, const GradedVerdict& graded) {
  Case& last = cases.back();
  last.purpose = "Found by wsproof explore: " + graded.reason;
  const CaseFile file{.cases = std::move(cases),
                      .found = {.endpoint = settings_.endpoint,
                                .verdict = std::string(to_string(graded.verdict)),
                                .reason = graded.reason,
                                .source = graded.source,
                                .seed = std::to_string(memory_.seed),
                                .replays = "failed " + std::to_string(found.failed_replays) +
                                           " of " + std::to_string(found.replays) + " times"}};
  memory_.found.push_back(std::move(found));
  if (events_.on_found) events_.on_found(memory_.found.back(), file);
}

}  // namespace ws::conformance::explorer
