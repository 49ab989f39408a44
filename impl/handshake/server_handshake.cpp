// From a request head to a 101 or a refusal (RFC 6455 section 4.2).
#include "impl/handshake/server_handshake.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "impl/handshake/accept_key.hpp"
#include "impl/handshake/extension_list.hpp"
#include "impl/handshake/uri.hpp"

namespace ws {
namespace {

using enum HandshakeError;
using Checked = std::expected<void, HandshakeError>;

constexpr std::string_view kVersion = "13";

/// Splits the request target in absolute form (RFC 9112 section 3.2.2) into authority and the rest;
/// nothing if it is no http or https URI.
std::optional<std::pair<std::string_view, std::string_view>> split_absolute_form(
    std::string_view target) {
  for (const std::string_view prefix : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, prefix.size()), prefix)) continue;
    target.remove_prefix(prefix.size());
    const std::size_t authority_end = std::min(target.find_first_of("/?"), target.size());
    return std::pair(target.substr(0, authority_end), target.substr(authority_end));
  }
  return std::nullopt;
}

/// "GET", the target and Host (items 1 and 2).
Checked check_target(const RequestHead& head, OpeningRequest& request) {
  if (head.method != "GET") return std::unexpected(method_not_get);
  if (head.minor_version < 1) return std::unexpected(unsupported_http_version);

  // Browsers leave some characters as they are that RFC 3986 wants encoded, such as "|" in a query.
  // The target is opaque here, so only what no client may send is refused, fragments above all.
  if (head.target.find_first_of("\"#<>") != std::string::npos) {
    return std::unexpected(malformed_target);
  }
  const auto absolute = split_absolute_form(head.target);
  if (!absolute && !head.target.starts_with('/')) return std::unexpected(malformed_target);
  if (absolute && !parse_authority(absolute->first)) return std::unexpected(malformed_target);

  const auto host = head.fields.find("Host");
  if (!host) return std::unexpected(host_missing);
  if (head.fields.count("Host") > 1) return std::unexpected(host_repeated);
  if (!parse_authority(*host)) return std::unexpected(host_invalid);

  // RFC 9112 section 3.2.2: a server "MUST ignore the received Host header field (if any) and
  // instead use the host information of the request-target" in absolute form.
  request.host = absolute ? absolute->first : *host;
  request.target = absolute ? absolute->second : head.target;
  if (!request.target.starts_with('/')) request.target.insert(0, "/");
  return {};
}

/// A body would be read as frames here and as a request elsewhere, or the reverse.
Checked check_no_body(const Fields& fields) {
  for (const Field& field : fields) {
    const bool announces_body =
        equals_ignoring_case(field.name, "Transfer-Encoding") ||
        (equals_ignoring_case(field.name, "Content-Length") && field.value != "0");
    if (announces_body) return std::unexpected(body_not_allowed);
  }
  return {};
}

/// Upgrade, Connection, version and key (items 3 to 6).
Checked check_upgrade(const Fields& fields, OpeningRequest& request) {
  if (!fields.has_token("Upgrade", "websocket")) return std::unexpected(upgrade_missing);
  if (!fields.has_token("Connection", "upgrade")) {
    return std::unexpected(connection_upgrade_missing);
  }

  // The version first: an older one may have no key, and wants to be told which one we speak.
  const auto version = fields.find("Sec-WebSocket-Version");
  if (!version) return std::unexpected(version_missing);
  if (fields.count("Sec-WebSocket-Version") > 1) return std::unexpected(version_repeated);
  if (*version != kVersion) return std::unexpected(version_unsupported);

  const auto key = fields.find("Sec-WebSocket-Key");
  if (!key) return std::unexpected(key_missing);
  if (fields.count("Sec-WebSocket-Key") > 1) return std::unexpected(key_repeated);
  if (!is_valid_key(*key)) return std::unexpected(key_invalid);
  request.key = *key;
  return {};
}

