#include "conformance/harness/limit_search.hpp"

#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>

#include "conformance/harness/message_limits.hpp"

namespace ws::conformance {
namespace {

struct Found {
  std::optional<std::uint64_t> limit{};
  int rounds = 0;
};

/// Searches in an endpoint that takes frames of up to `limit` bytes.
Found search(std::uint64_t limit) {
  LimitSearch search;
  Found found;
  while (!search.round().empty()) {
    ++found.rounds;
    std::vector<bool> refused;
    std::ranges::transform(search.round(), std::back_inserter(refused),
                           [&](std::uint64_t length) { return length > limit; });
    search.finish_round(refused);
  }
  found.limit = search.limit();
  return found;
}

TEST(LimitSearch, FindsTheLimitToTheByte) {
  for (const std::uint64_t limit : {1U, 100U, 125U, 127U, 65'535U, 65'536U, 100'000U, 1'000'000U,
                                    1'048'575U, 16'777'216U, 4'294'967'295U}) {
    EXPECT_EQ(search(limit).limit, limit);
  }
}

TEST(LimitSearch, FindsRoundLimitsInThreeRounds) {
  EXPECT_EQ(search(65'536).rounds, 3);
  EXPECT_LE(search(100'000'000).rounds, 10);
}

TEST(LimitSearch, FindsNoneWhereEverythingIsTaken) {
  const Found found = search(std::uint64_t{1} << 63U);
  EXPECT_EQ(found.limit, std::nullopt);
  EXPECT_EQ(found.rounds, 1);
}

TEST(LimitSearch, FindsNoneWhereTheAnswersContradictOneAnother) {
  LimitSearch search;
  search.finish_round({true});
  std::vector<bool> refused(search.round().size(), false);
  refused.front() = true;
  search.finish_round(refused);
  EXPECT_TRUE(search.round().empty());
  EXPECT_EQ(search.limit(), std::nullopt);
}

TEST(LimitSearch, ReadsLimitsOffMessagesThatWereRefused) {
  const auto limits = limits_from_whole({1000, 5000}, {70'000, 8000});
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->frame, 5000U);
  EXPECT_EQ(limits->too_long, 8000U);
  EXPECT_FALSE(limits->by_header);
  EXPECT_FALSE(limits_from_whole({1000, 5000}, {}));
  EXPECT_FALSE(limits_from_whole({1000, 5000}, {2000}));
}

TEST(LimitSearch, TellsARefusalFromSilence) {
  using Kind = DialogueEvent::Kind;
  const Time sent = std::chrono::milliseconds(20);
  const auto seen = [&](Kind last) {
    Transcript transcript;
    transcript.events = {{.kind = Kind::waiting, .step = -1},
                         {.kind = Kind::upgraded},
                         {.kind = Kind::waiting, .at = sent, .step = 1},
                         {.kind = last, .at = 3 * sent},
                         {.kind = Kind::end, .at = 9 * sent}};
    return time_of_refusal(transcript);
  };
  EXPECT_EQ(seen(Kind::close), 2 * sent);
  EXPECT_EQ(seen(Kind::end), 2 * sent);
  EXPECT_EQ(seen(Kind::time_is_up), std::nullopt);
  EXPECT_EQ(time_of_refusal({}), std::nullopt);
}

TEST(MessageLimits, MakeTheDialogueOfACaseThatDependsOnThem) {
  Case test;
  test.for_limits = [](const MessageLimits& limits) {
    return Dialogue{.steps = {PutMessage{.payload = repeat("x", limits.frame)}}};
  };
  const auto fitted = dialogue_for(test, MessageLimits{.frame = 1000, .message = 1000});
  ASSERT_TRUE(fitted);
  EXPECT_EQ(std::get<PutMessage>(fitted->steps.front()).payload.length, 1000U);
  EXPECT_FALSE(dialogue_for(test, std::nullopt));
  EXPECT_FALSE(dialogue_for(test, limits_from_frame(kLargestLimit)));
}

}  // namespace
}  // namespace ws::conformance
