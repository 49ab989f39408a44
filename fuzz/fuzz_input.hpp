// The bytes of one input, taken apart: settings and read boundaries first, then what is to be read.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "impl/wire/role.hpp"

namespace ws::fuzz {

/// Ends the run with `rule` unless `holds`: the input has found something.
inline void require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", rule);
  std::abort();
}

/// Where a stream is cut into reads: a few sizes that are used in turn, over and over.
class Cuts {
 public:
  static constexpr std::size_t kMaxSizes = 7;

  /// No cuts: one read.
  Cuts() = default;
  explicit Cuts(std::span<const std::byte> sizes) : count_(sizes.size()) {
    std::ranges::transform(sizes, sizes_.begin(),
                           [](std::byte size) { return std::to_integer<std::size_t>(size) + 1; });
  }

  bool is_whole() const { return count_ == 0; }

  /// Calls `take` with each read in order until it returns false.
  template <typename Take>
  void for_each_read(std::span<const std::byte> stream, const Take& take) const {
    if (is_whole()) {
      take(stream);
      return;
    }
    for (std::size_t i = 0; !stream.empty(); i = (i + 1) % count_) {
      const auto read = stream.first(std::min(sizes_[i], stream.size()));
      stream = stream.subspan(read.size());
      if (!take(read)) return;
    }
  }

 private:
  std::array<std::size_t, kMaxSizes> sizes_{};  // bytes, at least 1
  std::size_t count_ = 0;
};

/// Takes settings from the front of an input. What is missing at its end counts as zeros.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size)
      : rest_(std::as_bytes(std::span(data, size))) {}

  unsigned take_byte() {
    const auto bytes = take_bytes(1);
    return bytes.empty() ? 0 : std::to_integer<unsigned>(bytes[0]);
  }

  /// Up to `count` bytes.
  std::span<const std::byte> take_bytes(std::size_t count) {
    const auto bytes = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(bytes.size());
    return bytes;
  }

  Role take_role() { return take_byte() % 2 == 0 ? Role::client : Role::server; }

  /// One byte says how many sizes follow, up to seven; each size is one byte more than its byte
  /// says.
  Cuts take_cuts() { return Cuts(take_bytes(take_byte() % (Cuts::kMaxSizes + 1))); }

  std::span<const std::byte> rest() const { return rest_; }

  std::string_view rest_as_text() const {
    return {reinterpret_cast<const char*>(rest_.data()), rest_.size()};
  }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace ws::fuzz
