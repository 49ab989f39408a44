// Listens to the bytes of connections as they are on the wire, and inside TLS.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "impl/transport/tls_context.hpp"

namespace ws::conformance {

enum class Flow { in, out };  ///< seen from the harness

/// Called on the thread that runs the connections, which are told apart by numbers. Each may be
/// empty.
struct WireTap {
  using OnBytes = std::function<void(int connection, Flow flow, std::span<const std::byte> bytes)>;

  OnBytes on_wire{};   ///< of the connection itself; with TLS, its records
  OnBytes on_plain{};  ///< what a player reads and writes
  /// A line for an SSLKEYLOGFILE, with what decrypts a connection.
  std::function<void(std::string_view line)> on_key{};
};

/// Gives `tap` the keys of all connections of `context`, which is not to outlive it.
void tap_keys(const TlsContext& context, const WireTap& tap);

}  // namespace ws::conformance
