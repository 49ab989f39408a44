// An echo server on Boost.Beast: server PORT
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdlib>
#include <iostream>
#include <thread>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

constexpr std::size_t kLimit = 64 * 1024 * 1024;  // bytes; Beast's own is 16 MiB

void echo(tcp::socket socket) {
  try {
    websocket::stream<tcp::socket> stream(std::move(socket));
    websocket::permessage_deflate deflate;  // off by default
    deflate.server_enable = true;
    stream.set_option(deflate);
    stream.read_message_max(kLimit);
    stream.accept();
    for (;;) {
      beast::flat_buffer buffer;
      stream.read(buffer);
      stream.text(stream.got_text());
      stream.write(buffer.data());
    }
  } catch (const beast::system_error&) {
    // The end of a connection, that of a broken peer included.
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "server PORT\n";
    return 2;
  }
  asio::io_context context;
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), port});
  for (;;) std::thread(echo, acceptor.accept()).detach();
}
