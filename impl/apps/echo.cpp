#include "impl/apps/echo.hpp"

namespace ws::apps {

std::string_view text_of(const MessageReceived& message) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as characters
  return {reinterpret_cast<const char*>(message.payload.data()), message.payload.size()};
}

void echo(Session& session, const MessageReceived& message) {
  // A message that is refused has nobody to go to: the connection is closing. The queue is never
  // full, since a peer that does not read is not read from.
  static_cast<void>(message.type == Opcode::binary ? session.send_binary(message.payload)
                                                   : session.send_text(text_of(message)));
}

std::string describe_end(const Session& session, const Closed& closed) {
  std::string text = closed.clean ? "closed" : "closed uncleanly";
  text += " with " + std::to_string(static_cast<unsigned>(closed.code));
  if (!closed.reason.empty()) text += " (" + closed.reason + ")";
  if (session.failure()) text += ": " + session.failure()->text;
  return text;
}

}  // namespace ws::apps
