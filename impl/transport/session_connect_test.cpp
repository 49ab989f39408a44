// Sessions that connect to one address and port do so one by one (section 4.1).
#include <functional>
#include <gtest/gtest.h>

#include "impl/transport/connect_line.hpp"
#include "impl/transport/test_session.hpp"

namespace ws {
namespace {

using namespace std::chrono_literals;
using namespace ws::testing;  // NOLINT(google-build-using-namespace)

class SessionConnect : public SessionFixture {
 protected:
  static bool has_request(const RawPeer& peer) { return peer.received().ends_with("\r\n\r\n"); }

  /// Runs until `peer`, which waits to be connected to, has a request. Returns: false if none
  /// comes.
  bool run_until_request(const RawPeer& peer) {
    return run_until([&] { return has_request(peer); });
  }

  bool nobody_stands_in_line() {
    return boost::asio::use_service<ConnectLines>(loop_.context()).empty();
  }

  std::string localhost_url() {
    return "ws://localhost:" + std::to_string(acceptor().local_endpoint().port()) + "/";
  }
};

TEST_F(SessionConnect, WaitsUntilTheOneBeforeIsOpen) {
  const auto first = RawPeer::accept(loop_, acceptor());
  const auto second = RawPeer::accept(loop_, acceptor());
  const auto third = RawPeer::accept(loop_, acceptor());
  connect(acceptor_url());
  connect(acceptor_url());
  connect(localhost_url());  // "even if the remote host is known by another name"
  ASSERT_TRUE(run_until_request(*first));
  loop_.run_for(20ms);
  EXPECT_FALSE(second->socket().is_open());

  first->write(opening_response(*first));
  ASSERT_TRUE(run_until_request(*second));
  EXPECT_EQ(client_events_.count<Opened>(), 1U);
  loop_.run_for(20ms);
  EXPECT_FALSE(third->socket().is_open());

  second->write(opening_response(*second));
  ASSERT_TRUE(run_until_request(*third));
  third->write(opening_response(*third));
  ASSERT_TRUE(run_until([&] { return client_events_.count<Opened>() == 3; }));
  EXPECT_TRUE(nobody_stands_in_line());
}

TEST_F(SessionConnect, GoesOnHoweverTheOneBeforeFails) {
  struct End {
    const char* name;
    std::function<void(Session& session, RawPeer& peer)> make;
  };
  for (const auto& [name, make] : {
           End{"refused",
               [](Session&, RawPeer& peer) { peer.write("HTTP/1.1 403 Forbidden\r\n\r\n"); }},
           End{"no HTTP", [](Session&, RawPeer& peer) { peer.write("SSH-2.0-x\r\n"); }},
           End{"ended", [](Session&, RawPeer& peer) { peer.close(); }},
           End{"reset", [](Session&, RawPeer& peer) { peer.reset(); }},
           End{"closed", [](Session& session, RawPeer&) { EXPECT_TRUE(session.close()); }},
           End{"cut", [](Session& session, RawPeer&) { session.cut(); }},
           End{"timed out", [](Session&, RawPeer&) {}},
       }) {
    SCOPED_TRACE(name);
    const auto peer = RawPeer::accept(loop_, acceptor());
    const auto next = RawPeer::accept(loop_, acceptor());
    const auto session = connect(acceptor_url(), {.timeouts = {.opening_handshake = 100ms}});
    const auto waiting = connect(acceptor_url());
    ASSERT_TRUE(run_until_request(*peer));
    make(*session, *peer);
    ASSERT_TRUE(run_until_request(*next));
    waiting->cut();
    peer->socket().close();
    next->socket().close();
    ASSERT_TRUE(run_until([&] { return nobody_stands_in_line(); }));
  }
}

TEST_F(SessionConnect, LeavesTheLineWhenItEndsBeforeItConnects) {
  const auto first = RawPeer::accept(loop_, acceptor());
  const auto second = RawPeer::accept(loop_, acceptor());
  connect(acceptor_url());
  const auto cut = connect(acceptor_url());
  const auto closed = connect(acceptor_url());
  const auto timed_out = connect(acceptor_url(), {.timeouts = {.opening_handshake = 50ms}});
  connect(acceptor_url());
  ASSERT_TRUE(run_until_request(*first));
  cut->cut();
  EXPECT_TRUE(closed->close());
  ASSERT_TRUE(run_until([&] { return client_events_.count<Closed>() == 3; }));
  ASSERT_TRUE(timed_out->failure());
  EXPECT_EQ(timed_out->failure()->kind, FailureKind::timed_out);
  EXPECT_EQ(timed_out->failure()->text, "others took too long to connect to the same address");
  EXPECT_FALSE(second->socket().is_open());

  first->write(opening_response(*first));
  ASSERT_TRUE(run_until_request(*second));
  second->write(opening_response(*second));
  ASSERT_TRUE(run_until([&] { return client_events_.count<Opened>() == 2; }));
  EXPECT_TRUE(nobody_stands_in_line());
}

TEST_F(SessionConnect, DoesNotWaitForThoseThatConnectElsewhere) {
  const auto peer = accept_raw_server();
  serve();
  connect(server_->url());
  ASSERT_TRUE(run_until([&] { return client_events_.has<Opened>(); }));
}

TEST_F(SessionConnect, DoesNotWaitIfItNeedNot) {
  const auto first = RawPeer::accept(loop_, acceptor());
  const auto second = RawPeer::accept(loop_, acceptor());
  connect(acceptor_url(), {.connects_one_by_one = false});
  connect(acceptor_url(), {.connects_one_by_one = false});
  ASSERT_TRUE(run_until([&] { return has_request(*first) && has_request(*second); }));
}

TEST_F(SessionConnect, GoesOnWhereThousandsFail) {
  constexpr std::size_t kSessions = 10'000;
  // The port is taken, and nobody listens; a free one may become that of another program meanwhile.
  const boost::asio::ip::tcp::socket taken(
      loop_.context(), {boost::asio::ip::address_v4::loopback(), boost::asio::ip::port_type{0}});
  const Uri uri =
      parse_uri("ws://127.0.0.1:" + std::to_string(taken.local_endpoint().port()) + "/").value();
  std::size_t ended = 0;
  for (std::size_t i = 0; i < kSessions; ++i) {
    Session::connect(
        loop_.executor(), {.offer = {.uri = uri}}, {.timeouts = {.opening_handshake = 0ms}},
        nullptr, [&](Session&, Event& event) { ended += std::holds_alternative<Closed>(event); });
  }
  ASSERT_TRUE(run_until([&] { return ended == kSessions; }));
  EXPECT_TRUE(nobody_stands_in_line());
}

TEST_F(SessionConnect, OpensHundredsAtOneServer) {
  constexpr std::size_t kSessions = 200;
  serve();
  for (std::size_t i = 0; i < kSessions; ++i) connect(server_->url());
  ASSERT_TRUE(run_until([&] { return client_events_.count<Opened>() == kSessions; }));
  EXPECT_EQ(server_->connections(), kSessions);
}

TEST(SessionConnectLifetime, EndsWithTheContextThatItWaitsIn) {
  std::weak_ptr<Session> waiting;
  const auto watched = std::make_shared<int>();
  {
    Loop loop;
    boost::asio::ip::tcp::acceptor acceptor(
        loop.context(), {boost::asio::ip::address_v4::loopback(), boost::asio::ip::port_type{0}});
    const auto peer = RawPeer::accept(loop, acceptor);
    const std::string url =
        "ws://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
    for (int i = 0; i < 3; ++i) {
      waiting = Session::connect(loop.executor(), {.offer = {.uri = parse_uri(url).value()}}, {},
                                 nullptr, [watched](Session&, Event&) { ADD_FAILURE(); });
    }
    ASSERT_TRUE(loop.run_until([&] { return peer->received().ends_with("\r\n\r\n"); }));
    EXPECT_FALSE(waiting.expired());
  }
  EXPECT_TRUE(waiting.expired());
  EXPECT_EQ(watched.use_count(), 1);
}

}  // namespace
}  // namespace ws
