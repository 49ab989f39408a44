#include "conformance/harness/endpoint.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace ws::conformance {
namespace {

/// Bytes that sockets hold of what the player does not read; an endpoint keeps the rest.
constexpr std::size_t kSocketBuffers = std::size_t{64} * 1024;

/// So many exchanges take a millisecond, lest two that answer one another for ever stop the clock.
constexpr int kExchangesPerMillisecond = 100;

/// One player and one endpoint.
class Pair {
 public:
  Pair(const Conversation& conversation, const PlayerSettings& settings)
      : player_(make_player(conversation.test, settings)), endpoint_(conversation.endpoint) {
    endpoint_.start();
    player_->start(Time{});
  }

  bool is_over() const { return transcript_.has_value(); }
  Transcript take_transcript() { return *std::move(transcript_); }

  /// Moves what there is to be moved. Returns: whether there was nothing.
  bool exchange(Time now) {
    bool quiet = true;
    for (const std::string& write : player_->take_writes()) {
      endpoint_.receive(now, std::as_bytes(std::span(write)));
      player_->written(now, write.size());
      quiet = false;
    }
    if (player_->reads() || output_.size() < kSocketBuffers) {
      const std::string more = endpoint_.take_output();
      output_ += more;
      if (!more.empty()) quiet = false;
    }
    if (!output_.empty() && player_->reads()) {
      const std::string read = std::exchange(output_, {});
      player_->receive(now, std::as_bytes(std::span(read)));
      quiet = false;
    }
    if (player_->errand() != nullptr && !gathers()) {
      player_->report(now, {.lacking = "sockets"});
      quiet = false;
    }
    if (player_->is_over()) {
      if (!half_closed_) endpoint_.end();
      transcript_ = player_->take_transcript();
    }
    return quiet;
  }

  /// Whether it waits for the others.
  bool gathers() const {
    return player_->errand() != nullptr && std::holds_alternative<Gather>(*player_->errand());
  }
  void go_on(Time now) { player_->report(now, {}); }

  /// Lets one side see that the other has ended. Returns: whether one has.
  bool end_a_side(Time now) {
    if (player_->wants_half_close() && !std::exchange(half_closed_, true)) {
      endpoint_.end();
      return true;
    }
    if (endpoint_.drop() == Drop::none || !player_->reads()) return false;
    player_->end(now,
                 endpoint_.drop() == Drop::abort ? EndCause::peer_reset : EndCause::peer_finished);
    return true;
  }

  Time next_deadline() const {
    return std::min(player_->next_deadline().value_or(Time::max()),
                    endpoint_.next_deadline().value_or(Time::max()));
  }

  /// `of_each`: whether or not there is something to do.
  void pass_time(Time now, bool of_each) {
    const auto is_due = [&](std::optional<Time> deadline) {
      return of_each || (deadline && *deadline <= now);
    };
    const bool due_for_player = is_due(player_->next_deadline());
    if (is_due(endpoint_.next_deadline())) endpoint_.pass_time(now);
    if (due_for_player) player_->pass_time(now);
  }

 private:
  std::unique_ptr<Player> player_;
  Endpoint& endpoint_;
  std::string output_;  // of the endpoint, not read yet
  bool half_closed_ = false;
  std::optional<Transcript> transcript_{};
};

}  // namespace

std::vector<Transcript> run_in_process(const std::vector<Conversation>& conversations,
                                       PlayerSettings settings) {
  std::vector<Pair> pairs;
  pairs.reserve(conversations.size());
  for (const Conversation& conversation : conversations) {
    pairs.emplace_back(conversation, settings);
    ++settings.seed;
  }
  const auto of_open = [&](const auto& act) {
    for (Pair& pair : pairs) {
      if (!pair.is_over()) act(pair);
    }
  };
  Time now{};
  int exchanges = 0;
  while (true) {
    bool quiet = true;
    bool all_gather = true;
    bool all_over = true;
    of_open([&](Pair& pair) {
      if (!pair.exchange(now)) quiet = false;
      if (pair.is_over()) return;
      all_over = false;
      if (!pair.gathers()) all_gather = false;
    });
    if (all_over) break;
    if (all_gather) {
      of_open([&](Pair& pair) { pair.go_on(now); });
      continue;
    }
    if (!quiet) {
      if (++exchanges % kExchangesPerMillisecond != 0) continue;
      now += std::chrono::milliseconds(1);
      of_open([&](Pair& pair) { pair.pass_time(now, true); });
      continue;
    }
    bool has_ended = false;
    of_open([&](Pair& pair) { has_ended = pair.end_a_side(now) || has_ended; });
    if (has_ended) continue;
    Time next = Time::max();
    of_open([&](const Pair& pair) { next = std::min(next, pair.next_deadline()); });
    if (next == Time::max()) return {};
    now = next;
    of_open([&](Pair& pair) { pair.pass_time(now, false); });
  }
  std::vector<Transcript> transcripts;
  for (Pair& pair : pairs) transcripts.push_back(pair.take_transcript());
  return transcripts;
}

std::optional<Transcript> run_in_process(const Case& test, const PlayerSettings& settings,
                                         Endpoint& endpoint) {
  auto transcripts = run_in_process({{test, endpoint}}, settings);
  if (transcripts.empty()) return std::nullopt;
  return std::move(transcripts.front());
}

}  // namespace ws::conformance