/// Origin, the offered subprotocols and extensions (items 7 to 9).
Checked check_offers(const Fields& fields, OpeningRequest& request) {
  if (fields.count("Origin") > 1) return std::unexpected(origin_repeated);
  if (const auto origin = fields.find("Origin")) request.origin = *origin;

  if (fields.count("Sec-WebSocket-Protocol") > 0) {
    const std::string list = fields.joined("Sec-WebSocket-Protocol");
    auto subprotocols = split_list(list);
    if (subprotocols.empty() || !std::ranges::all_of(subprotocols, is_token)) {
      return std::unexpected(malformed_subprotocols);
    }
    request.subprotocols.assign(subprotocols.begin(), subprotocols.end());
    std::ranges::sort(subprotocols);
    if (std::ranges::adjacent_find(subprotocols) != subprotocols.end()) {
      return std::unexpected(malformed_subprotocols);
    }
  }

  if (fields.count("Sec-WebSocket-Extensions") > 0) {
    auto extensions = parse_extension_list(fields.joined("Sec-WebSocket-Extensions"));
    if (!extensions || extensions->empty()) return std::unexpected(malformed_extensions);
    request.extensions = std::move(*extensions);
  }
  return {};
}

/// The reason phrases of the statuses that a refusal is likely to have (RFC 9110 section 15).
std::string_view reason_phrase(int status) {
  struct Row {
    int status = 0;
    std::string_view phrase{};
  };
  static constexpr auto kPhrases = std::to_array<Row>({
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {414, "URI Too Long"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  });
  const auto* const row = std::ranges::find(kPhrases, status, &Row::status);
  return row == kPhrases.end() ? std::string_view() : row->phrase;
}

}  // namespace

std::expected<OpeningRequest, HandshakeError> check_opening_request(const RequestHead& head) {
  OpeningRequest request;
  request.fields = head.fields;
  Checked checked = check_target(head, request);
  if (checked) checked = check_no_body(head.fields);
  if (checked) checked = check_upgrade(head.fields, request);
  if (checked) checked = check_offers(head.fields, request);
  if (!checked) return std::unexpected(checked.error());
  return request;
}

std::optional<std::string> choose_subprotocol(const OpeningRequest& request,
                                              const std::vector<std::string>& supported) {
  const auto chosen = std::ranges::find_first_of(request.subprotocols, supported);
  if (chosen == request.subprotocols.end()) return std::nullopt;
  return *chosen;
}

std::string format_acceptance(const OpeningRequest& request, const Acceptance& acceptance) {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\n";
  append_field_line(head, "Upgrade", "websocket");
  append_field_line(head, "Connection", "Upgrade");
  append_field_line(head, "Sec-WebSocket-Accept", compute_accept(request.key));
  if (acceptance.subprotocol) {
    append_field_line(head, "Sec-WebSocket-Protocol", *acceptance.subprotocol);
  }
  if (!acceptance.extensions.empty()) {
    append_field_line(head, "Sec-WebSocket-Extensions",
                      format_extension_list(acceptance.extensions));
  }
  for (const auto& [name, value] : acceptance.fields) append_field_line(head, name, value);
  return head + "\r\n";
}

Refusal refusal_for(HandshakeError error) {
  const HandshakeErrorInfo& info = describe(error);
  assert(info.status != 0);
  Refusal refusal{.status = info.status, .body = std::string(info.text) + "\n"};
  if (info.status == 405) {
    refusal.fields.add("Allow", "GET");
    refusal.body.clear();  // An answer to HEAD must not have one (RFC 9110 section 9.3.2).
  }
  if (info.status == 426) {
    // RFC 9110 section 15.5.22: "MUST send an Upgrade header field"; RFC 6455 section 4.4.
    refusal.fields.add("Upgrade", "websocket");
    refusal.fields.add("Sec-WebSocket-Version", std::string(kVersion));
  }
  return refusal;
}

std::string format_refusal(const Refusal& refusal) {
  const Fields& fields = refusal.fields;
  std::string head = "HTTP/1.1 " + std::to_string(refusal.status) + " ";
  head += refusal.reason.empty() ? reason_phrase(refusal.status) : refusal.reason;
  head += "\r\n";
  // RFC 9110 section 7.8: Upgrade is a hop-by-hop field, so Connection has to name it.
  append_field_line(head, "Connection", fields.count("Upgrade") > 0 ? "Upgrade, close" : "close");
  if (!refusal.body.empty() && fields.count("Content-Type") == 0) {
    append_field_line(head, "Content-Type", "text/plain; charset=utf-8");
  }
  append_field_line(head, "Content-Length", std::to_string(refusal.body.size()));
  for (const auto& [name, value] : fields) append_field_line(head, name, value);
  return head + "\r\n" + refusal.body;
}

}  // namespace ws
