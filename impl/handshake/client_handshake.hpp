// The opening handshake as a client sees it (RFC 6455 section 4.1).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "impl/handshake/accept_key.hpp"
#include "impl/handshake/handshake_error.hpp"
#include "impl/handshake/http_head.hpp"
#include "impl/handshake/uri.hpp"
#include "impl/wire/extension.hpp"

namespace ws {

/// What a client asks for.
struct OpeningOffer {
  Uri uri{};
  Nonce nonce{};  ///< fresh and random for each connection (section 4.1)
  std::optional<std::string> origin{};
  std::vector<std::string> subprotocols{};  ///< in order of preference, no two alike
  std::vector<Extension> extensions{};      ///< in order of preference
  Fields fields{};                          ///< further fields, such as Authorization or Cookie
};

/// The head of the request, to be sent as it is.
///
/// Requires: the URI comes from parse_uri; subprotocols are tokens, all different; field names are
/// tokens, and no field is one that the request has anyway.
std::string format_opening_request(const OpeningOffer& offer);

/// What the server agreed to.
struct OpeningAgreement {
  std::optional<std::string> subprotocol{};
  std::vector<Extension> extensions{};  ///< all of them were offered, by name
  Fields fields{};                      ///< of the response

  bool operator==(const OpeningAgreement&) const = default;
};

/// Checks `head` against section 4.1. Any status but 101 is status_not_101: what to do about a
/// redirect or a 401 is for the caller to decide. How often an extension is named, and with which
/// parameters, is for the extension to judge (section 9.1).
///
/// Errors: the first rule broken.
std::expected<OpeningAgreement, HandshakeError> check_opening_response(const ResponseHead& head,
                                                                       const OpeningOffer& offer);

}  // namespace ws
