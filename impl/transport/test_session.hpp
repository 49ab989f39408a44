// What the tests of sessions have in common: a server of sessions, a client session, raw peers.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>

#include "impl/handshake/accept_key.hpp"
#include "impl/transport/server.hpp"
#include "impl/transport/session.hpp"
#include "impl/transport/test_loop.hpp"

namespace ws::testing {

class SessionFixture : public ::testing::Test {
 protected:
  using tcp = boost::asio::ip::tcp;

  /// Starts a server that echoes, its events in `server_events_`.
  void serve(ServerOptions options = {}) {
    server_.emplace(std::vector{loop_.executor()}, std::move(options),
                    server_events_.handler(true));
    server_->start();
  }

  std::shared_ptr<Session> connect(const std::string& url, TransportSettings transport = {},
                                   ConnectionSettings connection = {},
                                   std::shared_ptr<const TlsContext> tls = nullptr) {
    return Session::connect(
        loop_.executor(),
        {.connection = std::move(connection), .offer = {.uri = parse_uri(url).value()}}, transport,
        std::move(tls), client_events_.handler());
  }

  /// A raw peer that has opened a connection to `server_`.
  std::shared_ptr<RawPeer> open_raw_client(bool reads = true) {
    auto peer = RawPeer::connect(loop_, server_->port(), reads);
    peer->write(std::string(kOpeningRequest));
    EXPECT_TRUE(run_until([&] { return server_events_.has<Opened>(); }));
    if (reads) {
      EXPECT_TRUE(run_until([&] { return is_open(peer->received()); }));
    }
    return peer;
  }

  /// Where raw servers wait for clients.
  tcp::acceptor& acceptor() {
    if (!acceptor_) {
      acceptor_.emplace(loop_.context(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    }
    return *acceptor_;
  }

  std::string acceptor_url() {
    return "ws://127.0.0.1:" + std::to_string(acceptor().local_endpoint().port()) + "/";
  }

  /// The response that opens the connection of the client whose request `peer` received.
  static std::string opening_response(const RawPeer& peer) {
    const std::string name = "Sec-WebSocket-Key: ";
    const auto start = peer.received().find(name) + name.size();
    const auto end = peer.received().find("\r\n", start);
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           compute_accept(peer.received().substr(start, end - start)) + "\r\n\r\n";
  }

  /// A raw server that has received the request of a client session, and that session.
  std::shared_ptr<RawPeer> accept_raw_server(TransportSettings transport = {}) {
    auto peer = RawPeer::accept(loop_, acceptor());
    client_ = connect(acceptor_url(), transport);
    EXPECT_TRUE(run_until([&] { return peer->received().ends_with("\r\n\r\n"); }));
    return peer;
  }

  std::shared_ptr<RawPeer> open_raw_server(TransportSettings transport = {}) {
    auto peer = accept_raw_server(transport);
    peer->write(opening_response(*peer));
    EXPECT_TRUE(run_until([&] { return client_events_.has<Opened>(); }));
    return peer;
  }

  template <typename Condition>
  bool run_until(const Condition& condition) {
    return loop_.run_until(condition);
  }

  Loop loop_;
  EventLog server_events_;
  EventLog client_events_;
  std::optional<Server> server_;
  std::shared_ptr<Session> client_;
  std::optional<tcp::acceptor> acceptor_;
};

/// Frames as a client sends them, masked with 00 00 00 00, which changes nothing.
inline std::string client_frame(unsigned char first_byte, std::string_view payload) {
  std::string frame{static_cast<char>(first_byte)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80U | payload.size());
  } else {
    frame += '\xff';
    for (int shift = 56; shift >= 0; shift -= 8)
      frame += static_cast<char>(payload.size() >> shift);
  }
  return frame + std::string(4, '\0') + std::string(payload);
}

/// Short frames as a server sends them.
inline std::string server_frame(unsigned char first_byte, std::string_view payload) {
  return std::string{static_cast<char>(first_byte), static_cast<char>(payload.size())} +
         std::string(payload);
}

inline constexpr unsigned char kText = 0x81;
inline constexpr unsigned char kBinary = 0x82;
inline constexpr unsigned char kClose = 0x88;
inline constexpr unsigned char kPing = 0x89;
inline constexpr unsigned char kPong = 0x8a;

inline const std::string kNormalClosure("\x03\xe8", 2);  // 1000
inline const std::string kGoingAway("\x03\xe9", 2);      // 1001
inline const std::string kProtocolError("\x03\xea", 2);  // 1002

}  // namespace ws::testing
