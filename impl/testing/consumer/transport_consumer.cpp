// A program of another project: a browser-like client and an echo server, over TCP.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <iostream>
#include <string>
#include <variant>

#include "impl/transport/server.hpp"
#include "impl/transport/web_socket.hpp"

int main() {
  boost::asio::io_context context;
  ws::Server server({context.get_executor()}, {}, [](ws::Session& session, const ws::Event& event) {
    if (const auto* message = std::get_if<ws::MessageReceived>(&event)) {
      if (!session.send_binary(message->payload)) std::cerr << "the echo was not sent\n";
    }
  });
  server.start();

  bool echoed = false;
  ws::WebSocket client(context.get_executor(), server.url());
  client.on_open([&] { client.send("Hello"); });
  client.on_message([&](const ws::WebSocketMessage&) {
    echoed = true;
    client.close(1000);
  });
  client.on_close([&](const ws::CloseEvent&) { server.stop(std::chrono::seconds(1), [] {}); });
  context.run_for(std::chrono::seconds(30));
  std::cout << (echoed ? "echoed\n" : "nothing came back\n");
  return echoed ? 0 : 1;
}
