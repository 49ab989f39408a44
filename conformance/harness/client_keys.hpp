// What a client has chosen at random for all its connections (RFC 6455 sections 4.1 and 5.3): that
// a bit of its keys never changes, or that a choice comes again, only the whole run tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "conformance/harness/judge.hpp"

namespace ws::conformance {

/// The case that speaks of what is chosen at random.
inline constexpr std::string_view kRandomCase = "32.5.1";

class KeyRecord {
 public:
  /// The client's request in case `id`, and the masking keys of its frames; a request without a key
  /// of 16 bytes is passed over, and so are the masking keys of a single frame.
  void add(std::string_view id, std::string_view request,
           const std::vector<std::string>& masking_keys = {});

  /// Returns: the verdict that stands in place of that of `kRandomCase`, if that is a pass; nothing
  /// if all may be of random bytes.
  std::optional<GradedVerdict> judge() const;

 private:
  using Choices = std::unordered_map<std::string, std::string>;  // and the case of each

  void add_key(std::string_view id, std::string_view request);

  Choices keys_;
  Choices first_masks_;      // of two frames each
  std::string key_again_{};  // of which cases the first was that had come before
  std::string masks_again_{};
  // The first and the last 8 bytes of the keys.
  std::uint64_t always_[2] = {~std::uint64_t{0}, ~std::uint64_t{0}};  // bits set in all
  std::uint64_t ever_[2] = {0, 0};                                    // bits set in any
  int count_ = 0;
};

}  // namespace ws::conformance
