// Connections to a server on this machine, many at once and from many addresses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "bench/load/traffic.hpp"

namespace ws::bench {

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int get() const { return number_; }

 private:
  int number_;
};

/// Throws std::system_error with errno if `result` is -1, and returns it otherwise.
int check(int result, const char* what);

struct Listener {
  Descriptor socket;
  std::uint16_t port = 0;
};

/// Listens at a free port of 127.0.0.1, blocking. Throws what `check` throws.
Listener listen_at_free_port();

/// A TCP connection to `port` of 127.0.0.1, without Nagle's delay, blocking. The kernel has 28,000
/// ports for one address, so each 20,000 connections, counted by `number`, get an address of their
/// own from 127.0.0.0/8. `buffer_size`, if not 0, bounds both of the socket's buffers.
Descriptor connect_to(std::uint16_t port, std::size_t number = 0, int buffer_size = 0);

/// Sends all of `bytes` on a blocking socket.
void send_all(int socket, std::string_view bytes);

/// Opens `count` connections and, for WebSocket, their opening handshakes, some at the same time.
/// The first has the number `first`. Throws what `check` and `check_opening_response` throw.
void open_connections(std::vector<Descriptor>& connections, std::uint16_t port, Protocol protocol,
                      std::size_t count, std::size_t first);

/// Makes `socket` non-blocking.
void set_non_blocking(int socket);

}  // namespace ws::bench
