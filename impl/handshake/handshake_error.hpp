// Every reason for which an opening handshake is refused, with the HTTP status of a server's answer
// and the place in the RFC (sections 4.1 and 4.2).
#pragma once

#include <span>
#include <string_view>

namespace ws {

enum class HandshakeError {
  // The head as HTTP/1.1 (RFC 9112), both roles.
  malformed_start_line,
  malformed_field,
  start_line_too_long,
  line_too_long,
  too_many_fields,
  head_too_large,
  unsupported_http_version,
  // The client's request (section 4.2.1).
  method_not_get,
  malformed_target,
  host_missing,
  host_repeated,
  host_invalid,
  body_not_allowed,
  upgrade_missing,
  connection_upgrade_missing,
  key_missing,
  key_repeated,
  key_invalid,
  version_missing,
  version_repeated,
  version_unsupported,
  origin_repeated,
  origin_not_allowed,
  malformed_subprotocols,
  malformed_extensions,  ///< of either role
  refused_by_application,
  // The server's response (section 4.1).
  status_not_101,
  upgrade_not_websocket,
  accept_missing,
  accept_repeated,
  accept_mismatch,
  subprotocol_not_offered,
  subprotocol_repeated,
  extensions_repeated,
  extension_not_offered,
  extension_parameters_unacceptable,
  // Either role: the transport ended, or the time was up, before the handshake was complete.
  connection_lost,
  timed_out,
};

/// One row of the table.
struct HandshakeErrorInfo {
  HandshakeError error{};
  std::string_view name{};  ///< the enumerator's name
  int status = 0;           ///< HTTP status of a server's answer; 0 where a server never answers so
  std::string_view source{};
  std::string_view text{};  ///< one sentence, fit for the body of an HTTP answer
};

/// The whole table, in the order of the enumerators.
std::span<const HandshakeErrorInfo> handshake_errors();

/// The row of `error`.
const HandshakeErrorInfo& describe(HandshakeError error);

}  // namespace ws
