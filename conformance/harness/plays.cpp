#include "conformance/harness/plays.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "conformance/harness/opening_fields.hpp"

namespace ws::conformance {
namespace {

int badness(Verdict verdict) {
  constexpr Verdict kOrder[] = {Verdict::pass,        Verdict::informational,
                                Verdict::unsupported, Verdict::non_strict,
                                Verdict::fail,        Verdict::harness_error};
  return static_cast<int>(std::ranges::find(kOrder, verdict) - std::begin(kOrder));
}

std::string_view describe(Segmentation segmentation) {
  switch (segmentation) {
    case Segmentation::whole:
      return "in one write";
    case Segmentation::bytes:
      return "byte by byte";
    case Segmentation::random:
      return "cut at random places";
  }
  return {};
}

std::string key_of(const PlayResult& play) {
  const auto keys = values_of(fields_of(play.transcript.request), "sec-websocket-key");
  return keys.empty() ? "" : keys.front();
}

/// The fault of a client whose connections have alike what is to be chosen at random.
std::optional<GradedVerdict> find_repeated(const std::vector<PlayResult>& plays) {
  const std::string other_key = plays.empty() ? "" : key_of(plays[0]);
  for (std::size_t i = 1; i < plays.size(); ++i) {
    // Of 22 random digits ten agree once in ten million million pairs.
    const std::string key = key_of(plays[i]);
    std::size_t alike = 0;
    for (std::size_t k = 0; k < std::min(key.size(), other_key.size()); ++k) {
      if (key[k] != '=' && key[k] == other_key[k]) ++alike;
    }
    if (alike >= 10 && key != other_key) {
      return GradedVerdict{Verdict::fail,
                           "two keys have much in common: " + key + " and " + other_key,
                           "RFC 6455 4.1"};
    }
    if (key == other_key) {
      return GradedVerdict{Verdict::fail, "two connections have the same Sec-WebSocket-Key: " + key,
                           "RFC 6455 4.1"};
    }
    // By chance the first keys of all connections are alike once in 2^32 runs, two of them never.
    const auto& keys = plays[i].transcript.masking_keys;
    const auto& others = plays[0].transcript.masking_keys;
    if (keys.size() > 1 && others.size() > 1 && keys[0] == others[0] && keys[1] == others[1]) {
      return GradedVerdict{Verdict::fail, "two connections begin with the same masking keys",
                           "RFC 6455 5.3"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Segmentation> segmentations_of(const Case& test) {
  if (!test.dialogue || test.dialogue->own_cuts) return {Segmentation::whole};
  return {Segmentation::whole, Segmentation::bytes, Segmentation::random};
}

PlayResult judge_play(const Case& test, Segmentation segmentation, Transcript transcript,
                      Role harness) {
  PlayResult play{.segmentation = segmentation, .graded = judge(test, transcript, harness)};
  play.transcript = std::move(transcript);
  return play;
}

PlayResult play_once(const Case& test, const PlayerSettings& settings, Endpoint& endpoint) {
  auto transcript = run_in_process(test, settings, endpoint);
  if (transcript) {
    return judge_play(test, settings.segmentation, *std::move(transcript), settings.role);
  }
  return {.segmentation = settings.segmentation,
          .graded = {Verdict::fail, "both sides wait for ever", "RFC 6455 7.1.7"}};
}

std::vector<PlayResult> play_in_process(const Case& test, const PlayerSettings& settings,
                                        const std::function<std::unique_ptr<Endpoint>()>& make) {
  std::vector<PlayResult> plays;
  for (const Segmentation segmentation : segmentations_of(test)) {
    PlayerSettings of_play = settings;
    of_play.segmentation = segmentation;
    plays.push_back(play_once(test, of_play, *make()));
  }
  return plays;
}

bool is_worse(Verdict verdict, Verdict other) { return badness(verdict) > badness(other); }

std::size_t worst_of(const std::vector<PlayResult>& plays) {
  assert(!plays.empty());
  const auto worst = std::ranges::max_element(
      plays, {}, [](const PlayResult& play) { return badness(play.graded.verdict); });
  return static_cast<std::size_t>(worst - plays.begin());
}

GradedVerdict combine(const Case& test, const std::vector<PlayResult>& plays) {
  const PlayResult& worst = plays[worst_of(plays)];
  GradedVerdict verdict = worst.graded;
  if (test.dialogue && test.dialogue->compares_connections && verdict.verdict == Verdict::pass) {
    if (const auto repeated = find_repeated(plays)) return *repeated;
  }
  const auto other = std::ranges::find_if(
      plays, [&](const PlayResult& play) { return play.graded.verdict != verdict.verdict; });
  if (other != plays.end()) {
    verdict.reason += "; so when sent " + std::string(describe(worst.segmentation)) + ", but " +
                      std::string(to_string(other->graded.verdict)) + " when sent " +
                      std::string(describe(other->segmentation));
  }
  return verdict;
}

}  // namespace ws::conformance
