// Messages and control frames on an open connection (RFC 6455 sections 5 and 6, RFC 7692).
#include "impl/connection/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "impl/connection/test_driver.hpp"
#include "impl/testing/split.hpp"

namespace ws {
namespace {

using testing::bytes;
using testing::bytes_of;
using testing::concat;
using testing::Driver;
using ::testing::ElementsAre;
using testing::frame;
using ::testing::IsEmpty;
using testing::open_driver;
using ::testing::SizeIs;
using ::testing::VariantWith;

auto message(Opcode type, std::string_view payload) {
  return VariantWith<MessageReceived>(MessageReceived{type, bytes_of(payload)});
}

class Open : public ::testing::TestWithParam<Role> {
 protected:
  Role self() const { return GetParam(); }
  Role peer() const { return peer_of(self()); }
};

INSTANTIATE_TEST_SUITE_P(EachRole, Open, ::testing::Values(Role::server, Role::client),
                         [](const auto& test) {
                           return test.param == Role::server ? "Server" : "Client";
                         });

TEST_P(Open, HearsTheSameForEveryCutOfTheReads) {
  const auto stream =
      concat({frame(peer(), 0x81, "Hello"), frame(peer(), 0x02, "He"), frame(peer(), 0x89, "ping"),
              frame(peer(), 0x80, "llo"), frame(peer(), 0x8a, "pong"),
              frame(peer(), 0x82, std::string(126, 'x')), frame(peer(), 0x88, "\x03\xe8")});
  testing::for_each_split(stream, [&](const auto& reads) {
    auto driver = open_driver(self());
    for (const auto& read : reads) driver.read(read);
    EXPECT_THAT(driver.events,
                ElementsAre(message(Opcode::text, "Hello"),
                            VariantWith<PingReceived>(PingReceived{bytes_of("ping")}),
                            message(Opcode::binary, "Hello"),
                            VariantWith<PongReceived>(PongReceived{bytes_of("pong")}),
                            message(Opcode::binary, std::string(126, 'x')),
                            VariantWith<CloseReceived>(
                                CloseReceived{{.code = CloseCode::normal_closure}})));
    EXPECT_EQ(driver.output,
              concat({frame(self(), 0x8a, "ping"), frame(self(), 0x88, "\x03\xe8")}));
  });
}

TEST_P(Open, SendsEachLengthForm) {
  for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 65'535UL, 65'536UL}) {
    auto driver = open_driver(self());
    const std::string payload(size, 'x');
    ASSERT_TRUE(driver.connection.send_text(payload));
    ASSERT_TRUE(driver.connection.send_binary(bytes_of(payload)));
    driver.collect();
    EXPECT_EQ(driver.output, concat({frame(self(), 0x81, payload), frame(self(), 0x82, payload)}));
  }
}

TEST_P(Open, SendsPingsAndUnsolicitedPongs) {
  auto driver = open_driver(self());
  ASSERT_TRUE(driver.connection.send_ping(bytes_of("a")));
  ASSERT_TRUE(driver.connection.send_pong({}));
  driver.collect();
  EXPECT_EQ(driver.output, concat({frame(self(), 0x89, "a"), frame(self(), 0x8a)}));

  const std::vector<std::byte> too_long(126);
  EXPECT_EQ(driver.connection.send_ping(too_long),
            std::unexpected(SendError::control_payload_too_long));
  EXPECT_EQ(driver.connection.send_pong(too_long),
            std::unexpected(SendError::control_payload_too_long));
  EXPECT_TRUE(driver.connection.send_ping(std::span(too_long).first(125)));
}

TEST_P(Open, FragmentsMessagesLongerThanTheSetSize) {
  auto driver = open_driver(self(), {.fragment_size = 3});
  ASSERT_TRUE(driver.connection.send_text("12345678"));
  ASSERT_TRUE(driver.connection.send_text("123456"));
  ASSERT_TRUE(driver.connection.send_text("123"));
  driver.collect();
  EXPECT_EQ(driver.output, concat({frame(self(), 0x01, "123"), frame(self(), 0x00, "456"),
                                   frame(self(), 0x80, "78"), frame(self(), 0x01, "123"),
                                   frame(self(), 0x80, "456"), frame(self(), 0x81, "123")}));
}

