// Changes a stream of frames as a stream of frames (RFC 6455 section 5.2): headers, order,
// fragments and unmasked payloads, where a change of bytes would break all that follows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "conformance/oracle/raw_frame.hpp"

namespace ws::fuzz {

/// A small generator: the same seed gives the same changes everywhere.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed * 2 + 1) {}

  /// A number below `bound`, which is at least 1.
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>((state_ >> 33U) % bound);
  }

 private:
  std::uint64_t state_;
};

/// Changes bytes as bytes, as an engine does: takes a buffer and how much of it is used, and gives
/// how much is used then.
using MutateBytes = std::function<std::size_t(std::span<std::byte> buffer, std::size_t size)>;

/// Takes a stream apart, whatever rules its frames break. What is cut short at its end becomes a
/// frame that announces more than it has, or is dropped if it is less than a header.
std::vector<oracle::RawFrame> parse_frames(std::span<const std::byte> stream);

/// The bytes of `frames`, as many whole frames as `max_size` has room for.
std::vector<std::byte> format_frames(std::span<const oracle::RawFrame> frames,
                                     std::size_t max_size);

/// Makes one change to a sequence of frames, which may be empty.
void mutate_frames(std::vector<oracle::RawFrame>& frames, Chance& chance,
                   const MutateBytes& mutate_bytes);

/// Goes on after some frames of `first` with some of `second`.
std::vector<oracle::RawFrame> cross_over(std::span<const oracle::RawFrame> first,
                                         std::span<const oracle::RawFrame> second, Chance& chance);

}  // namespace ws::fuzz
