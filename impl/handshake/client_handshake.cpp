// From an offer to a request head, and from the response head to an agreement (section 4.1).
#include "impl/handshake/client_handshake.hpp"

#include <algorithm>
#include <cassert>

#include "impl/handshake/extension_list.hpp"

namespace ws {
namespace {

using enum HandshakeError;

std::string join(const std::vector<std::string>& elements) {
  std::string list;
  for (const std::string& element : elements) {
    if (!list.empty()) list += ", ";
    list += element;
  }
  return list;
}

/// Upgrade, Connection and Accept (items 2 to 4 of the client's checks).
std::expected<void, HandshakeError> check_upgrade(const Fields& fields, const Nonce& nonce) {
  if (fields.count("Upgrade") == 0) return std::unexpected(upgrade_missing);
  if (!equals_ignoring_case(fields.joined("Upgrade"), "websocket")) {
    return std::unexpected(upgrade_not_websocket);
  }
  if (!fields.has_token("Connection", "upgrade")) {
    return std::unexpected(connection_upgrade_missing);
  }
  const auto accept = fields.find("Sec-WebSocket-Accept");
  if (!accept) return std::unexpected(accept_missing);
  if (fields.count("Sec-WebSocket-Accept") > 1) return std::unexpected(accept_repeated);
  if (*accept != compute_accept(encode_key(nonce))) return std::unexpected(accept_mismatch);
  return {};
}

/// The server's choice of extensions (item 5).
std::expected<std::vector<Extension>, HandshakeError> check_extensions(
    const Fields& fields, const std::vector<Extension>& offered) {
  const auto value = fields.find("Sec-WebSocket-Extensions");
  if (!value) return {};
  if (fields.count("Sec-WebSocket-Extensions") > 1) return std::unexpected(extensions_repeated);
  auto extensions = parse_extension_list(*value);
  if (!extensions || extensions->empty()) return std::unexpected(malformed_extensions);
  const bool all_offered = std::ranges::all_of(*extensions, [&](const Extension& extension) {
    return std::ranges::find(offered, extension.name, &Extension::name) != offered.end();
  });
  if (!all_offered) return std::unexpected(extension_not_offered);
  return std::move(*extensions);
}

/// The server's choice of a subprotocol (item 6).
std::expected<std::optional<std::string>, HandshakeError> check_subprotocol(
    const Fields& fields, const std::vector<std::string>& offered) {
  const auto subprotocol = fields.find("Sec-WebSocket-Protocol");
  if (!subprotocol) return std::nullopt;
  if (fields.count("Sec-WebSocket-Protocol") > 1) return std::unexpected(subprotocol_repeated);
  if (std::ranges::find(offered, *subprotocol) == offered.end()) {
    return std::unexpected(subprotocol_not_offered);
  }
  return std::string(*subprotocol);
}

}  // namespace

std::string format_opening_request(const OpeningOffer& offer) {
  assert(std::ranges::all_of(offer.subprotocols, is_token));
  std::string head = "GET " + offer.uri.resource + " HTTP/1.1\r\n";
  append_field_line(head, "Host", format_host(offer.uri));
  append_field_line(head, "Upgrade", "websocket");
  append_field_line(head, "Connection", "Upgrade");
  append_field_line(head, "Sec-WebSocket-Key", encode_key(offer.nonce));
  append_field_line(head, "Sec-WebSocket-Version", "13");
  if (offer.origin) append_field_line(head, "Origin", *offer.origin);
  if (!offer.subprotocols.empty()) {
    append_field_line(head, "Sec-WebSocket-Protocol", join(offer.subprotocols));
  }
  if (!offer.extensions.empty()) {
    append_field_line(head, "Sec-WebSocket-Extensions", format_extension_list(offer.extensions));
  }
  for (const auto& [name, value] : offer.fields) append_field_line(head, name, value);
  return head + "\r\n";
}

std::expected<OpeningAgreement, HandshakeError> check_opening_response(const ResponseHead& head,
                                                                       const OpeningOffer& offer) {
  if (head.status != 101) return std::unexpected(status_not_101);
  if (head.minor_version < 1) return std::unexpected(unsupported_http_version);
  const auto upgraded = check_upgrade(head.fields, offer.nonce);
  if (!upgraded) return std::unexpected(upgraded.error());
  auto extensions = check_extensions(head.fields, offer.extensions);
  if (!extensions) return std::unexpected(extensions.error());
  auto subprotocol = check_subprotocol(head.fields, offer.subprotocols);
  if (!subprotocol) return std::unexpected(subprotocol.error());
  return OpeningAgreement{.subprotocol = std::move(*subprotocol),
                          .extensions = std::move(*extensions),
                          .fields = head.fields};
}

}  // namespace ws
