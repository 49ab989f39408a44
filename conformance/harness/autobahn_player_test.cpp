#include "conformance/harness/autobahn_player.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <tuple>

#include "conformance/harness/case.hpp"
#include "conformance/harness/test_opening.hpp"

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;
using std::string_literals::operator""s;

std::string written(Player& player) {
  std::string bytes;
  for (const std::string& write : player.take_writes()) bytes += write;
  return bytes;
}

TEST(AutobahnPlayer, AnswersAPingBehindTheFrameThatItIsIn) {
  const Case test{.id = "1",
                  .script = {BeginFrame{.length = 6, .payload = text("abc")},
                             Pause{.length = milliseconds(1000)}, ContinueFrame{text("def")}}};
  AutobahnPlayer player(test, {.role = Role::server, .host = "localhost"});
  player.start(Time{});
  player.receive(Time{}, std::as_bytes(std::span(kOpeningRequest)));
  std::ignore = written(player);
  for (const char content : {'1', '2'}) {
    const std::string ping = "\x89\x81\0\0\0\0"s + content;  // masked with zeros
    player.receive(milliseconds(1), std::as_bytes(std::span(ping)));
  }
  EXPECT_EQ(written(player), "");
  player.pass_time(milliseconds(1000));
  EXPECT_EQ(written(player), "def\x8a\x01"s + "2");
}

}  // namespace
}  // namespace ws::conformance
