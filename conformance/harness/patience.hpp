// How long a peer is waited for that has let many waits run out.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <numeric>

#include "conformance/harness/dialogue.hpp"
#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// A case waits long, since a machine may be busy. A peer that answers some things soon, and others
/// never, would be waited for in thousands of cases: once it has let enough waits for one kind of
/// reaction run out, the next for that take no longer than a few times the slowest there was. To be
/// shared by all plays of a run.
class Patience {
 public:
  using Kind = Reaction::Kind;

  /// How long to wait for a reaction in place of `full`.
  Time limit(Kind kind, Time full) const {
    const std::lock_guard lock(mutex_);
    const Waits& waits = waits_[index_of(kind)];
    // Now and then all the time is given: who was seen to be slow is waited for again.
    if (waits.run_out < kEnough || waits.run_out % kLook == 0) return full;
    const Time least = waits.run_out < kPlenty ? kShort : kShortest;
    return std::min(full, std::max(least, kTimesSlowest * waits.slowest));
  }

  /// A wait ended with a reaction, after so long.
  void see_answer(Kind kind, Time after) {
    const std::lock_guard lock(mutex_);
    Time& slowest = waits_[index_of(kind)].slowest;
    slowest = std::max(slowest, after);
  }

  void see_none(Kind kind) {
    const std::lock_guard lock(mutex_);
    ++waits_[index_of(kind)].run_out;
  }

  /// Waits that ran out.
  int run_out() const {
    const std::lock_guard lock(mutex_);
    return std::accumulate(waits_.begin(), waits_.end(), 0,
                           [](int sum, const Waits& waits) { return sum + waits.run_out; });
  }

  /// Whether any wait is shorter than it would be.
  bool is_cut() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(waits_, [](const Waits& waits) { return waits.run_out > kEnough; });
  }

  static constexpr int kEnough = 30;
  static constexpr int kPlenty = 200;
  static constexpr int kLook = 100;
  static constexpr Time kShort = std::chrono::milliseconds(250);
  static constexpr Time kShortest = std::chrono::milliseconds(100);
  static constexpr int kTimesSlowest = 4;

 private:
  struct Waits {
    int run_out = 0;
    Time slowest{};  // of those that did not
  };

  static constexpr std::size_t index_of(Kind kind) { return static_cast<std::size_t>(kind); }

  mutable std::mutex mutex_;
  std::array<Waits, static_cast<std::size_t>(Kind::silence) + 1> waits_{};
};

}  // namespace ws::conformance
