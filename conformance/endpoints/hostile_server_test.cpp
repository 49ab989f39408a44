// Servers that harm whoever talks to them: the runner ends each case in time, with a verdict, and
// without keeping what it is sent.
#include <chrono>
#include <cstdint>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/endpoints/hostile_peer.hpp"
#include "conformance/endpoints/server_runner.hpp"
#include "impl/handshake/accept_key.hpp"

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Listens, and does `serve` with each connection, one after the other.
class Server {
 public:
  explicit Server(std::function<void(const Peer&)> serve)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 100), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, serve = std::move(serve)] {
      for (int file = 0; (file = ::accept(listener_, nullptr, nullptr)) >= 0;) serve(Peer(file));
    });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  Target target() const { return {.host = "127.0.0.1", .port = port_}; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string response_to(const std::string& head, const std::string& fields = {}) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const std::size_t begin = head.find(kName) + kName.size();
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         compute_accept(std::string_view(head).substr(begin, head.find('\r', begin) - begin)) +
         "\r\n" + fields + "\r\n";
}

struct Played {
  CaseResult result{};
  seconds took{};
  std::uint64_t grown = 0;  ///< bytes of memory, at the most
};

Played play(const Server& server, const Case& test) {
  Played played;
  ServerRunner runner(server.target(), {.case_limit = seconds(2)});
  const std::uint64_t before = peak_memory();
  const auto begin = std::chrono::steady_clock::now();
  runner.run({&test}, [&](CaseResult result) { played.result = std::move(result); });
  played.took = std::chrono::duration_cast<seconds>(std::chrono::steady_clock::now() - begin);
  played.grown = peak_memory() - before;
  return played;
}

Played play(const Server& server, std::string_view id) { return play(server, *find_case(id)); }

TEST(ServerRunner, OutlivesAFloodOfFrames) {
  for (const std::string& unit : {frame(0x81, "x"), frame(0x89, "x"), std::string(4096, '\xff')}) {
    std::string block;
    while (block.size() < 64 * 1024) block += unit;
    const Server server([&](const Peer& peer) {
      if (!peer.send(response_to(peer.read_head()))) return;
      while (peer.send(block)) {
      }
    });
    for (const std::string_view id : {"1.1.1", "23.1.1"}) {
      const Played played = play(server, id);
      EXPECT_EQ(played.result.graded.verdict, Verdict::fail) << id;
      EXPECT_LE(played.took, seconds(20)) << id;
      EXPECT_LT(played.grown, kMuch) << id;
    }
  }
}

TEST(ServerRunner, OutlivesAnEndlessHead) {
  const Server server([](const Peer& peer) {
    peer.read_head();
    if (!peer.send("HTTP/1.1 101 Switching Protocols\r\n")) return;
    while (peer.send("X-More: and more\r\n")) {
    }
  });
  const Played played = play(server, "1.1.1");
  EXPECT_EQ(played.result.graded.verdict, Verdict::fail);
  EXPECT_LE(played.took, seconds(10));
  EXPECT_LT(played.grown, kMuch);
}

TEST(ServerRunner, OutlivesAFrameWithoutEnd) {
  const Server server([](const Peer& peer) {
    if (!peer.send(response_to(peer.read_head()))) return;
    peer.send(std::string("\x82\x7f\x3f\xff\xff\xff\xff\xff\xff\xff", 10));
    while (peer.send(std::string(64 * 1024, 'x'))) {
    }
  });
  for (const std::string_view id : {"1.1.1", "23.1.1"}) {
    const Played played = play(server, id);
    EXPECT_EQ(played.result.graded.verdict, Verdict::fail) << id;
    EXPECT_LE(played.took, seconds(20)) << id;
    EXPECT_LT(played.grown, kMuch) << id;
  }
}

