// Close payloads of every length and code (sections 5.5.1 and 7.4).
#include "impl/wire/close_payload.hpp"

#include <gtest/gtest.h>
#include <string>

#include "impl/testing/bytes.hpp"

namespace ws {
namespace {

using ::ws::testing::bytes;

TEST(DecodeClosePayload, FindsNoCodeInAnEmptyPayload) {
  EXPECT_EQ(decode_close_payload({}), ClosePayload{});
}

TEST(DecodeClosePayload, FindsCodeAndReason) {
  EXPECT_EQ(decode_close_payload(bytes("03 e8")), ClosePayload{CloseCode::normal_closure});
  EXPECT_EQ(decode_close_payload(bytes("03 e9 62 79 65")),
            (ClosePayload{CloseCode::going_away, "bye"}));
  EXPECT_EQ(decode_close_payload(bytes("0f a0 ce ba")),
            (ClosePayload{static_cast<CloseCode>(4000), "\u03ba"}));
}

TEST(DecodeClosePayload, RefusesOneByte) {
  EXPECT_EQ(decode_close_payload(bytes("03")),
            std::unexpected(Violation::close_payload_of_one_byte));
}

TEST(DecodeClosePayload, RefusesEachCodeThatMayNotBeSent) {
  for (unsigned value = 0; value <= 65535; ++value) {
    const std::byte payload[] = {static_cast<std::byte>(value >> 8U),
                                 static_cast<std::byte>(value)};
    const auto code = static_cast<CloseCode>(value);
    const auto decoded = decode_close_payload(payload);
    if (may_be_sent(code)) {
      ASSERT_EQ(decoded, ClosePayload{code}) << value;
    } else {
      ASSERT_EQ(decoded, std::unexpected(Violation::illegal_close_code)) << value;
    }
  }
}

TEST(DecodeClosePayload, RefusesAReasonThatIsNotUtf8) {
  for (const char* payload : {"03 e8 ff", "03 e8 62 79 65 c3", "03 e8 ed a0 80", "03 e8 80"}) {
    EXPECT_EQ(decode_close_payload(bytes(payload)),
              std::unexpected(Violation::close_reason_not_utf8))
        << payload;
  }
}

TEST(DecodeClosePayload, NamesTheCodeBeforeTheReason) {
  EXPECT_EQ(decode_close_payload(bytes("03 ed ff")),
            std::unexpected(Violation::illegal_close_code));
}

TEST(EncodeClosePayload, WritesNothingWithoutACode) {
  EXPECT_EQ(encode_close_payload({}), bytes(""));
}

TEST(EncodeClosePayload, WritesTheCodeInNetworkByteOrderBeforeTheReason) {
  EXPECT_EQ(encode_close_payload({.code = CloseCode::going_away, .reason = "bye"}),
            bytes("03 e9 62 79 65"));
}

TEST(EncodeClosePayload, FillsAControlFrameWithTheLongestReason) {
  const ClosePayload payload{CloseCode::normal_closure, std::string(kMaxCloseReason, 'x')};
  const auto encoded = encode_close_payload(payload);
  EXPECT_EQ(encoded.size(), 125U);
  EXPECT_EQ(decode_close_payload(encoded), payload);
}

}  // namespace
}  // namespace ws
