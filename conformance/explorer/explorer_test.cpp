#include "conformance/explorer/explorer.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/explorer/shrinker.hpp"

namespace ws::conformance::explorer {
namespace {

using ::testing::ElementsAre;

/// Frames that a case sends, of this opcode.
std::size_t frames(const Case& test, unsigned opcode) {
  return static_cast<std::size_t>(
      std::ranges::count_if(test.dialogue->steps, [&](const DialogueStep& step) {
        const auto* frame = std::get_if<PutFrame>(&step);
        return frame != nullptr && frame->opcode == opcode;
      }));
}

GradedVerdict passed() { return {.verdict = Verdict::pass, .reason = "it is right"}; }
GradedVerdict failed() {
  return {.verdict = Verdict::fail, .reason = "there came a Close with 1002, not a Pong"};
}

/// Explores an endpoint that judges each case by itself.
struct Trial {
  std::function<GradedVerdict(const Case&)> judge{};
  std::vector<std::pair<Discovery, CaseFile>> found{};

  Memory run(std::uint64_t scripts, Memory memory = {.seed = 1}) {
    Explorer explorer({.batch = 16}, std::move(memory),
                      {.play =
                           [&](const std::vector<Case>& cases, bool) {
                             std::vector<std::optional<GradedVerdict>> verdicts;
                             for (const Case& test : cases) verdicts.emplace_back(judge(test));
                             return verdicts;
                           },
                       .on_found = [&](const Discovery& one,
                                       const CaseFile& file) { found.emplace_back(one, file); },
                       .is_stopped = [] { return false; }});
    while (explorer.played() < scripts) explorer.run_batch(scripts - explorer.played());
    return explorer.memory();
  }
};

TEST(Explorer, FindsNothingWhereNothingIs) {
  Trial trial{.judge = [](const Case&) { return passed(); }};
  EXPECT_EQ(trial.run(100).next, 100U);
  EXPECT_TRUE(trial.found.empty());
}

TEST(Explorer, ShrinksAFindingAndTellsItOnce) {
  // Two Pings and a Pong in one connection are too much for it.
  Trial trial{.judge = [](const Case& test) {
    const bool is_legal = test.title == "What is legal is taken";
    return is_legal && frames(test, 9) >= 2 && frames(test, 10) >= 1 ? failed() : passed();
  }};
  const Memory memory = trial.run(400);
  ASSERT_FALSE(trial.found.empty());
  const auto& [discovery, file] = trial.found.front();
  EXPECT_EQ(discovery.cause, "legal");
  EXPECT_EQ(discovery.symptom, "there came a Close with");
  EXPECT_EQ(discovery.failed_replays, 3);
  ASSERT_EQ(file.cases.size(), 1U);
  EXPECT_EQ(frames(file.cases.front(), 9), 2U);
  EXPECT_EQ(frames(file.cases.front(), 10), 1U);
  EXPECT_EQ(discovery.shapes.size(), 3U);
  EXPECT_EQ(file.found.replays, "failed 3 of 3 times");
  // The orders of the three, at most, and not one for each script.
  EXPECT_LE(trial.found.size(), 3U);
  EXPECT_GT(memory.found.front().count, 1U);
}

TEST(Explorer, SaysSoWhenAFindingDoesNotShowAgain) {
  int plays = 0;
  Trial trial{.judge = [&](const Case&) { return ++plays == 20 ? failed() : passed(); }};
  trial.run(40);
  ASSERT_EQ(trial.found.size(), 1U);
  EXPECT_EQ(trial.found.front().first.failed_replays, 0);
  EXPECT_EQ(trial.found.front().second.found.replays, "failed 0 of 3 times");
}

TEST(Explorer, FindsWhatAConnectionLeavesBehind) {
  bool poisoned = false;
  // A reset poisons the endpoint; the next connection with a Ping shows it, and cures it.
  Trial trial{.judge = [&](const Case& test) {
    const auto& steps = test.dialogue->steps;
    if (std::ranges::any_of(
            steps, [](const DialogueStep& step) { return std::holds_alternative<Reset>(step); })) {
      poisoned = true;
      return passed();
    }
    if (frames(test, 9) == 0 || !std::exchange(poisoned, false)) return passed();
    return failed();
  }};
  trial.run(200);
  ASSERT_FALSE(trial.found.empty());
  const auto sequence = std::ranges::find_if(
      trial.found, [](const auto& one) { return one.second.cases.size() == 2; });
  ASSERT_NE(sequence, trial.found.end());
  EXPECT_EQ(sequence->first.failed_replays, 3);
  EXPECT_TRUE(sequence->second.cases.front().alone);
}

TEST(Explorer, GoesOnWhereItEnded) {
  std::vector<std::string> once;
  std::vector<std::string> twice;
  Trial whole{.judge = [&](const Case& test) {
    once.push_back(format_case_file({.cases = {test}}));
    return passed();
  }};
  whole.run(64);
  Trial parts{.judge = [&](const Case& test) {
    twice.push_back(format_case_file({.cases = {test}}));
    return passed();
  }};
  const std::string state = format_memory(parts.run(32));
  parts.run(32, parse_memory(state));
  EXPECT_EQ(once, twice);
}

TEST(Explorer, LearnsThatAnEndpointDoesNotCompress) {
  Trial trial{.judge = [](const Case& test) {
    return test.dialogue->deflate ? GradedVerdict{.verdict = Verdict::unsupported} : passed();
  }};
  EXPECT_FALSE(trial.run(200).abilities.deflate);
}

TEST(Memory, RefusesWhatIsNone) {
  for (const std::string text : {"", "{}", "[1]", R"({"wsproof_explore_state": 1})",
                                 R"({"wsproof_explore_state": 2, "seed": 1})"}) {
    EXPECT_THROW(parse_memory(text), CaseFileError) << text;
  }
}

TEST(Memory, KeepsFindings) {
  Memory memory{.seed = 4, .harness = Role::server, .next = 9};
  memory.found.push_back({.id = "found-4-2", .cause = "legal", .shapes = {"1 short"}, .count = 3});
  memory.coverage.set(0xffff'ffff'ffff'ffffU, 2);
  EXPECT_EQ(format_memory(parse_memory(format_memory(memory))), format_memory(memory));
}

TEST(Memory, TakesAnyBytesOfAnEndpoint) {
  Memory memory{.seed = 4, .harness = Role::client};
  memory.found.push_back({.id = "found-4-2", .cause = "a head of \x8a\x06\xff", .shapes = {"1"}});
  EXPECT_EQ(parse_memory(format_memory(memory)).found.size(), 1U);
}

TEST(Shrinker, ComesToAnEnd) {
  // Whatever is taken, the last script is the empty one.
  Coverage coverage;
  for (std::uint64_t number = 0; number < 30; ++number) {
    Script script = make_script(2, number, Role::client, {}, coverage);
    if (script.acts.size() > 10) continue;
    int changes = 0;
    for (auto all = simpler_scripts(script); !all.empty(); all = simpler_scripts(script)) {
      script = all.back()();
      ASSERT_LT(++changes, 100'000);
    }
    EXPECT_TRUE(script.acts.empty());
  }
}

TEST(Shrinker, KnowsAPartOfAScript) {
  EXPECT_TRUE(is_part({"a", "c"}, {"a", "b", "c"}));
  EXPECT_FALSE(is_part({"c", "a"}, {"a", "b", "c"}));
  EXPECT_THAT(shapes_of({.acts = {PutFrame{.fin = false, .payload = text("abc")}, Await{},
                                  PutFrame{.opcode = 8, .payload = hex("03e8")}}}),
              ElementsAre("1- short", "wait", "8 03e8"));
}

}  // namespace
}  // namespace ws::conformance::explorer
