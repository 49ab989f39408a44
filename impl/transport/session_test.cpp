#include "impl/transport/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"
#include "impl/transport/test_session.hpp"

namespace ws {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace ws::testing;  // NOLINT(google-build-using-namespace)

class SessionTest : public SessionFixture {};

TEST_F(SessionTest, EchoesTextAndBinaryAndClosesCleanly) {
  serve();
  const auto client = connect(server_->url());
  ASSERT_TRUE(run_until([&] { return client_events_.has<Opened>(); }));
  EXPECT_TRUE(client->send_text("grüß dich"));
  EXPECT_TRUE(client->send_binary(bytes("00 ff 80")));
  ASSERT_TRUE(run_until([&] { return client_events_.count<MessageReceived>() == 2; }));
  EXPECT_THAT(client_events_.texts(), ElementsAre("grüß dich", std::string("\0\xff\x80", 3)));
  EXPECT_EQ(client_events_.first<MessageReceived>().type, Opcode::text);

  EXPECT_TRUE(client->close(CloseCode::normal_closure, "done"));
  ASSERT_TRUE(
      run_until([&] { return client_events_.has<Closed>() && server_->connections() == 0; }));
  EXPECT_EQ(client_events_.first<Closed>(),
            (Closed{.code = CloseCode::normal_closure, .clean = true}));
  EXPECT_EQ(server_events_.first<Closed>(),
            (Closed{.code = CloseCode::normal_closure, .reason = "done", .clean = true}));
  EXPECT_FALSE(client->failure());
  EXPECT_EQ(client->state(), ConnectionState::closed);
}

TEST(SessionLifetime, TellsNobodyOfTheEndOfItsContext) {
  std::size_t events = 0;
  {
    Loop loop;
    const EventHandler count = [&events](Session&, Event&) { ++events; };
    Server server({loop.executor()}, {}, count);
    server.start();
    Session::connect(loop.executor(), {.offer = {.uri = parse_uri(server.url()).value()}}, {},
                     nullptr, count);
    ASSERT_TRUE(loop.run_until([&] { return events == 2; }));  // both are open
  }
  EXPECT_EQ(events, 2U);
}

TEST_F(SessionTest, ServesEveryDeflateAndFragmentSetting) {
  serve({.websocket = {.connection = {.deflate = DeflateSettings{}, .fragment_size = 10}}});
  const auto client = connect(server_->url(), {}, {.deflate = DeflateSettings{}});
  ASSERT_TRUE(run_until([&] { return client_events_.has<Opened>(); }));
  EXPECT_TRUE(client_events_.first<Opened>().deflate);
  const std::string text(5000, 'x');
  EXPECT_TRUE(client->send_text(text));
  ASSERT_TRUE(run_until([&] { return client_events_.has<MessageReceived>(); }));
  EXPECT_EQ(client_events_.texts().front(), text);
}

TEST_F(SessionTest, EchoesAMessageOf16MiB) {
  serve();
  const auto client = connect(server_->url());
  ASSERT_TRUE(run_until([&] { return client_events_.has<Opened>(); }));
  std::vector<std::byte> data(std::size_t{16} * 1024 * 1024);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 31 + i / 257);
  EXPECT_TRUE(client->send_binary(data));
  EXPECT_EQ(client->buffered_amount(), data.size());
  EXPECT_GT(client->queued_bytes(), data.size());
  ASSERT_TRUE(run_until([&] { return client_events_.has<MessageReceived>(); }));
  EXPECT_TRUE(client_events_.first<MessageReceived>().payload == data);
  EXPECT_EQ(client->buffered_amount(), 0U);
  EXPECT_EQ(client->queued_bytes(), 0U);
}

TEST_F(SessionTest, TakesFramesThatComeInOneReadWithTheRequest) {
  serve();
  const auto peer = RawPeer::connect(loop_, server_->port());
  peer->write(std::string(kOpeningRequest) + client_frame(kText, "first") +
              client_frame(kText, "second").substr(0, 8));
  ASSERT_TRUE(run_until([&] { return frames_in(peer->received()).size() == 7; }));
  peer->write(client_frame(kText, "second").substr(8));
  ASSERT_TRUE(run_until([&] { return frames_in(peer->received()).size() == 15; }));
  EXPECT_EQ(frames_in(peer->received()),
            server_frame(kText, "first") + server_frame(kText, "second"));
}

TEST_F(SessionTest, TakesFramesThatComeInOneReadWithTheResponse) {
  const auto peer = accept_raw_server();
  peer->write(opening_response(*peer) + server_frame(kText, "first") + server_frame(kPing, "?"));
  ASSERT_TRUE(run_until([&] { return client_events_.has<PingReceived>(); }));
  EXPECT_THAT(client_events_.texts(), ElementsAre("first"));
}

TEST_F(SessionTest, AnswersMessagesBeforeALaterFrameOfTheSameReadFailsTheConnection) {
  serve();
  const auto peer = open_raw_client();
  peer->write(client_frame(kText, "good") + client_frame(0x83, "reserved opcode") +
              client_frame(kText, "too late"));
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  EXPECT_THAT(frames_in(peer->received()), StartsWith(server_frame(kText, "good") + '\x88'));
  EXPECT_THAT(frames_in(peer->received()), HasSubstr(kProtocolError));
  EXPECT_EQ(server_events_.first<Failed>().violation, Violation::reserved_opcode);
}

