#include "conformance/harness/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace ws::conformance {
namespace {

/// Bytes that sockets hold of what the player does not read; an endpoint keeps the rest.
constexpr std::size_t kSocketBuffers = std::size_t{64} * 1024;

/// So many exchanges take a millisecond, lest two that answer one another for ever stop the clock.
constexpr int kExchangesPerMillisecond = 100;

}  // namespace

std::optional<Transcript> run_in_process(const Case& test, const PlayerSettings& settings,
                                         Endpoint& endpoint) {
  const auto player_owner = make_player(test, settings);
  Player& player = *player_owner;
  bool half_closed = false;
  std::string output;  // of the endpoint, not read yet
  Time now{};
  int exchanges = 0;
  endpoint.start();
  player.start(now);
  while (true) {
    bool quiet = true;
    for (const std::string& write : player.take_writes()) {
      endpoint.receive(now, std::as_bytes(std::span(write)));
      player.written(now, write.size());
      quiet = false;
    }
    if (player.reads() || output.size() < kSocketBuffers) {
      const std::string more = endpoint.take_output();
      output += more;
      if (!more.empty()) quiet = false;
    }
    if (!output.empty() && player.reads()) {
      const std::string read = std::exchange(output, {});
      player.receive(now, std::as_bytes(std::span(read)));
      quiet = false;
    }
    if (player.errand() != nullptr) {
      player.report(now, {.lacking = "sockets"});
      quiet = false;
    }
    if (player.is_over()) {
      if (!half_closed) endpoint.end();
      return player.take_transcript();
    }
    if (!quiet && ++exchanges % kExchangesPerMillisecond != 0) continue;
    if (!quiet) {
      now += std::chrono::milliseconds(1);
      endpoint.pass_time(now);
      player.pass_time(now);
      continue;
    }
    if (player.wants_half_close() && !std::exchange(half_closed, true)) {
      endpoint.end();
      continue;
    }
    if (endpoint.drop() != Drop::none && player.reads()) {
      player.end(now,
                 endpoint.drop() == Drop::abort ? EndCause::peer_reset : EndCause::peer_finished);
      continue;
    }
    const auto of_player = player.next_deadline();
    const auto of_endpoint = endpoint.next_deadline();
    if (!of_player && !of_endpoint) return std::nullopt;
    now = std::min(of_player.value_or(Time::max()), of_endpoint.value_or(Time::max()));
    if (of_endpoint && *of_endpoint <= now) endpoint.pass_time(now);
    if (of_player && *of_player <= now) player.pass_time(now);
  }
}

}  // namespace ws::conformance
