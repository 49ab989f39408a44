// The closing handshake, from both sides and in every order (RFC 6455 sections 5.5.1 and 7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "impl/connection/test_driver.hpp"

namespace ws {
namespace {

using testing::concat;
using ::testing::ElementsAre;
using testing::frame;
using ::testing::IsEmpty;
using testing::open_driver;
using ::testing::VariantWith;

constexpr std::string_view kClose1000{"\x03\xe8", 2};
constexpr std::string_view kClose1001{"\x03\xe9", 2};
constexpr std::string_view kClose1002{"\x03\xea", 2};

class Closing : public ::testing::TestWithParam<Role> {
 protected:
  Role self() const { return GetParam(); }
  Role peer() const { return peer_of(self()); }
  TransportWish wish_after_handshake() const {
    return self() == Role::server ? TransportWish::end : TransportWish::await_peer_end;
  }
  testing::Driver driver_ = open_driver(GetParam());
};

INSTANTIATE_TEST_SUITE_P(EachRole, Closing, ::testing::Values(Role::server, Role::client),
                         [](const auto& test) {
                           return test.param == Role::server ? "Server" : "Client";
                         });

TEST_P(Closing, AnswersThePeersCloseWithItsCode) {
  driver_.read(frame(peer(), 0x88, std::string(kClose1001) + "bye"));
  EXPECT_EQ(driver_.output, frame(self(), 0x88, kClose1001));
  EXPECT_THAT(driver_.events, ElementsAre(VariantWith<CloseReceived>(CloseReceived{
                                  {.code = CloseCode::going_away, .reason = "bye"}})));
  EXPECT_EQ(driver_.connection.state(), ConnectionState::closing);
  EXPECT_EQ(driver_.connection.transport_wish(), wish_after_handshake());
}

TEST_P(Closing, AnswersAnEmptyCloseWithAnEmptyOne) {
  driver_.read(frame(peer(), 0x88));
  EXPECT_EQ(driver_.output, frame(self(), 0x88));
  driver_.end();
  EXPECT_EQ(driver_.events_of<Closed>(),
            std::vector({Closed{.code = CloseCode::no_status_received, .clean = true}}));
}

TEST_P(Closing, IsCleanOnceBothClosesAreExchangedAndTheTransportEnded) {
  ASSERT_TRUE(driver_.connection.close(CloseCode::normal_closure, "done"));
  driver_.collect();
  EXPECT_EQ(driver_.output, frame(self(), 0x88, std::string(kClose1000) + "done"));
  EXPECT_EQ(driver_.connection.state(), ConnectionState::closing);
  EXPECT_EQ(driver_.connection.transport_wish(), TransportWish::keep);

  driver_.forget();
  driver_.read(frame(peer(), 0x88, std::string(kClose1000) + "done too"));
  EXPECT_THAT(driver_.output, IsEmpty()) << "a second Close";
  EXPECT_EQ(driver_.connection.transport_wish(), wish_after_handshake());
  EXPECT_EQ(driver_.connection.state(), ConnectionState::closing);

  driver_.end();
  EXPECT_EQ(driver_.connection.state(), ConnectionState::closed);
  EXPECT_EQ(driver_.events_of<Closed>(),
            std::vector(
                {Closed{.code = CloseCode::normal_closure, .reason = "done too", .clean = true}}));
}

TEST_P(Closing, SendsOneCloseWhenTwoCross) {
  ASSERT_TRUE(driver_.connection.close(CloseCode::normal_closure));
  driver_.read(frame(peer(), 0x88, kClose1001));
  EXPECT_EQ(driver_.output, frame(self(), 0x88, kClose1000));
  driver_.end();
  EXPECT_EQ(driver_.events_of<Closed>(),
            std::vector({Closed{.code = CloseCode::going_away, .clean = true}}));
}

TEST_P(Closing, DeliversDataThatArrivesBeforeThePeersClose) {
  ASSERT_TRUE(driver_.connection.close(CloseCode::normal_closure));
  driver_.collect();
  driver_.forget();
  driver_.read(concat({frame(peer(), 0x81, "late"), frame(peer(), 0x88, kClose1000)}));
  EXPECT_THAT(driver_.events, ElementsAre(VariantWith<MessageReceived>(MessageReceived{
                                              Opcode::text, testing::bytes_of("late")}),
                                          VariantWith<CloseReceived>(::testing::_)));
  EXPECT_THAT(driver_.output, IsEmpty());
}

TEST_P(Closing, SendsNothingAfterItsClose) {
  ASSERT_TRUE(driver_.connection.close(CloseCode::normal_closure));
  driver_.collect();
  driver_.forget();
  driver_.read(frame(peer(), 0x89, "ping"));
  EXPECT_THAT(driver_.events, ElementsAre(VariantWith<PingReceived>(::testing::_)));
  EXPECT_EQ(driver_.connection.send_text("x"), std::unexpected(SendError::not_open));
  EXPECT_EQ(driver_.connection.send_binary({}), std::unexpected(SendError::not_open));
  EXPECT_EQ(driver_.connection.send_fragment(Opcode::text, {}, true),
            std::unexpected(SendError::not_open));
  EXPECT_EQ(driver_.connection.send_ping({}), std::unexpected(SendError::not_open));
  EXPECT_EQ(driver_.connection.send_pong({}), std::unexpected(SendError::not_open));
  EXPECT_EQ(driver_.connection.close(), std::unexpected(SendError::not_open));
  driver_.collect();
  EXPECT_THAT(driver_.output, IsEmpty());
}

TEST_P(Closing, LooksAtNothingAfterThePeersClose) {
  driver_.read(concat({frame(peer(), 0x88, kClose1000), frame(peer(), 0x81, "late"),
                       frame(peer(), 0x89), frame(peer(), 0x83)}));
  EXPECT_THAT(driver_.events, ElementsAre(VariantWith<CloseReceived>(::testing::_)));
  EXPECT_EQ(driver_.output, frame(self(), 0x88, kClose1000));
}

TEST_P(Closing, TakesACloseInsideAFragmentedMessage) {
  driver_.read(concat({frame(peer(), 0x01, "half"), frame(peer(), 0x88, kClose1000)}));
  EXPECT_THAT(driver_.events, ElementsAre(VariantWith<CloseReceived>(::testing::_)));
  EXPECT_EQ(driver_.output, frame(self(), 0x88, kClose1000));
}

TEST_P(Closing, CanCloseInsideAFragmentedMessageOfItsOwn) {
  ASSERT_TRUE(driver_.connection.send_fragment(Opcode::text, testing::bytes_of("half"), false));
  ASSERT_TRUE(driver_.connection.close(CloseCode::normal_closure));
  driver_.collect();
  EXPECT_EQ(driver_.output, concat({frame(self(), 0x01, "half"), frame(self(), 0x88, kClose1000)}));
}

TEST_P(Closing, IsNotCleanWithoutThePeersClose) {
  ASSERT_TRUE(driver_.connection.close(CloseCode::normal_closure));
  driver_.end();
  EXPECT_EQ(driver_.events_of<Closed>(),
            std::vector({Closed{.code = CloseCode::abnormal_closure, .clean = false}}));
}

TEST_P(Closing, IsNotCleanWhenTheTransportJustEnds) {
  driver_.end();
  EXPECT_THAT(driver_.events, ElementsAre(VariantWith<Closed>(Closed{})));
  EXPECT_EQ(driver_.connection.state(), ConnectionState::closed);
  EXPECT_EQ(driver_.connection.transport_wish(), TransportWish::end);
}

TEST_P(Closing, ReportsTheEndOfTheTransportOnce) {
  driver_.end();
  driver_.forget();
  driver_.end();
  driver_.read(frame(peer(), 0x81, "late"));
  driver_.connection.fail(Violation::reserved_opcode);
  driver_.collect();
  EXPECT_THAT(driver_.events, IsEmpty());
  EXPECT_THAT(driver_.output, IsEmpty());
}

TEST_P(Closing, RefusesACallersBadClose) {
  auto& connection = driver_.connection;
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
    EXPECT_EQ(connection.close(static_cast<CloseCode>(code)),
              std::unexpected(SendError::illegal_close_code))
        << code;
  }
  EXPECT_EQ(connection.close(CloseCode::normal_closure, std::string(124, 'x')),
            std::unexpected(SendError::close_reason_too_long));
  EXPECT_EQ(connection.close(CloseCode::normal_closure, "\xff"),
            std::unexpected(SendError::close_reason_not_utf8));
  EXPECT_EQ(connection.close({}, "reason"), std::unexpected(SendError::close_reason_without_code));
  EXPECT_EQ(connection.state(), ConnectionState::open);
  EXPECT_TRUE(connection.close(CloseCode::normal_closure, std::string(123, 'x')));
}

TEST_P(Closing, FailsWithTheViolationsCodeAndLooksAtNothingAfter) {
  driver_.read(
      concat({frame(peer(), 0x83), frame(peer(), 0x81, "late"), frame(peer(), 0x88, kClose1000)}));
  EXPECT_THAT(driver_.events, ElementsAre(VariantWith<Failed>(Failed{Violation::reserved_opcode})));
  const std::string text{describe(Violation::reserved_opcode).text};
  EXPECT_EQ(driver_.output, frame(self(), 0x88, std::string(kClose1002) + text));
  EXPECT_EQ(driver_.connection.state(), ConnectionState::closing);
  EXPECT_EQ(driver_.connection.transport_wish(), TransportWish::end);
  driver_.end();
  EXPECT_EQ(driver_.events_of<Closed>(), std::vector({Closed{}}));
}

TEST_P(Closing, FailsWithoutASecondCloseAfterItsOwn) {
  ASSERT_TRUE(driver_.connection.close(CloseCode::normal_closure));
  driver_.collect();
  driver_.forget();
  driver_.read(frame(peer(), 0x83));
  EXPECT_THAT(driver_.events, ElementsAre(VariantWith<Failed>(Failed{Violation::reserved_opcode})));
  EXPECT_THAT(driver_.output, IsEmpty());
  EXPECT_EQ(driver_.connection.transport_wish(), TransportWish::end);
}

TEST_P(Closing, FailsOnce) {
  driver_.connection.fail(Violation::peer_unresponsive);
  driver_.collect();
  driver_.forget();
  driver_.connection.fail(Violation::reserved_opcode);
  driver_.collect();
  EXPECT_THAT(driver_.events, IsEmpty());
  EXPECT_THAT(driver_.output, IsEmpty());
}

TEST_P(Closing, CannotFailAfterThePeersClose) {
  driver_.read(frame(peer(), 0x88, kClose1000));
  driver_.forget();
  driver_.connection.fail(Violation::peer_unresponsive);
  driver_.collect();
  EXPECT_THAT(driver_.events, IsEmpty());
  EXPECT_EQ(driver_.connection.transport_wish(), wish_after_handshake());
}

TEST_P(Closing, FailsOnEachIllegalClosePayload) {
  const struct {
    std::string_view payload;
    Violation violation;
  } kIllegal[] = {
      {{"\x03", 1}, Violation::close_payload_of_one_byte},
      {{"\x00\x00", 2}, Violation::illegal_close_code},
      {{"\x03\xec", 2}, Violation::illegal_close_code},  // 1004
      {{"\x03\xed", 2}, Violation::illegal_close_code},  // 1005
      {{"\x03\xee", 2}, Violation::illegal_close_code},  // 1006
      {{"\x03\xf7", 2}, Violation::illegal_close_code},  // 1015
      {{"\x03\xe8\xc3", 3}, Violation::close_reason_not_utf8},
  };
  for (const auto& [payload, violation] : kIllegal) {
    auto driver = open_driver(self());
    driver.read(frame(peer(), 0x88, payload));
    EXPECT_THAT(driver.events, ElementsAre(VariantWith<Failed>(Failed{violation})));
  }
}

}  // namespace
}  // namespace ws
