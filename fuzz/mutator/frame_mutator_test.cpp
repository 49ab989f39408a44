#include "fuzz/mutator/frame_mutator.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <set>

#include "conformance/oracle/frames.hpp"
#include "fuzz/mutator/input_mutator.hpp"
#include "impl/testing/bytes.hpp"

namespace ws::fuzz {
namespace {

using oracle::LengthForm;
using oracle::RawFrame;
using ::testing::ElementsAre;
using ws::testing::bytes;

std::size_t append_x(std::span<std::byte> buffer, std::size_t size) {
  if (size < buffer.size()) buffer[size++] = std::byte{'x'};
  return size;
}

TEST(ParseFrames, GivesBackTheBytesWhateverRulesTheyBreak) {
  for (const char* stream : {
           "81 85 37 fa 21 3d 7f 9f 4d 51 58",  // masked
           "01 03 48 65 6c 80 02 6c 6f",        // fragments
           "ff 00",                             // reserved bits and opcode
           "82 7e 00 01 ab",                    // 16 bits for a length of 1
           "82 7f 00 00 00 00 00 00 00 01 ab",  // 64 bits
           "82 7f ff ff ff ff ff ff ff ff ab",  // the top bit
           "89 05 61 62",                       // ends inside its payload
           "88 80 01 02 03 04",
           "",
       }) {
    const auto expected = bytes(stream);
    EXPECT_EQ(format_frames(parse_frames(expected), 1000), expected) << stream;
  }
}

TEST(ParseFrames, LeavesOutPartOfAHeader) {
  EXPECT_EQ(parse_frames(bytes("81 01 61 82 7f 00")).size(), 1U);
}

TEST(FormatFrames, KeepsToItsRoomWithWholeFrames) {
  const auto frames = parse_frames(bytes("81 01 61 81 01 62"));
  EXPECT_EQ(format_frames(frames, 5), bytes("81 01 61"));
}

TEST(MutateFrames, LeavesTheFramesBesideTheChangedOnesWhole) {
  const auto begun = parse_frames(bytes("81 01 61 82 01 62 89 01 63 8a 01 64"));
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    auto frames = begun;
    Chance chance(seed);
    mutate_frames(frames, chance, append_x);
    const auto kept = std::ranges::count_if(begun, [&](const RawFrame& frame) {
      return std::ranges::any_of(frames, [&](const RawFrame& other) {
        return oracle::encode(other) == oracle::encode(frame);
      });
    });
    EXPECT_GE(kept, 3) << seed;
    EXPECT_NEAR(static_cast<double>(frames.size()), 4, 1) << seed;
  }
}

TEST(MutateFrames, ReachesEveryKindOfChange) {
  const auto begun = parse_frames(bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    auto frames = begun;
    Chance chance(seed);
    mutate_frames(frames, chance, append_x);
    if (frames.empty()) {
      seen.insert("deleted");
      continue;
    }
    const RawFrame& frame = frames[0];
    if (frames.size() == 2 && !frame.fin && frames[1].opcode == Opcode::continuation) {
      seen.insert("split");
    }
    if (frames.size() == 2 && oracle::encode(frame) == oracle::encode(frames[1])) {
      seen.insert("doubled");
    }
    if (!frame.masking_key) seen.insert("unmasked");
    if (frame.rsv1 || frame.rsv2 || frame.rsv3) seen.insert("reserved");
    if (frame.opcode == Opcode::close) seen.insert("close");
    if (frame.announced_length == 0x7fffffffffffffffU) seen.insert("long");
    if (frame.length_form == LengthForm::bits64 && !frame.announced_length) seen.insert("form");
    if (frame.payload.size() == 6) seen.insert("payload");
    if (frame.payload.size() == 126) seen.insert("limit");
    if (frame.payload.size() == 1001) seen.insert("beyond message limit");
    if (frame.payload.size() == 5 && frame.payload[3] == std::byte{'l'} &&
        frame.payload[4] != std::byte{'o'}) {
      seen.insert("end");
    }
  }
  EXPECT_THAT(seen,
              ElementsAre("beyond message limit", "close", "deleted", "doubled", "end", "form",
                          "limit", "long", "payload", "reserved", "split", "unmasked"));
}

TEST(MutateFrames, BeginsASequence) {
  std::vector<RawFrame> frames;
  Chance chance(1);
  mutate_frames(frames, chance, append_x);
  EXPECT_EQ(frames.size(), 1U);
}

TEST(CrossOver, TakesTheBeginningOfOneAndTheEndOfTheOther) {
  const auto first = parse_frames(bytes("81 01 61 82 01 62"));
  const auto second = parse_frames(bytes("89 01 63 8a 01 64"));
  std::set<std::vector<std::byte>> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Chance chance(seed);
    seen.insert(format_frames(cross_over(first, second, chance), 1000));
  }
  EXPECT_EQ(seen.size(), 9U);  // 0 to 2 frames of each
  EXPECT_TRUE(seen.contains(bytes("81 01 61 8a 01 64")));
}

TEST(SettingsSize, IsWhatATargetTakesBeforeTheFrames) {
  EXPECT_EQ(settings_size(Layout::frame_decoder, bytes("00 02 01 01 81 00")), 4U);
  EXPECT_EQ(settings_size(Layout::beast_frames, bytes("00 02 81 00")), 2U);
  EXPECT_EQ(settings_size(Layout::connection, bytes("00 00 00 01 aa 02 01 01 81 00")), 8U);
  EXPECT_EQ(settings_size(Layout::connection, bytes("01 00 00 00 00 47 0d 0a 0d 0a 81 00")), 10U);
  EXPECT_EQ(settings_size(Layout::connection, bytes("01 00 00 00 00 47 0d")), 7U);
  EXPECT_EQ(settings_size(Layout::connection, {}), 0U);
}

TEST(MutateInput, KeepsSettingsAndRoomAndIsTheSameForTheSameSeed) {
  const auto input = bytes("00 02 01 01 81 01 61 82 01 62");
  bool had_frames_changed = false;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    std::vector<std::byte> results[2];
    for (auto& result : results) {
      result = input;
      result.resize(24);
      bool changed_bytes = false;
      const auto mutate = [&](std::span<std::byte> buffer, std::size_t size) {
        changed_bytes = buffer.size() == 24;
        return append_x(buffer, size);
      };
      const std::size_t size =
          mutate_input(Layout::frame_decoder, result, input.size(), seed, mutate);
      ASSERT_LE(size, 24U);
      result.resize(size);
      if (!changed_bytes && size >= 4) {
        EXPECT_TRUE(std::ranges::equal(std::span(result).first(4), std::span(input).first(4)));
        had_frames_changed = true;
      }
    }
    EXPECT_EQ(results[0], results[1]);
  }
  EXPECT_TRUE(had_frames_changed);
}

TEST(CrossOverInputs, KeepsTheSettingsOfTheFirstOrDoesNothing) {
  std::size_t crossed = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::vector<std::byte> buffer(32);
    buffer.resize(cross_over_inputs(Layout::beast_frames, bytes("01 02 81 01 61"),
                                    bytes("03 04 82 01 62"), buffer, seed));
    if (buffer.empty()) continue;
    EXPECT_TRUE(std::ranges::equal(std::span(buffer).first(2), bytes("01 02")));
    ++crossed;
  }
  EXPECT_GT(crossed, 30U);
}

}  // namespace
}  // namespace ws::fuzz
