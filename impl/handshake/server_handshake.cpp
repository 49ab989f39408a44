// From a request head to a 101 or a refusal (RFC 6455 section 4.2).
#include "impl/handshake/server_handshake.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>

#include "impl/handshake/accept_key.hpp"
#include "impl/handshake/ascii_case.hpp"
#include "impl/handshake/extension_list.hpp"
#include "impl/handshake/uri.hpp"

namespace ws {
namespace {

using enum HandshakeError;
using Checked = std::expected<void, HandshakeError>;

constexpr std::string_view kVersion = "13";
constexpr std::size_t kUsualResponse = 256;  // bytes that most need at most
constexpr std::size_t kFewSubprotocols = 8;

constexpr KnownName kHostField("Host");
constexpr KnownName kOriginField("Origin");
constexpr KnownName kUpgradeField("Upgrade");
constexpr KnownName kConnectionField("Connection");
constexpr KnownName kContentLengthField("Content-Length");
constexpr KnownName kKeyField("Sec-WebSocket-Key");
constexpr KnownName kTransferEncodingField("Transfer-Encoding");
constexpr KnownName kVersionField("Sec-WebSocket-Version");
constexpr KnownName kProtocolField("Sec-WebSocket-Protocol");
constexpr KnownName kExtensionsField("Sec-WebSocket-Extensions");
constexpr KnownName kWebsocketToken("websocket");
constexpr KnownName kUpgradeToken("upgrade");

/// By character: not to be in a target.
constexpr auto kIsRefused = [] {
  std::array<bool, 256> is_refused{};
  for (const char c : std::string_view("\"#<>")) is_refused[static_cast<unsigned char>(c)] = true;
  return is_refused;
}();

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

/// The lines of one field: how many, and the value of the first.
struct FieldLines {
  std::size_t count = 0;
  std::string_view value{};
};

/// The fields that section 4.2.1 speaks of, found in one pass over all.
struct OpeningFields {
  FieldLines host{};
  FieldLines origin{};
  FieldLines upgrade{};
  FieldLines connection{};
  FieldLines version{};
  FieldLines key{};
  FieldLines protocol{};
  FieldLines extensions{};
  bool announces_body = false;
};

OpeningFields find_opening_fields(const Fields& fields) {
  OpeningFields found;
  for (const Field& field : fields) {
    const auto add_if = [&field](const auto& wanted, FieldLines& lines) {
      if (wanted.matches(field.name) && lines.count++ == 0) lines.value = field.value;
    };
    switch (field.name.size()) {
      case 4:
        add_if(kHostField, found.host);
        break;
      case 6:
        add_if(kOriginField, found.origin);
        break;
      case 7:
        add_if(kUpgradeField, found.upgrade);
        break;
      case 10:
        add_if(kConnectionField, found.connection);
        break;
      case 14:
        found.announces_body |= kContentLengthField.matches(field.name) && field.value != "0";
        break;
      case 17:
        add_if(kKeyField, found.key);
        found.announces_body |= kTransferEncodingField.matches(field.name);
        break;
      case 21:
        add_if(kVersionField, found.version);
        break;
      case 22:
        add_if(kProtocolField, found.protocol);
        break;
      case 24:
        add_if(kExtensionsField, found.extensions);
        break;
      default:
        break;
    }
  }
  return found;
}

/// "GET", the target and Host (items 1 and 2).
Checked check_target(const RequestHead& head, const FieldLines& host, OpeningRequest& request) {
  if (head.method != "GET") return std::unexpected(method_not_get);
  if (head.minor_version < 1) return std::unexpected(unsupported_http_version);

  // Browsers leave some characters as they are that RFC 3986 wants encoded, such as "|" in a query.
  // The target is opaque here, so only what no client may send is refused, fragments above all.
  bool is_refused = false;
  for (const char c : head.target) is_refused |= kIsRefused[static_cast<unsigned char>(c)];
  if (is_refused) return std::unexpected(malformed_target);
  const bool is_absolute = !head.target.starts_with('/');
  const auto absolute = is_absolute ? split_absolute_form(head.target) : std::nullopt;
  if (is_absolute && (!absolute || !parse_authority(absolute->first))) {
    return std::unexpected(malformed_target);
  }

  if (host.count == 0) return std::unexpected(host_missing);
  if (host.count > 1) return std::unexpected(host_repeated);
  if (!parse_authority(host.value)) return std::unexpected(host_invalid);

  // RFC 9112 section 3.2.2: a server "MUST ignore the received Host header field (if any) and
  // instead use the host information of the request-target" in absolute form.
  request.host = absolute ? absolute->first : host.value;
  if (absolute) {
    request.target = absolute->second;
    if (!request.target.starts_with('/')) request.target.insert(0, "/");
  } else {
    request.target = head.target;
  }
  return {};
}

/// Upgrade, Connection, version and key (items 3 to 6).
Checked check_upgrade(const Fields& fields, const OpeningFields& found, OpeningRequest& request) {
  // Nearly always the field is the token.
  if (!kWebsocketToken.matches(found.upgrade.value) && !fields.has_token("Upgrade", "websocket")) {
    return std::unexpected(upgrade_missing);
  }
  if (!kUpgradeToken.matches(found.connection.value) &&
      !fields.has_token("Connection", "upgrade")) {
    return std::unexpected(connection_upgrade_missing);
  }

  // The version first: an older one may have no key, and wants to be told which one we speak.
  if (found.version.count == 0) return std::unexpected(version_missing);
  if (found.version.count > 1) return std::unexpected(version_repeated);
  if (found.version.value != kVersion) return std::unexpected(version_unsupported);

  if (found.key.count == 0) return std::unexpected(key_missing);
  if (found.key.count > 1) return std::unexpected(key_repeated);
  if (!is_valid_key(found.key.value)) return std::unexpected(key_invalid);
  request.key = found.key.value;
  return {};
}

/// The lines of a list are looked at one by one: what is joined with a comma has no element in two
/// of them.
void for_each_line(const Fields& fields, const auto& name, const FieldLines& found,
                   const auto& look_at) {
  if (found.count == 1) return look_at(found.value);
  for (const Field& field : fields) {
    if (name.matches(field.name)) look_at(field.value);
  }
}

/// Tokens, no two alike. Memory is only for more of them than nearly all clients offer.
bool are_subprotocols(const Fields& fields, const FieldLines& found) {
  std::array<std::string_view, kFewSubprotocols> first;  // NOLINT: written before it is read
  std::size_t count = 0;
  std::vector<std::string_view> all;
  bool is_well_formed = true;
  bool is_repeated = false;
  const auto take = [&](std::string_view token) {
    if (count < first.size()) {
      const auto end = first.begin() + static_cast<std::ptrdiff_t>(count);
      is_repeated |= std::find(first.begin(), end, token) != end;
      *end = token;
    } else {
      if (all.empty()) all.assign(first.begin(), first.end());
      all.push_back(token);
    }
    ++count;
  };
  for_each_line(fields, kProtocolField, found,
                [&](std::string_view list) { is_well_formed &= take_tokens(list, take); });
  if (!all.empty()) {
    std::ranges::sort(all);
    is_repeated |= std::ranges::adjacent_find(all) != all.end();
  }
  return is_well_formed && count > 0 && !is_repeated;
}

/// Origin, the offered subprotocols and extensions (items 7 to 9).
Checked check_offers(const Fields& fields, const OpeningFields& found, OpeningRequest& request) {
  if (found.origin.count > 1) return std::unexpected(origin_repeated);
  if (found.origin.count == 1) request.origin = found.origin.value;

  if (found.protocol.count > 0 && !are_subprotocols(fields, found.protocol)) {
    return std::unexpected(malformed_subprotocols);
  }

  if (found.extensions.count > 0) {
    bool is_well_formed = true;
    bool has_any = false;
    for_each_line(fields, kExtensionsField, found.extensions, [&](std::string_view list) {
      const auto count = count_extensions(list);
      is_well_formed &= count.has_value();
      has_any |= count.value_or(0) > 0;
    });
    if (!is_well_formed || !has_any) return std::unexpected(malformed_extensions);
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

std::vector<std::string_view> OpeningRequest::subprotocols() const {
  std::vector<std::string_view> subprotocols;
  for (const auto& [name, value] : fields) {
    if (!kProtocolField.matches(name)) continue;
    take_tokens(value, [&](std::string_view token) { subprotocols.push_back(token); });
  }
  return subprotocols;
}

std::vector<Extension> OpeningRequest::extensions() const {
  std::vector<Extension> extensions;
  for (const auto& [name, value] : fields) {
    if (!kExtensionsField.matches(name)) continue;
    if (auto line = parse_extension_list(value)) {
      std::ranges::move(*line, std::back_inserter(extensions));
    }
  }
  return extensions;
}

std::expected<OpeningRequest, HandshakeError> check_opening_request(RequestHead head) {
  std::expected<OpeningRequest, HandshakeError> request;
  const OpeningFields found = find_opening_fields(head.fields);
  Checked checked = check_target(head, found.host, *request);
  // A body would be read as frames here and as a request elsewhere, or the reverse.
  if (checked && found.announces_body) checked = std::unexpected(body_not_allowed);
  if (checked) checked = check_upgrade(head.fields, found, *request);
  if (checked) checked = check_offers(head.fields, found, *request);
  if (!checked) return std::unexpected(checked.error());
  request->fields = std::move(head.fields);
  return request;
}

std::optional<std::string> choose_subprotocol(const OpeningRequest& request,
                                              const std::vector<std::string>& supported) {
  if (supported.empty()) return std::nullopt;
  const auto offered = request.subprotocols();
  const auto chosen = std::ranges::find_first_of(offered, supported);
  if (chosen == offered.end()) return std::nullopt;
  return std::string(*chosen);
}

std::string format_acceptance(const OpeningRequest& request, const Acceptance& acceptance) {
  // First, as it takes a chain of many instructions, beside which the processor does the rest.
  const auto accept = write_accept(request.key);
  std::string head;
  head.reserve(kUsualResponse);
  head =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  head.append(accept.data(), accept.size()).append("\r\n");
  if (acceptance.subprotocol) {
    append_field_line(head, "Sec-WebSocket-Protocol", *acceptance.subprotocol);
  }
  if (!acceptance.extensions.empty()) {
    append_field_line(head, "Sec-WebSocket-Extensions",
                      format_extension_list(acceptance.extensions));
  }
  for (const auto& [name, value] : acceptance.fields) append_field_line(head, name, value);
  head += "\r\n";
  return head;
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
