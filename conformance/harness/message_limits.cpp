#include "conformance/harness/message_limits.hpp"

namespace ws::conformance {

std::expected<Case, std::string> fit_to_limits(const Case& test,
                                               const std::optional<MessageLimits>& limits) {
  if (!test.for_limits) return test;
  if (!limits) {
    return std::unexpected(
        "the endpoint shows no limit for the size of a message; --max-message tells one");
  }
  if (limits->frame < 2 || limits->message > kLargestLimit) {
    return std::unexpected("a limit of " + std::to_string(limits->frame) + " bytes is too " +
                           (limits->frame < 2 ? "small" : "large") + " to play with");
  }
  Case fitted = test;
  fitted.dialogue = test.for_limits(*limits);
  return fitted;
}

}  // namespace ws::conformance
