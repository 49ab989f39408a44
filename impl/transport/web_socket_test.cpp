#include "impl/transport/web_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "impl/testing/bytes.hpp"
#include "impl/transport/test_session.hpp"

namespace ws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using namespace ws::testing;  // NOLINT(google-build-using-namespace)

using ReadyState = WebSocket::ReadyState;

class WebSocketTest : public SessionFixture {
 protected:
  WebSocket& open(const std::string& url, const std::vector<std::string>& protocols = {},
                  const WebSocketOptions& options = {}) {
    WebSocket& socket = socket_.emplace(loop_.executor(), url, protocols, options);
    socket.on_open([this] { log_.emplace_back("open"); });
    socket.on_message([this](const WebSocketMessage& message) {
      if (const auto* text = std::get_if<std::string>(&message)) {
        log_.push_back("text " + *text);
      } else {
        log_.push_back("binary " + text_of(std::get<std::vector<std::byte>>(message)));
      }
    });
    socket.on_error([this] { log_.emplace_back("error"); });
    socket.on_close([this](const CloseEvent& event) {
      log_.push_back("close " + std::to_string(event.code) + " '" + event.reason + "' " +
                     (event.was_clean ? "clean" : "unclean"));
    });
    return socket;
  }

  bool run_until_log_has(std::size_t events) {
    return run_until([&] { return log_.size() >= events; });
  }

  /// The error that constructing throws; nothing if it throws none.
  std::optional<DomErrorName> error_of(const std::string& url,
                                       const std::vector<std::string>& protocols = {}) {
    return error_of_call([&] { WebSocket(loop_.executor(), url, protocols); });
  }

  template <typename Call>
  static std::optional<DomErrorName> error_of_call(const Call& call) {
    try {
      call();
    } catch (const DomException& exception) {
      return exception.name();
    }
    return {};
  }

  /// A raw server that `socket_` is open to.
  std::shared_ptr<RawPeer> open_to_raw_server(const WebSocketOptions& options = {},
                                              bool reads_on = true) {
    auto peer = RawPeer::accept(loop_, acceptor());
    open(acceptor_url(), {}, options);
    EXPECT_TRUE(run_until([&] { return peer->received().ends_with("\r\n\r\n"); }));
    if (!reads_on) peer->pause();
    peer->write(opening_response(*peer));
    EXPECT_TRUE(run_until_log_has(1));
    return peer;
  }

  std::vector<std::string> log_;
  std::optional<WebSocket> socket_;
};

TEST_F(WebSocketTest, RefusesUrlsAsTheStandardDoes) {
  for (const std::string url : {"", "ws:", "ftp://host/", "ws://host/#fragment", "ws://host/#",
                                "http://host/#", "/relative", "ws://host:99999/", "ws:///path"}) {
    EXPECT_EQ(error_of(url), DomErrorName::syntax_error) << url;
  }
}

TEST_F(WebSocketTest, TakesHttpUrlsForWs) {
  const auto url_of = [&](const std::string& url) {
    return WebSocket(loop_.executor(), url).url();
  };
  EXPECT_EQ(url_of("http://127.0.0.1:1/a?b"), "ws://127.0.0.1:1/a?b");
  EXPECT_EQ(url_of("HTTPS://127.0.0.1:1/"), "wss://127.0.0.1:1/");
  EXPECT_EQ(url_of("ws://127.0.0.1:1"), "ws://127.0.0.1:1/");
  EXPECT_EQ(url_of("WSS://127.0.0.1/"), "wss://127.0.0.1/");
}

TEST_F(WebSocketTest, RefusesProtocolsThatAreNoTokensOrRepeated) {
  EXPECT_EQ(error_of("ws://127.0.0.1:1/", {"chat", "chat"}), DomErrorName::syntax_error);
  EXPECT_EQ(error_of("ws://127.0.0.1:1/", {""}), DomErrorName::syntax_error);
  EXPECT_EQ(error_of("ws://127.0.0.1:1/", {"a b"}), DomErrorName::syntax_error);
  EXPECT_EQ(error_of("ws://127.0.0.1:1/", {"a,b"}), DomErrorName::syntax_error);
  EXPECT_EQ(error_of("ws://127.0.0.1:1/", {"chat", "Chat"}), std::nullopt);
}

