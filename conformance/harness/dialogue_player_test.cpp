#include "conformance/harness/dialogue_player.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/harness/case.hpp"

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A server that has answered the request, has a message to write and waits a second for its echo.
class WaitsForEcho : public ::testing::Test {
 protected:
  WaitsForEcho() {
    player_->start(Time{});
    player_->receive(Time{}, std::as_bytes(std::span(kRequest)));
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

}  // namespace
}  // namespace ws::conformance
