#include "impl/transport/server.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <ctime>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <list>
#include <map>
#include <mutex>
#include <sys/resource.h>
#include <thread>

#include "impl/transport/test_certificates.hpp"
#include "impl/transport/test_session.hpp"

namespace ws {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using namespace ws::testing;  // NOLINT(google-build-using-namespace)

class ServerTest : public SessionFixture {
 protected:
  /// Opens and closes one connection to each of `urls`.
  void expect_echo(const std::string& url) {
    client_events_ = {};
    const auto client = connect(url);
    ASSERT_TRUE(
        run_until([&] { return client_events_.has<Opened>() || client_events_.has<Closed>(); }));
    ASSERT_TRUE(client_events_.has<Opened>()) << url << ": " << client->failure()->text;
    EXPECT_TRUE(client->send_text("hello"));
    ASSERT_TRUE(run_until([&] { return client_events_.has<MessageReceived>(); }));
    EXPECT_TRUE(client->close());
    ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  }

  std::string refusal_of(ServerOptions options) {
    try {
      serve(std::move(options));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }

  bool has_ipv6() {
    boost::system::error_code error;
    tcp::acceptor acceptor(loop_.context());
    acceptor.open(tcp::v6(), error);
    if (!error) acceptor.bind({boost::asio::ip::address_v6::loopback(), 0}, error);
    return !error;
  }
};

TEST_F(ServerTest, ReportsThePortThatTheSystemChose) {
  serve();
  EXPECT_NE(server_->port(), 0);
  EXPECT_EQ(server_->url(), "ws://127.0.0.1:" + std::to_string(server_->port()) + "/");
  expect_echo(server_->url());
}

TEST_F(ServerTest, ListensOnIpv6) {
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
  serve({.host = "::1"});
  EXPECT_EQ(server_->url(), "ws://[::1]:" + std::to_string(server_->port()) + "/");
  expect_echo(server_->url());
}

TEST_F(ServerTest, TakesIpv4OnTheUnspecifiedIpv6Address) {
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
  serve({.host = "::"});
  const std::string port = std::to_string(server_->port());
  expect_echo("ws://127.0.0.1:" + port + "/");
  expect_echo("ws://[::1]:" + port + "/");
}

TEST_F(ServerTest, ListensOnEveryAddressOfAName) {
  serve({.host = "localhost"});
  expect_echo("ws://localhost:" + std::to_string(server_->port()) + "/");
  expect_echo("ws://127.0.0.1:" + std::to_string(server_->port()) + "/");
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  const auto port = acceptor().local_endpoint().port();
  EXPECT_EQ(refusal_of({.port = port}),
            "cannot listen on 127.0.0.1 port " + std::to_string(port) + ": Address already in use");
  EXPECT_THAT(refusal_of({.host = "no-such-host.invalid"}),
              StartsWith("cannot listen on no-such-host.invalid port 0: "));
  EXPECT_THAT(refusal_of({.tls = TlsServerSettings{"/no/such/file", "/no/such/file"}}),
              HasSubstr("/no/such/file"));
}

TEST_F(ServerTest, AnswersConnectionsBeyondItsLimitWith503) {
  serve({.max_connections = 2});
  const auto first = connect(server_->url());
  EventLog second_events;
  Session::connect(loop_.executor(), {.offer = {.uri = parse_uri(server_->url()).value()}}, {},
                   nullptr, second_events.handler());
  ASSERT_TRUE(run_until([&] { return server_events_.count<Opened>() == 2; }));
  const auto peer = RawPeer::connect(loop_, server_->port());
  peer->write(std::string(kOpeningRequest));
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  EXPECT_THAT(peer->received(), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(peer->received(), HasSubstr("Retry-After: 1\r\n"));
  peer->close();

  first->cut();
  ASSERT_TRUE(run_until([&] { return server_->connections() == 1; }));
  expect_echo(server_->url());
}

TEST_F(ServerTest, StopsAcceptingWhileTooManyAreToldToComeBackLater) {
  serve({.max_connections = 1});
  std::vector<std::shared_ptr<RawPeer>> peers;
  for (int i = 0; i < 100; ++i) peers.push_back(RawPeer::connect(loop_, server_->port()));
  ASSERT_TRUE(run_until([&] { return server_->connections() == 65; }));
  loop_.run_for(150ms);
  EXPECT_EQ(server_->connections(), 65U);
  for (const auto& peer : peers) peer->close();
  EXPECT_TRUE(run_until([&] { return server_events_.count<Closed>() == 100; }));
}

TEST_F(ServerTest, ClosesEveryConnectionWith1001WhenItStops) {
  serve();
  const auto client = connect(server_->url());
  const auto peer = open_raw_client();
  ASSERT_TRUE(run_until([&] { return server_events_.count<Opened>() == 2; }));
  bool stopped = false;
  server_->stop(10s, [&] { stopped = true; });
  server_->stop(10s, [] { FAIL() << "only the first call counts"; });
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_EQ(client_events_.first<Closed>().code, CloseCode::going_away);
  EXPECT_EQ(client_events_.first<Closed>().reason, "The server stops.");
  EXPECT_TRUE(client_events_.first<Closed>().clean);

  ASSERT_TRUE(run_until([&] { return !frames_in(peer->received()).empty(); }));
  EXPECT_THAT(frames_in(peer->received()), HasSubstr(kGoingAway));
  EXPECT_FALSE(stopped);
  peer->write(client_frame(kClose, kGoingAway));
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  peer->close();
  ASSERT_TRUE(run_until([&] { return stopped; }));
  EXPECT_EQ(server_->connections(), 0U);

  boost::system::error_code error;
  tcp::socket late(loop_.context());
  late.connect({boost::asio::ip::address_v4::loopback(), server_->port()}, error);
  EXPECT_EQ(error, boost::asio::error::connection_refused);
}

TEST_F(ServerTest, CutsConnectionsThatDoNotCloseInTimeWhenItStops) {
  serve();
  const auto peer = open_raw_client();
  const auto opening = RawPeer::connect(loop_, server_->port());
  bool stopped = false;
  server_->stop(20ms, [&] { stopped = true; });
  ASSERT_TRUE(run_until([&] { return stopped && peer->ended() && opening->ended(); }));
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(ServerTest, StopsAtOnceWithoutConnections) {
  serve();
  bool stopped = false;
  server_->stop(10s, [&] { stopped = true; });
  ASSERT_TRUE(run_until([&] { return stopped; }));
}

TEST_F(ServerTest, LeavesSessionsAloneWhenItGoesAway) {
  serve();
  const auto peer = open_raw_client();
  server_.reset();
  peer->write(client_frame(kText, "still there?"));
  EXPECT_TRUE(run_until(
      [&] { return frames_in(peer->received()) == server_frame(kText, "still there?"); }));
}

TEST_F(ServerTest, ServesManyConnectionsAtATime) {
  constexpr std::size_t kClients = 200;
  serve();
  std::vector<std::shared_ptr<Session>> clients;
  std::size_t echoed = 0;
  std::size_t closed = 0;
  for (std::size_t i = 0; i < kClients; ++i) {
    const auto handle = [&, i](Session& session, Event& event) {
      if (std::holds_alternative<Opened>(event)) {
        EXPECT_TRUE(session.send_text("client " + std::to_string(i)));
      }
      if (const auto* message = std::get_if<MessageReceived>(&event)) {
        EXPECT_EQ(message->payload.size(), 7 + std::to_string(i).size());
        ++echoed;
      }
      if (const auto* end = std::get_if<Closed>(&event)) {
        EXPECT_TRUE(end->clean);
        ++closed;
      }
    };
    clients.push_back(Session::connect(loop_.executor(),
                                       {.offer = {.uri = parse_uri(server_->url()).value()}}, {},
                                       nullptr, handle));
  }
  ASSERT_TRUE(run_until([&] { return echoed == kClients; }));
  EXPECT_EQ(server_->connections(), kClients);
  for (const auto& client : clients) EXPECT_TRUE(client->close());
  ASSERT_TRUE(run_until([&] { return closed == kClients && server_->connections() == 0; }));
}

TEST_F(ServerTest, SurvivesRunningOutOfDescriptors) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "UndefinedBehaviorSanitizer opens a pipe to look at memory, and takes its "
                  "failure for a bad vptr";
#endif
  serve();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  std::vector<std::shared_ptr<RawPeer>> peers;
  for (int i = 0; i < 10; ++i) peers.push_back(RawPeer::connect(loop_, server_->port()));
  // The lowest descriptor that is free is as many as may be open.
  std::ifstream probe("/dev/null");
  const tcp::socket highest(loop_.context(), tcp::v4());
  rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(const_cast<tcp::socket&>(highest).native_handle()) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const std::clock_t start = std::clock();
  loop_.run_for(250ms);
  const double busy = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_EQ(server_->connections(), 0U);
  EXPECT_LT(busy, 0.1);  // seconds of processor time: it waits
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(run_until([&] { return server_->connections() == 10; }));
}

TEST(ServerThreads, ShareTheConnectionsOut) {
  constexpr std::size_t kThreads = 3;
  constexpr std::size_t kClients = 30;
  std::list<boost::asio::io_context> contexts;
  std::vector<boost::asio::any_io_executor> executors;
  std::list<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards;
  for (std::size_t i = 0; i < kThreads; ++i) {
    executors.emplace_back(contexts.emplace_back(1).get_executor());
    guards.emplace_back(contexts.back().get_executor());
  }
  std::mutex mutex;
  std::map<std::thread::id, std::size_t> opened;
  Server server(executors, {}, [&](Session& session, Event& event) {
    if (std::holds_alternative<Opened>(event)) {
      const std::lock_guard lock(mutex);
      ++opened[std::this_thread::get_id()];
    }
    if (const auto* message = std::get_if<MessageReceived>(&event)) {
      EXPECT_TRUE(session.send_binary(message->payload));
    }
  });
  server.start();
  std::list<std::jthread> threads;
  for (auto& context : contexts) threads.emplace_back([&context] { context.run(); });

  Loop loop;
  std::size_t echoed = 0;
  std::size_t closed = 0;
  for (std::size_t i = 0; i < kClients; ++i) {
    Session::connect(loop.executor(), {.offer = {.uri = parse_uri(server.url()).value()}}, {},
                     nullptr, [&](Session& session, Event& event) {
                       if (std::holds_alternative<Opened>(event)) {
                         EXPECT_TRUE(session.send_binary(std::vector<std::byte>(100'000)));
                       }
                       if (std::holds_alternative<MessageReceived>(event)) ++echoed;
                       if (std::holds_alternative<Closed>(event)) ++closed;
                     });
  }
  ASSERT_TRUE(loop.run_until([&] { return echoed == kClients; }));
  std::atomic<bool> stopped = false;
  server.stop(10s, [&] {
    guards.clear();
    stopped = true;
  });
  ASSERT_TRUE(loop.run_until([&] { return closed == kClients; }));
  threads.clear();  // joins them
  EXPECT_TRUE(stopped);
  EXPECT_EQ(opened.size(), kThreads);
  for (const auto& [thread, count] : opened) EXPECT_EQ(count, kClients / kThreads);
}

}  // namespace
}  // namespace ws
