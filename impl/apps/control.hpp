// What a conformance suite can ask an echo program to start by itself (conformance/CONTROL.md).
#pragma once

#include <cstddef>
#include <optional>

#include "impl/transport/session.hpp"

namespace ws::apps {

/// Does what `message` asks for.
///
/// Returns: false if it asks for nothing that is known; it is to be echoed then.
bool obey(Session& session, const MessageReceived& message);

/// How many more connections `message` asks a client to open, 1 to 16; nothing if it asks for none.
/// What to connect to is known to its caller alone, so that obey() does not know this.
std::optional<std::size_t> parse_connect(const MessageReceived& message);

}  // namespace ws::apps
