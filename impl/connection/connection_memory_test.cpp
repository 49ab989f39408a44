// Every allocation of a conversation fails once: std::bad_alloc comes out, and nothing is lost that
// the sanitizers would see.
#include <gtest/gtest.h>
#include <string>

#include "impl/connection/connection.hpp"
#include "impl/connection/test_driver.hpp"
#include "impl/testing/failing_calls.hpp"

namespace ws {
namespace {

using testing::FailingAllocation;

/// Hands each side what the other wrote until both are silent. Returns: the messages received.
std::size_t exchange(Connection& client, Connection& server) {
  std::size_t messages = 0;
  const auto drain = [&messages](Connection& to, std::span<const std::byte> rest) {
    do {
      rest = to.receive(rest);
      for (const Event& event : to.take_events()) {
        if (std::holds_alternative<MessageReceived>(event)) ++messages;
      }
    } while (!rest.empty());
  };
  while (true) {
    const auto to_server = client.take_output();
    const auto to_client = server.take_output();
    if (to_server.empty() && to_client.empty()) return messages;
    if (!to_server.empty()) drain(server, to_server);
    if (!to_client.empty()) drain(client, to_client);
  }
}

/// Opens, sends messages of several kinds and sizes in both directions, and closes.
/// Returns: the messages received.
std::size_t converse(const ConnectionSettings& settings) {
  auto offer = testing::client_settings(settings);
  offer.offer.subprotocols = {"chat", "superchat"};
  Connection client(std::move(offer));
  Connection server(ServerSettings{.connection = settings, .subprotocols = {"superchat"}});
  std::size_t messages = exchange(client, server);
  const std::string text(3000, 'x');
  for (Connection* sender : {&client, &server}) {
    EXPECT_TRUE(sender->send_text(text));
    EXPECT_TRUE(sender->send_binary(std::as_bytes(std::span(text)).first(10)));
    EXPECT_TRUE(sender->send_fragment(Opcode::text, std::as_bytes(std::span(text)), false));
    EXPECT_TRUE(sender->send_ping(std::as_bytes(std::span(text)).first(125)));
    EXPECT_TRUE(sender->send_fragment(Opcode::text, std::as_bytes(std::span(text)), true));
    messages += exchange(client, server);
  }
  EXPECT_TRUE(
      client.close(CloseCode::normal_closure, "a reason that no short string has room for"));
  messages += exchange(client, server);
  client.receive_end();
  server.receive_end();
  EXPECT_EQ(client.state(), ConnectionState::closed);
  EXPECT_EQ(server.state(), ConnectionState::closed);
  return messages;
}

class ConnectionMemory : public ::testing::TestWithParam<bool> {};

TEST_P(ConnectionMemory, EachAllocationThatFailsIsToldByBadAlloc) {
  ConnectionSettings settings{.fragment_size = 1000};
  if (GetParam()) settings.deflate.emplace();
  ASSERT_EQ(converse(settings), 6U);
  std::size_t number = 0;
  for (bool failed = true; failed; ++number) {
    SCOPED_TRACE(number);
    const FailingAllocation fault(number);
    bool was_told = false;
    try {
      converse(settings);
    } catch (const std::bad_alloc&) {
      was_told = true;
    }
    failed = fault.has_failed();
    EXPECT_EQ(was_told, failed);
  }
  EXPECT_GT(number, 50U);
}

INSTANTIATE_TEST_SUITE_P(Each, ConnectionMemory, ::testing::Bool(),
                         [](const auto& each) { return each.param ? "Deflate" : "Plain"; });

}  // namespace
}  // namespace ws
