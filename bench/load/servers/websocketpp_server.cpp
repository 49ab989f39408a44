// websocketpp. Prints "listening on URL" when ready.
#include <iostream>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/server.hpp>

namespace asio = websocketpp::lib::asio;
using Server = websocketpp::server<websocketpp::config::asio>;

int main() {
  Server server;
  server.clear_access_channels(websocketpp::log::alevel::all);
  server.clear_error_channels(websocketpp::log::elevel::all);
  server.init_asio();
  server.set_tcp_post_init_handler([&](const websocketpp::connection_hdl& connection) {
    websocketpp::lib::error_code ignored;
    const auto found = server.get_con_from_hdl(connection, ignored);
    asio::error_code unset;
    if (!ignored) {
      static_cast<void>(found->get_raw_socket().set_option(asio::ip::tcp::no_delay(true), unset));
    }
  });
  server.set_message_handler(
      [&](const websocketpp::connection_hdl& connection, const Server::message_ptr& message) {
        websocketpp::lib::error_code error;  // the connection may be over
        server.send(connection, message->get_payload(), message->get_opcode(), error);
      });
  server.listen("127.0.0.1", "0");
  server.start_accept();
  asio::error_code error;
  std::cout << "listening on ws://127.0.0.1:" << server.get_local_endpoint(error).port() << "/"
            << std::endl;
  server.run();
}
