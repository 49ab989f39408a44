// What Boost.Asio takes by itself: the raw server's work by its operations, which hold an idle
// connection as ours does, waiting for it to be readable. Prints "listening on URL" when ready.
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <iostream>
#include <memory>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::vector<char> buffer(64 * std::size_t{1024});  // of all connections, as there is one thread

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(tcp::socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
  }

  void wait() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
      if (!error) self->serve();
    });
  }

 private:
  void serve() {
    error_code error;
    const std::size_t size = socket_.read_some(asio::buffer(buffer), error);
    if (error == asio::error::would_block) return wait();
    if (error) return;
    std::size_t sent = socket_.write_some(asio::buffer(buffer, size), error);
    if (error && error != asio::error::would_block) return;
    if (error) sent = 0;
    if (sent == size) return wait();
    rest_.assign(buffer.begin() + static_cast<std::ptrdiff_t>(sent),
                 buffer.begin() + static_cast<std::ptrdiff_t>(size));
    asio::async_write(socket_, asio::buffer(rest_),
                      [self = shared_from_this()](error_code failed, std::size_t) {
                        self->rest_ = {};
                        if (!failed) self->wait();
                      });
  }

  tcp::socket socket_;
  std::vector<char> rest_;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](error_code error, tcp::socket socket) {
    if (!error) std::make_shared<Connection>(std::move(socket))->wait();
    accept(acceptor);
  });
}

}  // namespace

int main() {
  try {
    asio::io_context context(1);
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    std::cout << "listening on tcp://127.0.0.1:" << acceptor.local_endpoint().port() << "/"
              << std::endl;
    accept(acceptor);
    context.run();
  } catch (const std::exception& error) {
    std::cerr << "asio_server: " << error.what() << "\n";
    return 1;
  }
}
