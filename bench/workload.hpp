// What the benchmarks have in common: payload sizes, texts, and the check before the clock starts.
#pragma once

#include <array>
#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "impl/wire/masking.hpp"

namespace ws::bench {

inline constexpr MaskingKey kKey = {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21},
                                    std::byte{0x3d}};

/// Payload sizes in bytes: small messages, the last one of the shortest length form, and on.
inline constexpr std::array<std::int64_t, 6> kSizes = {16,       125,       1 << 10,
                                                       16 << 10, 256 << 10, 4 << 20};

/// Registers one benchmark for each of kSizes.
template <typename Benchmark>
void each_size(Benchmark* benchmark) {
  for (const std::int64_t size : kSizes) benchmark->Arg(size);
}

/// Bytes without a pattern, the same in every run.
inline std::vector<std::byte> payload_of(std::size_t size) {
  std::vector<std::byte> payload(size);
  std::uint32_t state = 1;
  for (std::byte& byte : payload) {
    state = state * 1'664'525U + 1'013'904'223U;
    byte = static_cast<std::byte>(state >> 24U);
  }
  return payload;
}

/// Ends the program if `holds` is false: what is not equal is not worth timing.
inline void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "wrong before it was timed: %s\n", std::string(what).c_str());
  std::exit(1);
}

}  // namespace ws::bench
