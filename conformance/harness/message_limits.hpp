// Cases whose sizes follow from the largest message that an endpoint takes.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// Most bytes that a case for limits is made for; beyond it the traffic would take too long.
inline constexpr std::uint64_t kLargestLimit = std::uint64_t{64} * 1024 * 1024;

/// `test` with what is to be sent to an endpoint that has `limits`; one that does not depend on
/// them as it is.
///
/// Errors: why the case cannot be played.
std::expected<Case, std::string> fit_to_limits(const Case& test,
                                               const std::optional<MessageLimits>& limits);

}  // namespace ws::conformance
