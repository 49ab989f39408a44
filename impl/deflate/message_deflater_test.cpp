#include "impl/deflate/message_deflater.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <utility>

#include "impl/deflate/test_zlib.hpp"
#include "impl/testing/bytes.hpp"

namespace ws {
namespace {

using test_zlib::Bytes;
using test_zlib::noise;
using test_zlib::periodic_noise;
using test_zlib::StrictInflater;
using test_zlib::words;
using testing::bytes;
using testing::bytes_of;

constexpr int kLevel = 6;
constexpr int kMemoryLevel = 8;

Bytes deflate_message(MessageDeflater& deflater, std::span<const std::byte> message) {
  Bytes payload;
  deflater.deflate(message, true, payload);
  return payload;
}

/// The payload of `message`, handed over in stretches of `size` bytes.
Bytes deflate_in_stretches(MessageDeflater& deflater, std::span<const std::byte> message,
                           std::size_t size) {
  Bytes payload;
  while (message.size() > size) {
    deflater.deflate(message.first(size), false, payload);
    message = message.subspan(size);
  }
  deflater.deflate(message, true, payload);
  return payload;
}

TEST(MessageDeflater, WritesTheExamplesOfTheRfc) {
  // Sections 7.2.3.1 and 7.2.3.2.
  MessageDeflater takeover({}, kLevel, kMemoryLevel);
  EXPECT_EQ(deflate_message(takeover, bytes_of("Hello")), bytes("f2 48 cd c9 c9 07 00"));
  EXPECT_EQ(deflate_message(takeover, bytes_of("Hello")), bytes("f2 00 11 00 00"));

  MessageDeflater no_takeover({.no_context_takeover = true}, kLevel, kMemoryLevel);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(deflate_message(no_takeover, bytes_of("Hello")), bytes("f2 48 cd c9 c9 07 00"));
  }
  // Section 7.2.3.3: level 0 stores.
  MessageDeflater stored({}, 0, kMemoryLevel);
  EXPECT_EQ(deflate_message(stored, bytes_of("Hello")), bytes("00 05 00 fa ff 48 65 6c 6c 6f 00"));
}

TEST(MessageDeflater, MakesAnEmptyMessageASingleByte) {
  for (const bool no_context_takeover : {false, true}) {
    for (int level = 0; level <= 9; ++level) {
      MessageDeflater deflater({.no_context_takeover = no_context_takeover}, level, kMemoryLevel);
      StrictInflater inflater(15);
      for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(deflate_message(deflater, {}), bytes("00")) << level;
        EXPECT_EQ(deflate_message(deflater, {}), bytes("00")) << level;
        EXPECT_EQ(inflater.inflate_message(bytes("00")), Bytes());
        const auto payload = deflate_message(deflater, bytes_of("Hello"));
        EXPECT_EQ(inflater.inflate_message(payload), bytes_of("Hello")) << level;
      }
    }
  }
}

TEST(MessageDeflater, TakesEmptyStretchesAnywhere) {
  MessageDeflater deflater({}, kLevel, kMemoryLevel);
  Bytes payload;
  deflater.deflate({}, false, payload);
  EXPECT_EQ(payload, Bytes());
  deflater.deflate({}, true, payload);
  EXPECT_EQ(payload, bytes("00"));

  payload.clear();
  deflater.deflate({}, false, payload);
  deflater.deflate(bytes_of("Hello"), false, payload);
  deflater.deflate({}, false, payload);
  deflater.deflate({}, true, payload);
  EXPECT_EQ(payload, bytes("f2 48 cd c9 c9 07 00"));
}

TEST(MessageDeflater, AppendsToTheOutput) {
  MessageDeflater deflater({}, kLevel, kMemoryLevel);
  Bytes output = bytes("81 85");
  deflater.deflate(bytes_of("Hello"), true, output);
  EXPECT_EQ(output, bytes("81 85 f2 48 cd c9 c9 07 00"));
}

class RoundTrip : public ::testing::TestWithParam<test_zlib::Parameters> {};