TEST_P(Open, SendsFragmentsWithControlFramesInBetween) {
  auto driver = open_driver(self());
  auto& connection = driver.connection;
  ASSERT_TRUE(connection.send_fragment(Opcode::text, bytes("e2 82"), false));
  ASSERT_TRUE(connection.send_ping({}));
  EXPECT_EQ(connection.send_text("x"), std::unexpected(SendError::message_in_progress));
  EXPECT_EQ(connection.send_fragment(Opcode::binary, {}, true),
            std::unexpected(SendError::message_in_progress));
  EXPECT_EQ(connection.send_fragment(Opcode::text, {}, true),
            std::unexpected(SendError::text_not_utf8))
      << "the text ends inside a sequence";
  ASSERT_TRUE(connection.send_fragment(Opcode::text, bytes("ac"), true));
  ASSERT_TRUE(connection.send_text("x"));
  driver.collect();
  EXPECT_EQ(driver.output, concat({frame(self(), 0x01, "\xe2\x82"), frame(self(), 0x89),
                                   frame(self(), 0x80, "\xac"), frame(self(), 0x81, "x")}));
}

TEST_P(Open, RefusesToSendTextThatIsNotUtf8) {
  auto driver = open_driver(self());
  EXPECT_EQ(driver.connection.send_text("\xff"), std::unexpected(SendError::text_not_utf8));
  EXPECT_EQ(driver.connection.send_fragment(Opcode::text, bytes("ff"), false),
            std::unexpected(SendError::text_not_utf8));
  driver.collect();
  EXPECT_THAT(driver.output, IsEmpty());
}

TEST_P(Open, AnswersAMessageBeforeALaterFrameFailsTheConnection) {
  auto driver = open_driver(self());
  driver.on_event = [&](const Event& event) {
    if (std::holds_alternative<MessageReceived>(event)) {
      EXPECT_TRUE(driver.connection.send_text("echo"));
    }
  };
  driver.read(concat({frame(peer(), 0x81, "Hello"), frame(peer(), 0x83)}));
  const std::string text{describe(Violation::reserved_opcode).text};
  EXPECT_EQ(driver.output,
            concat({frame(self(), 0x81, "echo"), frame(self(), 0x88, "\x03\xea" + text)}));
}

TEST_P(Open, FailsWithTheFirstRuleBroken) {
  const auto wrong_masking = frame(self(), 0x81, "x");  // as if the peer were of our own role
  const struct {
    std::vector<std::byte> stream;
    Violation violation;
  } kStreams[] = {
      {frame(peer(), 0xc1), Violation::reserved_bit_set},
      {frame(peer(), 0xa1), Violation::reserved_bit_set},
      {frame(peer(), 0x91), Violation::reserved_bit_set},
      {frame(peer(), 0x83), Violation::reserved_opcode},
      {frame(peer(), 0x8b), Violation::reserved_opcode},
      {frame(peer(), 0x09), Violation::fragmented_control_frame},
      {frame(peer(), 0x89, std::string(126, 'x')), Violation::control_payload_too_long},
      {frame(peer(), 0x80), Violation::continuation_without_message},
      {concat({frame(peer(), 0x01), frame(peer(), 0x81)}), Violation::data_frame_inside_message},
      {frame(peer(), 0x81, "\xff"), Violation::text_not_utf8},
      {wrong_masking,
       self() == Role::server ? Violation::unmasked_client_frame : Violation::masked_server_frame},
      {frame(peer(), 0x82, std::string(1001, 'x')), Violation::frame_too_big},
      {concat({frame(peer(), 0x02, std::string(900, 'x')),
               frame(peer(), 0x80, std::string(900, 'x'))}),
       Violation::message_too_big},
      {concat({frame(peer(), 0x02), frame(peer(), 0x00), frame(peer(), 0x00), frame(peer(), 0x80)}),
       Violation::too_many_fragments},
  };
  const Limits limits{.max_frame_size = 1000, .max_message_size = 1500, .max_fragments = 3};
  for (const auto& [stream, violation] : kStreams) {
    auto driver = open_driver(self(), {.limits = limits});
    driver.read(stream);
    EXPECT_THAT(driver.events, ElementsAre(VariantWith<Failed>(Failed{violation})))
        << describe(violation).name;
  }
}

/// Passes everything that each of the two has sent to the other until both are quiet.
void exchange(Driver& left, Driver& right) {
  left.collect();
  right.collect();
  while (!left.output.empty() || !right.output.empty()) {
    const auto from_left = std::exchange(left.output, {});
    const auto from_right = std::exchange(right.output, {});
    if (!from_left.empty()) right.read(from_left);
    if (!from_right.empty()) left.read(from_right);
  }
}

