// Echo load: messages that are always outstanding on many connections, and each echo compared.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/load/traffic.hpp"

namespace ws::bench {

struct EchoLoad {
  std::uint16_t port = 0;
  Protocol protocol = Protocol::websocket;
  std::size_t connections = 1;
  std::size_t size = 20;  ///< bytes of a message
  std::size_t depth = 1;  ///< messages outstanding on each connection
  std::chrono::milliseconds warm_up{50};
  std::chrono::milliseconds time{250};
  int server = 0;  ///< its process, whose CPU time is measured; 0: it is not
};

struct EchoResult {
  std::uint64_t messages = 0;  ///< echoed within the time
  double seconds = 0;
  double server_seconds = 0;  ///< CPU time
  double client_seconds = 0;
  /// Of one connection with one message at a time: the times from a message to its echo, sorted.
  std::vector<std::uint32_t> round_trips{};  // nanoseconds
};

/// Throws std::runtime_error if a byte of an echo is not what was sent, if a connection ends, or if
/// nothing comes back for seconds.
EchoResult run_echo(const EchoLoad& load);

}  // namespace ws::bench
