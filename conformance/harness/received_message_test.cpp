#include "conformance/harness/received_message.hpp"

#include <gtest/gtest.h>

namespace ws::conformance {
namespace {

TEST(ReceivedMessage, FollowsAPatternHoweverItIsCut) {
  const Payload expected = repeat("abc", 10);
  for (std::size_t first = 0; first <= 10; ++first) {
    for (std::size_t second = first; second <= 10; ++second) {
      const std::string_view all = "abcabcabca";
      ReceivedMessage message;
      message.begin(&expected);
      message.append(all.substr(0, first));
      message.append(all.substr(first, second - first));
      EXPECT_EQ(message.is_expected(), second == 10);
      message.append(all.substr(second));
      EXPECT_TRUE(message.is_expected());
      EXPECT_EQ(message.text(), all);
    }
  }
}

TEST(ReceivedMessage, SeesOneByteThatDiffersWhereverItIsAndKeepsEverything) {
  const Payload expected = repeat("abc", 10);
  for (std::size_t wrong = 0; wrong < 10; ++wrong) {
    for (std::size_t cut = 0; cut <= 10; ++cut) {
      std::string all = "abcabcabca";
      all[wrong] = 'x';
      ReceivedMessage message;
      message.begin(&expected);
      message.append(all.substr(0, cut));
      EXPECT_EQ(message.follows_expected(), cut <= wrong);
      message.append(all.substr(cut));
      EXPECT_FALSE(message.is_expected());
      EXPECT_EQ(message.payload(), text(all));
    }
  }
}

TEST(ReceivedMessage, IsNotWhatWasExpectedIfItIsShorterOrLonger) {
  const Payload expected = text("abc");
  ReceivedMessage message;
  message.begin(&expected);
  message.append("ab");
  EXPECT_FALSE(message.is_expected());
  EXPECT_EQ(message.payload(), text("ab"));
  message.begin(&expected);
  message.append("abcd");
  EXPECT_FALSE(message.is_expected());
  EXPECT_EQ(message.text(), "abcd");
}

TEST(ReceivedMessage, KeepsWhatNobodyExpected) {
  ReceivedMessage message;
  message.begin(nullptr);
  message.append("a");
  message.append("b");
  EXPECT_FALSE(message.is_expected());
  EXPECT_EQ(message.text(), "ab");
  EXPECT_EQ(message.size(), 2U);
}

}  // namespace
}  // namespace ws::conformance
