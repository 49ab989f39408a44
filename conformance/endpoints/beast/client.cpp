// The client of Boost.Beast under Autobahn's protocol: client URL AGENT
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

constexpr std::size_t kLimit = 64 * 1024 * 1024;  // bytes; Beast's own is 16 MiB

using Stream = websocket::stream<tcp::socket>;

class Client {
 public:
  /// `authority` is HOST:PORT.
  explicit Client(const std::string& authority) : authority_(authority) {
    const std::size_t colon = authority.rfind(':');
    found_ =
        tcp::resolver(context_).resolve(authority.substr(0, colon), authority.substr(colon + 1));
  }

  /// Connects, and does something until the connection is over: on a thread of its own, since
  /// Beast has a generator of masking keys for each. So what a case sees of the keys that come
  /// again does not depend on how many frames there were before it.
  void talk(const std::string& target, const std::function<void(Stream&)>& work) {
    std::thread([&] { talk_here(target, work); }).join();
  }

 private:
  void talk_here(const std::string& target, const std::function<void(Stream&)>& work) {
    try {
      Stream stream(context_);
      asio::connect(stream.next_layer(), found_);
      websocket::permessage_deflate deflate;  // off by default
      deflate.client_enable = true;
      stream.set_option(deflate);
      stream.read_message_max(kLimit);
      stream.handshake(authority_, target);
      work(stream);
    } catch (const beast::system_error&) {
      // The end of a connection, that of a case that ends badly included; the harness knows.
    }
  }

  asio::io_context context_;
  std::string authority_;
  tcp::resolver::results_type found_;
};

void echo(Stream& stream) {
  for (;;) {
    beast::flat_buffer buffer;
    stream.read(buffer);
    stream.text(stream.got_text());
    stream.write(buffer.data());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "client URL AGENT\n";
    return 2;
  }
  std::string authority = argv[1];
  authority.erase(0, authority.find("//") + 2);
  authority.erase(authority.find('/'));
  const std::string agent = argv[2];
  Client client(authority);
  int count = 0;
  client.talk("/getCaseCount", [&](Stream& stream) {
    beast::flat_buffer buffer;
    stream.read(buffer);
    count = std::stoi(beast::buffers_to_string(buffer.data()));
    stream.close(websocket::close_code::normal);
  });
  for (int number = 1; number <= count; ++number) {
    client.talk("/runCase?case=" + std::to_string(number) + "&agent=" + agent, echo);
  }
  client.talk("/updateReports?agent=" + agent, echo);
  return count == 0 ? 1 : 0;
}
