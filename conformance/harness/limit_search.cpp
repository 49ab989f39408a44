#include "conformance/harness/limit_search.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "conformance/harness/message_limits.hpp"

namespace ws::conformance {
namespace {

/// Lengths that are tried side by side between two that are known.
constexpr std::uint64_t kAtOnce = 16;

}  // namespace

void LimitSearch::finish_round(const std::vector<bool>& refused) {
  const std::vector<std::uint64_t> tried = std::exchange(round_, {});
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (refused[i]) {
      refused_ = std::min(refused_, tried[i]);
    } else {
      taken_ = std::max(taken_, tried[i]);
    }
  }
  if (taken_ >= refused_) return;  // it takes more than it refuses
  ++rounds_;
  if (refused_ - taken_ == 1) {
    if (taken_ > 0) limit_ = taken_;
    return;
  }
  if (rounds_ == 1) {
    for (unsigned bits = 7; bits < 62; ++bits) round_.push_back(std::uint64_t{1} << bits);
    return;
  }
  // Limits are round numbers, more often than not.
  if (rounds_ == 2) round_.push_back(taken_ + 1);
  const std::uint64_t step = std::max<std::uint64_t>((refused_ - taken_) / kAtOnce, 1);
  for (std::uint64_t next = taken_ + step; next < refused_; next += step) {
    if (round_.empty() || round_.back() < next) round_.push_back(next);
  }
}

Case announce(std::uint64_t length, std::chrono::milliseconds patience) {
  const Reaction taken{.kind = Reaction::Kind::silence, .why = "the length is taken"};
  Reaction closed{.grade = Grade::fail, .kind = Reaction::Kind::close, .why = "it is refused"};
  Reaction ended = closed;
  ended.kind = Reaction::Kind::end;
  return {.id = "announce " + std::to_string(length),
          .dialogue =
              Dialogue{.steps = {PutFrame{.opcode = 2, .payload = text("x"), .announced = length},
                                 Expect{.any = {taken, closed, ended}, .within = patience}},
                       .own_cuts = true}};
}

std::optional<Time> time_of_refusal(const Transcript& transcript) {
  using Kind = DialogueEvent::Kind;
  std::optional<Time> sent;
  for (const DialogueEvent& event : transcript.events) {
    if (event.kind == Kind::waiting && event.step >= 0 && !sent) sent = event.at;
    if (event.kind == Kind::time_is_up) return std::nullopt;
    if (sent && (event.kind == Kind::close || event.kind == Kind::end)) return event.at - *sent;
  }
  return std::nullopt;
}

Case send_whole(std::uint64_t length) {
  const Payload payload = repeat("0123456789abcdefghij", length);
  Expect answer = expect_message(Opcode::binary, payload);
  answer.any.push_back({.grade = Grade::fail,
                        .kind = Reaction::Kind::close,
                        .codes = {1009},
                        .why = "it is refused"});
  return {.id = "send " + std::to_string(length),
          .dialogue =
              Dialogue{.steps = {PutMessage{.type = Opcode::binary, .payload = payload}, answer},
                       .own_cuts = true}};
}

std::vector<std::uint64_t> whole_lengths() {
  std::vector<std::uint64_t> lengths;
  for (unsigned bits = 14; bits <= 24; bits += 2) {
    for (const std::uint64_t more : {0U, 1U}) lengths.push_back((std::uint64_t{1} << bits) + more);
  }
  return lengths;
}

std::optional<MessageLimits> limits_from_whole(const std::vector<std::uint64_t>& taken,
                                               const std::vector<std::uint64_t>& refused) {
  if (taken.empty() || refused.empty()) return std::nullopt;
  const std::uint64_t frame = std::ranges::max(taken);
  const std::uint64_t too_long = std::ranges::min(refused);
  if (frame >= too_long) return std::nullopt;
  MessageLimits limits = limits_from_frame(frame);
  limits.too_long = too_long;
  limits.by_header = false;
  return limits;
}

MessageLimits limits_from_frame(std::uint64_t frame) {
  // Libraries that limit both have up to four times as much for messages. A product that overflows
  // belongs to a limit that nobody plays with.
  constexpr std::uint64_t kTimes = 4;
  return {.frame = frame,
          .too_long = frame + 1,
          .message = frame > kLargestLimit ? frame : frame * kTimes,
          .is_exact = false};
}

}  // namespace ws::conformance
