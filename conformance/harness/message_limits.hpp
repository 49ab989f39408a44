// Cases whose sizes follow from the largest message that an endpoint takes.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// The longest message that cases for limits are made for; beyond it the traffic takes too long.
inline constexpr std::uint64_t kLargestLimit = std::uint64_t{64} * 1024 * 1024;

/// Most bytes of messages that one case for limits moves; players take no more than 80 MiB.
inline constexpr std::uint64_t kMostTraffic = std::uint64_t{78} * 1024 * 1024;

/// Beyond it cases for limits are played one at a time, lest they wait for one another.
inline constexpr std::uint64_t kLightLimit = std::uint64_t{4} * 1024 * 1024;

/// What is to be sent to an endpoint that has `limits`. Requires: `test` has `for_limits`.
///
/// Errors: why the case cannot be played.
std::expected<Dialogue, std::string> dialogue_for(const Case& test,
                                                  const std::optional<MessageLimits>& limits);

}  // namespace ws::conformance