TEST_F(WebSocketTest, GoesThroughItsStatesAndEvents) {
  serve({.websocket = {.connection = {.deflate = DeflateSettings{}}, .subprotocols = {"chat"}}});
  WebSocket& socket = open(server_->url(), {"superchat", "chat"});
  EXPECT_EQ(socket.ready_state(), ReadyState::connecting);
  EXPECT_EQ(socket.url(), server_->url());
  EXPECT_EQ(socket.protocol(), "");
  EXPECT_EQ(socket.extensions(), "");
  ASSERT_TRUE(run_until_log_has(1));
  EXPECT_EQ(socket.ready_state(), ReadyState::open);
  EXPECT_EQ(socket.protocol(), "chat");
  EXPECT_THAT(socket.extensions(), StartsWith("permessage-deflate"));

  socket.send("grüß dich");
  socket.send(bytes_of("data"));
  ASSERT_TRUE(run_until_log_has(3));
  socket.close(3000, "done");
  EXPECT_EQ(socket.ready_state(), ReadyState::closing);
  socket.close(3001, "a second close does nothing");
  ASSERT_TRUE(run_until_log_has(4));
  EXPECT_EQ(socket.ready_state(), ReadyState::closed);
  EXPECT_THAT(log_, ElementsAre("open", "text grüß dich", "binary data", "close 3000 '' clean"));
  EXPECT_EQ(server_events_.first<CloseReceived>().payload,
            (ClosePayload{.code = static_cast<CloseCode>(3000), .reason = "done"}));
  EXPECT_EQ(socket.failure_text(), "");
  socket.close();
}

TEST_F(WebSocketTest, ReportsThePeersCodeAndReason) {
  const auto peer = open_to_raw_server();
  peer->write(server_frame(kClose,
                           "\x0f\xa0"
                           "bye"));
  ASSERT_TRUE(run_until([&] { return socket_->ready_state() == ReadyState::closing; }));
  peer->end_sending();
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("open", "close 4000 'bye' clean"));
}

TEST_F(WebSocketTest, Reports1005ForACloseWithoutCode) {
  const auto peer = open_to_raw_server();
  peer->write(server_frame(kClose, ""));
  peer->end_sending();
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("open", "close 1005 '' clean"));
}

TEST_F(WebSocketTest, FailsIfTheServerAgreesToNoneOfTheProtocols) {
  serve();
  const WebSocket& socket = open(server_->url(), {"chat"});
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("error", "close 1006 '' unclean"));
  EXPECT_THAT(socket.failure_text(), HasSubstr("none of the subprotocols"));
}

TEST_F(WebSocketTest, FailsIfTheHandshakeIsRefused) {
  serve({.websocket = {.refuse = [](const OpeningRequest&) { return Refusal{.status = 403}; }}});
  const WebSocket& socket = open(server_->url());
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("error", "close 1006 '' unclean"));
  EXPECT_NE(socket.failure_text(), "");
}

TEST_F(WebSocketTest, FailsIfNobodyListens) {
  const std::string url = acceptor_url();
  acceptor().close();
  const WebSocket& socket = open(url);
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("error", "close 1006 '' unclean"));
  EXPECT_THAT(socket.failure_text(), HasSubstr("Connection refused"));
}

TEST_F(WebSocketTest, FailsIfThePeerBreaksARule) {
  const auto peer = open_to_raw_server();
  peer->write(server_frame(0x83, ""));
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  peer->close();
  ASSERT_TRUE(run_until_log_has(3));
  EXPECT_THAT(log_, ElementsAre("open", "error", "close 1006 '' unclean"));
  EXPECT_EQ(socket_->failure_text(), describe(Violation::reserved_opcode).text);
}

TEST_F(WebSocketTest, ClosesWithoutErrorIfThePeerJustEnds) {
  const auto peer = open_to_raw_server();
  peer->end_sending();
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("open", "close 1006 '' unclean"));
}

TEST_F(WebSocketTest, FailsIfTheConnectionIsReset) {
  const auto peer = open_to_raw_server();
  peer->reset();
  ASSERT_TRUE(run_until_log_has(3));
  EXPECT_THAT(log_, ElementsAre("open", "error", "close 1006 '' unclean"));
  EXPECT_THAT(socket_->failure_text(), StartsWith("connection lost"));
}

