#include "conformance/explorer/deflater.hpp"

#include <gtest/gtest.h>

#include "conformance/harness/bytes.hpp"
#include "conformance/oracle/inflater.hpp"

namespace ws::conformance::explorer {
namespace {

constexpr std::size_t kMost = 1024 * 1024;

std::string random_message(Engine& engine) {
  std::string message;
  const std::uint64_t kinds = 1 + below(engine, 256);
  const std::uint64_t size = below(engine, chance(engine, 20) ? 40'000 : 400);
  for (std::uint64_t i = 0; i < size; ++i) message += static_cast<char>(below(engine, kinds));
  return message;
}

TEST(Deflater, MakesWhatTheOracleInflates) {
  for (const int window_bits : {8, 9, 15}) {
    for (const bool keeps_context : {true, false}) {
      Engine engine(static_cast<std::uint64_t>(window_bits));
      Deflater deflater({.window_bits = window_bits,
                         .keeps_context = keeps_context,
                         .has_final_blocks = window_bits == 9});
      oracle::Inflater inflater(
          {.window_bits = window_bits, .no_context_takeover = !keeps_context});
      for (int i = 0; i < 60; ++i) {
        const std::string message = random_message(engine);
        const std::string payload = deflater.deflate(message, engine);
        const oracle::Inflated inflated = inflater.inflate(bytes_of(payload), kMost);
        ASSERT_EQ(inflated.end, oracle::InflateEnd::complete) << i << ", window " << window_bits;
        ASSERT_EQ(text_of(inflated.output), message) << i << ", window " << window_bits;
      }
    }
  }
}

TEST(Deflater, RefersToTheMessageBefore) {
  Engine engine(1);
  Deflater deflater({});
  const std::string words = "words that come again and again, in messages one after the other";
  std::size_t shortest = words.size();
  for (int i = 0; i < 50; ++i)
    shortest = std::min(shortest, deflater.deflate(words, engine).size());
  EXPECT_LT(shortest, 12U);
}

}  // namespace
}  // namespace ws::conformance::explorer
