#include "conformance/mutants/output_queue.hpp"

#include <gtest/gtest.h>
#include <string>

namespace ws::conformance::mutants {
namespace {

std::string frame(unsigned opcode, std::size_t length, char fill) {
  std::string bytes;
  bytes += static_cast<char>(0x80U | opcode);
  if (length < 126) {
    bytes += static_cast<char>(length);
  } else {
    bytes += static_cast<char>(126);
    bytes += static_cast<char>(length / 256);
    bytes += static_cast<char>(length % 256);
  }
  return bytes + std::string(length, fill);
}

/// Everything, as a reader would see it that comes late.
std::string drain(OutputQueue& queue) {
  std::string all;
  while (!queue.empty()) {
    const std::string piece(queue.front().substr(0, 1000));
    queue.pop(piece.size());
    all += piece;
  }
  return all;
}

/// A data frame larger than the buffer, then a Pong and a short message.
std::string late_reader(std::optional<FaultId> fault) {
  Switches switches(fault);
  OutputQueue queue(switches);
  queue.put_frames(frame(2, 40'000, 'a'));
  queue.put_frames(frame(10, 3, 'p') + frame(1, 5, 'b'));
  return drain(queue);
}

const std::string kInOrder = frame(2, 40'000, 'a') + frame(10, 3, 'p') + frame(1, 5, 'b');

TEST(OutputQueue, KeepsTheOrderForASlowReader) { EXPECT_EQ(late_reader(std::nullopt), kInOrder); }

TEST(OutputQueue, PutsAPongIntoADataFrameByFault) {
  const std::string seen = late_reader(FaultId("tr-interleaved-writers"));
  EXPECT_EQ(seen.find(frame(10, 3, 'p')), 16 * 1024);
}

TEST(OutputQueue, LetsSmallFramesOvertakeByFault) {
  const std::string seen = late_reader(FaultId("tr-uncork-reorder"));
  EXPECT_EQ(seen.size(), kInOrder.size());
  EXPECT_LT(seen.find('b'), seen.rfind('a'));
}

TEST(OutputQueue, LosesThePayloadOfAHeaderThatDoesNotFitByFault) {
  const auto seen = [](std::optional<FaultId> fault) {
    Switches switches(fault);
    OutputQueue queue(switches);
    queue.put_frames(frame(2, 16'379, 'a'));  // leaves room for one byte of the next
    queue.put_frames(frame(1, 100, 'b'));
    return drain(queue);
  };
  EXPECT_TRUE(seen(std::nullopt) == frame(2, 16'379, 'a') + frame(1, 100, 'b'));
  EXPECT_TRUE(seen(FaultId("tr-payload-lost-on-header-block")) ==
              frame(2, 16'379, 'a') + frame(1, 100, 'b').substr(0, 2));
}

TEST(OutputQueue, StopsReadingWhileTheBacklogIsLong) {
  const auto reads_on = [](std::optional<FaultId> fault, unsigned opcode) {
    Switches switches(fault);
    OutputQueue queue(switches);
    for (int i = 0; i < 300; ++i) queue.put_frames(frame(opcode, 1000, 'x'));
    return queue.has_room();
  };
  EXPECT_FALSE(reads_on(std::nullopt, 10));
  EXPECT_FALSE(reads_on(FaultId("lm-pong-queue"), 1));
  EXPECT_TRUE(reads_on(FaultId("lm-pong-queue"), 10));
  EXPECT_TRUE(reads_on(FaultId("lm-echo-queue"), 1));
}

}  // namespace
}  // namespace ws::conformance::mutants
