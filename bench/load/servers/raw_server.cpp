// The limit: a TCP server without WebSocket, one thread, which sends back what each read brought in
// one write. Prints "listening on URL" when ready.
#include <array>
#include <cerrno>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

#include "bench/load/sockets.hpp"

namespace {

using ws::bench::check;
using ws::bench::Descriptor;

constexpr std::size_t kReadSize = 64 * std::size_t{1024};

struct Connection {
  Descriptor socket;
  std::string rest{};  // that the peer has not taken; nothing is read meanwhile
};

class Server {
 public:
  Server()
      : poll_(check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        listener_(ws::bench::listen_at_free_port()),
        buffer_(kReadSize) {
    ws::bench::set_non_blocking(listener_.socket.get());
    watch(listener_.socket.get(), EPOLL_CTL_ADD, EPOLLIN, nullptr);
    std::cout << "listening on tcp://127.0.0.1:" << listener_.port << "/" << std::endl;
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 128> events{};
    for (;;) {
      const int count = epoll_wait(poll_.get(), events.data(), events.size(), -1);
      if (count < 0 && errno != EINTR) check(-1, "epoll_wait");
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.ptr == nullptr) {
          accept_one();
        } else {
          serve(*static_cast<Connection*>(event.data.ptr));
        }
      }
    }
  }

 private:
  void watch(int file, int operation, std::uint32_t events, Connection* connection) {
    epoll_event event{.events = events, .data = {.ptr = connection}};
    check(epoll_ctl(poll_.get(), operation, file, &event), "epoll_ctl");
  }

  void accept_one() {
    Descriptor socket(
        accept4(listener_.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) return;
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>(std::move(socket));
    watch(connection->socket.get(), EPOLL_CTL_ADD, EPOLLIN, connection.get());
    Connection* const key = connection.get();
    connections_.emplace(key, std::move(connection));
  }

  void serve(Connection& connection) {
    if (!connection.rest.empty()) {
      std::string rest = std::move(connection.rest);
      connection.rest.clear();
      if (!send_back(connection, rest)) return;
      if (connection.rest.empty()) {
        watch(connection.socket.get(), EPOLL_CTL_MOD, EPOLLIN, &connection);
      }
      return;
    }
    const auto size = recv(connection.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (size > 0) {
      if (send_back(connection, {buffer_.data(), static_cast<std::size_t>(size)}) &&
          !connection.rest.empty()) {
        watch(connection.socket.get(), EPOLL_CTL_MOD, EPOLLOUT, &connection);
      }
    } else if (size == 0 || errno != EAGAIN) {
      connections_.erase(&connection);
    }
  }

  /// Returns: false if the connection has ended.
  bool send_back(Connection& connection, std::string_view bytes) {
    const auto size = send(connection.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN) {
      connections_.erase(&connection);
      return false;
    }
    if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
    connection.rest = bytes;
    return true;
  }

  Descriptor poll_;
  ws::bench::Listener listener_;
  std::vector<char> buffer_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
};

}  // namespace

int main() {
  try {
    Server().run();
  } catch (const std::exception& error) {
    std::cerr << "raw_server: " << error.what() << "\n";
    return 1;
  }
}
