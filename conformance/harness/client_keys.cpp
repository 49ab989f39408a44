#include "conformance/harness/client_keys.hpp"

#include <bit>
#include <string>

#include "conformance/harness/opening_fields.hpp"

namespace ws::conformance {
namespace {

std::string both(std::string_view first, std::string_view second) {
  return std::string(first) + " and " + std::string(second);
}

}  // namespace

void KeyRecord::add(std::string_view id, std::string_view request,
                    const std::vector<std::string>& masking_keys) {
  add_key(id, request);
  // By chance two of a million connections begin with the same two keys once in 2^25 runs.
  if (masking_keys.size() < 2) return;
  const std::string masks = masking_keys[0] + masking_keys[1];
  const auto [found, is_new] = first_masks_.emplace(masks, id);
  if (!is_new && masks_again_.empty()) masks_again_ = both(found->second, id);
}

void KeyRecord::add_key(std::string_view id, std::string_view request) {
  const auto keys = values_of(fields_of(request), "sec-websocket-key");
  if (keys.size() != 1) return;
  const std::string bytes = decode_key(keys.front());
  if (bytes.size() != 16) return;
  const auto [found, is_new] = keys_.emplace(bytes, id);
  if (!is_new && key_again_.empty()) {
    key_again_ = both(found->second, id) + ": " + keys.front();
  }
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
  if (!key_again_.empty()) {
    return GradedVerdict{Verdict::fail,
                         "two connections have the same Sec-WebSocket-Key, in " + key_again_,
                         "RFC 6455 4.1"};
  }
  if (!masks_again_.empty()) {
    return GradedVerdict{Verdict::fail,
                         "two connections begin with the same masking keys, in " + masks_again_,
                         "RFC 6455 5.3"};
  }
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
