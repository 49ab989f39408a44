#include "conformance/mutants/sockets.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace ws::conformance::mutants {
namespace {

struct AddressDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressDeleter>;

[[noreturn]] void throw_error(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Addresses resolve(const std::string& host, std::uint16_t port, int flags) {
  const addrinfo hints{.ai_flags = flags | AI_NUMERICSERV,
                       .ai_family = AF_UNSPEC,
                       .ai_socktype = SOCK_STREAM,
                       .ai_protocol = 0,
                       .ai_addrlen = 0,
                       .ai_addr = nullptr,
                       .ai_canonname = nullptr,
                       .ai_next = nullptr};
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0) {
    errno = EADDRNOTAVAIL;
    throw_error("no address for " + host);
  }
  return Addresses(list);
}

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

void set_port(sockaddr* address, std::uint16_t port) {
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
  }
}

void prepare(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
}

}  // namespace

std::vector<int> listen_on(const std::string& host, std::uint16_t& port) {
  std::vector<int> listeners;
  const Addresses addresses = resolve(host, port, AI_PASSIVE);
  for (addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    const int listener = socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) throw_error("socket");
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (each->ai_family == AF_INET6) {
      setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    set_port(each->ai_addr, port);
    if (bind(listener, each->ai_addr, each->ai_addrlen) != 0 || listen(listener, 512) != 0) {
      throw_error("cannot listen on " + host + ", port " + std::to_string(port));
    }
    prepare(listener);
    if (port == 0) port = port_of(listener);
    listeners.push_back(listener);
  }
  return listeners;
}

int accept_from(int listener) {
  const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0) return socket;
  prepare(socket);
  // A slow reader shows early.
  const int size = 64 * 1024;
  setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  return socket;
}

int connect_to(const std::string& host, std::uint16_t port) {
  const Addresses addresses = resolve(host, port, 0);
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    const int connected = socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connected < 0) continue;
    if (connect(connected, each->ai_addr, each->ai_addrlen) == 0) {
      prepare(connected);
      return connected;
    }
    const int error = errno;
    close(connected);
    errno = error;
  }
  throw_error("cannot connect to " + host + ", port " + std::to_string(port));
}

}  // namespace ws::conformance::mutants
