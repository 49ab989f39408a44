// A program of another project: a client and a server exchange one message, in memory.
#include <cstddef>
#include <iostream>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "impl/connection/connection.hpp"
#include "impl/handshake/uri.hpp"

namespace {

/// Hands the output of `from` to `to`. Returns: what `to` reported.
std::vector<ws::Event> deliver(ws::Connection& from, ws::Connection& to) {
  std::vector<ws::Event> events;
  const std::vector<std::byte> output = from.take_output();
  std::span<const std::byte> unread = output;
  while (!unread.empty()) {
    unread = to.receive(unread);
    for (ws::Event& event : to.take_events()) events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

int main() {
  ws::Connection client(ws::ClientSettings{
      .connection = {.deflate = ws::DeflateSettings{}},
      .offer = {.uri = ws::parse_uri("ws://example.com/chat").value()},
      .masking_keys = [] { return ws::MaskingKey{}; },
  });
  ws::Connection server(ws::ServerSettings{.connection = {.deflate = ws::DeflateSettings{}}});

  deliver(client, server);
  deliver(server, client);
  if (client.state() != ws::ConnectionState::open || !client.send_text("Hello")) {
    std::cerr << "the connection did not open\n";
    return 1;
  }
  for (const ws::Event& event : deliver(client, server)) {
    if (const auto* message = std::get_if<ws::MessageReceived>(&event)) {
      std::cout << std::string_view(reinterpret_cast<const char*>(message->payload.data()),
                                    message->payload.size())
                << '\n';
      return 0;
    }
  }
  std::cerr << "no message arrived\n";
  return 1;
}
