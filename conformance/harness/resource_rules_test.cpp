#include "conformance/harness/resource_rules.hpp"

#include <gtest/gtest.h>

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;
using Kind = ResourceRule::Kind;

DialogueEvent sample(const char* name, milliseconds at, ResourceSample sample) {
  return {.kind = DialogueEvent::Kind::measured, .at = at, .text = name, .sample = sample};
}

Grade grade_of(const ResourceRule& rule, const std::vector<DialogueEvent>& samples,
               const std::optional<DialogueEvent>& flooded = {}) {
  const auto findings = check_resources({rule}, samples, flooded);
  EXPECT_EQ(findings.size(), 1U);
  return findings.at(0).grade;
}

constexpr std::uint64_t kMiB = 1024 * 1024;

TEST(ResourceRules, AllowMemoryThatDoesNotFollowFromWhatWasSent) {
  const ResourceRule rule{.kind = Kind::memory, .spans = {{"a", "b"}}};
  DialogueEvent flooded{.kind = DialogueEvent::Kind::flooded, .length = 64 * kMiB};
  const auto grown = [](std::uint64_t mib) {
    return std::vector{sample("a", {}, {.memory = 100 * kMiB}),
                       sample("b", {}, {.memory = (100 + mib) * kMiB})};
  };
  EXPECT_EQ(grade_of(rule, grown(31), flooded), Grade::pass);
  EXPECT_EQ(grade_of(rule, grown(33), flooded), Grade::non_strict);
  EXPECT_EQ(grade_of(rule, {}, flooded), Grade::informational) << "nobody has looked";
  flooded.code = DialogueEvent::kStalled;
  EXPECT_EQ(grade_of(rule, grown(64), flooded), Grade::pass) << "it stopped reading";
}

TEST(ResourceRules, CompareProcessorTimeOfTwoSizes) {
  const ResourceRule rule{
      .kind = Kind::growth, .spans = {{"a", "b"}}, .larger = {{"b", "c"}, {"c", "d"}}, .most = 20};
  const auto used = [](int small, int large, int again) {
    const auto at = [](int ms) { return ResourceSample{.processor = milliseconds(ms)}; };
    return std::vector{sample("a", {}, at(0)), sample("b", {}, at(small)),
                       sample("c", {}, at(small + large)),
                       sample("d", {}, at(small + large + again))};
  };
  EXPECT_EQ(grade_of(rule, used(10, 640, 640)), Grade::fail);
  EXPECT_EQ(grade_of(rule, used(10, 80, 80)), Grade::pass);
  EXPECT_EQ(grade_of(rule, used(10, 80, 640)), Grade::pass) << "not each time";
  EXPECT_EQ(grade_of(rule, used(1, 90, 90)), Grade::pass) << "too little to say";
}

TEST(ResourceRules, TellABusyLoopFromABusyMachine) {
  const ResourceRule rule{.kind = Kind::idleness, .spans = {{"a", "b"}, {"b", "c"}}};
  const auto used = [](int first, int second, int waited) {
    return std::vector{
        sample("a", milliseconds(0), {}),
        sample("b", milliseconds(500),
               {.processor = milliseconds(first), .waited = milliseconds(waited)}),
        sample("c", milliseconds(1000),
               {.processor = milliseconds(first + second), .waited = milliseconds(2 * waited)})};
  };
  EXPECT_EQ(grade_of(rule, used(490, 490, 0)), Grade::fail);
  EXPECT_EQ(grade_of(rule, used(100, 100, 390)), Grade::fail) << "others had the processor";
  EXPECT_EQ(grade_of(rule, used(490, 10, 0)), Grade::pass) << "it was done with something";
  EXPECT_EQ(grade_of(rule, used(1, 1, 2)), Grade::pass);
}

TEST(ResourceRules, CountDescriptors) {
  const ResourceRule rule{.kind = Kind::descriptors, .spans = {{"a", "b"}}, .most = 10};
  const auto opened = [](int more) {
    return std::vector{sample("a", {}, {.descriptors = 8}),
                       sample("b", {}, {.descriptors = 8 + more})};
  };
  EXPECT_EQ(grade_of(rule, opened(10)), Grade::pass);
  EXPECT_EQ(grade_of(rule, opened(11)), Grade::fail);
  EXPECT_EQ(grade_of(rule, opened(-3)), Grade::pass);
}

TEST(ResourceRules, SayNothingOfWhatWasNotMeasured) {
  EXPECT_TRUE(
      check_resources({{.kind = Kind::descriptors, .spans = {{"a", "b"}}}}, {}, {}).empty());
}

}  // namespace
}  // namespace ws::conformance
