// Timers and backpressure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"
#include "impl/transport/test_session.hpp"

namespace ws {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using namespace ws::testing;  // NOLINT(google-build-using-namespace)

/// Limits that never end, but those that a test names.
constexpr Timeouts kNever{
    .opening_handshake = 0ms, .idle = 0ms, .closing_handshake = 0ms, .drop = 0ms};

Timeouts only_opening_handshake(std::chrono::milliseconds limit) {
  Timeouts timeouts = kNever;
  timeouts.opening_handshake = limit;
  timeouts.drop = limit;
  return timeouts;
}

Timeouts only_idle(std::chrono::milliseconds limit) {
  Timeouts timeouts = kNever;
  timeouts.idle = limit;
  return timeouts;
}

Timeouts only_closing_handshake(std::chrono::milliseconds limit) {
  Timeouts timeouts = kNever;
  timeouts.closing_handshake = limit;
  return timeouts;
}

Timeouts only_drop(std::chrono::milliseconds limit) {
  Timeouts timeouts = kNever;
  timeouts.drop = limit;
  return timeouts;
}

class SessionTimers : public SessionFixture {};

TEST_F(SessionTimers, GiveUpARequestThatDoesNotEnd) {
  serve({.transport = {.timeouts = only_opening_handshake(20ms)}});
  const auto peer = RawPeer::connect(loop_, server_->port());
  peer->write("GET / HTTP/1.1\r\n");
  ASSERT_TRUE(run_until([&] { return peer->ended() && server_->connections() == 0; }));
  EXPECT_EQ(server_events_.first<HandshakeFailed>().error, HandshakeError::timed_out);
  EXPECT_FALSE(server_events_.first<Closed>().clean);
}

TEST_F(SessionTimers, GiveUpAResponseThatDoesNotCome) {
  const auto peer = accept_raw_server({.timeouts = only_opening_handshake(20ms)});
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_EQ(client_events_.first<HandshakeFailed>().error, HandshakeError::timed_out);
  ASSERT_TRUE(client_->failure());
  EXPECT_EQ(client_->failure()->kind, FailureKind::timed_out);
}

TEST_F(SessionTimers, GiveUpATlsHandshakeThatDoesNotEnd) {
  acceptor();
  const Timeouts timeouts = only_opening_handshake(20ms);
  const auto peer = RawPeer::accept(loop_, acceptor());
  client_ = connect("wss://127.0.0.1:" + std::to_string(acceptor().local_endpoint().port()) + "/",
                    {.timeouts = timeouts});
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_EQ(client_events_.first<HandshakeFailed>().error, HandshakeError::timed_out);
}

TEST_F(SessionTimers, WaitForEverIfTheyAreOff) {
  serve({.transport = {.timeouts = kNever}});
  const auto peer = RawPeer::connect(loop_, server_->port());
  loop_.run_for(30ms);
  EXPECT_FALSE(peer->ended());
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(SessionTimers, PingASilentPeerAndFailTheConnectionIfItStaysSilent) {
  serve({.transport = {.timeouts = only_idle(20ms)}});
  const auto peer = open_raw_client();
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  EXPECT_THAT(frames_in(peer->received()), StartsWith(server_frame(kPing, "") + '\x88'));
  EXPECT_THAT(frames_in(peer->received()),
              HasSubstr(std::string(describe(Violation::peer_unresponsive).text)));
  EXPECT_EQ(server_events_.first<Failed>().violation, Violation::peer_unresponsive);
}

TEST_F(SessionTimers, LeaveAPeerAloneThatAnswersPings) {
  serve({.transport = {.timeouts = only_idle(20ms)}});
  const auto peer = open_raw_client();
  for (std::size_t pings = 1; pings <= 4; ++pings) {
    ASSERT_TRUE(run_until([&] { return frames_in(peer->received()).size() >= 2 * pings; }));
    peer->write(client_frame(kPong, ""));
  }
  EXPECT_FALSE(server_events_.has<Failed>());
}

TEST_F(SessionTimers, DoNotPingAPeerThatSends) {
  serve({.transport = {.timeouts = only_idle(40ms)}});
  const auto peer = open_raw_client();
  for (int i = 0; i < 20; ++i) {
    peer->write(client_frame(kPong, ""));
    loop_.run_for(5ms);
  }
  EXPECT_EQ(frames_in(peer->received()), "");
}

TEST_F(SessionTimers, EndTcpIfThePeerDoesNotAnswerOurClose) {
  const auto peer = open_raw_server({.timeouts = only_closing_handshake(20ms)});
  EXPECT_TRUE(client_->close(CloseCode::normal_closure));
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>() && peer->ended(); }));
  EXPECT_EQ(client_events_.first<Closed>(), Closed{});
  ASSERT_TRUE(client_->failure());
  EXPECT_EQ(client_->failure()->kind, FailureKind::timed_out);
}

