// Headers both ways: the examples of section 5.7, every length form at its ends, every prefix.
#include "impl/wire/frame_header.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <string_view>

#include "conformance/oracle/raw_frame.hpp"
#include "impl/testing/bytes.hpp"

namespace ws {
namespace {

using ::ws::testing::bytes;

constexpr MaskingKey kKey = {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

struct Example {
  std::string_view hex{};
  FrameHeader header{};
};

// Section 5.7, in its order; then each length form at its ends, without and with a key.
const Example kExamples[] = {
    {"81 05", {.opcode = Opcode::text, .payload_length = 5}},
    {"81 85 37 fa 21 3d", {.opcode = Opcode::text, .masking_key = kKey, .payload_length = 5}},
    {"01 03", {.fin = false, .opcode = Opcode::text, .payload_length = 3}},
    {"80 02", {.opcode = Opcode::continuation, .payload_length = 2}},
    {"89 05", {.opcode = Opcode::ping, .payload_length = 5}},
    {"8a 85 37 fa 21 3d", {.opcode = Opcode::pong, .masking_key = kKey, .payload_length = 5}},
    {"82 7e 01 00", {.opcode = Opcode::binary, .payload_length = 256}},
    {"82 7f 00 00 00 00 00 01 00 00", {.opcode = Opcode::binary, .payload_length = 65'536}},
    {"82 00", {.opcode = Opcode::binary, .payload_length = 0}},
    {"82 7d", {.opcode = Opcode::binary, .payload_length = 125}},
    {"82 7e 00 7e", {.opcode = Opcode::binary, .payload_length = 126}},
    {"82 7e 00 7f", {.opcode = Opcode::binary, .payload_length = 127}},
    {"82 7e ff ff", {.opcode = Opcode::binary, .payload_length = 65'535}},
    {"82 7f 7f ff ff ff ff ff ff ff",
     {.opcode = Opcode::binary, .payload_length = std::numeric_limits<std::int64_t>::max()}},
    {"82 80 37 fa 21 3d", {.opcode = Opcode::binary, .masking_key = kKey}},
    {"82 fd 37 fa 21 3d", {.opcode = Opcode::binary, .masking_key = kKey, .payload_length = 125}},
    {"82 fe 00 7e 37 fa 21 3d",
     {.opcode = Opcode::binary, .masking_key = kKey, .payload_length = 126}},
    {"82 fe ff ff 37 fa 21 3d",
     {.opcode = Opcode::binary, .masking_key = kKey, .payload_length = 65'535}},
    {"82 ff 00 00 00 00 00 01 00 00 37 fa 21 3d",
     {.opcode = Opcode::binary, .masking_key = kKey, .payload_length = 65'536}},
    {"82 ff 01 23 45 67 89 ab cd ef 37 fa 21 3d",
     {.opcode = Opcode::binary, .masking_key = kKey, .payload_length = 0x0123'4567'89ab'cdef}},
    {"88 00", {.opcode = Opcode::close}},
    {"c1 00", {.rsv1 = true}},
    {"a1 00", {.rsv2 = true}},
    {"91 00", {.rsv3 = true}},
};

TEST(EncodeFrameHeader, WritesTheShortestForm) {
  for (const auto& [hex, header] : kExamples) {
    EXPECT_TRUE(std::ranges::equal(encode_frame_header(header).bytes(), bytes(hex))) << hex;
  }
}

TEST(DecodeFrameHeader, ReadsWhatTheEncoderWrites) {
  for (const auto& [hex, header] : kExamples) {
    SCOPED_TRACE(hex);
    const auto encoded = bytes(hex);
    const auto decoded = decode_frame_header(encoded);
    ASSERT_TRUE(decoded && *decoded);
    EXPECT_EQ((*decoded)->header, header);
    EXPECT_EQ((*decoded)->size, encoded.size());
  }
}

TEST(DecodeFrameHeader, LeavesAloneWhatFollows) {
  for (const auto& [hex, header] : kExamples) {
    SCOPED_TRACE(hex);
    auto encoded = bytes(hex);
    const std::size_t size = encoded.size();
    encoded.insert(encoded.end(), 20, std::byte{0xff});
    const auto decoded = decode_frame_header(encoded);
    ASSERT_TRUE(decoded && *decoded);
    EXPECT_EQ((*decoded)->header, header);
    EXPECT_EQ((*decoded)->size, size);
  }
}

TEST(DecodeFrameHeader, AsksForMoreAtEveryPlaceInsideAHeader) {
  for (const auto& [hex, header] : kExamples) {
    const auto encoded = bytes(hex);
    for (std::size_t size = 0; size < encoded.size(); ++size) {
      EXPECT_EQ(decode_frame_header(std::span(encoded).first(size)), std::nullopt)
          << size << " bytes of " << hex;
    }
  }
}

TEST(DecodeFrameHeader, ReadsEveryPairOfFirstBytes) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const unsigned length = second % 128;
      if (length > 125) continue;  // the forms above
      FrameHeader header{.fin = first / 128 == 1,
                         .rsv1 = first / 64 % 2 == 1,
                         .rsv2 = first / 32 % 2 == 1,
                         .rsv3 = first / 16 % 2 == 1,
                         .opcode = static_cast<Opcode>(first % 16),
                         .payload_length = length};
      std::vector<std::byte> encoded = {static_cast<std::byte>(first),
                                        static_cast<std::byte>(second)};
      if (second >= 128) {
        header.masking_key = kKey;
        encoded.insert(encoded.end(), kKey.begin(), kKey.end());
      }
      const auto decoded = decode_frame_header(encoded);
      ASSERT_TRUE(decoded && *decoded);
      ASSERT_EQ((*decoded)->header, header) << first << ", " << second;
      ASSERT_TRUE(std::ranges::equal(encode_frame_header(header).bytes(), encoded));
    }
  }
}

TEST(WriteFrame, WritesWhatTheOracleDoesAndNothingBehindIt) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size < 300; ++size) sizes.push_back(size);
  for (const std::size_t size : {65'534U, 65'535U, 65'536U, 65'600U}) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    std::vector<std::byte> payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::byte>(i * 89 + 7);
    for (const auto& key : {std::optional<MaskingKey>(), std::optional(kKey)}) {
      auto expected = oracle::encode({.fin = size % 2 == 0,
                                      .rsv1 = size % 3 == 0,
                                      .opcode = Opcode::binary,
                                      .masking_key = key,
                                      .payload = payload});
      std::vector<std::byte> out(kMaxFrameHeaderSize + size + 1, std::byte{0xee});
      const std::size_t written = write_frame({.fin = size % 2 == 0,
                                               .rsv1 = size % 3 == 0,
                                               .opcode = Opcode::binary,
                                               .masking_key = key},
                                              payload, out);
      ASSERT_EQ(written, expected.size());
      expected.resize(out.size(), std::byte{0xee});
      ASSERT_EQ(out, expected) << size;
    }
  }
}

struct Broken {
  std::string_view hex{};  // up to the byte that shows it
  Violation violation{};
};

TEST(DecodeFrameHeader, RefusesALengthFormAtTheByteThatShowsIt) {
  for (const auto& [hex, violation] : {
           Broken{"82 7e 00 00", Violation::non_minimal_length},
           Broken{"82 7e 00 7d", Violation::non_minimal_length},
           Broken{"82 fe 00 7d", Violation::non_minimal_length},
           Broken{"82 7f 00 00 00 00 00 00", Violation::non_minimal_length},
           Broken{"82 ff 00 00 00 00 00 00", Violation::non_minimal_length},
           Broken{"82 7f 80", Violation::length_top_bit_set},
           Broken{"82 ff ff", Violation::length_top_bit_set},
       }) {
    SCOPED_TRACE(hex);
    auto encoded = bytes(hex);
    const std::span<const std::byte> before(encoded.data(), encoded.size() - 1);
    EXPECT_EQ(decode_frame_header(before), std::nullopt);
    EXPECT_EQ(decode_frame_header(encoded), std::unexpected(violation));
    encoded.insert(encoded.end(), 20, std::byte{0xff});
    EXPECT_EQ(decode_frame_header(encoded), std::unexpected(violation));
  }
}

TEST(PeekFrameHeader, NeedsTwoBytes) {
  EXPECT_EQ(peek_frame_header({}), std::nullopt);
  EXPECT_EQ(peek_frame_header(bytes("81")), std::nullopt);
}

TEST(PeekFrameHeader, GivesTheLengthFieldAsItStandsAndAKeyOfZeros) {
  EXPECT_EQ(peek_frame_header(bytes("81 05")), FrameHeader{.payload_length = 5});
  EXPECT_EQ(peek_frame_header(bytes("c1 7e ff ff")),
            (FrameHeader{.rsv1 = true, .payload_length = 126}));
  EXPECT_EQ(peek_frame_header(bytes("02 ff")), (FrameHeader{.fin = false,
                                                            .opcode = Opcode::binary,
                                                            .masking_key = MaskingKey{},
                                                            .payload_length = 127}));
}

}  // namespace
}  // namespace ws
