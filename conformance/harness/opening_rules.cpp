#include "conformance/harness/opening_rules.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "conformance/harness/opening_fields.hpp"
#include "conformance/oracle/accept_key.hpp"
#include "conformance/oracle/extension_list.hpp"

namespace ws::conformance {
namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && !std::string_view("\"(),/:;<=>?@[\\]{}").contains(c);
  });
}

/// Whether IANA has the extension (RFC 6455 section 11.4).
bool is_registered(std::string_view extension) {
  const std::string name = to_lower(extension);
  return name == "permessage-deflate" || name == "bbf-usp-protocol";
}

PeerViolation broke(std::string what, const char* source, const char* rule) {
  return {.what = std::move(what), .source = source, .rule = rule};
}

/// The base64 encoding of 16 bytes, its unused bits zero.
bool is_good_key(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") &&
         std::ranges::all_of(key.substr(0, 22),
                             [&](char c) { return kBase64Digits.contains(c); }) &&
         std::string_view("AQgw").contains(key[21]);
}

std::optional<int> window_bits(const std::optional<std::string>& value) {
  if (!value || value->empty() || value->size() > 2 || value->starts_with('0') ||
      !std::ranges::all_of(*value, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  const int bits = std::stoi(*value);
  if (bits < 8 || bits > 15) return std::nullopt;
  return bits;
}

/// An element of permessage-deflate, if every parameter is known, single, and has a legal value.
std::optional<std::map<std::string, std::optional<std::string>>> good_parameters(
    const Extension& extension, bool is_offer) {
  std::map<std::string, std::optional<std::string>> parameters;
  for (const auto& [name, value] : extension.parameters) {
    if (!parameters.emplace(name, value).second) return std::nullopt;
    const bool is_flag =
        name == "server_no_context_takeover" || name == "client_no_context_takeover";
    const bool is_window = name == "server_max_window_bits" || name == "client_max_window_bits";
    if (is_flag && value) return std::nullopt;
    const bool may_be_bare = is_offer && name == "client_max_window_bits" && !value;
    if (is_window && !may_be_bare && !window_bits(value)) return std::nullopt;
    if (!is_flag && !is_window) return std::nullopt;
  }
  return parameters;
}

/// Whether a response element answers one of the offers (RFC 7692 section 7.1).
bool answers(const std::map<std::string, std::optional<std::string>>& response,
             const std::map<std::string, std::optional<std::string>>& offer) {
  if (offer.contains("server_no_context_takeover") &&
      !response.contains("server_no_context_takeover")) {
    return false;
  }
  if (offer.contains("server_max_window_bits")) {
    // Without the parameter the window is the largest (section 7.1.2.1).
    const auto bits = response.find("server_max_window_bits");
    const int agreed = bits == response.end() ? 15 : *window_bits(bits->second);
    if (agreed > *window_bits(offer.at("server_max_window_bits"))) return false;
  }
  return !response.contains("client_max_window_bits") || offer.contains("client_max_window_bits");
}

/// What is wrong with the parameters of a response that answers none of the `offers`.
std::string why_no_answer(
    const std::map<std::string, std::optional<std::string>>& response,
    const std::vector<std::map<std::string, std::optional<std::string>>>& offers) {
  if (offers.empty()) {
    return "permessage-deflate is agreed on, but its offer has a parameter that is unknown, "
           "repeated or bad, so it is to be declined";
  }
  const auto& offer = offers.front();
  if (response.contains("client_max_window_bits") && !offer.contains("client_max_window_bits")) {
    return "client_max_window_bits is agreed on, which was not offered";
  }
  if (offer.contains("server_no_context_takeover") &&
      !response.contains("server_no_context_takeover")) {
    return "permessage-deflate is agreed on without server_no_context_takeover, which was offered";
  }
  return "permessage-deflate is agreed on with a larger window of the server's than the " +
         offer.at("server_max_window_bits").value_or("") + " bits that were offered";
}

/// "It is RECOMMENDED to use a window of 1,024 bytes" or more (RFC 7692 section 7.3), which who
/// asks for less by itself passes over.
void check_windows(const std::map<std::string, std::optional<std::string>>& parameters,
                   bool was_asked, std::vector<PeerViolation>& broken) {
  constexpr int kRecommended = 10;
  for (const auto& [name, value] : parameters) {
    const auto bits = window_bits(value);
    if (was_asked || !bits || *bits >= kRecommended) continue;
    broken.push_back(
        {.what = name + " is " + *value + " without need, a window of less than 1024 bytes",
         .source = "RFC 7692 7.3",
         .is_must = false,
         .rule = "small_window"});
  }
}

void check_extensions(const oracle::HttpHead& response, const oracle::FieldLines& request,
                      std::vector<PeerViolation>& broken) {
  const auto values = values_of(response.fields, "sec-websocket-extensions");
  if (values.empty()) return;
  if (values.size() > 1) {
    broken.push_back({.what = "Sec-WebSocket-Extensions stands in the response more than once",
                      .source = "RFC 6455 11.3.2",
                      .is_must = false,
                      .rule = "extensions_once"});
  }
  std::vector<Extension> chosen;
  for (const std::string& value : values) {
    const auto list = oracle::parse_extension_list(value);
    if (!list || list->empty()) {
      broken.push_back(
          broke("Sec-WebSocket-Extensions of the response is not well formed: " + value,
                "RFC 6455 9.1", "extension_list"));
      return;
    }
    chosen.insert(chosen.end(), list->begin(), list->end());
  }
  std::vector<Extension> offered;
  std::string malformed;
  for (const std::string& value : values_of(request, "sec-websocket-extensions")) {
    if (const auto list = oracle::parse_extension_list(value)) {
      offered.insert(offered.end(), list->begin(), list->end());
    } else {
      malformed = value;
    }
  }
  int deflates = 0;
  for (const Extension& extension : chosen) {
    if (std::ranges::find(offered, extension.name, &Extension::name) == offered.end()) {
      // Whoever takes a malformed list for an offer would not see it in "was not offered".
      broken.push_back(broke(
          malformed.find(extension.name) == std::string::npos
              ? "the extension " + extension.name + " was not offered"
              : extension.name + " is agreed on, but what offers it is malformed: " + malformed,
          "RFC 6455 9.1", "extension_unoffered"));
      return;
    }
    if (!is_registered(extension.name)) {
      broken.push_back(broke("the server agrees to " + extension.name + ", which is no extension",
                             "RFC 6455 9.1", "unregistered_extension"));
    }
    if (extension.name != "permessage-deflate") continue;
    ++deflates;
    const auto parameters = good_parameters(extension, false);
    std::vector<std::map<std::string, std::optional<std::string>>> good_offers;
    for (const Extension& offer : offered) {
      if (offer.name != extension.name) continue;
      if (auto of_offer = good_parameters(offer, true)) {
        good_offers.push_back(*std::move(of_offer));
      }
    }
    const bool fits = parameters && std::ranges::any_of(good_offers, [&](const auto& of_offer) {
                        return answers(*parameters, of_offer);
                      });
    const bool was_asked = std::ranges::any_of(offered, [](const Extension& offer) {
      const auto of_offer = good_parameters(offer, true);
      std::vector<PeerViolation> small;
      if (of_offer) check_windows(*of_offer, false, small);
      return !small.empty();
    });
    if (parameters) check_windows(*parameters, was_asked, broken);
    if (!fits) {
      broken.push_back(broke(parameters ? why_no_answer(*parameters, good_offers)
                                        : "permessage-deflate is agreed on with a parameter that "
                                          "is unknown, repeated or bad",
                             "RFC 7692 7.1", "deflate_answer"));
    }
  }
  if (deflates > 1) {
    broken.push_back(
        broke("permessage-deflate is agreed on more than once", "RFC 7692 5.1", "deflate_twice"));
  }
}

/// The port of a Host field, empty if there is none.
std::string_view port_of(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  const bool is_inside = bracket != std::string_view::npos && colon < bracket;
  return colon == std::string_view::npos || is_inside ? "" : host.substr(colon + 1);
}

/// Whether nothing but white space stands before, behind or between the commas somewhere.
bool has_empty_element(std::string_view list) {
  bool is_empty = true;
  bool is_quoted = false;
  for (const char c : list) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) {
      if (is_empty) return true;
      is_empty = true;
    } else if (c != ' ' && c != '\t') {
      is_empty = false;
    }
  }
  return is_empty;
}