TEST_F(SessionTimers, EndTcpIfTheServerDoesNotAfterTheClosingHandshake) {
  Timeouts timeouts = only_closing_handshake(20ms);
  timeouts.drop = 20ms;
  const auto peer = open_raw_server({.timeouts = timeouts});
  peer->write(server_frame(kClose, kNormalClosure));
  ASSERT_TRUE(run_until([&] { return peer->ended() && client_events_.has<Closed>(); }));
  EXPECT_TRUE(client_events_.first<Closed>().clean);
}

TEST_F(SessionTimers, EndTcpIfTheClientDoesNotEndItsSide) {
  serve({.transport = {.timeouts = only_drop(20ms)}});
  const auto peer = open_raw_client();
  peer->write(client_frame(kClose, ""));
  ASSERT_TRUE(run_until([&] { return server_->connections() == 0; }));
  EXPECT_TRUE(server_events_.first<Closed>().clean);
}

TEST_F(SessionTimers, EndTcpIfThePeerDoesNotTakeTheLastBytes) {
  constexpr std::size_t kMuch = std::size_t{64} * 1024 * 1024;
  serve({.transport = {.timeouts = only_drop(20ms), .high_water = kMuch}});
  const auto peer = open_raw_client(false);
  // More than the kernel takes for a peer that does not read.
  peer->write(client_frame(kBinary, std::string(std::size_t{32} * 1024 * 1024, 'x')));
  peer->write(client_frame(0x83, ""));
  ASSERT_TRUE(run_until([&] { return server_->connections() == 0; }));
  EXPECT_EQ(server_events_.count<Closed>(), 1U);
}

TEST_F(SessionTimers, WaitForAPeerThatTakesTheLastBytesSlowly) {
  constexpr std::size_t kMuch = std::size_t{24} * 1024 * 1024;
  serve({.transport = {.timeouts = only_drop(250ms), .high_water = 2 * kMuch}});
  const auto peer = open_raw_client(false);
  peer->write(client_frame(kBinary, std::string(kMuch, 'x')) +
              client_frame(kClose, kNormalClosure));
  ASSERT_TRUE(run_until([&] { return server_events_.has<CloseReceived>(); }));
  const auto start = std::chrono::steady_clock::now();
  std::size_t received = 0;
  boost::system::error_code error;
  peer->socket().non_blocking(true);
  while (error != boost::asio::error::eof) {
    std::array<char, 65'536> buffer{};
    received += peer->socket().read_some(boost::asio::buffer(buffer), error);
    ASSERT_FALSE(error == boost::asio::error::connection_reset) << "after " << received;
    loop_.run_for(2ms);
  }
  EXPECT_GT(received, kMuch);
  EXPECT_GT(std::chrono::steady_clock::now() - start, 500ms);
}

class SessionBackpressure : public SessionFixture {
 protected:
  static constexpr std::size_t kMessage = std::size_t{64} * 1024;
  static constexpr std::size_t kMessages = 512;  // 32 MiB, more than the kernel takes

  /// A server whose session is `session_`.
  void serve_one(TransportSettings transport) {
    server_.emplace(std::vector{loop_.executor()}, ServerOptions{.transport = transport},
                    [this, echo = server_events_.handler(true)](Session& session, Event& event) {
                      session_ = session.shared_from_this();
                      echo(session, event);
                    });
    server_->start();
  }

