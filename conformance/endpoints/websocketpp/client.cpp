// The client of websocketpp under Autobahn's protocol: client URL AGENT
#include <functional>
#include <iostream>
#include <string>
#include <websocketpp/client.hpp>

#include "conformance/endpoints/websocketpp/config.hpp"

using Client = websocketpp::client<WithDeflate<websocketpp::config::asio_client>>;

namespace {

/// Connects, hands over each message, and returns when the connection is over.
void talk(
    const std::string& url,
    const std::function<void(Client&, websocketpp::connection_hdl, Client::message_ptr)>& take) {
  Client client;
  client.clear_access_channels(websocketpp::log::alevel::all);
  client.clear_error_channels(websocketpp::log::elevel::all);
  client.init_asio();
  client.set_message_handler(
      [&](websocketpp::connection_hdl connection, Client::message_ptr message) {
        take(client, connection, message);
      });
  websocketpp::lib::error_code error;
  const Client::connection_ptr connection = client.get_connection(url, error);
  if (error) return;
  client.connect(connection);
  client.run();
}

void echo(Client& client, websocketpp::connection_hdl connection,
          const Client::message_ptr& message) {
  websocketpp::lib::error_code error;  // the connection may be over
  client.send(connection, message->get_payload(), message->get_opcode(), error);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "client URL AGENT\n";
    return 2;
  }
  const std::string url = argv[1];
  const std::string agent = argv[2];
  int count = 0;
  talk(url + "getCaseCount",
       [&](Client&, websocketpp::connection_hdl, const Client::message_ptr& message) {
         count = std::stoi(message->get_payload());
       });
  for (int number = 1; number <= count; ++number) {
    talk(url + "runCase?case=" + std::to_string(number) + "&agent=" + agent, echo);
  }
  talk(url + "updateReports?agent=" + agent, echo);
  return count == 0 ? 1 : 0;
}
