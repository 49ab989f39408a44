#include "conformance/harness/plays.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
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

/// Keys of which a bit is the same in each byte: of letters or digits, not of all bytes there are.
std::optional<GradedVerdict> find_narrow(const std::vector<PlayResult>& plays) {
  std::string all;
  for (const PlayResult& play : plays) all += decode_key(key_of(play));
  // In 40 bytes this comes by chance once in 2^36 runs.
  if (all.size() < 40) return std::nullopt;
  unsigned set = 0xff;
  unsigned seen = 0;
  for (const char c : all) {
    set &= static_cast<unsigned char>(c);
    seen |= static_cast<unsigned char>(c);
  }
  if (set == 0 && seen == 0xff) return std::nullopt;
  return GradedVerdict{
      Verdict::non_strict,
      "the bytes of all keys have a bit alike, so they are not of 16 random bytes: " +
          key_of(plays[0]),
      "RFC 6455 4.1"};
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

/// A play in which both sides wait for ever. Dialogues set a limit to whatever they wait for.
PlayResult endless(const Case& test, const PlayerSettings& settings) {
  const Verdict verdict = test.dialogue ? Verdict::harness_error : Verdict::fail;
  return {.segmentation = settings.segmentation,
          .graded = {verdict, "both sides wait for ever", "RFC 6455 7.1.7"}};
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

Case with_dialogue(const Case& test, const Dialogue& dialogue) {
  Case other = test;
  other.dialogue = dialogue;
  other.late_steps = nullptr;
  other.earlier.clear();
  other.beside.clear();
  return other;
}

PlayResult worst_play(std::vector<PlayResult> plays) { return std::move(plays[worst_of(plays)]); }

PlayResult play_once(const Case& of_catalogue, const PlayerSettings& settings,
                     const MakeEndpoint& make) {
  const auto whole = complete(of_catalogue);
  const Case& test = *whole;
  PlayerSettings of_connection = settings;
  for (const Dialogue& dialogue : test.earlier) {
    const Case other = with_dialogue(test, dialogue);
    const auto endpoint = make();
    if (!run_in_process(other, of_connection, *endpoint)) return endless(test, settings);
    ++of_connection.seed;
  }
  std::deque<Case> others;
  std::vector<std::unique_ptr<Endpoint>> endpoints;
  std::vector<Conversation> conversations;
  const auto add = [&](const Case& of_case) {
    endpoints.push_back(make());
    conversations.push_back({of_case, *endpoints.back()});
  };
  add(test);
  for (const Dialogue& dialogue : test.beside) {
    add(others.emplace_back(with_dialogue(test, dialogue)));
  }
  const auto transcripts = run_in_process(conversations, of_connection);
  if (transcripts.empty()) return endless(test, settings);
  std::vector<PlayResult> plays;
  for (std::size_t i = 0; i < transcripts.size(); ++i) {
    plays.push_back(
        judge_play(conversations[i].test, settings.segmentation, transcripts[i], settings.role));
  }
  return worst_play(std::move(plays));
}

std::vector<PlayResult> play_in_process(const Case& test, const PlayerSettings& settings,
                                        const MakeEndpoint& make) {
  std::vector<PlayResult> plays;
  for (const Segmentation segmentation : segmentations_of(test)) {
    PlayerSettings of_play = settings;
    of_play.segmentation = segmentation;
    plays.push_back(play_once(test, of_play, make));
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
    if (const auto narrow = find_narrow(plays)) return *narrow;
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
