// Idle connections: as many as are asked for, held open, and shown to be alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>

#include "bench/load/traffic.hpp"

namespace ws::bench {

struct IdleLoad {
  std::uint16_t port = 0;
  Protocol protocol = Protocol::websocket;
  std::size_t first = 0;  ///< connections of other processes, whose addresses are not to be used
};

/// Does what `commands` say, a line each: a number grows to that many connections, "echo" sends a
/// message on each and waits for its echo. Answers each with "holding COUNT" on `answers`. At the
/// end of the commands the connections are closed. Throws as run_echo does.
void hold_idle(const IdleLoad& load, std::istream& commands, std::ostream& answers);

}  // namespace ws::bench
