// The faulty endpoint as a process: a server for any number of connections, or a client that asks
// for cases in Autobahn's way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "conformance/mutants/opening.hpp"
#include "conformance/mutants/switches.hpp"

namespace ws::conformance::mutants {

struct ServiceSettings {
  std::optional<FaultId> fault{};
  std::size_t max_message = std::size_t{16} * 1024 * 1024;  ///< bytes
  ServerPolicy policy{};
  std::string certificate{};  ///< of a server: PEM files; empty: no TLS
  std::string key{};
  std::string authorities{};  ///< that a client trusts; empty: the system's
};

/// Prints "listening on PORT" and serves until the process is ended.
///
/// Throws std::exception when it cannot start.
void serve(const std::string& host, std::uint16_t port, const ServiceSettings& settings);

struct ClientTarget {
  bool secure = false;
  std::string user{};     ///< with its "@", by a fault
  bool has_user = false;  ///< whose name goes into each request, by another fault
  std::string host{};
  std::uint16_t port = 0;
  std::string resource{};  ///< empty or "/": Autobahn's protocol, all cases; else one connection
};

/// The parts of a ws or wss URL; nothing if it is none, but for a fault.
std::optional<ClientTarget> parse_url(const std::string& url, std::optional<FaultId> fault = {});

/// Returns the exit status. Throws std::exception when nothing can be reached.
int run_client(const ClientTarget& target, const std::string& agent,
               const ServiceSettings& settings);

}  // namespace ws::conformance::mutants
