// What a conformance suite can ask an echo program to start by itself (conformance/CONTROL.md).
#pragma once

#include "impl/transport/session.hpp"

namespace ws::apps {

/// Does what `message` asks for.
///
/// Returns: false if it asks for nothing that is known; it is to be echoed then.
bool obey(Session& session, const MessageReceived& message);

}  // namespace ws::apps
