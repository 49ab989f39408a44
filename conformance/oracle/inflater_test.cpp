#include "conformance/oracle/inflater.hpp"

#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"

namespace ws::oracle {
namespace {

using testing::bytes;
using testing::bytes_of;
using testing::text_of;

constexpr std::size_t kNoLimit = 1'000'000;

TEST(OracleInflater, ReadsTheExamplesOfRfc7692Section723) {
  Inflater inflater({});
  for (const std::string_view hex : {
           "f2 48 cd c9 c9 07 00",                    // 7.2.3.1
           "f2 00 11 00 00",                          // 7.2.3.2, "Hello" again with the window
           "00 05 00 fa ff 48 65 6c 6c 6f 00",        // 7.2.3.3, no compression
           "f3 48 cd c9 c9 07 00 00",                 // 7.2.3.4, BFINAL
           "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",  // 7.2.3.5, two blocks
       }) {
    const Inflated message = inflater.inflate(bytes(hex), kNoLimit);
    EXPECT_EQ(message.end, InflateEnd::complete) << hex;
    EXPECT_EQ(text_of(message.output), "Hello") << hex;
  }
  EXPECT_EQ(inflater.inflate(bytes("00"), kNoLimit).end, InflateEnd::complete);  // 7.2.3.6
}

TEST(OracleInflater, ReadsDynamicCodes) {
  // By zlib at level 9.
  const auto payload = bytes(
      "ec cc c9 15 80 20 0c 05 c0 56 6c ed 67 0f a8 40 ff 17 d3 87 b9 cf 1b 20 8c 26 6d 13 "
      "4b 7e 85 e0 72 d3 51 d5 91 2b d9 c2 1f 81 9b ce d8 21 5c 22 4b f8 8d 13 4a 83 96 95 "
      "e0 12 30 a9 43 45 f3 42 87 1d 76 d8 61 87 7f 0d 3f 00 ");
  std::string text;
  for (int i = 0; i < 20; ++i)
    text += "aahfbkbpfdficndbagdlbqeeejioicfhgmdagfekhphdcicnibagglaqhebjbofcfhcmdaafdkbpedei ";
  const Inflated message = Inflater({}).inflate(payload, kNoLimit);
  EXPECT_EQ(message.end, InflateEnd::complete);
  EXPECT_EQ(text_of(message.output), text);
}

TEST(OracleInflater, ForgetsWithoutContextTakeover) {
  Inflater inflater({.no_context_takeover = true});
  EXPECT_EQ(inflater.inflate(bytes("f2 48 cd c9 c9 07 00"), kNoLimit).end, InflateEnd::complete);
  EXPECT_EQ(inflater.inflate(bytes("f2 00 11 00 00"), kNoLimit).end, InflateEnd::bad_data);
}

TEST(OracleInflater, KeepsToTheWindow) {
  // A stored block of 300 bytes, then a match of 3 bytes that reaches back 257.
  std::vector<std::byte> payload = bytes("00 2c 01 d3 fe");
  payload.insert(payload.end(), 300, std::byte{'x'});
  const auto match = bytes("02 06 00 00");  // fixed: length 257, distance 16 with 7 extra bits, 256
  payload.insert(payload.end(), match.begin(), match.end());
  EXPECT_EQ(Inflater({.window_bits = 9}).inflate(payload, kNoLimit).end, InflateEnd::complete);
  EXPECT_EQ(Inflater({.window_bits = 9}).inflate(payload, kNoLimit).output.size(), 303U);
  EXPECT_EQ(Inflater({.window_bits = 8}).inflate(payload, kNoLimit).end, InflateEnd::bad_data);
}

TEST(OracleInflater, StopsAtTheLimit) {
  const auto hello = bytes("f2 48 cd c9 c9 07 00");
  EXPECT_EQ(Inflater({}).inflate(hello, 5).end, InflateEnd::complete);
  const Inflated message = Inflater({}).inflate(hello, 4);
  EXPECT_EQ(message.end, InflateEnd::too_big);
  EXPECT_EQ(message.output, bytes_of("Hell"));
}

TEST(OracleInflater, SaysWhetherTheTailThatWasLeftOutFits) {
  EXPECT_TRUE(Inflater({}).inflate(bytes("00"), kNoLimit).takes_tail);
  EXPECT_TRUE(Inflater({}).inflate(bytes("f2 48 cd c9 c9 07 00"), kNoLimit).takes_tail);
  EXPECT_TRUE(Inflater({}).inflate(bytes("f3 48 cd c9 c9 07 00 00"), kNoLimit).takes_tail);
  for (const std::string_view hex : {"", "00 00 00 ff ff", "f3 48 cd c9 c9 07 00"}) {
    const Inflated whole = Inflater({}).inflate(bytes(hex), kNoLimit);
    EXPECT_EQ(whole.end, InflateEnd::complete) << hex;
    EXPECT_FALSE(whole.takes_tail) << hex;
  }
}

TEST(OracleInflater, RefusesWhatCannotBeDecompressed) {
  for (const std::string_view hex : {
           "06",              // block type 3
           "00 05 00 fa fe",  // stored, lengths that do not match
           "03 02",           // a match before any output: fixed, length 257, distance 0
           "f2 48 cd c9 c9",  // ends inside a block
           "fc 00",           // dynamic, too many literal codes
           "04 c0 81 08 00 00 00 00 00",  // dynamic, code lengths that leave a gap
       }) {
    EXPECT_EQ(Inflater({}).inflate(bytes(hex), kNoLimit).end, InflateEnd::bad_data) << hex;
  }
}

TEST(OracleInflater, SaysWhatCameOutOfABeginningAndRemembersNothing) {
  Inflater inflater({});
  const Inflated part = inflater.inflate_beginning(bytes("f2 48 cd"), kNoLimit);
  EXPECT_EQ(part.end, InflateEnd::wants_more);
  EXPECT_EQ(part.output, bytes_of("He"));
  EXPECT_EQ(inflater.inflate(bytes("f2 00 11 00 00"), kNoLimit).end, InflateEnd::bad_data);
}

}  // namespace
}  // namespace ws::oracle
