#include "conformance/harness/masking_keys.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <utility>

namespace ws::conformance {
namespace {

std::uint32_t big_endian(const std::string& key) {
  std::uint32_t value = 0;
  for (const char byte : key) value = value * 256 + static_cast<unsigned char>(byte);
  return value;
}

std::uint32_t little_endian(const std::string& key) {
  return big_endian({key.rbegin(), key.rend()});
}

/// True if each key is the one before plus the same number.
template <typename ToNumber>
bool is_progression(const std::vector<std::string>& keys, ToNumber to_number) {
  const std::uint32_t step = to_number(keys[1]) - to_number(keys[0]);
  for (std::size_t i = 2; i < keys.size(); ++i) {
    if (to_number(keys[i]) - to_number(keys[i - 1]) != step) return false;
  }
  return true;
}

}  // namespace

std::vector<PeerViolation> check_masking_keys(const std::vector<std::string>& keys) {
  const auto foretold = [](std::string what) {
    return std::vector<PeerViolation>{
        {.what = std::move(what), .source = "RFC 6455 5.3", .rule = "foretold_masking_key"}};
  };
  // By chance there is one in four thousand million frames.
  if (std::ranges::find(keys, std::string(4, '\0')) != keys.end()) {
    return foretold("a masking key is 0, which masks nothing");
  }
  if (keys.size() < 5) return {};
  const std::set<std::string> different(keys.begin(), keys.end());
  // Two of a thousand 32-bit keys are alike by chance once in ten thousand connections, three pairs
  // never.
  if (different.size() + 2 < keys.size()) {
    return foretold("masking keys are used again: " + std::to_string(different.size()) +
                    " different ones in " + std::to_string(keys.size()) + " frames");
  }
  if (is_progression(keys, big_endian) || is_progression(keys, little_endian)) {
    return foretold("masking keys are counted up");
  }
  if (keys.size() >= 64) {
    std::uint32_t always = 0xffffffffU;
    std::uint32_t ever = 0;
    for (const std::string& key : keys) {
      always &= big_endian(key);
      ever |= big_endian(key);
    }
    if (always != 0 || ever != 0xffffffffU) {
      return foretold("some bits of the masking keys never change");
    }
  }
  if (keys.size() >= 1500) {
    std::array<bool, 256> seen{};
    for (const std::string& key : keys) {
      for (const char byte : key) seen[static_cast<unsigned char>(byte)] = true;
    }
    for (std::size_t value = 0; value < seen.size(); ++value) {
      if (!seen[value]) {
        return foretold("the byte " + std::to_string(value) + " occurs in none of " +
                        std::to_string(keys.size()) + " masking keys");
      }
    }
  }
  return {};
}

}  // namespace ws::conformance
