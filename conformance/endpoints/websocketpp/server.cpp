// An echo server on websocketpp: server PORT
#include <cstdlib>
#include <iostream>
#include <websocketpp/server.hpp>

#include "conformance/endpoints/websocketpp/config.hpp"

using Server = websocketpp::server<WithDeflate<websocketpp::config::asio>>;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "server PORT\n";
    return 2;
  }
  Server server;
  server.clear_access_channels(websocketpp::log::alevel::all);
  server.clear_error_channels(websocketpp::log::elevel::all);
  server.init_asio();
  server.set_reuse_addr(true);
  server.set_message_handler(
      [&](websocketpp::connection_hdl connection, Server::message_ptr message) {
        websocketpp::lib::error_code error;  // the connection may be over
        server.send(connection, message->get_payload(), message->get_opcode(), error);
      });
  server.listen("127.0.0.1", argv[1]);
  server.start_accept();
  server.run();
}
