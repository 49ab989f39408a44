#include "conformance/harness/dialogue_player.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "conformance/harness/case.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/harness/test_opening.hpp"
#include "conformance/oracle/accept_key.hpp"

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;

/// A server that has answered the request, has a message to write and waits a second for its echo.
class WaitsForEcho : public ::testing::Test {
 protected:
  WaitsForEcho() {
    player_->start(Time{});
    player_->receive(Time{}, std::as_bytes(std::span(kOpeningRequest)));
  }

  std::size_t count_unwritten() {
    std::size_t size = 0;
    for (const std::string& write : player_->take_writes()) size += write.size();
    return size;
  }

  const Case test_{
      .id = "1",
      .dialogue = Dialogue{
          .steps = {PutMessage{.payload = text("hello")},
                    Expect{.any = {{.kind = Reaction::Kind::message, .payload = text("hello")}},
                           .within = milliseconds(1000)}}}};
  std::unique_ptr<Player> player_ = make_player(test_, {.role = Role::server, .host = "localhost"});
};

TEST_F(WaitsForEcho, FromWhenTheMessageIsOut) {
  const std::size_t size = count_unwritten();
  ASSERT_GT(size, 1U);
  player_->written(milliseconds(600), size - 1);
  player_->pass_time(milliseconds(1000));
  EXPECT_FALSE(player_->is_over());
  player_->written(milliseconds(1500), 1);
  EXPECT_EQ(player_->next_deadline(), Time(milliseconds(2500)));
  player_->pass_time(milliseconds(2500));
  EXPECT_TRUE(player_->is_over());
}

TEST_F(WaitsForEcho, NoLongerOfAPeerThatTakesNothing) {
  EXPECT_GT(count_unwritten(), 0U);
  player_->pass_time(milliseconds(1000));
  EXPECT_TRUE(player_->is_over());
}

/// A client that closes, with what it sends `behind` that once the server has answered.
class ClosedByClient : public ::testing::Test {
 protected:
  ClosedByClient() {
    player_->start(Time{});
    player_->receive(Time{}, std::as_bytes(std::span(kOpeningRequest)));
    send("\x88\x80\1\2\3\4");
    std::ignore = player_->take_writes();
  }

  void send(std::string_view bytes) { player_->receive(Time{}, std::as_bytes(std::span(bytes))); }

  Verdict verdict() { return judge(test_, player_->take_transcript(), Role::server).verdict; }

  const Case test_{.id = "1",
                   .dialogue = Dialogue{.steps = {Expect{.any = {{.kind = Reaction::Kind::close}},
                                                         .within = milliseconds(1000)}}}};
  std::unique_ptr<Player> player_ = make_player(test_, {.role = Role::server, .host = "localhost"});
};

TEST_F(ClosedByClient, SeesTheServerEndItsSideOfTcpAndWait) {
  EXPECT_TRUE(player_->wants_half_close());
  EXPECT_FALSE(player_->is_over());
  player_->end(milliseconds(1), EndCause::peer_finished);
  EXPECT_TRUE(player_->is_over());
  EXPECT_EQ(verdict(), Verdict::pass);
}

TEST_F(ClosedByClient, IsNotWaitedForForLong) {
  player_->pass_time(milliseconds(100));
  EXPECT_TRUE(player_->is_over());
  EXPECT_EQ(verdict(), Verdict::pass);
}

TEST_F(ClosedByClient, MaySendNothingBehind) {
  send("\x88\x80\1\2\3\4");
  player_->end(milliseconds(1), EndCause::peer_reset);
  EXPECT_EQ(verdict(), Verdict::fail);
}

/// A client whose request is to be refused.
GradedVerdict judge_answer(Expect answer, std::string_view response) {
  const Case test{.id = "1",
                  .dialogue = Dialogue{.request = Head{.start = "GET {resource} HTTP/1.1",
                                                       .lines = {"Host: {host}", "Upgrade: h2c"}},
                                       .answer = std::move(answer)}};
  const auto player = make_player(test, {.role = Role::client, .host = "localhost"});
  player->start(Time{});
  std::ignore = player->take_writes();
  player->receive(Time{}, std::as_bytes(std::span(response)));
  for (int second = 1; second <= 20 && !player->is_over(); ++second) {
    player->pass_time(std::chrono::seconds(second));
  }
  EXPECT_TRUE(player->is_over()) << response;
  return judge(test, player->take_transcript(), Role::client);
}

