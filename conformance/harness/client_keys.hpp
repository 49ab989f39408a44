// The keys of all connections of a client (RFC 6455 section 4.1): that a bit of them never changes
// only the whole run tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "conformance/harness/judge.hpp"

namespace ws::conformance {

/// The case that speaks of what is chosen at random.
inline constexpr std::string_view kRandomCase = "32.5.1";

class KeyRecord {
 public:
  /// The client's request; one without a key of 16 bytes is passed over.
  void add(std::string_view request);

  /// Returns: the verdict that stands in place of that of `kRandomCase`, if that is a pass; nothing
  /// if the keys may be of random bytes.
  std::optional<GradedVerdict> judge() const;

 private:
  // The first and the last 8 bytes of the keys.
  std::uint64_t always_[2] = {~std::uint64_t{0}, ~std::uint64_t{0}};  // bits set in all
  std::uint64_t ever_[2] = {0, 0};                                    // bits set in any
  int count_ = 0;
};

}  // namespace ws::conformance
