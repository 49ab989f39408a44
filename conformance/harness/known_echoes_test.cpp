#include "conformance/harness/known_echoes.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace ws::conformance {
namespace {

using Reading = KnownEchoes::Reading;

/// A loop that no other test has, so that nothing of it is known yet.
EchoLoop loop_of(std::size_t units) {
  return {.count = 4, .type = Opcode::text, .data = DataSet::json, .units = units};
}

std::string message_of(const EchoLoop& loop, std::size_t index) {
  return Data::of(*loop.data).slice(index * loop.units, loop.units);
}

/// What a peer that echoes sends.
std::vector<std::string> echoes_of(const EchoLoop& loop, const Direction& direction) {
  Compressor compressor(direction);
  std::vector<std::string> payloads;
  for (int i = 0; i < loop.count; ++i) {
    payloads.emplace_back(compressor.compress(message_of(loop, static_cast<std::size_t>(i))));
  }
  return payloads;
}

/// Makes the echoes known.
void learn(const EchoLoop& loop, const Direction& direction) {
  KnownEchoes echoes(loop, direction);
  for (const std::string& payload : echoes_of(loop, direction)) {
    ASSERT_EQ(echoes.read(payload, true), Reading::unknown);
    ASSERT_EQ(echoes.held(), payload);
    echoes.finish(loop.units, true);
  }
}

/// Reads a payload in stretches of `size` bytes. Returns: the last reading.
Reading read_in_stretches(KnownEchoes& echoes, std::string_view payload, std::size_t size,
                          std::string& held) {
  while (true) {
    const bool is_last = payload.size() <= size;
    const Reading reading = echoes.read(payload.substr(0, size), is_last);
    if (reading == Reading::unknown) held += echoes.held();
    if (is_last) return reading;
    EXPECT_NE(reading, Reading::known);
    payload.remove_prefix(size);
  }
}

TEST(KnownEchoes, KnowsInAnyCutsWhatWasRightOnce) {
  const EchoLoop loop = loop_of(70'001);
  const Direction direction;
  learn(loop, direction);
  for (const std::size_t size : {1U, 1000U, 2048U, 100'000U}) {
    KnownEchoes echoes(loop, direction);
    std::string held;
    for (const std::string& payload : echoes_of(loop, direction)) {
      EXPECT_EQ(read_in_stretches(echoes, payload, size, held), Reading::known);
      echoes.finish(loop.units, true);
    }
    EXPECT_EQ(held, "");
  }
}

TEST(KnownEchoes, DoesNotKnowAnotherDirectionOrLoop) {
  const EchoLoop loop = loop_of(20'002);
  learn(loop, {});
  for (const auto& [other, direction] : {std::pair(loop, Direction{.window_bits = 14}),
                                         std::pair(loop, Direction{.no_context_takeover = true}),
                                         std::pair(loop_of(20'003), Direction{})}) {
    KnownEchoes echoes(other, direction);
    EXPECT_EQ(echoes.read(echoes_of(loop, {})[0], true), Reading::unknown);
  }
}

TEST(KnownEchoes, GivesBackAllOfAnEchoInWhichOneByteDiffers) {
  const EchoLoop loop = loop_of(120'004);
  learn(loop, {});
  const std::string right = echoes_of(loop, {})[0];
  ASSERT_GT(right.size(), 4096U);
  for (const std::size_t wrong :
       {std::size_t{0}, std::size_t{2047}, std::size_t{2048}, right.size() - 1}) {
    for (const std::size_t size : {1U, 700U, 100'000U}) {
      std::string payload = right;
      payload[wrong] = static_cast<char>(payload[wrong] ^ 1);
      KnownEchoes echoes(loop, {});
      std::string held;
      EXPECT_EQ(read_in_stretches(echoes, payload, size, held), Reading::unknown);
      EXPECT_EQ(held, payload);
    }
  }
}

TEST(KnownEchoes, GivesBackEchoesOfAnotherLength) {
  const EchoLoop loop = loop_of(5005);
  learn(loop, {});
  const std::string right = echoes_of(loop, {})[0];
  for (const std::string& payload :
       {right + "x", right.substr(0, right.size() - 1), std::string()}) {
    KnownEchoes echoes(loop, {});
    EXPECT_EQ(echoes.read(payload, true), Reading::unknown);
    EXPECT_EQ(echoes.held(), payload);
  }
}

TEST(KnownEchoes, MakesAFreshDecompressorGoOnBehindWhatWasPassedOver) {
  for (const Direction direction :
       {Direction{}, Direction{.window_bits = 9}, Direction{.no_context_takeover = true}}) {
    const EchoLoop loop = loop_of(90'006);  // goes around the set in the third message
    learn(loop, direction);
    KnownEchoes echoes(loop, direction);
    Compressor compressor(direction);
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_EQ(echoes.read(compressor.compress(message_of(loop, i)), true), Reading::known);
      echoes.finish(loop.units, true);
    }
    const std::string other =
        message_of(loop, 2).substr(loop.units - 200) + Data::of(DataSet::document).slice(0, 8000);
    const std::string payload(compressor.compress(other));
    std::string output;
    const auto keep = [&](std::string_view piece) { output += piece; };
    // As long as it could still be the known one it is held back.
    ASSERT_EQ(echoes.read(payload.substr(0, 5), false), Reading::same);
    ASSERT_EQ(echoes.read(payload.substr(5, 4000), false), Reading::unknown);
    ASSERT_TRUE(echoes.has_passed_over());
    Decompressor fresh(direction);
    if (!direction.no_context_takeover) {
      ASSERT_TRUE(fresh.decompress(echoes.context(), true, 1'000'000, keep));
      output.clear();
    }
    ASSERT_TRUE(fresh.decompress(echoes.held(), false, 1'000'000, keep));
    ASSERT_EQ(echoes.read(payload.substr(4005), true), Reading::unknown);
    EXPECT_FALSE(echoes.has_passed_over());
    ASSERT_TRUE(fresh.decompress(echoes.held(), true, 1'000'000, keep));
    EXPECT_EQ(output, other);
    EXPECT_FALSE(fresh.reached_beyond_window());
  }
}

TEST(KnownEchoes, ForgetsWhatCameAfterSomethingWrong) {
  const EchoLoop loop = loop_of(3007);
  const std::vector<std::string> payloads = echoes_of(loop, {});
  for (const bool is_compressed : {true, false}) {
    KnownEchoes echoes(loop, {});
    if (is_compressed) {
      EXPECT_EQ(echoes.read(payloads[0], true), Reading::unknown);
      echoes.finish(loop.units, false);
    } else {
      echoes.lose();
    }
    EXPECT_EQ(echoes.read(payloads[1], true), Reading::unknown);
    echoes.finish(loop.units, true);
  }
  KnownEchoes echoes(loop, {});
  EXPECT_EQ(echoes.read(payloads[0], true), Reading::unknown);
  echoes.finish(loop.units, true);
  EXPECT_EQ(echoes.read(payloads[1], true), Reading::unknown);
}

}  // namespace
}  // namespace ws::conformance
