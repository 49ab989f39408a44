// TCP sockets by address: listening and connecting, IPv4 and IPv6.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ws::conformance::mutants {

/// Listens on every address of `host`; port 0 takes a free one, the same for all. Returns the
/// sockets, which do not block, and writes the port to `port`.
///
/// Throws std::system_error.
std::vector<int> listen_on(const std::string& host, std::uint16_t& port);

/// The next connection, which does not block; -1 if none waits.
int accept_from(int listener);

/// Connects; the socket does not block afterwards.
///
/// Throws std::system_error.
int connect_to(const std::string& host, std::uint16_t port);

}  // namespace ws::conformance::mutants