TEST(ServerRunner, OutlivesABomb) {
  const std::string bomb = make_bomb();
  const Server server([&](const Peer& peer) {
    if (peer.send(
            response_to(peer.read_head(), "Sec-WebSocket-Extensions: permessage-deflate\r\n")) &&
        peer.send(frame(0xc2, bomb))) {
      peer.wait_for_end();
    }
  });
  for (const std::string_view id : {"12.1.1", "29.2.1"}) {
    const Played played = play(server, id);
    EXPECT_NE(played.result.graded.verdict, Verdict::pass) << id;
    EXPECT_LE(played.took, seconds(20)) << id;
    EXPECT_LT(played.grown, kMuch) << id;
  }
}

TEST(ServerRunner, OutlivesAResetAtEveryByte) {
  std::string head;
  {
    const Server server([&](const Peer& peer) { head = peer.read_head(); });
    play(server, "1.1.2");
  }
  // The nonce has its length each time, so the answer has too.
  const std::size_t length = (response_to(head) + frame(0x81, std::string(125, '*'))).size();
  for (std::size_t kept = 0; kept < length; ++kept) {
    const Server server([&](const Peer& peer) {
      const std::string answer = response_to(peer.read_head()) + frame(0x81, std::string(125, '*'));
      peer.send(std::string_view(answer).substr(0, kept));
      peer.reset();
    });
    const Played played = play(server, "1.1.2");
    EXPECT_EQ(played.result.graded.verdict, Verdict::fail) << kept;
    EXPECT_LE(played.took, seconds(1)) << kept;
  }
}

TEST(ServerRunner, OutlivesAPeerThatNeverReads) {
  const Server silent([](const Peer& peer) { peer.wait_for_end(); });
  const Played unanswered = play(silent, "1.1.1");
  EXPECT_EQ(unanswered.result.graded.verdict, Verdict::fail);
  EXPECT_LE(unanswered.took, seconds(10));
  const Server open([](const Peer& peer) {
    if (peer.send(response_to(peer.read_head()))) peer.wait_for_end();
  });
  // What does not fit into the buffers of a connection.
  Case large{.id = "large"};
  large.script.emplace_back(SendFrame{.frame = {.payload = repeat("*", 32 * 1024 * 1024)}});
  large.timer = Timer{.after = milliseconds(500)};
  const Played unread = play(open, large);
  EXPECT_EQ(unread.result.graded.verdict, Verdict::fail);
  EXPECT_LE(unread.took, seconds(20));
}

TEST(ServerRunner, WaitsForASlowPeerToFillTheSockets) {
  const Server slow([](const Peer& peer) {
    if (!peer.send(response_to(peer.read_head()))) return;
    std::this_thread::sleep_for(milliseconds(300));
    if (peer.send(frame(0x81, "late"))) peer.wait_for_end();
  });
  Expect late = expect_message(Opcode::text, text("late"));
  late.within = milliseconds(100);
  Case test{.id = "standstill",
            .dialogue = Dialogue{.steps = {Reading{false}, Standstill{}, Reading{true}, late}}};
  const Played filled = play(slow, test);
  EXPECT_EQ(filled.result.graded.verdict, Verdict::pass) << filled.result.graded.reason;
  EXPECT_LE(filled.took, seconds(4));  // not the longest that it may take

  // Nothing more will come.
  const Server gone([](const Peer& peer) { peer.send(response_to(peer.read_head())); });
  const Played left = play(gone, test);
  EXPECT_EQ(left.result.graded.verdict, Verdict::fail);
  EXPECT_LE(left.took, seconds(4));
}

TEST(ServerRunner, EndsWhereThereIsNoServer) {
  Target target;
  {
    const Server server([](const Peer&) {});
    target = server.target();
  }
  ServerRunner runner(target, {});
  EXPECT_FALSE(runner.is_ready());
  CaseResult result;
  runner.run({find_case("1.1.1")}, [&](CaseResult played) { result = std::move(played); });
  EXPECT_EQ(result.graded.verdict, Verdict::fail);
  EXPECT_THAT(result.transcript.open_error, ::testing::HasSubstr("Connection refused"));
}

}  // namespace
}  // namespace ws::conformance
