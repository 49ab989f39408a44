// The table of violations: complete, in order, and fit to be sent.
#include "impl/wire/violation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <string_view>

#include "impl/wire/close_payload.hpp"

namespace ws {
namespace {

using ::testing::ContainsRegex;
using ::testing::Each;
using ::testing::Truly;

struct Expected {
  std::string_view name{};
  std::string_view source{};
  Violation violation{};
  unsigned close_code = 0;
};

constexpr Expected kExpected[] = {
    {"reserved_bit_set", "RFC 6455 5.2", Violation::reserved_bit_set, 1002},
    {"reserved_opcode", "RFC 6455 5.2", Violation::reserved_opcode, 1002},
    {"fragmented_control_frame", "RFC 6455 5.5", Violation::fragmented_control_frame, 1002},
    {"control_payload_too_long", "RFC 6455 5.5", Violation::control_payload_too_long, 1002},
    {"unmasked_client_frame", "RFC 6455 5.1", Violation::unmasked_client_frame, 1002},
    {"masked_server_frame", "RFC 6455 5.1", Violation::masked_server_frame, 1002},
    {"non_minimal_length", "RFC 6455 5.2", Violation::non_minimal_length, 1002},
    {"length_top_bit_set", "RFC 6455 5.2", Violation::length_top_bit_set, 1002},
    {"continuation_without_message", "RFC 6455 5.4", Violation::continuation_without_message, 1002},
    {"data_frame_inside_message", "RFC 6455 5.4", Violation::data_frame_inside_message, 1002},
    {"close_payload_of_one_byte", "RFC 6455 5.5.1", Violation::close_payload_of_one_byte, 1002},
    {"illegal_close_code", "RFC 6455 7.4", Violation::illegal_close_code, 1002},
    {"close_reason_not_utf8", "RFC 6455 5.5.1", Violation::close_reason_not_utf8, 1007},
    {"text_not_utf8", "RFC 6455 8.1", Violation::text_not_utf8, 1007},
    {"bad_deflate_data", "RFC 7692 7.2.2", Violation::bad_deflate_data, 1007},
    {"frame_too_big", "RFC 6455 10.4", Violation::frame_too_big, 1009},
    {"message_too_big", "RFC 6455 10.4", Violation::message_too_big, 1009},
    {"too_many_fragments", "RFC 6455 10.4", Violation::too_many_fragments, 1009},
    {"peer_unresponsive", "RFC 6455 5.5.2", Violation::peer_unresponsive, 1008},
};

TEST(Violations, HaveTheirNameCloseCodeAndSection) {
  ASSERT_EQ(violations().size(), std::size(kExpected));
  for (const Expected& expected : kExpected) {
    SCOPED_TRACE(expected.name);
    const ViolationInfo& row = describe(expected.violation);
    EXPECT_EQ(row.violation, expected.violation);
    EXPECT_EQ(row.name, expected.name);
    EXPECT_EQ(row.close_code, static_cast<CloseCode>(expected.close_code));
    EXPECT_EQ(row.source, expected.source);
  }
}

TEST(Violations, StandInTheOrderOfTheEnumerators) {
  for (std::size_t i = 0; i < violations().size(); ++i) {
    EXPECT_EQ(violations()[i].violation, static_cast<Violation>(i));
  }
}

TEST(Violations, AreAnsweredWithACloseCodeThatMayBeSent) {
  EXPECT_THAT(violations(),
              Each(Truly([](const ViolationInfo& row) { return may_be_sent(row.close_code); })));
}

TEST(Violations, HaveATextOfTheirOwnThatFitsACloseReason) {
  std::set<std::string_view> texts;
  for (const ViolationInfo& row : violations()) {
    SCOPED_TRACE(row.name);
    EXPECT_LE(row.text.size(), kMaxCloseReason);
    EXPECT_THAT(std::string(row.text), ContainsRegex("^[ -~]+$"));
    EXPECT_TRUE(texts.insert(row.text).second);
  }
}

}  // namespace
}  // namespace ws
