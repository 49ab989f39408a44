// The opening handshake as a server sees it (RFC 6455 section 4.2).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "impl/handshake/handshake_error.hpp"
#include "impl/handshake/http_head.hpp"
#include "impl/wire/extension.hpp"

namespace ws {

/// A request that keeps every rule of section 4.2.1. Its views are good as long as a copy of
/// `fields` is there.
struct OpeningRequest {
  std::string target{};     ///< path and query, at least "/", as received
  std::string_view host{};  ///< the Host field, or the authority of a target in absolute form
  std::optional<std::string_view> origin{};
  std::string_view key{};
  Fields fields{};  ///< all of them, for the application

  /// The subprotocols offered, in the client's order of preference.
  std::vector<std::string_view> subprotocols() const;

  /// The extensions offered, in the client's order of preference.
  std::vector<Extension> extensions() const;

  bool operator==(const OpeningRequest&) const = default;
};

/// Checks `head` against section 4.2.1, and takes over its fields. Whether the origin and the
/// resource are acceptable is for the application to say (section 4.2.2, item 4).
///
/// Errors: the first rule broken.
std::expected<OpeningRequest, HandshakeError> check_opening_request(RequestHead head);

/// The first of the client's subprotocols that the server has too; nothing if there is none.
std::optional<std::string> choose_subprotocol(const OpeningRequest& request,
                                              const std::vector<std::string>& supported);

/// What a server agrees to.
struct Acceptance {
  std::optional<std::string> subprotocol{};
  std::vector<Extension> extensions{};
  Fields fields{};  ///< further fields, such as Server or Set-Cookie
};

/// The head of the 101 response (section 4.2.2, item 5), to be sent as it is.
///
/// Requires: the subprotocol and the extensions are among those offered; field names are tokens,
/// and no field is one that the response has anyway.
std::string format_acceptance(const OpeningRequest& request, const Acceptance& acceptance);

/// An answer other than 101.
struct Refusal {
  int status = 400;      ///< 300 to 599, 304 excluded
  std::string reason{};  ///< reason phrase; empty for the usual one of `status`
  Fields fields{};       ///< such as Location or WWW-Authenticate
  std::string body{};    ///< text/plain
};

/// The refusal for `error`: its status, its text as the body, what 405 and 426 have to say besides.
///
/// Requires: the error is one that a server answers (its status is not 0).
Refusal refusal_for(HandshakeError error);

/// The whole response, body included, with Connection: close, after which the transport closes.
/// There is no Date, since there is no clock here; a caller that has one may add it.
///
/// Requires: field names are tokens, and no field is Connection or Content-Length.
std::string format_refusal(const Refusal& refusal);

}  // namespace ws