TEST(DialoguePlayer, TakesARefusalWhoseBodyDoesNotEndForOne) {
  const Expect refused{.any = {{.kind = Reaction::Kind::refused}}, .within = milliseconds(1000)};
  for (const char* const length : {"Transfer-Encoding: chunked", "Content-Length: 5"}) {
    const std::string head = "HTTP/1.1 400 Bad Request\r\n" + std::string(length) + "\r\n\r\n";
    EXPECT_EQ(judge_answer(refused, head).verdict, Verdict::non_strict) << length;
  }
  EXPECT_EQ(judge_answer(refused, "HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n").verdict,
            Verdict::fail);
}

TEST(DialoguePlayer, TellsAnotherProtocolFromWebSocket) {
  const Expect other{.any = {{.kind = Reaction::Kind::refused, .codes = {101}}},
                     .within = milliseconds(1000)};
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n";
  EXPECT_EQ(judge_answer(other, head + "Upgrade: h2c\r\n\r\nwhat h2c says").verdict, Verdict::pass);
  for (const char* const lines : {"Upgrade: websocket\r\n", "Upgrade: h3c\r\n",
                                  "Upgrade: h2c\r\nSec-WebSocket-Accept: x\r\n", ""}) {
    EXPECT_EQ(judge_answer(other, head + lines + "\r\n").verdict, Verdict::fail) << lines;
  }
}

TEST(DialoguePlayer, TakesWhatFollowsFromFramesThatCameTooEarlyForNoFailure) {
  for (const bool is_early : {true, false}) {
    const Case test{.id = "1",
                    .dialogue = Dialogue{.steps = {Expect{.any = {{.kind = Reaction::Kind::end}}}},
                                         .sends_too_early = is_early}};
    const auto player = make_player(test, {.role = Role::client, .host = "localhost"});
    player->start(Time{});
    std::string request;
    for (const std::string& write : player->take_writes()) request += write;
    const std::string name = "Sec-WebSocket-Key: ";
    const std::string key = request.substr(request.find(name) + name.size(), 24);
    // The server took the frame for its next request.
    const std::string response =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        oracle::compute_accept(key) + "\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n";
    player->receive(Time{}, std::as_bytes(std::span(response)));
    player->end(Time{}, EndCause::peer_finished);
    EXPECT_EQ(judge(test, player->take_transcript(), Role::client).verdict,
              is_early ? Verdict::non_strict : Verdict::fail);
  }
}

TEST(DialoguePlayer, AnswersAPingBehindTheFrameThatIsGoingOut) {
  // A server that pings every 20 ms saw the Pong inside the frame.
  const Case test{.id = "1",
                  .dialogue = Dialogue{.steps = {PutBytes{text("\x81")}, Rest{milliseconds(10)},
                                                 PutBytes{text("\x02hi")},
                                                 Expect{.any = {{.kind = Reaction::Kind::end}}}}}};
  const auto player = make_player(test, {.role = Role::server, .host = "localhost"});
  const auto written = [&] {
    std::string bytes;
    for (const std::string& write : player->take_writes()) bytes += write;
    return bytes;
  };
  player->start(Time{});
  player->receive(Time{}, std::as_bytes(std::span(kOpeningRequest)));
  EXPECT_TRUE(written().ends_with("\r\n\r\n\x81"));
  const std::string ping("\x89\x81\0\0\0\0p", 7);
  player->receive(milliseconds(1), std::as_bytes(std::span(ping)));
  EXPECT_EQ(written(), "");
  player->pass_time(milliseconds(10));
  EXPECT_EQ(written(), "\x02hi\x8a\x01p");
}

}  // namespace
}  // namespace ws::conformance
