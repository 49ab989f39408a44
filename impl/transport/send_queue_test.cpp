#include "impl/transport/send_queue.hpp"

#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"

namespace ws {
namespace {

using testing::bytes_of;
using testing::text_of;

TEST(SendQueue, GivesBytesInOrderAndNoMoreThanAsked) {
  SendQueue queue;
  queue.append(bytes_of("abc"), {});
  queue.append(bytes_of("def"), {});
  std::string taken;
  while (!queue.empty()) {
    const auto front = queue.front(2);
    ASSERT_LE(front.size(), 2U);
    taken += text_of(front);
    queue.remove(front.size());
  }
  EXPECT_EQ(taken, "abcdef");
}

TEST(SendQueue, LeavesWhatFrontShowedInPlaceWhileMoreIsAppended) {
  SendQueue queue;
  queue.append(bytes_of("first"), {});
  const auto front = queue.front(100);
  queue.append(std::vector<std::byte>(100'000), {});
  EXPECT_EQ(queue.front(100).data(), front.data());
  EXPECT_EQ(text_of(front), "first");
  EXPECT_EQ(queue.size(), 100'005U);
}

TEST(SendQueue, CountsApplicationBytesOfAMessageInProportionToWhatIsGone) {
  SendQueue queue;
  queue.append(std::vector<std::byte>(10), {.application_bytes = 1000});  // compressed
  queue.append(std::vector<std::byte>(4), {});                            // a Pong
  queue.append(std::vector<std::byte>(6), {.application_bytes = 4});      // a header and four bytes
  EXPECT_EQ(queue.application_bytes(), 1004U);
  queue.front(100);
  queue.remove(5);
  EXPECT_EQ(queue.application_bytes(), 504U);
  queue.remove(5);
  EXPECT_EQ(queue.application_bytes(), 4U);
  queue.front(100);
  queue.remove(4);
  EXPECT_EQ(queue.application_bytes(), 4U);
  queue.remove(6);
  EXPECT_EQ(queue.application_bytes(), 0U);
}

TEST(SendQueue, CountsTheAnswersAmongTheBytes) {
  SendQueue queue;
  queue.append(bytes_of("asked"), {.is_answer = true});
  queue.append(bytes_of("unasked"), {});
  EXPECT_EQ(queue.answer_bytes(), 5U);
  queue.front(100);
  queue.remove(2);
  EXPECT_EQ(queue.answer_bytes(), 3U);
  queue.remove(3);
  EXPECT_EQ(queue.answer_bytes(), 0U);
  queue.append(bytes_of("asked"), {.is_answer = true});
  queue.front(100);
  queue.remove(4);
  EXPECT_EQ(queue.answer_bytes(), 5U);
}

TEST(SendQueue, IsEmptyAfterClear) {
  SendQueue queue;
  queue.append(bytes_of("abc"), {.application_bytes = 3});
  queue.clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.application_bytes(), 0U);
  EXPECT_TRUE(queue.front(10).empty());
}

}  // namespace
}  // namespace ws
