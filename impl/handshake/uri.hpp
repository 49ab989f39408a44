// ws and wss URIs (RFC 6455 section 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ws {

/// host [":" port], as in a URI and in the Host field (RFC 3986 section 3.2).
struct Authority {
  std::string_view host{};              ///< part of the text without an IPv6 literal's brackets
  std::optional<std::uint16_t> port{};  ///< absent where the text has none

  bool operator==(const Authority&) const = default;
};

/// Returns: nothing for user information, an empty or malformed host, an IPv6 literal with a zone,
/// port 0 or above 65535.
std::optional<Authority> parse_authority(std::string_view text);

/// Where a client connects to, and what it asks for.
struct Uri {
  bool secure = false;     ///< wss
  std::string host{};      ///< in lower case, without the brackets of an IPv6 literal
  std::uint16_t port = 0;  ///< as given, or 80 or 443
  std::string resource{};  ///< path and query; at least "/"

  bool operator==(const Uri&) const = default;
};

/// Takes an absolute ws or wss URI. Names and paths beyond ASCII have to be encoded by the caller
/// (section 11.1.1: IDNA for the host, UTF-8 and "%" elsewhere).
///
/// Returns: nothing for another scheme, a fragment, whatever parse_authority refuses, a "%" without
/// two hexadecimal digits, or characters that a URI cannot have.
std::optional<Uri> parse_uri(std::string_view text);

/// The Host field's value: brackets around an IPv6 literal, the port unless it is the default.
std::string format_host(const Uri& uri);

/// The whole URI, in the form that parse_uri takes.
std::string format_uri(const Uri& uri);

}  // namespace ws
