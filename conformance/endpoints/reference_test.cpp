// The reference passes every case in both roles, by both verdicts.
#include "conformance/endpoints/reference.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "conformance/cases/catalogue.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/harness/plays.hpp"

namespace ws::conformance {
namespace {

/// Megabytes in an unoptimised build; the suite runs these over sockets.
bool is_heavy(const Case& test) {
  if (test.reply) return test.reply->length > 64 * 1024;
  return test.loop && test.loop->units > 256;
}

class ReferenceUnderTest : public ::testing::TestWithParam<Role> {};

INSTANTIATE_TEST_SUITE_P(EachRole, ReferenceUnderTest,
                         ::testing::Values(Role::server, Role::client), [](const auto& test) {
                           return test.param == Role::server ? "Server" : "Client";
                         });

TEST_P(ReferenceUnderTest, PassesEveryCase) {
  const Role harness = peer_of(GetParam());
  for (const Case& test : catalogue()) {
    if (is_heavy(test) || test.dialogue) continue;
    const auto endpoint = make_reference(GetParam(), {.deflate = DeflateSettings{}});
    const auto transcript =
        run_in_process(test, {.role = harness, .host = "127.0.0.1:9001"}, *endpoint);
    ASSERT_TRUE(transcript) << test.id;
    const auto graded = judge(test, *transcript, harness);
    if (test.special == Special::informational) {
      EXPECT_EQ(graded.verdict, Verdict::informational) << test.id;
      continue;
    }
    EXPECT_EQ(graded.verdict, Verdict::pass) << test.id << ": " << graded.reason;
    EXPECT_EQ(judge_compatibly(test, *transcript, harness),
              (CompatibleVerdict{Behavior::ok, CloseBehavior::ok}))
        << test.id;
  }
}

TEST_P(ReferenceUnderTest, PassesEveryDialogueUnderEverySegmentation) {
  const Role harness = peer_of(GetParam());
  for (const Case& test : catalogue()) {
    if (!test.dialogue || !is_for(test, GetParam()) || is_for_programs(test)) continue;
    unsigned seed = 0;
    ConnectionSettings settings{.deflate = DeflateSettings{}};
    if (test.for_limits) settings.limits.max_message_size = kShownLimits.message;
    const auto plays = play_in_process(test, {.role = harness, .host = "127.0.0.1:9001"}, [&] {
      return make_reference(GetParam(), settings, ++seed);
    });
    const GradedVerdict graded = combine(test, plays);
    // How long to wait for a peer is up to the transport, and there is none.
    if (std::ranges::find(test.tags, "slow") != test.tags.end()) continue;
    // This one echoes whatever it is asked; echo_server knows the control convention.
    if (std::ranges::find(test.tags, "control-convention") != test.tags.end()) {
      EXPECT_EQ(graded.verdict, Verdict::unsupported) << test.id << ": " << graded.reason;
      continue;
    }
    // Whether it is right shows where it offers less.
    if (std::ranges::find(test.tags, "lesser-offers") != test.tags.end()) {
      EXPECT_EQ(graded.verdict, Verdict::unsupported) << test.id << ": " << graded.reason;
      continue;
    }
    EXPECT_TRUE(graded.verdict == Verdict::pass || graded.verdict == Verdict::informational)
        << test.id << ": " << to_string(graded.verdict) << ", " << graded.reason;
  }
}

}  // namespace
}  // namespace ws::conformance
