// How long a peer is waited for that has let many waits run out.
#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>

#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// A case waits long, since a machine may be busy. A peer that answers some things soon, and others
/// never, would be waited for in thousands of cases: once it has let enough waits run out, the next
/// take no longer than a few times the slowest answer. To be shared by all plays of a run.
class Patience {
 public:
  /// How long to wait in place of `full`.
  Time limit(Time full) const {
    const std::lock_guard lock(mutex_);
    if (run_out_ < kEnough) return full;
    const Time least = run_out_ < kPlenty ? kShort : kShortest;
    return std::min(full, std::max(least, kTimesSlowest * slowest_));
  }

  /// A wait ended with an answer, after so long.
  void see_answer(Time after) {
    const std::lock_guard lock(mutex_);
    slowest_ = std::max(slowest_, after);
  }

  void see_none() {
    const std::lock_guard lock(mutex_);
    ++run_out_;
  }

  /// Waits that ran out.
  int run_out() const {
    const std::lock_guard lock(mutex_);
    return run_out_;
  }

  static constexpr int kEnough = 30;
  static constexpr int kPlenty = 200;
  static constexpr Time kShort = std::chrono::milliseconds(250);
  static constexpr Time kShortest = std::chrono::milliseconds(100);
  static constexpr int kTimesSlowest = 4;

 private:
  mutable std::mutex mutex_;
  int run_out_ = 0;
  Time slowest_{};
};

}  // namespace ws::conformance