TEST_F(SessionTest, LetsThePeerReadTheCloseFrameThoughItStillSends) {
  // Closing a socket with unread input would reset the connection.
  serve();
  const auto peer = open_raw_client();
  peer->write(client_frame(0x83, "") + std::string(300'000, 'x'));
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  EXPECT_FALSE(peer->was_reset());
  EXPECT_THAT(frames_in(peer->received()), HasSubstr(kProtocolError));
  peer->write(std::string(300'000, 'x'));
  ASSERT_TRUE(run_until([&] { return peer->written() >= 600'000; }));
  peer->close();
  EXPECT_TRUE(run_until([&] { return server_->connections() == 0; }));
}

TEST_F(SessionTest, EndsTcpFirstAsAServerAndLastAsAClient) {
  serve();
  const auto raw_client = open_raw_client();
  raw_client->write(client_frame(kClose, kNormalClosure));
  ASSERT_TRUE(run_until([&] { return raw_client->ended(); }));
  EXPECT_FALSE(raw_client->was_reset());
  EXPECT_EQ(frames_in(raw_client->received()), server_frame(kClose, kNormalClosure));

  const auto raw_server = open_raw_server();
  raw_server->write(server_frame(kClose, kNormalClosure));
  ASSERT_TRUE(run_until([&] { return client_events_.has<CloseReceived>(); }));
  loop_.run_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(raw_server->ended());
  raw_server->end_sending();
  ASSERT_TRUE(run_until([&] { return raw_server->ended(); }));
  EXPECT_FALSE(raw_server->was_reset());
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_TRUE(client_events_.first<Closed>().clean);
}

TEST_F(SessionTest, CallsAConnectionCleanThoughThePeerResetsItAfterTheClosingHandshake) {
  const auto peer = open_raw_server();
  peer->write(server_frame(kClose, kNormalClosure));
  ASSERT_TRUE(run_until([&] { return frames_in(peer->received()).size() == 8; }));
  peer->reset();
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_TRUE(client_events_.first<Closed>().clean);
  EXPECT_FALSE(client_->failure());
}

TEST_F(SessionTest, AnswersABadRequestThoughThePeerHasEndedItsSide) {
  serve();
  const auto peer = RawPeer::connect(loop_, server_->port());
  peer->write("POST / HTTP/1.1\r\nHost: x\r\n\r\n");
  peer->end_sending();
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  EXPECT_THAT(peer->received(), StartsWith("HTTP/1.1 405 "));
  EXPECT_FALSE(peer->was_reset());
}

/// All that one connection can see: a message, a fragmented one, a Ping, a Close.
std::string frames_of_a_session() {
  return client_frame(kText, "hello") + client_frame(0x02, "bin") + client_frame(kPing, "?") +
         client_frame(0x80, "ary") + client_frame(kClose, kNormalClosure);
}

TEST_F(SessionTest, EndsOnceAndUncleanlyWhereverAServersPeerIsCut) {
  serve();
  const std::string stream = std::string(kOpeningRequest) + frames_of_a_session();
  for (const bool resets : {false, true}) {
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      SCOPED_TRACE((resets ? "reset after " : "ended after ") + std::to_string(cut));
      const std::size_t ended = server_events_.count<Closed>();
      const auto peer = RawPeer::connect(loop_, server_->port());
      peer->write(stream.substr(0, cut));
      ASSERT_TRUE(run_until([&] { return peer->written() == cut; }));
      if (resets) {
        peer->reset();
      } else {
        peer->end_sending();
      }
      ASSERT_TRUE(run_until(
          [&] { return server_events_.count<Closed>() > ended && server_->connections() == 0; }));
      EXPECT_EQ(server_events_.count<Closed>(), ended + 1);
      const auto& closed = std::get<Closed>(server_events_.all().back());
      if (cut < stream.size()) {
        EXPECT_FALSE(closed.clean);
        EXPECT_EQ(closed.code, CloseCode::abnormal_closure);
      } else if (!resets) {
        EXPECT_TRUE(closed.clean);
      }
    }
  }
}

TEST_F(SessionTest, EndsOnceAndUncleanlyWhereverAClientsPeerIsCut) {
  const std::string frames = server_frame(kText, "hello") + server_frame(0x02, "bin") +
                             server_frame(kPing, "?") + server_frame(0x80, "ary") +
                             server_frame(kClose, kNormalClosure);
  std::size_t size = 1;
  for (const bool resets : {false, true}) {
    for (std::size_t cut = 0; cut <= size; ++cut) {
      SCOPED_TRACE((resets ? "reset after " : "ended after ") + std::to_string(cut));
      client_events_ = {};
      const auto peer = accept_raw_server();
      const std::string stream = opening_response(*peer) + frames;
      size = stream.size();
      peer->write(stream.substr(0, cut));
      ASSERT_TRUE(run_until([&] { return peer->written() == cut; }));
      if (resets) {
        peer->reset();
      } else {
        peer->end_sending();
      }
      ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
      EXPECT_EQ(client_events_.count<Closed>(), 1U);
      EXPECT_TRUE(std::holds_alternative<Closed>(client_events_.all().back()));
      EXPECT_EQ(client_events_.has<HandshakeFailed>(), !client_events_.has<Opened>());
      if (cut < size) {
        EXPECT_FALSE(client_events_.first<Closed>().clean);
      } else if (!resets) {
        EXPECT_TRUE(client_events_.first<Closed>().clean);
      }
    }
  }
}

TEST_F(SessionTest, SaysThatAConnectionWasLost) {
  const auto peer = open_raw_server();
  peer->reset();
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  ASSERT_TRUE(client_->failure());
  EXPECT_EQ(client_->failure()->kind, FailureKind::lost);
  EXPECT_THAT(client_->failure()->text, StartsWith("connection lost: "));
}

TEST_F(SessionTest, SaysThatNobodyListens) {
  const std::string url = acceptor_url();
  acceptor().close();
  const auto client = connect(url);
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_EQ(client_events_.first<HandshakeFailed>().error, HandshakeError::connection_lost);
  ASSERT_TRUE(client->failure());
  EXPECT_EQ(client->failure()->kind, FailureKind::connect);
  EXPECT_THAT(client->failure()->text, EndsWith("(127.0.0.1: Connection refused)"));
}

TEST_F(SessionTest, SaysThatAHostHasNoAddress) {
  const auto client = connect("ws://no-such-host.invalid/");
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  ASSERT_TRUE(client->failure());
  EXPECT_EQ(client->failure()->kind, FailureKind::resolve);
  EXPECT_THAT(client->failure()->text, StartsWith("cannot resolve no-such-host.invalid: "));
}

TEST_F(SessionTest, ConnectsToWhicheverAddressOfAHostListens) {
  serve();
  connect("ws://localhost:" + std::to_string(server_->port()) + "/");
  ASSERT_TRUE(
      run_until([&] { return client_events_.has<Opened>() || client_events_.has<Closed>(); }));
  EXPECT_TRUE(client_events_.has<Opened>());
}

TEST_F(SessionTest, IsOverAtOnceWhenItIsCut) {
  serve();
  const auto client = connect(server_->url());
  ASSERT_TRUE(run_until([&] { return server_events_.has<Opened>(); }));
  client->cut();
  ASSERT_TRUE(
      run_until([&] { return client_events_.has<Closed>() && server_->connections() == 0; }));
  EXPECT_EQ(client_events_.first<Closed>(), Closed{});
  EXPECT_EQ(server_events_.first<Closed>(), Closed{});
  EXPECT_EQ(client->send_text("late"), std::unexpected(SendError::not_open));
  EXPECT_EQ(client->close(), std::unexpected(SendError::not_open));
  client->cut();
  loop_.run_for(std::chrono::milliseconds(5));
  EXPECT_EQ(client_events_.count<Closed>(), 1U);
}

TEST_F(SessionTest, CanBeClosedBeforeItIsConnected) {
  serve();
  const auto client = connect(server_->url());
  EXPECT_TRUE(client->close());
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_FALSE(client_events_.has<Opened>());
}

TEST_F(SessionTest, CanBeClosedWhileThePeerStillThinksAboutTheHandshake) {
  const auto peer = accept_raw_server();
  EXPECT_TRUE(client_->close());
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  peer->close();
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_FALSE(client_events_.first<Closed>().clean);
}

TEST_F(SessionTest, SendsAPingAndReportsThePong) {
  serve();
  const auto client = connect(server_->url());
  ASSERT_TRUE(run_until([&] { return client_events_.has<Opened>(); }));
  EXPECT_TRUE(client->send_ping(bytes("01 02")));
  ASSERT_TRUE(run_until([&] { return client_events_.has<PongReceived>(); }));
  EXPECT_EQ(client_events_.first<PongReceived>().payload, bytes("01 02"));
}

TEST_F(SessionTest, NamesItsPeer) {
  serve();
  const auto client = connect(server_->url());
  EXPECT_EQ(client->peer_name(), "127.0.0.1:" + std::to_string(server_->port()));
}

TEST_F(SessionTest, UsesAFreshKeyForEachConnectionAndMaskForEachFrame) {
  const auto key_of = [](const RawPeer& peer) {
    const auto start = peer.received().find("Sec-WebSocket-Key: ");
    return peer.received().substr(start, peer.received().find("\r\n", start) - start);
  };
  const auto first = open_raw_server();
  const auto first_client = client_;
  client_events_ = {};
  const auto second = accept_raw_server();
  EXPECT_NE(key_of(*first), key_of(*second));
  EXPECT_TRUE(first_client->send_text("same"));
  EXPECT_TRUE(first_client->send_text("same"));
  ASSERT_TRUE(run_until([&] { return frames_in(first->received()).size() == 20; }));
  const std::string frames = frames_in(first->received());
  EXPECT_NE(frames.substr(2, 4), frames.substr(12, 4));
}

}  // namespace
}  // namespace ws