TEST(Compression, CarriesMessagesBothWaysForEveryParameter) {
  for (const int window_bits : {8, 9, 15}) {
    for (const bool no_context_takeover : {false, true}) {
      const DirectionParameters direction{.no_context_takeover = no_context_takeover,
                                          .max_window_bits = window_bits};
      const ConnectionSettings settings{
          .deflate = DeflateSettings{.server = direction, .client = direction},
          .fragment_size = 50};
      Driver server(ServerSettings{.connection = settings});
      Driver client(testing::client_settings(settings));
      exchange(client, server);
      ASSERT_THAT(client.events_of<Opened>(), SizeIs(1));
      EXPECT_EQ(client.events_of<Opened>()[0].deflate,
                (DeflateParameters{.server = direction, .client = direction}));
      EXPECT_EQ(server.events_of<Opened>().at(0).deflate, client.events_of<Opened>()[0].deflate);
      client.forget();
      server.forget();

      std::string text;
      for (int i = 0; i < 500; ++i) text += "line " + std::to_string(i * i) + "\n";
      for (int round = 0; round < 3; ++round) {
        for (Driver* driver : {&client, &server}) {
          ASSERT_TRUE(driver->connection.send_text(text));
          ASSERT_TRUE(driver->connection.send_text(""));
          ASSERT_TRUE(driver->connection.send_fragment(Opcode::binary, bytes("01 02"), false));
          ASSERT_TRUE(driver->connection.send_ping({}));
          ASSERT_TRUE(driver->connection.send_fragment(Opcode::binary, bytes("03"), true));
        }
        exchange(client, server);
        for (Driver* driver : {&client, &server}) {
          EXPECT_THAT(driver->events_of<MessageReceived>(),
                      ElementsAre(MessageReceived{Opcode::text, bytes_of(text)},
                                  MessageReceived{Opcode::text, {}},
                                  MessageReceived{Opcode::binary, bytes("01 02 03")}));
          EXPECT_THAT(driver->events_of<Failed>(), IsEmpty());
          driver->forget();
        }
      }
    }
  }
}

TEST(Compression, MakesMessagesSmallerButLeavesShortOnesAlone) {
  const ConnectionSettings settings{.deflate = DeflateSettings{.min_message_size = 10}};
  Driver server(ServerSettings{.connection = settings});
  Driver client(testing::client_settings(settings));
  exchange(client, server);
  ASSERT_TRUE(server.connection.send_text("123456789"));
  server.collect();
  EXPECT_EQ(server.output, frame(Role::server, 0x81, "123456789"));
  server.forget();
  ASSERT_TRUE(server.connection.send_text(std::string(1000, 'x')));
  server.collect();
  EXPECT_LT(server.output.size(), 100U);
  EXPECT_EQ(server.output.at(0), std::byte{0xc1});
}

TEST(Compression, RefusesABombAtTheLimit) {
  const ConnectionSettings sender{.deflate = DeflateSettings{}};
  Driver client(testing::client_settings(sender));
  Driver server(ServerSettings{
      .connection = {.limits = {.max_message_size = 1000}, .deflate = DeflateSettings{}}});
  exchange(client, server);
  ASSERT_TRUE(client.connection.send_binary(std::vector<std::byte>(1'000'000)));
  exchange(client, server);
  EXPECT_THAT(server.events_of<Failed>(), ElementsAre(Failed{Violation::message_too_big}));
  EXPECT_THAT(client.events_of<CloseReceived>(),
              ElementsAre(::testing::Field(
                  &CloseReceived::payload,
                  ::testing::Field(&ClosePayload::code, CloseCode::message_too_big))));
}

TEST(Compression, TakesRsv1OnlyOnTheFirstFrameOfAMessage) {
  for (const auto& stream : {concat({frame(Role::client, 0x41, ""), frame(Role::client, 0xc0, "")}),
                             frame(Role::client, 0xc9), frame(Role::client, 0xc8)}) {
    Driver server(ServerSettings{.connection = {.deflate = DeflateSettings{}}});
    Driver client(testing::client_settings({.deflate = DeflateSettings{}}));
    exchange(client, server);
    server.read(stream);
    EXPECT_THAT(server.events_of<Failed>(), ElementsAre(Failed{Violation::reserved_bit_set}));
  }
}

}  // namespace
}  // namespace ws
