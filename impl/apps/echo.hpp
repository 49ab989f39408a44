// What both echo programs do with a message.
#pragma once

#include "impl/transport/session.hpp"

namespace ws::apps {

/// The message's text.
std::string_view text_of(const MessageReceived& message);

/// Sends `message` back with its type. A connection that is closing takes no more messages.
void echo(Session& session, const MessageReceived& message);

/// One line about how the connection ended.
std::string describe_end(const Session& session, const Closed& closed);

}  // namespace ws::apps