bool announces_content(const oracle::FieldLines& fields) {
  return std::ranges::any_of(values_of(fields, "content-length"),
                             [](const std::string& length) { return length != "0"; });
}

/// "null", or origins with spaces between, each a scheme, "://" and a host with or without a port.
bool is_origin_list(std::string_view value) {
  if (value == "null") return true;
  while (true) {
    const std::string_view origin = value.substr(0, value.find(' '));
    const std::size_t colon = origin.find("://");
    if (colon == std::string_view::npos || colon == 0 || colon + 3 == origin.size() ||
        origin.find_first_of("/?#@", colon + 3) != std::string_view::npos) {
      return false;
    }
    if (origin.size() == value.size()) return true;
    value.remove_prefix(origin.size() + 1);
  }
}

/// Fields with a single value that stand more than once (RFC 9110 5.3).
void check_single_fields(const oracle::HttpHead& response, std::vector<PeerViolation>& broken) {
  for (const char* const name : {"content-length", "content-type", "date", "location"}) {
    if (values_of(response.fields, name).size() < 2) continue;
    broken.push_back(
        broke(std::string(name) + " stands in the response more than once", "RFC 9110 5.3", ""));
  }
}

bool has_special_port(std::string_view authority) {
  const std::string_view port = port_of(authority);
  return !port.empty() && port != "80" && port != "443";
}

