// The load program: what it sends is what the oracle reads, and it notices a wrong echo.
#include <array>
#include <gtest/gtest.h>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>

#include "bench/load/echo_load.hpp"
#include "bench/load/idle_load.hpp"
#include "bench/load/sockets.hpp"
#include "bench/load/traffic.hpp"
#include "conformance/oracle/frames.hpp"

namespace ws::bench {
namespace {

/// Sends back what it reads, with one byte changed if asked, on one connection, and ends with it.
class EchoThread {
 public:
  explicit EchoThread(std::size_t wrong_byte = ~std::size_t{0})
      : thread_([this, wrong_byte] { serve(wrong_byte); }) {}

  std::uint16_t port() const { return listener_.port; }

 private:
  void serve(std::size_t wrong_byte) {
    const Descriptor connection(accept(listener_.socket.get(), nullptr, nullptr));
    if (connection.get() < 0) return;
    std::array<char, 4096> buffer{};
    for (std::size_t done = 0;;) {
      const auto size = recv(connection.get(), buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      for (std::size_t i = 0; i < static_cast<std::size_t>(size); ++i, ++done) {
        if (done == wrong_byte) buffer.at(i) = static_cast<char>(buffer.at(i) ^ 1);
      }
      if (send(connection.get(), buffer.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) < 0) {
        return;
      }
    }
  }

  Listener listener_ = listen_at_free_port();
  std::jthread thread_;
};

EchoLoad short_load(std::uint16_t port, std::size_t depth) {
  return {.port = port,
          .protocol = Protocol::raw,
          .depth = depth,
          .warm_up = std::chrono::milliseconds(5),
          .time = std::chrono::milliseconds(20)};
}

TEST(Traffic, IsReadByTheOracleAsDifferentMessagesAndTheirEchoes) {
  for (const std::size_t size : {0U, 20U, 125U, 126U, 1024U, 65'536U}) {
    SCOPED_TRACE(size);
    const Traffic traffic = make_traffic(Protocol::websocket, size, 20);
    const auto sent = oracle::decode_frames(std::as_bytes(std::span(traffic.sent)), {});
    const auto expected =
        oracle::decode_frames(std::as_bytes(std::span(traffic.expected)), {.sender = Role::server});
    ASSERT_EQ(sent.frames.size(), 2 * traffic.messages);
    ASSERT_EQ(expected.frames.size(), 2 * traffic.messages);
    std::set<std::string> payloads;
    for (std::size_t i = 0; i < sent.frames.size(); ++i) {
      EXPECT_EQ(sent.frames[i].payload, expected.frames[i].payload);
      EXPECT_EQ(sent.frames[i].payload.size(), size);
      EXPECT_EQ(sent.frames[i].opcode, Opcode::binary);
      std::string payload;
      for (const std::byte each : sent.frames[i].payload) payload += static_cast<char>(each);
      payloads.insert(payload);
    }
    EXPECT_EQ(payloads.size(), size == 0 ? 1 : traffic.messages);
  }
}

TEST(Traffic, OfTheRawServerIsTheSameBack) {
  const Traffic traffic = make_traffic(Protocol::raw, 20, 16);
  EXPECT_EQ(traffic.sent, traffic.expected);
  EXPECT_EQ(traffic.sent, make_traffic(Protocol::websocket, 20, 16).sent);
}

TEST(OpeningResponse, IsRefusedIfItDoesNotAcceptTheKey) {
  const std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: "
      "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  EXPECT_NO_THROW(check_opening_response(head));
  EXPECT_THROW(check_opening_response("HTTP/1.1 200 OK" + head.substr(32)), std::runtime_error);
  EXPECT_THROW(check_opening_response("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
               std::runtime_error);
}

TEST(EchoLoad, CountsEchoesAndTimesThemOneByOne) {
  const EchoThread one;
  const EchoResult result = run_echo(short_load(one.port(), 1));
  EXPECT_GT(result.messages, 0U);
  EXPECT_EQ(result.round_trips.size(), result.messages);
  EXPECT_GT(result.round_trips.front(), 0U);
  const EchoThread deep;
  EXPECT_TRUE(run_echo(short_load(deep.port(), 16)).round_trips.empty());
}

TEST(EchoLoad, NoticesAByteThatIsWrong) {
  for (const std::size_t wrong : {0U, 25U, 26U, 700U}) {
    const EchoThread server(wrong);
    EXPECT_THROW(run_echo(short_load(server.port(), 16)), std::runtime_error) << wrong;
  }
}

TEST(IdleLoad, GrowsAndEchoesAsItIsTold) {
  const EchoThread server;
  std::istringstream commands("1\necho\n1\n");
  std::ostringstream answers;
  hold_idle({.port = server.port(), .protocol = Protocol::raw}, commands, answers);
  EXPECT_EQ(answers.str(), "holding 1\nholding 1\nholding 1\n");
}

TEST(IdleLoad, NoticesAnEchoThatIsWrong) {
  const EchoThread server(10);
  std::istringstream commands("1\necho\n");
  std::ostringstream answers;
  EXPECT_THROW(hold_idle({.port = server.port(), .protocol = Protocol::raw}, commands, answers),
               std::runtime_error);
}

}  // namespace
}  // namespace ws::bench
