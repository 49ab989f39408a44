// Each rule of one header by name, and all pairs of first bytes.
#include "impl/wire/frame_rules.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "conformance/oracle/frames.hpp"

namespace ws {
namespace {

constexpr MaskingKey kKey = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};

struct Broken {
  FrameHeader header{};
  Violation violation{};
};

TEST(CheckFrameHeader, NamesTheRuleThatAServerFrameBreaks) {
  for (const auto& [header, violation] : {
           Broken{{.rsv1 = true}, Violation::reserved_bit_set},
           Broken{{.rsv2 = true}, Violation::reserved_bit_set},
           Broken{{.rsv3 = true}, Violation::reserved_bit_set},
           Broken{{.opcode = Opcode{0x3}}, Violation::reserved_opcode},
           Broken{{.opcode = Opcode{0x7}}, Violation::reserved_opcode},
           Broken{{.opcode = Opcode{0xb}}, Violation::reserved_opcode},
           Broken{{.opcode = Opcode{0xf}}, Violation::reserved_opcode},
           Broken{{.fin = false, .opcode = Opcode::close}, Violation::fragmented_control_frame},
           Broken{{.fin = false, .opcode = Opcode::ping}, Violation::fragmented_control_frame},
           Broken{{.fin = false, .opcode = Opcode::pong}, Violation::fragmented_control_frame},
           Broken{{.opcode = Opcode::ping, .payload_length = 126},
                  Violation::control_payload_too_long},
           Broken{{.masking_key = kKey}, Violation::masked_server_frame},
       }) {
    EXPECT_EQ(check_frame_header(header, Role::server, false), std::unexpected(violation))
        << describe(violation).name;
  }
}

TEST(CheckFrameHeader, TakesWhatAServerMaySend) {
  for (const auto& header : {
           FrameHeader{.opcode = Opcode::text},
           FrameHeader{.fin = false, .opcode = Opcode::binary},
           FrameHeader{.opcode = Opcode::continuation, .payload_length = 1ULL << 62U},
           FrameHeader{.opcode = Opcode::ping, .payload_length = 125},
           FrameHeader{.opcode = Opcode::close, .payload_length = 2},
       }) {
    EXPECT_TRUE(check_frame_header(header, Role::server, false));
  }
}

TEST(CheckFrameHeader, WantsAKeyFromClientsAlone) {
  EXPECT_EQ(check_frame_header({}, Role::client, false),
            std::unexpected(Violation::unmasked_client_frame));
  EXPECT_TRUE(check_frame_header({.masking_key = kKey}, Role::client, false));
  EXPECT_TRUE(check_frame_header({}, Role::server, false));
}

TEST(CheckFrameHeader, TakesADefinedRsv1OnTheFirstFrameOfAMessageAlone) {
  for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
    EXPECT_TRUE(check_frame_header({.rsv1 = true, .opcode = opcode}, Role::server, true));
  }
  for (const Opcode opcode : {Opcode::continuation, Opcode::close, Opcode::ping, Opcode::pong}) {
    EXPECT_EQ(check_frame_header({.rsv1 = true, .opcode = opcode}, Role::server, true),
              std::unexpected(Violation::reserved_bit_set));
  }
  EXPECT_EQ(check_frame_header({.rsv1 = true, .rsv2 = true}, Role::server, true),
            std::unexpected(Violation::reserved_bit_set));
}

TEST(CheckFrameHeader, NamesTheFirstOfSeveralRules) {
  FrameHeader header{.fin = false,
                     .rsv3 = true,
                     .opcode = Opcode{0xb},
                     .masking_key = kKey,
                     .payload_length = 126};
  const auto broken = [&] { return check_frame_header(header, Role::server, false).error(); };
  EXPECT_EQ(broken(), Violation::reserved_bit_set);
  header.rsv3 = false;
  EXPECT_EQ(broken(), Violation::reserved_opcode);
  header.opcode = Opcode::ping;
  EXPECT_EQ(broken(), Violation::fragmented_control_frame);
  header.fin = true;
  EXPECT_EQ(broken(), Violation::control_payload_too_long);
  header.payload_length = 125;
  EXPECT_EQ(broken(), Violation::masked_server_frame);
}

TEST(CheckFrameHeader, AgreesWithTheOracleOnEveryPairOfFirstBytes) {
  for (unsigned pair = 0; pair < 0x1'0000; ++pair) {
    const std::byte bytes[] = {static_cast<std::byte>(pair >> 8U), static_cast<std::byte>(pair)};
    const FrameHeader header = peek_frame_header(bytes).value();
    for (const Role sender : {Role::client, Role::server}) {
      for (const bool rsv1_defined : {false, true}) {
        const auto checked = check_frame_header(header, sender, rsv1_defined);
        const auto expected =
            oracle::decode_frames(bytes, {.sender = sender, .rsv1_defined = rsv1_defined}).broken;
        ASSERT_EQ(checked.has_value(), !expected.has_value()) << std::hex << pair;
        if (!checked) {
          ASSERT_EQ(describe(checked.error()).name, expected->rule) << std::hex << pair;
        }
      }
    }
  }
}

}  // namespace
}  // namespace ws