TEST_P(RoundTrip, StaysWithinTheWindowOfThePeer) {
  const auto [window_bits, no_context_takeover, level] = GetParam();
  MessageDeflater deflater(
      {.no_context_takeover = no_context_takeover, .max_window_bits = window_bits}, level,
      kMemoryLevel);
  StrictInflater connection(window_bits);
  unsigned seed = 0;
  for (const auto size :
       std::initializer_list<std::size_t>{1, 5, 249, 257, 1000, 4096, 40'000, 70'000}) {
    for (const auto& message :
         {words(size, ++seed), noise(size, ++seed), Bytes(size, std::byte{'a'}),
          periodic_noise(size, 251, ++seed), periodic_noise(size, 300, ++seed),
          periodic_noise(size, (std::size_t{1} << window_bits) + 1, ++seed)}) {
      const auto payload = seed % 2 == 0 ? deflate_message(deflater, message)
                                         : deflate_in_stretches(deflater, message, 777);
      StrictInflater fresh(window_bits);
      auto& inflater = no_context_takeover ? fresh : connection;
      ASSERT_EQ(inflater.inflate_message(payload), message) << size << " bytes, seed " << seed;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, RoundTrip,
                         ::testing::Combine(::testing::Range(8, 16), ::testing::Bool(),
                                            ::testing::Values(0, 1, 6, 9)),
                         test_zlib::test_name);

TEST(MessageDeflater, ReachesBack250BytesAtMostWithTheSmallestWindows) {
  // A period that is within reach is compressed, the next longer one is not, at any level.
  // Level 1 is another compressor's, below.
  for (const int window_bits : {8, 9}) {
    for (int level = 2; level <= 9; ++level) {
      const auto compressed_size = [&](std::size_t period) {
        MessageDeflater deflater({.max_window_bits = window_bits}, level, kMemoryLevel);
        return deflate_message(deflater, periodic_noise(20'000, period, 1)).size();
      };
      EXPECT_LT(compressed_size(250), 10'000U) << window_bits << " bits, level " << level;
      EXPECT_GT(compressed_size(251), 18'000U) << window_bits << " bits, level " << level;
    }
  }
}

TEST(MessageDeflater, UsesTheWindowThatWasAgreed) {
  for (int window_bits = 10; window_bits <= 15; ++window_bits) {
    const std::size_t window = std::size_t{1} << window_bits;
    const auto compressed_size = [&](std::size_t period) {
      MessageDeflater deflater({.max_window_bits = window_bits}, kLevel, kMemoryLevel);
      return deflate_message(deflater, periodic_noise(4 * window, period, 1)).size();
    };
    EXPECT_LT(compressed_size(window - 300), 2 * window) << window_bits;
    EXPECT_GT(compressed_size(window + 1), 3 * window) << window_bits;
  }
}

TEST(MessageDeflater, UsesTheWindowThatWasAgreedAtTheFastestLevel) {
  for (int window_bits = 8; window_bits <= 15; ++window_bits) {
    const std::size_t window = std::size_t{1} << window_bits;
    const auto compressed_size = [&](std::size_t period) {
      MessageDeflater deflater({.max_window_bits = window_bits}, 1, kMemoryLevel);
      return deflate_message(deflater, periodic_noise(4 * window, period, 1)).size();
    };
    // Of what is further back ISA-L forgets much: its hash table is small.
    EXPECT_LT(compressed_size(std::min(window / 2, std::size_t{1000})), 2 * window) << window_bits;
    EXPECT_GT(compressed_size(window + 1), 3 * window) << window_bits;
  }
}

TEST(MessageDeflater, TakesStretchesAndFlushesOfAnySizeAtTheFastestLevel) {
  MessageDeflater deflater({}, 1, kMemoryLevel);
  StrictInflater inflater(15);
  for (std::size_t size = 8'100; size <= 8'210; ++size) {
    for (const auto& message : {noise(size, 1), words(4 * size, 2)}) {
      Bytes payload;
      deflater.deflate({}, false, payload);
      deflater.deflate(std::span(message).first(size % 97), false, payload);
      deflater.deflate(std::span(message).subspan(size % 97), false, payload);
      deflater.deflate({}, true, payload);
      ASSERT_EQ(inflater.inflate_message(payload), message) << size;
    }
  }
}

TEST(MessageDeflater, CompressesEachMessageAloneWithoutContextTakeover) {
  for (const int level : {1, kLevel}) {
    MessageDeflater deflater({.no_context_takeover = true}, level, kMemoryLevel);
    const auto first = deflate_message(deflater, words(3'000, 1));
    deflate_message(deflater, noise(50'000, 2));
    EXPECT_EQ(deflate_message(deflater, words(3'000, 1)), first) << level;
  }
}

TEST(MessageDeflater, RefersToEarlierMessagesWithContextTakeover) {
  for (const int level : {1, kLevel}) {
    MessageDeflater deflater({}, level, kMemoryLevel);
    const auto message = noise(3'000, 1);
    EXPECT_GT(deflate_message(deflater, message).size(), 3'000U) << level;
    EXPECT_LT(deflate_message(deflater, message).size(), 100U) << level;
  }
}

TEST(MessageDeflater, WritesExactlyOneEmptyBlockAtTheEnd) {
  // Around the size of the buffer inside: a flush that just fills it must not be repeated.
  for (std::size_t size = 8'150; size <= 8'210; ++size) {
    const auto message = noise(size, 1);
    MessageDeflater deflater({}, kLevel, kMemoryLevel);
    test_zlib::Deflater reference;
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(deflate_message(deflater, message), reference.deflate_message(message)) << size;
    }
  }
}

TEST(MessageDeflater, WorksAtEveryMemoryLevel) {
  for (int memory_level = 1; memory_level <= 9; ++memory_level) {
    for (const int level : {0, 1, 9}) {
      for (const int window_bits : {8, 15}) {
        MessageDeflater deflater({.max_window_bits = window_bits}, level, memory_level);
        StrictInflater inflater(window_bits);
        for (const auto size : std::initializer_list<std::size_t>{3, 700, 70'000}) {
          for (const auto& message : {words(size, 1), noise(size, 2)}) {
            ASSERT_EQ(inflater.inflate_message(deflate_in_stretches(deflater, message, 20'000)),
                      message)
                << size << " bytes, levels " << level << " and " << memory_level;
          }
        }
      }
    }
  }
}

TEST(MessageDeflater, KeepsItsContextOverManyMessages) {
  for (const int level : {1, kLevel}) {
    MessageDeflater deflater({.max_window_bits = 10}, level, kMemoryLevel);
    StrictInflater inflater(10);
    for (unsigned i = 0; i < 3'000; ++i) {
      const auto message = i % 7 == 0 ? noise(i % 400, i) : words(i % 900, i);
      ASSERT_EQ(inflater.inflate_message(deflate_message(deflater, message)), message) << i;
    }
  }
}

TEST(MessageDeflater, CanBeMoved) {
  MessageDeflater deflater({}, kLevel, kMemoryLevel);
  deflate_message(deflater, bytes_of("Hello"));
  MessageDeflater moved(std::move(deflater));
  EXPECT_EQ(deflate_message(moved, bytes_of("Hello")), bytes("f2 00 11 00 00"));
  moved = MessageDeflater({}, kLevel, kMemoryLevel);
  EXPECT_EQ(deflate_message(moved, bytes_of("Hello")), bytes("f2 48 cd c9 c9 07 00"));
}

TEST(StrictInflater, RefusesAMatchThatReachesBeyondItsWindow) {
  // The check of the check: the same stream is fine with a larger window.
  test_zlib::Deflater deflater(15);
  const auto payload = deflater.deflate_message(periodic_noise(2'000, 257, 1));
  EXPECT_EQ(StrictInflater(8).inflate_message(payload), std::nullopt);
  EXPECT_EQ(StrictInflater(9).inflate_message(payload), periodic_noise(2'000, 257, 1));
  EXPECT_EQ(StrictInflater(15).inflate_message(bytes("f2 48 cd c9 c9 07")), std::nullopt);
}

TEST(MessageDeflater, TakesNoMoreMemoryThanASmallWindowCanUse) {
  const Bytes message = words(100'000, 1);
  const auto deflated = [&](int window_bits, int memory_level) {
    MessageDeflater deflater({.max_window_bits = window_bits}, kLevel, memory_level);
    return deflate_message(deflater, message);
  };
  EXPECT_EQ(deflated(8, 8), deflated(8, 6));
  EXPECT_EQ(deflated(9, 8), deflated(9, 6));
  EXPECT_NE(deflated(9, 6), deflated(9, 5));
  EXPECT_EQ(deflated(10, 8), deflated(10, 7));
}

}  // namespace
}  // namespace ws
