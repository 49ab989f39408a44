#include "conformance/harness/message_limits.hpp"

#include <variant>

namespace ws::conformance {
namespace {

/// Bytes of the application in what the dialogue sends.
std::uint64_t traffic_of(const Dialogue& dialogue) {
  std::uint64_t sum = 0;
  for (const DialogueStep& step : dialogue.steps) {
    if (const auto* frame = std::get_if<PutFrame>(&step)) sum += frame->payload.length;
    if (const auto* message = std::get_if<PutMessage>(&step)) sum += message->payload.length;
  }
  return sum;
}

}  // namespace

std::expected<Dialogue, std::string> dialogue_for(const Case& test,
                                                  const std::optional<MessageLimits>& limits) {
  if (!limits) {
    return std::unexpected(
        "the endpoint shows no limit for the size of a message; --max-message tells one");
  }
  if (limits->frame < 2 || limits->message > kLargestLimit) {
    return std::unexpected("a limit of " + std::to_string(limits->frame) + " bytes is too " +
                           (limits->frame < 2 ? "small" : "large") + " to play with");
  }
  Dialogue fitted = test.for_limits(*limits);
  if (const std::uint64_t traffic = traffic_of(fitted); traffic > kMostTraffic) {
    return std::unexpected("with a limit of " + std::to_string(limits->frame) +
                           " bytes the case would move " + std::to_string(traffic) + " bytes");
  }
  return fitted;
}

}  // namespace ws::conformance