TEST_F(WebSocketTest, DoesNotSendBeforeItIsOpen) {
  serve();
  WebSocket& socket = open(server_->url());
  EXPECT_EQ(error_of_call([&] { socket.send("early"); }), DomErrorName::invalid_state_error);
  EXPECT_EQ(error_of_call([&] { socket.send(bytes("00")); }), DomErrorName::invalid_state_error);
  EXPECT_EQ(socket.buffered_amount(), 0U);
}

TEST_F(WebSocketTest, DoesNotSendTextThatIsNotUtf8) {
  serve();
  WebSocket& socket = open(server_->url());
  ASSERT_TRUE(run_until_log_has(1));
  EXPECT_EQ(error_of_call([&] { socket.send("\xff"); }), DomErrorName::syntax_error);
}

TEST_F(WebSocketTest, TakesTheCloseCodesThatTheStandardAllows) {
  for (const std::uint16_t code :
       std::initializer_list<std::uint16_t>{0, 999, 1001, 1005, 1006, 1015, 2999, 5000, 65'535}) {
    WebSocket& socket = open("ws://127.0.0.1:1/");
    EXPECT_EQ(error_of_call([&] { socket.close(code); }), DomErrorName::invalid_access_error)
        << code;
    EXPECT_EQ(socket.ready_state(), ReadyState::connecting);
  }
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{1000, 3000, 4999}) {
    WebSocket& socket = open("ws://127.0.0.1:1/");
    EXPECT_EQ(error_of_call([&] { socket.close(code); }), std::nullopt) << code;
  }
}

TEST_F(WebSocketTest, TakesCloseReasonsOf123Bytes) {
  WebSocket& socket = open("ws://127.0.0.1:1/");
  std::string umlauts;
  for (int i = 0; i < 62; ++i) umlauts += "ü";
  EXPECT_EQ(error_of_call([&] { socket.close(1000, umlauts); }), DomErrorName::syntax_error);
  EXPECT_EQ(error_of_call([&] { socket.close(1000, std::string(124, 'x')); }),
            DomErrorName::syntax_error);
  EXPECT_EQ(error_of_call([&] { socket.close(1000, "\xff"); }), DomErrorName::syntax_error);
  EXPECT_EQ(socket.ready_state(), ReadyState::connecting);
  EXPECT_EQ(error_of_call([&] { socket.close(1000, std::string(123, 'x')); }), std::nullopt);
}

TEST_F(WebSocketTest, GivesUpIfItIsClosedBeforeItIsOpen) {
  serve();
  WebSocket& socket = open(server_->url());
  socket.close();
  EXPECT_EQ(socket.ready_state(), ReadyState::closing);
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("error", "close 1006 '' unclean"));
}

TEST_F(WebSocketTest, SendsAReasonWithoutCodeWith1000) {
  serve();
  WebSocket& socket = open(server_->url());
  ASSERT_TRUE(run_until_log_has(1));
  socket.close({}, "no code");
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_EQ(server_events_.first<CloseReceived>().payload,
            (ClosePayload{.code = CloseCode::normal_closure, .reason = "no code"}));
}

TEST_F(WebSocketTest, SendsAnEmptyCloseWithoutCodeAndReason) {
  serve();
  WebSocket& socket = open(server_->url());
  ASSERT_TRUE(run_until_log_has(1));
  socket.close();
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("open", "close 1005 '' clean"));
}

TEST_F(WebSocketTest, CountsBufferedBytesUntilTheKernelHasThem) {
  serve();
  WebSocket& socket = open(server_->url());
  ASSERT_TRUE(run_until_log_has(1));
  socket.send("grüß");  // six bytes of UTF-8
  EXPECT_EQ(socket.buffered_amount(), 6U);
  socket.send(bytes("01 02 03"));
  EXPECT_EQ(socket.buffered_amount(), 9U);
  ASSERT_TRUE(run_until([&] { return socket.buffered_amount() == 0; }));
}

TEST_F(WebSocketTest, DrainsTheBufferedAmountAsThePeerReads) {
  const auto peer = open_to_raw_server({.connection = {}}, false);
  const std::vector<std::byte> data(std::size_t{32} * 1024 * 1024);
  socket_->send(data);
  EXPECT_EQ(socket_->buffered_amount(), data.size());
  loop_.run_for(50ms);
  EXPECT_GT(socket_->buffered_amount(), 0U);
  EXPECT_LT(socket_->buffered_amount(), data.size());
  peer->read();
  ASSERT_TRUE(run_until([&] { return socket_->buffered_amount() == 0; }));
}

