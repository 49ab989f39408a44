// Where a server is, as a URL says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ws::conformance {

struct Target {
  bool secure = false;  ///< TLS
  std::string host{};   ///< a name or an address, IPv6 without brackets; or
  std::string path{};   ///< of a Unix socket
  std::uint16_t port = 0;
  std::string resource = "/";
  std::string tls_name{};  ///< the server's name for TLS; empty: the host

  bool operator==(const Target&) const = default;
};

/// Takes apart ws://HOST:PORT/PATH, wss://.. or unix:FILE[:/PATH]; ws+unix and wss+unix stand for
/// the last as well, the one with TLS. Returns: nothing if `url` is none of them.
std::optional<Target> parse_target(std::string_view url);

/// The Host field of a request for it (RFC 9110 section 7.2).
std::string host_field_of(const Target& target);

/// For people: where it is, without the resource.
std::string describe(const Target& target);

}  // namespace ws::conformance
