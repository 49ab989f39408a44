#include "conformance/oracle/wire_rules.hpp"

#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"

namespace ws::oracle {
namespace {

using testing::bytes;

TEST(WireRules, LetALegalOutputPass) {
  EXPECT_EQ(broken_rule(bytes("81 05 48 65 6c 6c 6f 8a 00 88 02 03 e8"), Role::server),
            std::nullopt);
  EXPECT_EQ(broken_rule(bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58"), Role::client), std::nullopt);
  EXPECT_EQ(broken_rule(bytes("c1 07 f2 48 cd c9 c9 07 00"), Role::server, Deflation{}),
            std::nullopt);
  EXPECT_EQ(broken_rule(bytes("81 05 48"), Role::server), std::nullopt) << "cut off";
  EXPECT_EQ(broken_rule({}, Role::client), std::nullopt);
}

TEST(WireRules, NameWhatAnOutputBreaks) {
  const struct {
    std::string_view hex;
    std::string_view rule;
  } kBroken[] = {
      {"c1 00", "reserved_bit_set"},
      {"83 00", "reserved_opcode"},
      {"09 00", "fragmented_control_frame"},
      {"89 7e 00 7e", "control_payload_too_long"},
      {"81 80 00 00 00 00", "masked_server_frame"},
      {"81 7e 00 01 61", "non_minimal_length"},
      {"80 00", "continuation_without_message"},
      {"01 00 81 00", "data_frame_inside_message"},
      {"81 01 ff", "text_not_utf8"},
      {"88 01 03", "close_payload_of_one_byte"},
      {"88 02 03 ee", "illegal_close_code"},
      {"88 03 03 e8 80", "close_reason_not_utf8"},
      {"88 00 88 00", "frame_after_close"},
      {"88 02 03 e8 8a", "frame_after_close"},
  };
  for (const auto& [hex, rule] : kBroken) {
    const auto broken = broken_rule(bytes(hex), Role::server);
    ASSERT_TRUE(broken) << hex;
    EXPECT_EQ(broken->rule, rule) << hex;
  }
  EXPECT_EQ(broken_rule(bytes("81 00"), Role::client)->rule, "unmasked_client_frame");
}

TEST(WireRules, HoldACompressedMessageToItsWindow) {
  std::vector<std::byte> frame = bytes("c2 7e 01 35 00 2c 01 d3 fe");
  frame.insert(frame.end(), 300, std::byte{'x'});
  const auto match = bytes("02 06 00 00");  // reaches back 257 bytes
  frame.insert(frame.end(), match.begin(), match.end());
  EXPECT_EQ(broken_rule(frame, Role::server, Deflation{.window_bits = 9}), std::nullopt);
  EXPECT_EQ(broken_rule(frame, Role::server, Deflation{.window_bits = 8})->rule,
            "bad_deflate_data");
}

}  // namespace
}  // namespace ws::oracle
