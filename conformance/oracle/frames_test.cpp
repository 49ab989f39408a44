#include "conformance/oracle/frames.hpp"

#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"

namespace ws::oracle {
namespace {

using testing::bytes;
using testing::bytes_of;

constexpr MaskingKey kKey{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

FrameList decode(std::string_view hex, FrameSettings settings = {.sender = Role::server}) {
  return decode_frames(bytes(hex), settings);
}

TEST(OracleFrames, ReadsTheExamplesOfSection57) {
  const auto list = decode("81 05 48 65 6c 6c 6f 01 03 48 65 6c 80 02 6c 6f");
  EXPECT_EQ(list.broken, std::nullopt);
  EXPECT_EQ(
      list.frames,
      (std::vector<Frame>{{.announced_length = 5, .payload = bytes_of("Hello"), .payload_begin = 2},
                          {.fin = false,
                           .announced_length = 3,
                           .payload = bytes_of("Hel"),
                           .begin = 7,
                           .payload_begin = 9},
                          {.opcode = Opcode::continuation,
                           .announced_length = 2,
                           .payload = bytes_of("lo"),
                           .begin = 12,
                           .payload_begin = 14}}));

  const auto masked = decode("81 85 37 fa 21 3d 7f 9f 4d 51 58", {.sender = Role::client});
  EXPECT_EQ(masked.frames, (std::vector<Frame>{{.masking_key = kKey,
                                                .announced_length = 5,
                                                .payload = bytes_of("Hello"),
                                                .payload_begin = 6}}));
}

TEST(OracleFrames, ReadsEachLengthForm) {
  for (const std::size_t length : {0U, 125U, 126U, 65'535U, 65'536U}) {
    const std::vector<std::byte> payload(length, std::byte{'x'});
    const auto list = decode_frames(encode({.opcode = Opcode::binary, .payload = payload}),
                                    {.sender = Role::server});
    ASSERT_EQ(list.frames.size(), 1U) << length;
    EXPECT_TRUE(list.frames[0].is_whole());
    EXPECT_EQ(list.frames[0].payload, payload);
  }
}

TEST(OracleFrames, NamesTheRuleAndTheByteThatShowsIt) {
  const struct {
    std::string_view hex;
    Role sender;
    BrokenRule broken;
  } kBroken[] = {
      {"c1 00", Role::server, {"reserved_bit_set", 1}},
      {"a1 00", Role::server, {"reserved_bit_set", 1}},
      {"91 00", Role::server, {"reserved_bit_set", 1}},
      {"81 00 83 00", Role::server, {"reserved_opcode", 3}},
      {"87 00", Role::server, {"reserved_opcode", 1}},
      {"8b 00", Role::server, {"reserved_opcode", 1}},
      {"8f 00", Role::server, {"reserved_opcode", 1}},
      {"09 00", Role::server, {"fragmented_control_frame", 1}},
      {"89 7e", Role::server, {"control_payload_too_long", 1}},
      {"81 00", Role::client, {"unmasked_client_frame", 1}},
      {"81 80", Role::server, {"masked_server_frame", 1}},
      {"82 7e 00 7d", Role::server, {"non_minimal_length", 3}},
      {"82 7f 00 00 00 00 00 00", Role::server, {"non_minimal_length", 7}},
      {"82 7f 80", Role::server, {"length_top_bit_set", 2}},
  };
  for (const auto& [hex, sender, broken] : kBroken) {
    EXPECT_EQ(decode(hex, {.sender = sender}).broken, broken) << hex;
    const std::string_view shorter = hex.substr(0, hex.size() - 3);
    EXPECT_EQ(decode(shorter, {.sender = sender}).broken, std::nullopt) << hex;
  }
}

TEST(OracleFrames, AllowsRsv1OnTheFirstFrameOfAMessageAlone) {
  const FrameSettings settings{.sender = Role::server, .rsv1_defined = true};
  EXPECT_EQ(decode("c1 00 c2 00", settings).broken, std::nullopt);
  EXPECT_TRUE(decode("c1 00", settings).frames[0].rsv1);
  EXPECT_EQ(decode("c0 00", settings).broken, (BrokenRule{"reserved_bit_set", 1}));
  EXPECT_EQ(decode("c9 00", settings).broken, (BrokenRule{"reserved_bit_set", 1}));
  EXPECT_EQ(decode("e1 00", settings).broken, (BrokenRule{"reserved_bit_set", 1}));
}

TEST(OracleFrames, RefusesAFrameBeyondTheLimitOnceItsHeaderIsWhole) {
  const FrameSettings settings{.sender = Role::client, .max_frame_size = 4};
  EXPECT_EQ(decode("82 84 00 00 00 00", settings).broken, std::nullopt);
  EXPECT_EQ(decode("82 85 00 00 00", settings).broken, std::nullopt);
  EXPECT_EQ(decode("82 85 00 00 00 00", settings).broken, (BrokenRule{"frame_too_big", 5}));
}

TEST(OracleFrames, SaysWhereTheStreamEnds) {
  EXPECT_FALSE(decode("").ends_inside_header);
  EXPECT_TRUE(decode("81").ends_inside_header);
  EXPECT_TRUE(decode("81 7e 00").ends_inside_header);
  EXPECT_TRUE(decode("81 80 00 00 00", {.sender = Role::client}).ends_inside_header);
  const auto inside = decode("81 05 48 65");
  EXPECT_FALSE(inside.ends_inside_header);
  ASSERT_EQ(inside.frames.size(), 1U);
  EXPECT_FALSE(inside.frames[0].is_whole());
  EXPECT_EQ(inside.frames[0].payload, bytes_of("He"));
}

}  // namespace
}  // namespace ws::oracle
