// Clients that harm whoever serves them: each case ends in time, with a verdict, without keeping
// what is sent, and others are served all the same.
#include <atomic>
#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/endpoints/client_runner.hpp"
#include "conformance/endpoints/hostile_peer.hpp"

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::string request(const std::string& resource, const std::string& fields = {}) {
  return "GET " + resource +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         fields + "\r\n";
}

/// Serves cases on a thread of its own.
class Service {
 public:
  explicit Service(const Case& test)
      : runner_({}, {.case_limit = seconds(2), .segmentation = Segmentation::whole}),
        thread_([this, &test] {
          runner_.run({&test}, {.on_result =
                                    [this](CaseResult result) {
                                      results_.push_back(std::move(result));
                                      runner_.stop();
                                    },
                                .on_update = [](const std::string&, bool) { return false; }});
        }) {}
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() { end(); }

  std::uint16_t port() const { return runner_.port(); }

  /// Whether a client that behaves gets an answer.
  bool answers() const {
    const Peer peer(connect_to(port()));
    return peer.send(request("/getCaseCount")) &&
           peer.read_head().starts_with("HTTP/1.1 101 Switching Protocols\r\n");
  }

  void end() {
    if (!thread_.joinable()) return;
    runner_.stop();
    thread_.join();
  }

  /// Waits for the case. Returns: its result.
  CaseResult take_result() {
    thread_.join();
    return std::move(results_.at(0));
  }

 private:
  ClientRunner runner_;
  std::vector<CaseResult> results_{};
  std::thread thread_;
};

/// Has a client play a case, and expects a verdict in time that is no pass.
void expect_failure(const Case& test, const std::function<void(const Peer&)>& act,
                    const std::string& fields = {}) {
  const std::uint64_t before = peak_memory();
  const auto begin = steady_clock::now();
  Service service(test);
  std::thread client([&] {
    const Peer peer(connect_to(service.port()));
    if (peer.send(request("/runCase?agent=hostile&casetuple=" + test.id, fields))) act(peer);
  });
  const CaseResult result = service.take_result();
  client.join();
  EXPECT_NE(result.graded.verdict, Verdict::pass) << test.id;
  EXPECT_EQ(result.agent, "hostile");
  EXPECT_LE(steady_clock::now() - begin, seconds(20)) << test.id;
  EXPECT_LT(peak_memory() - before, kMuch) << test.id;
}

void expect_failure(std::string_view id, const std::function<void(const Peer&)>& act,
                    const std::string& fields = {}) {
  expect_failure(*find_case(id), act, fields);
}

TEST(ClientRunner, OutlivesAFloodOfFrames) {
  for (const std::string& unit :
       {frame(0x81, "x", true), frame(0x89, "x", true), std::string(4096, '\xff')}) {
    std::string block;
    while (block.size() < 64 * 1024) block += unit;
    for (const std::string_view id : {"1.1.1", "23.1.1"}) {
      expect_failure(id, [&](const Peer& peer) {
        while (peer.send(block)) {
        }
      });
    }
  }
}

