#include "conformance/oracle/wire_rules.hpp"

#include "conformance/oracle/messages.hpp"

namespace ws::oracle {

std::optional<BrokenRule> broken_rule(std::span<const std::byte> output, Role sender,
                                      const std::optional<Deflation>& deflation) {
  // A sender keeps the rules exactly if a receiver without limits finds none broken, and nothing is
  // left of what it sent after its Close frame.
  const Reception reception = read_messages(output, {.sender = sender, .deflation = deflation});
  if (reception.broken) return reception.broken;
  if (reception.end < output.size()) {
    return BrokenRule{.rule = "frame_after_close", .position = reception.end};
  }
  return std::nullopt;
}

}  // namespace ws::oracle
