#include "bench/load/sockets.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace ws::bench {
namespace {

constexpr std::size_t kPortsOfAddress = 20'000;
constexpr std::size_t kAtOnce = 100;

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API
const sockaddr* pointer_to(const sockaddr_in& a) { return reinterpret_cast<const sockaddr*>(&a); }

void set(int socket, int level, int option, int value) {
  check(setsockopt(socket, level, option, &value, sizeof value), "setsockopt");
}

void await_opening_response(int socket) {
  std::string head;
  std::array<char, 4096> buffer{};
  while (!head.ends_with("\r\n\r\n")) {
    const auto size = recv(socket, buffer.data(), buffer.size(), 0);
    if (size < 0) check(-1, "recv");
    if (size == 0) throw std::runtime_error("the server ended a connection while it was opened");
    head.append(buffer.data(), static_cast<std::size_t>(size));
  }
  check_opening_response(head);
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

int check(int result, const char* what) {
  if (result == -1) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

Listener listen_at_free_port() {
  Listener listener{
      .socket = Descriptor(check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"))};
  sockaddr_in address = address_of(INADDR_LOOPBACK, 0);
  socklen_t size = sizeof address;
  check(bind(listener.socket.get(), pointer_to(address), size), "bind");
  check(listen(listener.socket.get(), SOMAXCONN), "listen");
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  check(getsockname(listener.socket.get(), generic, &size), "getsockname");
  listener.port = ntohs(address.sin_port);
  return listener;
}

Descriptor connect_to(std::uint16_t port, std::size_t number, int buffer_size) {
  Descriptor connection(check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  if (buffer_size != 0) {
    set(connection.get(), SOL_SOCKET, SO_RCVBUF, buffer_size);
    set(connection.get(), SOL_SOCKET, SO_SNDBUF, buffer_size);
  }
  set(connection.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  // The port is chosen by connect, where it need only differ for one server.
  set(connection.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const auto host = INADDR_LOOPBACK + static_cast<std::uint32_t>(number / kPortsOfAddress);
  const sockaddr_in source = address_of(host, 0);
  check(bind(connection.get(), pointer_to(source), sizeof source), "bind");
  const sockaddr_in target = address_of(INADDR_LOOPBACK, port);
  check(connect(connection.get(), pointer_to(target), sizeof target), "connect");
  return connection;
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0) check(-1, "send");
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

void open_connections(std::vector<Descriptor>& connections, std::uint16_t port, Protocol protocol,
                      std::size_t count, std::size_t first) {
  const std::string request = opening_request();
  for (std::size_t done = 0; done < count;) {
    const std::size_t batch = std::min(kAtOnce, count - done);
    for (std::size_t i = 0; i < batch; ++i, ++done) {
      connections.push_back(connect_to(port, first + done));
      if (protocol == Protocol::websocket) send_all(connections.back().get(), request);
    }
    if (protocol != Protocol::websocket) continue;
    for (std::size_t i = connections.size() - batch; i < connections.size(); ++i) {
      await_opening_response(connections[i].get());
    }
  }
}

void set_non_blocking(int socket) {
  const int flags = check(fcntl(socket, F_GETFL), "fcntl");
  check(fcntl(socket, F_SETFL, flags | O_NONBLOCK), "fcntl");
}

}  // namespace ws::bench