void check_protocol(const oracle::HttpHead& response, const oracle::FieldLines& request,
                    std::vector<PeerViolation>& broken) {
  const auto chosen = values_of(response.fields, "sec-websocket-protocol");
  if (chosen.empty()) return;
  const auto offered = split_list(values_of(request, "sec-websocket-protocol"));
  if (chosen.size() > 1) {
    broken.push_back(broke("Sec-WebSocket-Protocol stands in the response more than once",
                           "RFC 6455 11.3.4", "subprotocol_once"));
  } else if (std::ranges::find(offered, chosen[0]) == offered.end()) {
    broken.push_back(broke("the subprotocol \"" + chosen[0] + "\" is none of those offered",
                           "RFC 6455 4.2.2", "subprotocol_unoffered"));
  }
}

}  // namespace

std::vector<PeerViolation> check_upgrade(const oracle::HttpHead& response,
                                         std::string_view request) {
  std::vector<PeerViolation> broken;
  const auto asked = fields_of(request.substr(std::min(request.find('\n'), request.size())));
  if (response.minor_version != 1) {
    broken.push_back(broke("the response is not of HTTP/1.1", "RFC 6455 4.2.2", "head"));
  }
  const auto upgrade = values_of(response.fields, "upgrade");
  if (upgrade.size() != 1 || to_lower(upgrade[0]) != "websocket") {
    broken.push_back(
        broke("Upgrade of the response is not exactly \"websocket\"", "RFC 6455 4.2.2", "upgrade"));
  }
  if (std::ranges::count(elements_of(response.fields, "connection"), "upgrade") == 0) {
    broken.push_back(broke("Connection of the response does not list \"Upgrade\"", "RFC 6455 4.2.2",
                           "connection"));
  }
  const auto accept = values_of(response.fields, "sec-websocket-accept");
  const auto keys = values_of(asked, "sec-websocket-key");
  if (accept.size() != 1) {
    broken.push_back(
        broke("there is not exactly one Sec-WebSocket-Accept", "RFC 6455 4.2.2", "accept_once"));
  } else if (!keys.empty() && std::ranges::find(keys, accept[0], [](const auto& key) {
                                return oracle::compute_accept(key);
                              }) == keys.end()) {
    broken.push_back(
        broke("Sec-WebSocket-Accept does not answer the key", "RFC 6455 4.2.2", "accept"));
  }
  for (const char* const name : {"content-length", "transfer-encoding"}) {
    if (!values_of(response.fields, name).empty()) {
      broken.push_back(
          {.what = std::string("a 101 has ") + name, .source = "RFC 9110 8.6", .is_must = false});
    }
  }
  check_extensions(response, asked, broken);
  check_protocol(response, asked, broken);
  check_single_fields(response, broken);
  return broken;
}

std::vector<PeerViolation> check_refusal(const oracle::HttpHead& response) {
  std::vector<PeerViolation> broken;
  const auto wants = [&](int status, const char* field, const char* source) {
    if (response.status != status || !values_of(response.fields, to_lower(field)).empty()) return;
    broken.push_back(
        {.what = "a response with status " + std::to_string(status) + " lacks " + field,
         .source = source,
         .is_must = false});
  };
  wants(405, "Allow", "RFC 9110 15.5.6");
  wants(426, "Upgrade", "RFC 9110 15.5.22");
  check_single_fields(response, broken);
  return broken;
}

