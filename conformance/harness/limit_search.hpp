// Finds the largest frame that an endpoint takes, by frames that only announce a length.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// A search in rounds: all sizes of a round can be tried side by side.
///
/// An endpoint that looks at a length only when the payload has come shows no limit this way.
class LimitSearch {
 public:
  /// The lengths to announce next, ascending; empty when the search is over.
  const std::vector<std::uint64_t>& round() const { return round_; }

  /// What came of the round: for each of its lengths whether the endpoint refused it. Answers that
  /// contradict one another end the search without a result.
  void finish_round(const std::vector<bool>& refused);

  /// The largest length that is taken; nothing while it is sought, or if there is no limit.
  std::optional<std::uint64_t> limit() const { return limit_; }

 private:
  std::vector<std::uint64_t> round_{kHuge};
  std::uint64_t taken_ = 0;        // no more than the limit
  std::uint64_t refused_ = kHuge;  // more than the limit
  int rounds_ = 0;
  std::optional<std::uint64_t> limit_;

  static constexpr std::uint64_t kHuge = std::uint64_t{1} << 62U;
};

/// Announces a frame of `length` bytes: the case fails if that alone is refused within `patience`.
Case announce(std::uint64_t length, std::chrono::milliseconds patience);

/// When an endpoint refused what such a case sent, counted from when that was sent; nothing if it
/// did not, or nothing came of it in time.
std::optional<Time> time_of_refusal(const Transcript& transcript);

/// A message that is to be echoed, or refused with 1009.
Case send_whole(std::uint64_t length);

/// Lengths round those that limits like to have.
std::vector<std::uint64_t> whole_lengths();

/// What follows from the lengths of messages that came back and of those that were refused; nothing
/// if none was refused, or a longer one was taken.
std::optional<MessageLimits> limits_from_whole(const std::vector<std::uint64_t>& taken,
                                               const std::vector<std::uint64_t>& refused);

/// What follows from the limit of a frame: that of a message is no more than a guess.
MessageLimits limits_from_frame(std::uint64_t frame);

}  // namespace ws::conformance
