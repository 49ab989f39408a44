// The rules of the wire over all that an endpoint sent, in the words of a verdict.
#pragma once

#include <optional>
#include <string_view>

#include "conformance/harness/transcript.hpp"
#include "conformance/oracle/inflater.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

/// The first rule that `output`, all that `sender` sent after the opening handshake, breaks.
std::optional<PeerViolation> check_wire(std::string_view output, Role sender,
                                        const std::optional<oracle::Deflation>& deflation);

}  // namespace ws::conformance
