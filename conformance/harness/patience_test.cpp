#include "conformance/harness/patience.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/harness/case.hpp"
#include "conformance/harness/player.hpp"
#include "conformance/harness/test_opening.hpp"

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;

std::shared_ptr<Patience> patience_after(int run_out, Time slowest = {}) {
  auto patience = std::make_shared<Patience>();
  for (int i = 0; i < run_out; ++i) patience->see_none(Patience::Kind::message);
  patience->see_answer(Patience::Kind::message, slowest);
  return patience;
}

Expect echo_of(const Payload& payload) {
  return {.any = {{.kind = Reaction::Kind::message, .payload = payload}}};
}

/// A server that waits for the echo of what it has written.
class PatientServer {
 public:
  PatientServer(Expect expect, std::shared_ptr<Patience> patience)
      : test_{.id = "1",
              .dialogue =
                  Dialogue{.steps = {PutMessage{.payload = text("hello")}, std::move(expect)}}},
        player_(make_player(
            test_, {.role = Role::server, .host = "localhost", .patience = std::move(patience)})) {
    player_->start(Time{});
    player_->receive(Time{}, std::as_bytes(std::span(kOpeningRequest)));
    for (const std::string& write : player_->take_writes()) player_->written(Time{}, write.size());
  }

  /// What it waits until.
  Time limit() const { return player_->next_deadline().value_or(Time{}); }

  Player& player() { return *player_; }

 private:
  Case test_;
  std::unique_ptr<Player> player_;
};

Time limit_after(int run_out, Time slowest = {}) {
  return PatientServer(echo_of(text("hello")), patience_after(run_out, slowest)).limit();
}

TEST(Patience, EndsWithManyWaitsThatRanOut) {
  EXPECT_EQ(limit_after(0), milliseconds(5000));
  EXPECT_EQ(limit_after(Patience::kEnough - 1), milliseconds(5000));
  EXPECT_EQ(limit_after(Patience::kEnough), milliseconds(250));
  EXPECT_EQ(limit_after(Patience::kPlenty + 1), milliseconds(100));
}

TEST(Patience, IsForEachKindOfReaction) {
  const auto patience = patience_after(Patience::kPlenty + 1);
  EXPECT_EQ(patience->limit(Patience::Kind::close, milliseconds(5000)), milliseconds(5000));
  EXPECT_TRUE(patience->is_cut());
}

TEST(Patience, LooksNowAndThenWhetherAnAnswerComesLate) {
  EXPECT_EQ(limit_after(3 * Patience::kLook), milliseconds(5000));
  EXPECT_EQ(limit_after(3 * Patience::kLook + 1), milliseconds(100));
}

TEST(Patience, IsAFewTimesTheSlowestAnswer) {
  EXPECT_EQ(limit_after(Patience::kEnough, milliseconds(90)), milliseconds(360));
  EXPECT_EQ(limit_after(Patience::kPlenty + 1, milliseconds(90)), milliseconds(360));
  EXPECT_EQ(limit_after(Patience::kPlenty + 1, milliseconds(2000)), milliseconds(5000));
}

TEST(Patience, HasNoEndForWaitsOfTheirOwn) {
  Expect own = echo_of(text("hello"));
  own.within = milliseconds(1000);
  Expect silent = echo_of(text("hello"));
  silent.any.push_back({.kind = Reaction::Kind::silence});
  for (const auto& [expect, full] :
       {std::pair{own, milliseconds(1000)}, std::pair{silent, milliseconds(5000)},
        std::pair{echo_of(repeat("x", 100'000)), milliseconds(5000)}}) {
    EXPECT_EQ(PatientServer(expect, patience_after(Patience::kPlenty + 1)).limit(), full);
  }
  EXPECT_EQ(PatientServer(echo_of(text("hello")), nullptr).limit(), milliseconds(5000));
}

TEST(Patience, CountsWaitsThatRunOut) {
  const auto patience = patience_after(0);
  PatientServer server(echo_of(text("hello")), patience);
  server.player().pass_time(milliseconds(5000));
  EXPECT_EQ(patience->run_out(), 1);
}

TEST(Patience, SeesHowLongAnAnswerTakes) {
  const auto patience = patience_after(Patience::kPlenty + 1);
  PatientServer server(echo_of(text("hello")), patience);
  constexpr std::string_view kEcho("\x81\x85\0\0\0\0hello", 11);
  server.player().receive(milliseconds(80), std::as_bytes(std::span(kEcho)));
  EXPECT_EQ(patience->run_out(), Patience::kPlenty + 1);
  EXPECT_EQ(patience->limit(Patience::Kind::message, milliseconds(5000)), milliseconds(320));
}

}  // namespace
}  // namespace ws::conformance
