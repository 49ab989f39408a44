#include "impl/deflate/message_inflater.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <utility>

#include "impl/deflate/test_zlib.hpp"
#include "impl/testing/bytes.hpp"
#include "impl/testing/split.hpp"

namespace ws {
namespace {

using test_zlib::Bytes;
using test_zlib::noise;
using test_zlib::periodic_noise;
using test_zlib::words;
using testing::bytes;
using testing::bytes_of;
using testing::for_each_split;

using Result = std::expected<Bytes, Violation>;

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
const auto kBadData = Result(std::unexpected(Violation::bad_deflate_data));
const auto kTooBig = Result(std::unexpected(Violation::message_too_big));

Result inflate_message(MessageInflater& inflater, std::span<const std::byte> payload,
                       std::size_t limit = kNoLimit) {
  Bytes message;
  const auto done = inflater.inflate(payload, true, message, limit);
  if (!done) return std::unexpected(done.error());
  return message;
}

/// The only message of a connection.
Result inflate_alone(std::span<const std::byte> payload, std::size_t limit = kNoLimit) {
  MessageInflater inflater({});
  return inflate_message(inflater, payload, limit);
}

/// The last of several messages; the others must be good.
template <typename Reads>
Result inflate_reads(MessageInflater& inflater, const Reads& reads, std::size_t limit = kNoLimit) {
  Bytes message;
  for (const auto& read : reads) {
    const auto done = inflater.inflate(read, false, message, limit);
    if (!done) return std::unexpected(done.error());
  }
  const auto done = inflater.inflate({}, true, message, limit);
  if (!done) return std::unexpected(done.error());
  return message;
}

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

TEST(MessageInflater, ReadsTheExamplesOfTheRfcCutAnywhere) {
  for (const std::string_view payload : {
           "f2 48 cd c9 c9 07 00",                    // 7.2.3.1, one block
           "00 05 00 fa ff 48 65 6c 6c 6f 00",        // 7.2.3.3, stored
           "f3 48 cd c9 c9 07 00 00",                 // 7.2.3.4, BFINAL
           "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",  // 7.2.3.5, two blocks
       }) {
    for_each_split(bytes(payload), [&](const auto& reads) {
      MessageInflater inflater({});
      EXPECT_EQ(inflate_reads(inflater, reads), bytes_of("Hello")) << payload;
      // 7.2.3.2: the next message refers to this one.
      EXPECT_EQ(inflate_message(inflater, bytes("f2 00 11 00 00")), bytes_of("Hello")) << payload;
      EXPECT_EQ(inflate_message(inflater, bytes("00")), Bytes()) << payload;  // 7.2.3.6
    });
  }
}

TEST(MessageInflater, ReadsEmptyMessages) {
  for (const std::string_view payload : {
           "00",              // section 7.2.3.6
           "02 00",           // a fixed block without data
           "03 00",           // the same with BFINAL, and nothing behind it
           "03 00 00",        // and an empty stored block
           "00 00 00 ff ff",  // the tail left on
           "",                // no block at all
       }) {
    MessageInflater inflater({});
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(inflate_message(inflater, bytes(payload)), Bytes()) << payload;
      EXPECT_EQ(inflate_message(inflater, bytes(payload), 0), Bytes()) << payload;
      EXPECT_EQ(inflate_message(inflater, bytes("f2 48 cd c9 c9 07 00")), bytes_of("Hello"));
      EXPECT_EQ(inflate_message(inflater, bytes(payload)), Bytes()) << payload;
      EXPECT_EQ(inflate_message(inflater, bytes("f2 00 11 00 00")), bytes_of("Hello"));
    }
  }
}

TEST(MessageInflater, TakesATailThatWasNotRemoved) {
  for_each_split(bytes("f2 48 cd c9 c9 07 00 00 00 ff ff"), [](const auto& reads) {
    MessageInflater inflater({});
    EXPECT_EQ(inflate_reads(inflater, reads), bytes_of("Hello"));
    EXPECT_EQ(inflate_message(inflater, bytes("f2 00 11 00 00")), bytes_of("Hello"));
  });
}

TEST(MessageInflater, SeesTheEndOfABlockThatJustFillsItsBuffer) {
  for (const std::size_t size : {8'191U, 8'192U, 8'193U, 16'384U}) {
    for (const auto& message : {Bytes(size, std::byte{'a'}), noise(size, 1)}) {
      const auto final_payload = test_zlib::Deflater().deflate(message, Z_FINISH);
      const auto with_tail = test_zlib::Deflater().deflate(message, Z_SYNC_FLUSH);
      for (const std::size_t limit : {size, kNoLimit}) {
        EXPECT_EQ(inflate_alone(final_payload, limit), message) << size;
        EXPECT_EQ(inflate_alone(with_tail, limit), message) << size;
      }
    }
  }
}

TEST(MessageInflater, AppendsToTheMessageSoFar) {
  MessageInflater inflater({});
  Bytes message;
  EXPECT_TRUE(inflater.inflate(bytes("f2 48 cd c9"), false, message, 5));
  EXPECT_TRUE(inflater.inflate(bytes("c9 07 00"), false, message, 5));
  EXPECT_EQ(message, bytes_of("Hello"));
  EXPECT_TRUE(inflater.inflate({}, true, message, 5));
  EXPECT_EQ(message, bytes_of("Hello"));
}

TEST(MessageInflater, GoesOnAfterABlockWithBfinal) {
  const auto final_hello = bytes("f3 48 cd c9 c9 07 00");
  const auto hello = bytes("f2 48 cd c9 c9 07 00");
  const auto same_again = bytes("f2 00 11 00 00");  // refers to the five bytes before
  for (const auto& payload : {
           final_hello + hello, final_hello + same_again, final_hello + final_hello,
           final_hello + final_hello + bytes("00"), final_hello + bytes("03 00 03 00") + same_again,
           bytes("f2 48 05 00 00 00 ff ff cb c9 c9 07 00") + same_again,  // BFINAL in the second
           bytes("01 05 00 fa ff 48 65 6c 6c 6f") + same_again,           // stored
       }) {
    for_each_split(payload, [](const auto& reads) {
      MessageInflater inflater({});
      EXPECT_EQ(inflate_reads(inflater, reads), bytes_of("HelloHello"));
      EXPECT_EQ(inflate_message(inflater, bytes("f2 00 11 00 00")), bytes_of("Hello"));
    });
  }
}

TEST(MessageInflater, KeepsTheWholeWindowOverABlockWithBfinal) {
  const auto message = noise(32'768, 1);
  const auto final_payload = test_zlib::Deflater().deflate(message, Z_FINISH);
  // The second deflater knows the message too, and refers to it.
  test_zlib::Deflater deflater;
  deflater.deflate(message, Z_SYNC_FLUSH);
  const Bytes tail(message.end() - 32'000, message.end());
  const auto payload = deflater.deflate_message(tail);
  ASSERT_LT(payload.size(), 1'000U);

  MessageInflater inflater({});
  EXPECT_EQ(inflate_message(inflater, final_payload), message);
  EXPECT_EQ(inflate_message(inflater, payload), tail);
}

TEST(MessageInflater, ReadsManySmallBlocks) {
  Bytes payload;
  for (int i = 0; i < 100'000; ++i) {
    for (const int byte : {0x03, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff}) {
      payload.push_back(static_cast<std::byte>(byte));
    }
  }
  EXPECT_EQ(inflate_alone(bytes("f2 48 cd c9 c9 07 00 00 00 ff ff") + payload), bytes_of("Hello"));
}

TEST(MessageInflater, RefusesBadData) {
  for (const std::string_view payload : {
           "06 00",                             // block type 3
           "07",                                // and with BFINAL
           "00 05 00 fa fe 48 65 6c 6c 6f 00",  // stored, LEN and NLEN disagree
           "f2 00 11 00 00",                    // refers to a byte before the first
           "ed fd ff 00",                       // dynamic, too many length codes
           "04 00 fe ff",                       // dynamic, code lengths that make no code
           "f3 48 cd c9 c9 07 00 06",           // block type 3 after a block with BFINAL
           "f3 48 cd c9 c9 07 00 47 41 52",     // garbage after it
           "f3 48 cd c9 c9 07 00 00 00",        // more than an empty block without its tail
       }) {
    for_each_split(bytes(payload), [&](const auto& reads) {
      MessageInflater inflater({});
      EXPECT_EQ(inflate_reads(inflater, reads), kBadData) << payload;
    });
    EXPECT_EQ(inflate_alone(bytes(payload)), kBadData) << payload;
  }
}

TEST(MessageInflater, RefusesAMessageThatEndsInsideABlock) {
  for (const auto& payload :
       {bytes("f2 48 cd c9 c9 07 00"), test_zlib::Deflater().deflate_message(words(2'000, 1)),
        test_zlib::Deflater().deflate(words(2'000, 1), Z_FINISH)}) {
    for (std::size_t size = 1; size < payload.size(); ++size) {
      EXPECT_EQ(inflate_alone(std::span(payload).first(size)), kBadData)
          << size << " of " << payload.size() << " bytes";
    }
  }
  const auto stored = bytes("00 05 00 fa ff 48 65 6c 6c 6f");
  for (const std::size_t size : {2U, 3U, 4U, 5U, 7U, 8U, 9U}) {
    EXPECT_EQ(inflate_alone(std::span(stored).first(size)), kBadData) << size << " bytes";
  }
}

TEST(MessageInflater, TakesTheTailForDataWhereABlockLacksFourBytes) {
  // What section 7.2.2 comes to; see impl/DECISIONS.md.
  EXPECT_EQ(inflate_alone(bytes("00 05 00 fa ff 48")), bytes("48 00 00 ff ff"));
  EXPECT_EQ(inflate_alone(bytes("00 05 00 fa ff 48"), 4), kTooBig);
}

TEST(MessageInflater, SaysTheSameHoweverTheMessageIsCut) {
  // Flip each bit of a message with all three types of block.
  test_zlib::Deflater deflater;
  const auto payload = deflater.deflate(words(120, 1), Z_FULL_FLUSH) +
                       test_zlib::Deflater(15, 0).deflate(bytes_of("stored"), Z_FULL_FLUSH) +
                       deflater.deflate_message(bytes_of("fixed"));
  for (std::size_t bit = 0; bit < 8 * payload.size(); ++bit) {
    auto damaged = payload;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    const auto whole = inflate_alone(damaged, 200);
    MessageInflater inflater({});
    std::vector<Bytes> reads;
    for (const auto byte : damaged) reads.push_back({byte});
    ASSERT_EQ(inflate_reads(inflater, reads, 200), whole) << "bit " << bit;
  }
}

TEST(MessageInflater, StopsAtTheLimit) {
  const Bytes bomb =
      test_zlib::Deflater(15, 9).deflate_message(Bytes(std::size_t{64} << 20, std::byte{0}));
  ASSERT_LT(bomb.size(), 70'000U);
  constexpr std::size_t kLimit = 1'000'000;
  for (const std::size_t read_size : {bomb.size(), std::size_t{100}, std::size_t{1}}) {
    MessageInflater inflater({});
    Bytes message;
    std::expected<void, Violation> done;
    std::size_t taken = 0;
    while (done && taken < bomb.size()) {
      const auto read = std::span(bomb).subspan(taken, std::min(read_size, bomb.size() - taken));
      taken += read.size();
      done = inflater.inflate(read, taken == bomb.size(), message, kLimit);
      ASSERT_LE(message.capacity(), kLimit);
    }
    EXPECT_EQ(done, std::unexpected(Violation::message_too_big));
    if (read_size < bomb.size()) {
      EXPECT_LT(taken, 1'200U) << "noticed late";
    }
  }
}

TEST(MessageInflater, PutsOutWhatCameBeforeAnErrorHoweverCut) {
  // "Hello!" with fixed codes, and a code that stands for nothing.
  for_each_split(bytes("f2 48 cd c9 c9 57 1c 03"), [](const auto& reads) {
    for (const std::size_t limit : {5UL, 6UL, 7UL}) {
      MessageInflater inflater({});
      Bytes message;
      std::expected<void, Violation> done;
      for (const auto& read : reads) {
        if (done) done = inflater.inflate(read, false, message, limit);
      }
      EXPECT_EQ(message, limit == 5 ? bytes_of("Hello") : bytes_of("Hello!"));
      EXPECT_EQ(done, std::unexpected(limit == 5 ? Violation::message_too_big
                                                 : Violation::bad_deflate_data));
    }
  });
}

TEST(MessageInflater, PassesAMessageOfExactlyTheLimit) {
  for (const auto middle :
       std::initializer_list<std::size_t>{20, 1'536, 4'096, 8'192, 16'384, 32'768, 65'536}) {
    for (std::size_t size = middle - 16; size <= middle + 16; ++size) {
      for (const auto& message : {Bytes(size, std::byte{'a'}), noise(size, 1)}) {
        const auto payload = test_zlib::Deflater().deflate_message(message);
        ASSERT_EQ(inflate_alone(payload, size), message) << size;
        ASSERT_EQ(inflate_alone(payload, size - 1), kTooBig) << size;
        ASSERT_EQ(inflate_alone(payload), message) << size;
      }
    }
  }
  EXPECT_EQ(inflate_alone(bytes("f2 48 cd c9 c9 07 00"), 0), kTooBig);
}

class Interop : public ::testing::TestWithParam<test_zlib::Parameters> {};

TEST_P(Interop, ReadsWhatPlainZlibWrites) {
  const auto [window_bits, no_context_takeover, level] = GetParam();
  const DirectionParameters parameters{.no_context_takeover = no_context_takeover,
                                       .max_window_bits = window_bits};
  MessageInflater inflater(parameters);
  test_zlib::Deflater connection(window_bits, level);
  unsigned seed = 0;
  for (const auto size :
       std::initializer_list<std::size_t>{0, 1, 5, 250, 1'000, 4'096, 40'000, 70'000}) {
    for (const auto& message :
         {words(size, ++seed), noise(size, ++seed), Bytes(size, std::byte{'a'}),
          periodic_noise(size, 250, ++seed), periodic_noise(size, 30'000, ++seed)}) {
      test_zlib::Deflater fresh(window_bits, level);
      auto& deflater = no_context_takeover ? fresh : connection;
      // zlib writes no second flush after a first without data between.
      const auto payload = size == 0 ? bytes("00") : deflater.deflate_message(message);
      std::vector<Bytes> reads;
      for (std::size_t i = 0; i < payload.size(); i += 501) {
        const auto read =
            std::span(payload).subspan(i, std::min<std::size_t>(501, payload.size() - i));
        reads.emplace_back(read.begin(), read.end());
      }
      ASSERT_EQ(inflate_reads(inflater, reads, size), message) << size << " bytes, seed " << seed;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, Interop,
                         ::testing::Combine(::testing::Range(9, 16), ::testing::Bool(),
                                            ::testing::Values(0, 1, 6, 9)),
                         test_zlib::test_name);

TEST(MessageInflater, StartsAfreshWithoutContextTakeover) {
  MessageInflater inflater({.no_context_takeover = true});
  EXPECT_EQ(inflate_message(inflater, bytes("f2 48 cd c9 c9 07 00")), bytes_of("Hello"));
  EXPECT_EQ(inflate_message(inflater, bytes("f2 48 cd c9 c9 07 00")), bytes_of("Hello"));
  EXPECT_EQ(inflate_message(inflater, bytes("f2 00 11 00 00")), kBadData);
}

TEST(MessageInflater, ReadsTheFarthestDistance) {
  // Length 3, distance 32768, fixed codes: 1100000 00000 11101 and thirteen extra bits, all set.
  const auto message = noise(32'768, 1);
  const auto copy_first_three = bytes("02 de ff 0f 00");
  const Bytes first_three(message.begin(), message.begin() + 3);
  test_zlib::Deflater deflater;
  MessageInflater inflater({});
  EXPECT_EQ(inflate_message(inflater, deflater.deflate_message(message)), message);
  EXPECT_EQ(inflate_message(inflater, copy_first_three), first_three);

  MessageInflater one_byte_short({});
  const Bytes shorter(message.begin() + 1, message.end());
  const auto payload = test_zlib::Deflater().deflate_message(shorter);
  EXPECT_EQ(inflate_message(one_byte_short, payload), shorter);
  EXPECT_EQ(inflate_message(one_byte_short, copy_first_three), kBadData);
}

TEST(MessageInflater, KeepsItsContextOverManyMessages) {
  test_zlib::Deflater deflater(15, 9);
  MessageInflater inflater({});
  for (unsigned i = 0; i < 3'000; ++i) {
    const auto message = i % 7 == 0 ? noise(1 + i % 400, i) : words(1 + i % 900, i);
    ASSERT_EQ(inflate_message(inflater, deflater.deflate_message(message)), message) << i;
  }
}

TEST(MessageInflater, ToleratesAWiderWindowThanAgreedHoweverCut) {
  // See impl/DECISIONS.md.
  const auto message = periodic_noise(2'000, 500, 1);
  const auto payload = test_zlib::Deflater(15).deflate_message(message);
  for_each_split(std::span(payload), [&](const auto& reads) {
    MessageInflater inflater({.max_window_bits = 8});
    ASSERT_EQ(inflate_reads(inflater, reads), message);
  });
}

TEST(MessageInflater, CanBeMoved) {
  MessageInflater inflater({});
  EXPECT_EQ(inflate_message(inflater, bytes("f2 48 cd c9 c9 07 00")), bytes_of("Hello"));
  MessageInflater moved(std::move(inflater));
  EXPECT_EQ(inflate_message(moved, bytes("f2 00 11 00 00")), bytes_of("Hello"));
  moved = MessageInflater({});
  EXPECT_EQ(inflate_message(moved, bytes("f2 00 11 00 00")), kBadData);
}

}  // namespace
}  // namespace ws
