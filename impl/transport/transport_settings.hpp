// Limits and timers of a session, and what can go wrong below the WebSocket protocol.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace ws {

/// Limits on time; zero switches one off.
struct Timeouts {
  /// From the start to the end of the opening handshake, with connecting and TLS before it, and
  /// what a client waits for others that connect to the same address.
  std::chrono::milliseconds opening_handshake{10'000};
  /// Of silence on an open connection until it is pinged, and of further silence until it fails.
  std::chrono::milliseconds idle{60'000};
  /// From our Close frame to the peer's, and from there to the end of TCP by the server.
  std::chrono::milliseconds closing_handshake{5'000};
  /// For the last output to be taken, from the last time that some of it was, and then for the peer
  /// to end TCP after we have.
  std::chrono::milliseconds drop{2'000};
};

struct TransportSettings {
  Timeouts timeouts{};
  std::size_t read_size = std::size_t{64} * 1024;  ///< bytes, at most, of one read
  /// Reading pauses while more bytes of answers wait that the peer does not take,
  std::size_t high_water = std::size_t{1024} * 1024;
  /// and goes on when no more wait than these.
  std::size_t low_water = std::size_t{256} * 1024;
  /// Sending is refused while more bytes wait.
  std::size_t queue_limit = std::size_t{64} * 1024 * 1024;
  /// A client waits while another of its context connects to the same address and port: "There MUST
  /// be no more than one connection in a CONNECTING state" (section 4.1), so that nobody floods a
  /// server. Off is for what has to break this rule: load generators, and tests of servers that are
  /// to see many opening handshakes at once.
  bool connects_one_by_one = true;
};

enum class FailureKind {
  resolve,      ///< the host name has no address
  connect,      ///< no address could be connected to
  tls,          ///< the TLS handshake or a record failed
  certificate,  ///< the peer's certificate or host name was refused
  truncated,    ///< TLS ended without close_notify: somebody may have cut it
  lost,         ///< reset, or another error of the network
  timed_out,
  out_of_memory,  ///< here, not at the peer
};

struct TransportFailure {
  FailureKind kind{};
  std::string text{};
};

}  // namespace ws
