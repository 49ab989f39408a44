// What the targets of a whole connection share: any bytes from the peer, in any reads, while the
// application does what the input says. Events and output are set beside what the oracle makes of
// the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "conformance/oracle/messages.hpp"
#include "fuzz/fuzz_input.hpp"
#include "impl/connection/connection.hpp"

namespace ws::fuzz {

/// What one input says.
struct ConnectionInput {
  Role role = Role::server;  ///< of the connection under test
  ConnectionSettings settings{};
  std::vector<unsigned> actions{};  ///< of the application, one for each message, in turn
  Cuts cuts{};
  std::vector<std::byte> stream{};  ///< from the peer, opening handshake included
  bool has_own_handshake = false;   ///< otherwise it is one that opens the connection
};

/// Takes the settings, and puts the peer's half of the opening handshake in front of the rest
/// unless the input has its own.
ConnectionInput take_connection_input(FuzzInput bytes, Role role);

/// What can be seen of a connection from outside.
struct Behaviour {
  std::vector<Event> events{};
  std::vector<std::byte> output{};

  bool operator==(const Behaviour&) const = default;
};

/// Everything a connection does with the stream, and what the application meant to send after the
/// opening handshake: messages and control frames, in order.
struct Run {
  Behaviour behaviour{};
  std::vector<oracle::Received> sent{};
};

Run run_connection(const ConnectionInput& input, const Cuts& cuts);

/// Compares a run with the oracle's view of the stream and of the output.
void check_run(const ConnectionInput& input, const Run& run);

/// The whole of both targets.
inline void check_connection(FuzzInput bytes, Role role) {
  const ConnectionInput input = take_connection_input(bytes, role);
  const Run whole = run_connection(input, Cuts());
  require(whole.behaviour == run_connection(input, input.cuts).behaviour,
          "behaviour does not depend on where reads end");
  check_run(input, whole);
}

}  // namespace ws::fuzz
