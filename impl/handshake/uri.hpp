// ws and wss URIs (RFC 6455 section 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ws {

struct Uri {
  bool secure = false;     ///< wss
  std::string host{};      ///< without the brackets of an IPv6 literal
  std::uint16_t port = 0;  ///< as given, or 80 or 443
  std::string resource{};  ///< path and query; at least "/"

  bool operator==(const Uri&) const = default;
};

/// Returns: nothing for another scheme, a fragment, user information, an empty host, a bad port, or
/// characters that a URI cannot have.
std::optional<Uri> parse_uri(std::string_view text);

/// The Host field's value: brackets around an IPv6 literal, the port unless it is the default.
std::string format_host(const Uri& uri);

/// The whole URI, in the form that parse_uri takes.
std::string format_uri(const Uri& uri);

}  // namespace ws