std::vector<PeerViolation> check_request(const oracle::HttpHead& request,
                                         std::string_view authority) {
  std::vector<PeerViolation> broken;
  const auto need = [&](bool holds, const char* what, const char* source, const char* rule = "") {
    if (!holds) broken.push_back(broke(what, source, rule));
  };
  const auto& fields = request.fields;
  need(request.method == "GET", "the method is not GET", "RFC 6455 4.1", "method");
  need(request.minor_version >= 1, "the request is not of HTTP/1.1", "RFC 6455 4.1",
       "http_version");
  need(!request.target.contains('#'), "the request target has a fragment", "RFC 6455 3",
       "fragment");
  const auto hosts = values_of(fields, "host");
  need(hosts.size() == 1 && !hosts[0].empty(), "there is not exactly one Host", "RFC 6455 4.1",
       "host");
  need(request.target.starts_with('/') || request.target.starts_with("http"),
       "the request target is neither a path nor an http URL", "RFC 6455 4.1", "target");
  // Names may differ, since there may be a relay or a forwarded port in between.
  need(!has_special_port(authority) || hosts.size() != 1 || !port_of(hosts[0]).empty(),
       "Host lacks the port, which is not the default one", "RFC 6455 4.1", "host");
  need(std::ranges::count(elements_of(fields, "upgrade"), "websocket") != 0,
       "Upgrade does not list \"websocket\"", "RFC 6455 4.1", "upgrade");
  need(std::ranges::count(elements_of(fields, "connection"), "upgrade") != 0,
       "Connection does not list \"Upgrade\"", "RFC 6455 4.1", "connection");
  need(values_of(fields, "sec-websocket-version") == std::vector<std::string>{"13"},
       "Sec-WebSocket-Version is not exactly one \"13\"", "RFC 6455 4.1", "version");
  const auto keys = values_of(fields, "sec-websocket-key");
  need(keys.size() == 1 && is_good_key(keys[0]),
       "Sec-WebSocket-Key is not one base64 encoding of 16 bytes", "RFC 6455 4.1", "key");
  // Of 22 random digits fewer than six are different once in 2^70 keys.
  need(keys.empty() || std::set(keys[0].begin(), keys[0].end()).size() > 6,
       "Sec-WebSocket-Key is not chosen at random", "RFC 6455 4.1", "key");
  need(hosts.empty() || !hosts[0].contains('/'), "Host has more than a host and a port",
       "RFC 6455 4.1", "host");
  need(values_of(fields, "sec-websocket-accept").empty(), "a request has Sec-WebSocket-Accept",
       "RFC 6455 11.3.3");
  const auto origins = values_of(fields, "origin");
  need(origins.size() <= 1, "there is more than one Origin", "RFC 6454 7.3");
  need(origins.empty() || is_origin_list(origins[0]),
       "Origin is neither \"null\" nor a scheme, a host and a port", "RFC 6454 7.1");
  for (const char* const name : {"sec-websocket-protocol", "sec-websocket-extensions"}) {
    for (const std::string& value : values_of(fields, name)) {
      if (!has_empty_element(value)) continue;
      broken.push_back({.what = std::string("a list has an empty element: ") + name,
                        .source = "RFC 9110 5.6.1.1",
                        .is_must = false});
    }
  }
  need(values_of(fields, "transfer-encoding").empty() && !announces_content(fields),
       "a request for an upgrade announces content", "RFC 6455 4.1");
  const auto protocols = split_list(values_of(fields, "sec-websocket-protocol"));
  need(std::ranges::all_of(protocols, is_token), "an offered subprotocol is not a token",
       "RFC 6455 4.1", "subprotocol_token");
  need(std::set(protocols.begin(), protocols.end()).size() == protocols.size(),
       "a subprotocol is offered twice", "RFC 6455 4.1", "subprotocol_twice");
  for (const std::string& value : values_of(fields, "sec-websocket-extensions")) {
    const auto list = oracle::parse_extension_list(value);
    need(list && !list->empty(), "Sec-WebSocket-Extensions is not well formed", "RFC 6455 9.1",
         "extension_list");
    if (!list) continue;
    for (const Extension& extension : *list) {
      need(is_registered(extension.name), "an extension is offered that is not registered",
           "RFC 6455 9.1", "unregistered_extension");
      if (extension.name != "permessage-deflate") continue;
      const auto parameters = good_parameters(extension, true);
      if (parameters) check_windows(*parameters, false, broken);
      need(parameters.has_value(),
           "an offer of permessage-deflate has a parameter that is unknown, repeated or bad",
           "RFC 7692 7.1", "deflate_offer");
    }
  }
  return broken;
}

}  // namespace ws::conformance
