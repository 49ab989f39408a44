#include "conformance/harness/client_keys.hpp"

#include <bit>
#include <string>

#include "conformance/harness/opening_fields.hpp"

namespace ws::conformance {

void KeyRecord::add(std::string_view request) {
  const auto keys = values_of(fields_of(request), "sec-websocket-key");
  if (keys.size() != 1) return;
  const std::string bytes = decode_key(keys.front());
  if (bytes.size() != 16) return;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      value = value << 8U | static_cast<unsigned char>(bytes[half * 8 + i]);
    }
    always_[half] &= value;
    ever_[half] |= value;
  }
  ++count_;
}

std::optional<GradedVerdict> KeyRecord::judge() const {
  // One of 128 bits is alike in 64 random keys by chance once in 2^56 runs.
  constexpr int kEnough = 64;
  if (count_ < kEnough) return std::nullopt;
  int alike = 0;
  for (std::size_t half = 0; half < 2; ++half) {
    alike += std::popcount(always_[half]) + std::popcount(~ever_[half]);
  }
  if (alike == 0) return std::nullopt;
  return GradedVerdict{Verdict::non_strict,
                       std::to_string(alike) + " bits of the keys never change in " +
                           std::to_string(count_) +
                           " connections, so they are not of 16 random bytes",
                       "RFC 6455 4.1"};
}

}  // namespace ws::conformance