  std::shared_ptr<Session> session_;
};

TEST_F(SessionBackpressure, StopsReadingFromAPeerThatDoesNotReadAndResumes) {
  const TransportSettings transport{.high_water = 256 * 1024, .low_water = 64 * 1024};
  serve_one(transport);
  const auto peer = open_raw_client(false);
  std::string stream;
  for (std::size_t i = 0; i < kMessages; ++i) {
    stream += client_frame(kBinary, std::string(kMessage, static_cast<char>(i)));
  }
  peer->write(stream);
  ASSERT_TRUE(run_until([&] { return session_->queued_bytes() > transport.high_water; }));
  std::size_t received = 0;
  // Until the kernel takes no more, there is still some progress.
  do {
    received = server_events_.count<MessageReceived>();
    loop_.run_for(50ms);
    EXPECT_LE(session_->queued_bytes(), transport.high_water + kMessage + 10);
  } while (server_events_.count<MessageReceived>() != received);
  EXPECT_LT(received, kMessages);
  EXPECT_EQ(peer->written(), kOpeningRequest.size());

  peer->read();
  ASSERT_TRUE(run_until([&] { return peer->received().size() > kMessages * (kMessage + 10); }));
  EXPECT_EQ(server_events_.count<MessageReceived>(), kMessages);
}

TEST_F(SessionBackpressure, BoundsTheAnswersToPingsThatNobodyReads) {
  const TransportSettings transport{.high_water = 64 * 1024, .low_water = 1024};
  serve_one(transport);
  const auto peer = open_raw_client(false);
  std::string stream;
  while (stream.size() < std::size_t{16} * 1024 * 1024)
    stream += client_frame(kPing, std::string(125, 'p'));
  peer->write(stream);
  ASSERT_TRUE(run_until([&] { return session_->queued_bytes() > transport.high_water; }));
  loop_.run_for(50ms);
  EXPECT_LE(session_->queued_bytes(), transport.high_water + 200);
}

TEST_F(SessionBackpressure, RefusesToSendWhileTheQueueIsFull) {
  const TransportSettings transport{.queue_limit = std::size_t{1024} * 1024};
  serve_one(transport);
  const auto peer = open_raw_client(false);
  const std::vector<std::byte> message(kMessage);
  SendResult result;
  for (std::size_t sent = 0; result && sent < kMessages; ++sent) {
    result = session_->send_binary(message);
    // Give the kernel its share.
    if (!result && session_->queued_bytes() > 0) {
      const auto before = session_->queued_bytes();
      loop_.run_for(5ms);
      if (session_->queued_bytes() < before) result = {};
    }
    EXPECT_LE(session_->queued_bytes(), transport.queue_limit + kMessage + 10);
  }
  EXPECT_EQ(result, std::unexpected(SendError::queue_full));
  EXPECT_EQ(session_->send_text("x"), std::unexpected(SendError::queue_full));
  EXPECT_EQ(session_->send_ping(), std::unexpected(SendError::queue_full));
  EXPECT_EQ(session_->state(), ConnectionState::open);
  EXPECT_GT(session_->buffered_amount(), 0U);

  peer->read();
  ASSERT_TRUE(run_until([&] { return session_->queued_bytes() == 0; }));
  EXPECT_EQ(session_->buffered_amount(), 0U);
  EXPECT_TRUE(session_->send_text("again"));
  ASSERT_TRUE(run_until([&] { return peer->received().ends_with("again"); }));
}

TEST_F(SessionBackpressure, FailsAPeerThatTakesNothingForTooLong) {
  TransportSettings transport{
      .timeouts = only_idle(50ms), .high_water = 64 * 1024, .low_water = 1024};
  transport.timeouts.drop = 50ms;
  serve_one(transport);
  const auto peer = open_raw_client(false);
  peer->write(client_frame(kBinary, std::string(std::size_t{32} * 1024 * 1024, 'x')));
  ASSERT_TRUE(run_until([&] { return server_->connections() == 0; }));
  EXPECT_EQ(server_events_.first<Failed>().violation, Violation::peer_unresponsive);
}

}  // namespace
}  // namespace ws
