// The table of handshake errors.
#include "impl/handshake/handshake_error.hpp"

#include <array>
#include <cstddef>

namespace ws {
namespace {

using enum HandshakeError;

constexpr std::array kErrors = std::to_array<HandshakeErrorInfo>({
    {malformed_start_line, "malformed_start_line", 400, "RFC 9112 sections 3 and 4",
     "The first line is not one of HTTP."},
    {malformed_field, "malformed_field", 400, "RFC 9112 section 5", "A header field is malformed."},
    {start_line_too_long, "start_line_too_long", 414, "RFC 9112 section 3",
     "The first line is longer than the limit."},
    {line_too_long, "line_too_long", 431, "RFC 6585 section 5",
     "A header field is longer than the limit."},
    {too_many_fields, "too_many_fields", 431, "RFC 6585 section 5",
     "There are more header fields than the limit."},
    {head_too_large, "head_too_large", 431, "RFC 6585 section 5",
     "The header section is larger than the limit."},
    {unsupported_http_version, "unsupported_http_version", 505, "section 4.2.1, item 1",
     "The HTTP version must be 1.1 or a later 1.x."},
    {method_not_get, "method_not_get", 405, "section 4.2.1, item 1", "The method must be GET."},
    {malformed_target, "malformed_target", 400, "section 4.2.1, item 1",
     "The request target is neither a path nor an http or https URI."},
    {host_missing, "host_missing", 400, "section 4.2.1, item 2", "There is no Host."},
    {host_repeated, "host_repeated", 400, "RFC 9112 section 3.2", "There is more than one Host."},
    {host_invalid, "host_invalid", 400, "RFC 9112 section 3.2",
     "Host must be a host name or address, and perhaps a port."},
    {body_not_allowed, "body_not_allowed", 400, "RFC 9110 section 9.3.1",
     "An opening handshake must not have a body."},
    {upgrade_missing, "upgrade_missing", 426, "section 4.2.1, item 3",
     "Upgrade must name websocket."},
    {connection_upgrade_missing, "connection_upgrade_missing", 400, "section 4.2.1, item 4",
     "Connection must have the token Upgrade."},
    {key_missing, "key_missing", 400, "section 4.2.1, item 5", "There is no Sec-WebSocket-Key."},
    {key_repeated, "key_repeated", 400, "section 11.3.1",
     "There is more than one Sec-WebSocket-Key."},
    {key_invalid, "key_invalid", 400, "section 4.2.1, item 5",
     "Sec-WebSocket-Key must be 16 bytes in base64."},
    {version_missing, "version_missing", 426, "section 4.2.1, item 6",
     "There is no Sec-WebSocket-Version."},
    {version_repeated, "version_repeated", 400, "section 11.3.5",
     "There is more than one Sec-WebSocket-Version."},
    {version_unsupported, "version_unsupported", 426, "section 4.2.2, item 4",
     "Sec-WebSocket-Version must be 13."},
    {origin_repeated, "origin_repeated", 400, "RFC 6454 section 7.3",
     "There is more than one Origin."},
    {origin_not_allowed, "origin_not_allowed", 403, "section 4.2.2, item 4",
     "This origin is not allowed here."},
    {malformed_subprotocols, "malformed_subprotocols", 400, "section 4.1, item 10",
     "Sec-WebSocket-Protocol must be a list of tokens, no two alike."},
    {malformed_extensions, "malformed_extensions", 400, "section 9.1",
     "Sec-WebSocket-Extensions breaks its grammar."},
    {refused_by_application, "refused_by_application", 403, "section 4.2.2, item 4",
     "The application refused the connection."},
    {status_not_101, "status_not_101", 0, "section 4.1, response item 1", "The status is not 101."},
    {upgrade_not_websocket, "upgrade_not_websocket", 0, "section 4.1, response item 2",
     "The response upgrades to something other than websocket."},
    {accept_missing, "accept_missing", 0, "section 4.1, response item 4",
     "There is no Sec-WebSocket-Accept."},
    {accept_repeated, "accept_repeated", 0, "section 11.3.3",
     "There is more than one Sec-WebSocket-Accept."},
    {accept_mismatch, "accept_mismatch", 0, "section 4.1, response item 4",
     "Sec-WebSocket-Accept does not answer the key."},
    {subprotocol_not_offered, "subprotocol_not_offered", 0, "section 4.1, response item 6",
     "The response names a subprotocol that was not offered."},
    {subprotocol_repeated, "subprotocol_repeated", 0, "section 11.3.4",
     "There is more than one Sec-WebSocket-Protocol."},
    {extensions_repeated, "extensions_repeated", 0, "section 11.3.2",
     "There is more than one Sec-WebSocket-Extensions."},
    {extension_not_offered, "extension_not_offered", 0, "section 4.1, response item 5",
     "The response names an extension that was not offered."},
    {extension_parameters_unacceptable, "extension_parameters_unacceptable", 0, "section 9.1",
     "The response gives an extension parameters that do not answer the offer."},
    {connection_lost, "connection_lost", 0, "section 4.1",
     "The connection ended before the handshake was complete."},
    {timed_out, "timed_out", 408, "RFC 9110 section 15.5.9",
     "The handshake took longer than the limit."},
});

// describe() looks a row up by the enumerator's value.
static_assert([] {
  for (std::size_t i = 0; i < kErrors.size(); ++i) {
    if (static_cast<std::size_t>(kErrors[i].error) != i) return false;
  }
  return kErrors.back().error == timed_out;
}());

}  // namespace

std::span<const HandshakeErrorInfo> handshake_errors() { return kErrors; }

const HandshakeErrorInfo& describe(HandshakeError error) {
  return kErrors[static_cast<std::size_t>(error)];
}

}  // namespace ws