TEST_F(WebSocketTest, CountsWhatIsSentTooLateForEver) {
  serve();
  WebSocket& socket = open(server_->url());
  ASSERT_TRUE(run_until_log_has(1));
  socket.close();
  socket.send("12345");
  EXPECT_EQ(socket.buffered_amount(), 5U);
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_EQ(socket.buffered_amount(), 5U);
  socket.send(bytes("01"));
  EXPECT_EQ(socket.buffered_amount(), 6U);
  EXPECT_FALSE(server_events_.has<MessageReceived>());
}

TEST_F(WebSocketTest, KeepsCountingWhatWasLostWhenTheConnectionEnded) {
  const auto peer = open_to_raw_server({.connection = {}}, false);
  socket_->send(std::vector<std::byte>(std::size_t{32} * 1024 * 1024));
  loop_.run_for(20ms);
  peer->reset();
  ASSERT_TRUE(run_until_log_has(3));
  const auto left = socket_->buffered_amount();
  EXPECT_GT(left, 0U);
  socket_->send("12345");
  EXPECT_EQ(socket_->buffered_amount(), left + 5);
}

TEST_F(WebSocketTest, EndsTheConnectionIfTheBufferIsFull) {
  const auto peer =
      open_to_raw_server({.connection = {}, .transport = {.queue_limit = 1'000'000}}, false);
  const std::vector<std::byte> data(std::size_t{32} * 1024 * 1024);
  socket_->send(data);
  socket_->send("one too many");
  EXPECT_EQ(socket_->buffered_amount(), data.size() + 12);
  EXPECT_EQ(socket_->ready_state(), ReadyState::closing);
  ASSERT_TRUE(run_until_log_has(3));
  EXPECT_THAT(log_, ElementsAre("open", "error", "close 1006 '' unclean"));
}

TEST_F(WebSocketTest, DropsMessagesThatComeWhileItCloses) {
  const auto peer = open_to_raw_server();
  socket_->close();
  peer->write(server_frame(kText, "too late") + server_frame(kClose, ""));
  peer->end_sending();
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("open", "close 1005 '' clean"));
}

TEST_F(WebSocketTest, ClosesWith1001AndKeepsSilentWhenItIsDestroyed) {
  const auto peer = open_to_raw_server();
  socket_.reset();
  ASSERT_TRUE(run_until([&] { return frames_in(peer->received()).size() == 8; }));
  const std::string frame = frames_in(peer->received());
  EXPECT_EQ(static_cast<unsigned char>(frame[0]), kClose);
  const int code = (static_cast<unsigned char>(frame[6] ^ frame[2]) << 8) |
                   static_cast<unsigned char>(frame[7] ^ frame[3]);
  EXPECT_EQ(code, 1001);
  peer->write(server_frame(kClose, kGoingAway));
  peer->end_sending();
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  EXPECT_THAT(log_, ElementsAre("open"));
}

TEST_F(WebSocketTest, CanBeMoved) {
  serve();
  open(server_->url());
  WebSocket moved = std::move(*socket_);
  ASSERT_TRUE(run_until_log_has(1));
  WebSocket other(loop_.executor(), "ws://127.0.0.1:1/");
  other = std::move(moved);
  other.close();
  ASSERT_TRUE(run_until_log_has(2));
  EXPECT_THAT(log_, ElementsAre("open", "close 1005 '' clean"));
}

TEST_F(WebSocketTest, SendsOriginAndFurtherFields) {
  const auto peer = RawPeer::accept(loop_, acceptor());
  open(acceptor_url(), {},
       {.origin = "https://example.com",
        .fields = {{.name = "Authorization", .value = "Bearer x"}}});
  ASSERT_TRUE(run_until([&] { return peer->received().ends_with("\r\n\r\n"); }));
  EXPECT_THAT(peer->received(), HasSubstr("\r\nOrigin: https://example.com\r\n"));
  EXPECT_THAT(peer->received(), HasSubstr("\r\nAuthorization: Bearer x\r\n"));
}

}  // namespace
}  // namespace ws
