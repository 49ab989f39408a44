// uWebSockets. Prints "listening on URL" when ready.
#ifndef __clang_analyzer__  // which finds fault with the headers of uWebSockets
#include <App.h>
#include <csignal>
#include <iostream>

namespace {

struct Nothing {};

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);  // which a client that leaves would end it by
  uWS::App()
      .ws<Nothing>("/*", {.compression = uWS::DISABLED,
                          .maxPayloadLength = 64U * 1024 * 1024,
                          .idleTimeout = 0,
                          .maxBackpressure = 256U * 1024 * 1024,
                          .message = [](auto* socket, std::string_view message,
                                        uWS::OpCode type) { socket->send(message, type); }})
      .listen("127.0.0.1", 0,
              [](us_listen_socket_t* listener) {
                if (listener == nullptr) exit(1);
                auto* socket = reinterpret_cast<us_socket_t*>(listener);
                std::cout << "listening on ws://127.0.0.1:" << us_socket_local_port(0, socket)
                          << "/" << std::endl;
              })
      .run();
}

#endif
