// The rules of the wire over all that an endpoint sent, in the words of a verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "conformance/harness/transcript.hpp"
#include "conformance/oracle/inflater.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

struct WireSettings {
  Role sender = Role::server;
  /// The sender may have closed by itself, neither failing nor answering. A control frame behind
  /// its Close is a SHOULD missed then, since RFC 6455 5.5.1 speaks of data frames alone.
  bool starts_closing = false;
  /// Of its Close frame, if it had one. From 5000 on no section gives a meaning to codes and none
  /// forbids them, so those miss a SHOULD at most.
  std::optional<std::uint16_t> close_code{};
};

/// The first rule that `output`, all that the sender sent after the opening handshake, breaks.
std::optional<PeerViolation> check_wire(std::string_view output, const WireSettings& settings,
                                        const std::optional<oracle::Deflation>& deflation);

}  // namespace ws::conformance