TEST(ClientRunner, OutlivesAFrameWithoutEnd) {
  for (const std::string_view id : {"1.1.1", "23.1.1"}) {
    expect_failure(id, [](const Peer& peer) {
      peer.send(std::string("\x82\xff\x3f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14));
      while (peer.send(std::string(64 * 1024, 'x'))) {
      }
    });
  }
}

TEST(ClientRunner, OutlivesABomb) {
  const std::string bomb = frame(0xc2, make_bomb(), true);
  for (const std::string_view id : {"12.1.1", "29.2.1"}) {
    expect_failure(
        id,
        [&](const Peer& peer) {
          if (peer.send(bomb)) peer.wait_for_end();
        },
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
  }
}

TEST(ClientRunner, OutlivesAnEndlessHead) {
  const Case& test = *find_case("1.1.1");  // the whole catalogue, which is made but once
  const std::uint64_t before = peak_memory();
  Service service(test);
  const Peer peer(connect_to(service.port()));
  std::string block = "X-More: and more\r\n";
  while (block.size() < 4096) block += block;
  peer.send("GET / HTTP/1.1\r\n");
  std::size_t sent = 0;
  while (peer.send(block)) sent += block.size();
  EXPECT_LT(sent, kMuch / 10);
  EXPECT_TRUE(service.answers());
  EXPECT_LT(peak_memory() - before, kMuch / 4);
}

TEST(ClientRunner, OutlivesAResetAtEveryByteOfARequest) {
  Service service(*find_case("1.1.1"));
  // Asked for as a whole, the case would be played.
  const std::string head = request("/runCase?agent=hostile&case=1");
  for (std::size_t kept = 0; kept < head.size(); ++kept) {
    const Peer peer(connect_to(service.port()));
    peer.send(std::string_view(head).substr(0, kept));
    peer.reset();
  }
  EXPECT_TRUE(service.answers());
}

TEST(ClientRunner, OutlivesAResetAtEveryByteOfAnEcho) {
  const std::string echo = frame(0x81, std::string(125, '*'), true);
  for (std::size_t kept = 0; kept <= echo.size(); ++kept) {
    expect_failure("1.1.2", [&](const Peer& peer) {
      peer.send(std::string_view(echo).substr(0, kept));
      peer.reset();
    });
  }
}

TEST(ClientRunner, OutlivesAPeerThatNeverReads) {
  // What does not fit into the buffers of a connection.
  Case large{.id = "large"};
  large.script.emplace_back(SendFrame{.frame = {.payload = repeat("*", 32 * 1024 * 1024)}});
  large.timer = Timer{.after = milliseconds(500)};
  expect_failure(large, [](const Peer& peer) { peer.wait_for_end(); });
}

TEST(ClientRunner, ServesOthersWhileManySayNothing) {
  Service service(*find_case("1.1.1"));
  std::vector<std::unique_ptr<Peer>> silent;
  for (int i = 0; i < 200; ++i)
    silent.push_back(std::make_unique<Peer>(connect_to(service.port())));
  EXPECT_TRUE(service.answers());
}

TEST(ClientRunner, HoldsNothingAgainstAClientThatKeepsAConnection) {
  // Behind a 204 HTTP may go on, where the harness cannot.
  const std::vector<const Case*> cases{find_case("21.1.4"), find_case("21.1.1")};
  ClientRunner runner({}, {.case_limit = seconds(2), .segmentation = Segmentation::whole});
  std::map<std::string, Verdict> verdicts;
  std::thread service([&] {
    runner.run(cases, {.on_result =
                           [&](const CaseResult& result) {
                             verdicts[result.test->id] = result.graded.verdict;
                           },
                       .on_update = [](const std::string&, bool) { return false; }});
  });
  {
    const Peer peer(connect_to(runner.port()));
    peer.send(request("/runCase?agent=pooling&case=1"));
    EXPECT_TRUE(peer.read_head().starts_with("HTTP/1.1 204 "));
    peer.send(request("/runCase?agent=pooling&case=2"));
    peer.wait_for_end();
  }
  runner.stop();
  service.join();
  EXPECT_TRUE(verdicts.contains("21.1.4"));
  EXPECT_EQ(verdicts["21.1.1"], Verdict::unsupported);
}

TEST(ClientRunner, EndsARunWhoseClientIsGoneBeforeItHasBegun) {
  ClientRunner runner({}, {});
  const ClientEvents events{.on_result = [](const CaseResult&) {},
                            .on_update = [](const std::string&, bool) { return false; }};
  const int first = runner.announce_run();
  runner.stop_when_idle(first);
  EXPECT_TRUE(runner.run({}, events));

  // What is said of the run before does not end this one.
  const int second = runner.announce_run();
  runner.stop_when_idle(first);
  std::atomic<bool> is_over = false;
  std::thread service([&] {
    runner.run({}, events);
    is_over = true;
  });
  {
    const Peer peer(connect_to(runner.port()));
    EXPECT_TRUE(peer.send(request("/getCaseCount")));
    EXPECT_TRUE(peer.read_head().starts_with("HTTP/1.1 101 "));
    EXPECT_FALSE(is_over);
  }
  runner.stop_when_idle(second);
  service.join();
}

}  // namespace
}  // namespace ws::conformance
