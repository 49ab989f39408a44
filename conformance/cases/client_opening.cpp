// Section 21: the answer to the opening handshake as a client has to take it (RFC 6455
// section 4.1).
#include <tuple>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/opening_sections.hpp"

namespace ws::conformance {
namespace {

using Section = ClientOpeningSection;

Head response() { return good_response(); }

void add_status(Section& section) {
  section.accepts("1.1", "A response with nothing but what it needs is accepted",
                  {"RFC6455-4.1-39"}, response());
  int number = 1;
  for (const char* status :
       {"200 OK", "202 Accepted", "204 No Content", "301 Moved Permanently", "302 Found",
        "400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found",
        "426 Upgrade Required", "500 Internal Server Error", "503 Service Unavailable"}) {
    Head head = response().started("HTTP/1.1 " + std::string(status));
    if (std::string_view(status).starts_with("3")) head = head.with("Location: /elsewhere");
    if (std::string_view(status).starts_with("401")) {
      head = head.with("WWW-Authenticate: Basic realm=\"x\"");
    }
    section.refuses("1." + std::to_string(++number),
                    "The status " + std::string(status) + " does not open the connection",
                    {"RFC6455-4.1-40"}, std::move(head));
    // It may keep the connection for HTTP, but must not take what follows for frames.
    section.last().dialogue->opens = false;
    auto& wait = std::get<Expect>(section.last().dialogue->steps.back());
    wait.within = milliseconds(500);
    wait.any.push_back({.kind = Reaction::Kind::silence,
                        .why = "the client keeps the connection, but not as a WebSocket"});
  }
  // No sentence has the client look at the version.
  section.should_refuse("1.14", "HTTP/1.0 does not open the connection", {"RFC6455-4.1-48"},
                        response().started("HTTP/1.0 101 Switching Protocols"));
  section.refuses("1.15", "A response that is not HTTP does not open the connection",
                  {"RFC6455-4.1-48"}, response().started("WebSocket/1.1 101 Switching Protocols"));
  section.refuses("1.16", "A status of four digits does not open the connection",
                  {"RFC6455-4.1-48"}, response().started("HTTP/1.1 1010 Switching Protocols"));
  section.accepts("1.17", "The reason phrase does not matter", {"RFC6455-4.1-39"},
                  response().started("HTTP/1.1 101 Web Socket Protocol Handshake"));
  section.accepts("1.18", "The reason phrase may be empty", {"RFC6455-4.1-39"},
                  response().started("HTTP/1.1 101 "));
  section.answers("1.19", "A status line without the space behind the status is answered",
                  {"RFC6455-4.1-39"}, response().started("HTTP/1.1 101"));
}

void add_upgrade(Section& section) {
  const std::vector<std::string> checks{"RFC6455-4.1-42"};
  section.refuses("2.1", "A response without Upgrade is refused", checks,
                  response().without("Upgrade"));
  int number = 1;
  for (const char* value : {"WebSocket", "WEBSOCKET", "wEbSoCkEt"}) {
    section.accepts("2." + std::to_string(++number),
                    "Upgrade: " + std::string(value) + " is accepted", checks,
                    response().set("Upgrade", value));
  }
  for (const char* value : {"h2c", "websocket2", "xwebsocket", "web", ""}) {
    section.refuses("2." + std::to_string(++number),
                    "Upgrade: \"" + std::string(value) + "\" is refused", checks,
                    response().set("Upgrade", value));
  }
  section.should_refuse("2.10", "Upgrade: websocket, foo is refused", checks,
                        response().set("Upgrade", "websocket, foo"));
}

void add_connection(Section& section) {
  const std::vector<std::string> checks{"RFC6455-4.1-43"};
  section.refuses("3.1", "A response without Connection is refused", checks,
                  response().without("Connection"));
  int number = 1;
  for (const char* value : {"upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade, keep-alive",
                            "keep-alive,upgrade", ", Upgrade ,"}) {
    section.accepts("3." + std::to_string(++number),
                    "Connection: " + std::string(value) + " is accepted", checks,
                    response().set("Connection", value));
  }
  section.accepts("3.8", "Connection over two lines is accepted", checks,
                  response().set("Connection", "keep-alive").with("Connection: Upgrade"));
  number = 8;
  for (const char* value : {"keep-alive", "Upgraded", "xupgrade", "close", "Up grade", ""}) {
    section.refuses("3." + std::to_string(++number),
                    "Connection: \"" + std::string(value) + "\" is refused", checks,
                    response().set("Connection", value));
  }
}

void add_accept(Section& section) {
  section.refuses("4.1", "A response without Sec-WebSocket-Accept is refused", {"RFC6455-4.1-44"},
                  response().without("Sec-WebSocket-Accept"));
  const std::pair<const char*, const char*> bad[] = {
      {"", "An empty accept value"},
      {"{accept-of-other}", "The accept value of another key"},
      {"{accept-swapped}", "The accept value with its letters' case swapped"},
      {"{key}", "The key itself"},
      {"{accept}A", "The accept value with a character more"},
      {"{accept}, {accept}", "The accept value twice in a list"},
      {"x{accept}", "The accept value with a character in front"},
      {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "The accept value of the RFC's example"},
      {"AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "An accept value of zeros"},
  };
  int number = 1;
  for (const auto& [value, what] : bad) {
    section.refuses("4." + std::to_string(++number), std::string(what) + " is refused",
                    {"RFC6455-4.1-45"}, response().set("Sec-WebSocket-Accept", value));
  }
  section.refuses("4.11", "Two different accept values are refused",
                  {"RFC6455-4.1-48", "RFC6455-11.3.3-1"},
                  response().with("Sec-WebSocket-Accept: {accept-of-other}"));
  section.refuses("4.12", "Two different accept values are refused, the right one last",
                  {"RFC6455-4.1-48", "RFC6455-11.3.3-1"},
                  response()
                      .set("Sec-WebSocket-Accept", "{accept-of-other}")
                      .with("Sec-WebSocket-Accept: {accept}"));
  section.should_refuse("4.13", "The same accept value in two fields is refused",
                        {"RFC6455-4.1-48", "RFC6455-11.3.3-1"},
                        response().with("Sec-WebSocket-Accept: {accept}"));
  Head spaced = response().without("Sec-WebSocket-Accept");
  section.accepts("4.14", "White space round the accept value does not count",
                  {"RFC6455-4.1-45", "RFC6455-4.3-7"},
                  spaced.with("Sec-WebSocket-Accept: \t {accept} \t"));
  section.accepts("4.15", "No white space in front of the accept value is needed",
                  {"RFC6455-4.1-45"}, spaced.with("Sec-WebSocket-Accept:{accept}"));
}

void add_fields(Section& section) {
  section.accepts("5.1", "Field names in lower case are accepted", {"RFC6455-4.1-37"},
                  response().with_lower_names());
  section.accepts("5.2", "Field names in upper case are accepted", {"RFC6455-4.1-37"},
                  response().with_upper_names());
  section.accepts("5.3", "Unknown fields are passed over", {"RFC6455-4.1-39"},
                  response()
                      .with("Server: a/1.0 (b; c)")
                      .with("Date: Wed, 25 Nov 2026 10:00:00 GMT")
                      .with("Set-Cookie: a=b; Path=/")
                      .with("X-Empty:")
                      .with("X-Colons: a:b::c"));
  Head large = response();
  for (int i = 0; i < 8; ++i) large = large.with("X-Field: " + std::string(400, 'x'));
  // A client may have limits (RFC 9110 5.4), but these are below what it should take.
  section.should_accept("5.4", "A response of 3 KiB is accepted", {"RFC6455-4.1-39"}, large);
  Head larger = response();
  for (int i = 0; i < 14; ++i) larger = larger.with("X-Field: " + std::string(450, 'x'));
  section.should_accept("5.5", "A response of 6 KiB is accepted", {"RFC6455-4.1-39"}, larger);
  Head many = response();
  for (int i = 0; i < 40; ++i)
    many.lines.insert(many.lines.begin(), "X-Field: " + std::to_string(i));
  section.should_accept("5.6", "A response with forty more fields is accepted", {"RFC6455-4.1-39"},
                        many);
  section.accepts("5.7", "Content-Length: 0 takes no byte of the frames", {"RFC6455-4.2.2-20"},
                  response().with("Content-Length: 0"));
  section.answers("5.8", "Transfer-Encoding: chunked takes no byte of the frames",
                  {"RFC6455-4.2.2-20"}, response().with("Transfer-Encoding: chunked"));
  section.answers("5.9", "Content-Length: 5 takes no byte of the frames", {"RFC6455-4.2.2-20"},
                  response().with("Content-Length: 5"));
  section.should_refuse("5.10", "A line without a colon is refused", {"RFC6455-4.1-48"},
                        response().with("nonsense"));
  section.should_refuse("5.11", "A space between name and colon is refused", {"RFC6455-4.1-48"},
                        response().without("Upgrade").with("Upgrade : websocket"));
  section.answers("5.12", "A folded Connection is joined or refused", {"RFC6455-4.1-43"},
                  response().set("Connection", "keep-alive,\r\n Upgrade"));
  Head fold = response().without("Sec-WebSocket-Accept");
  section.refuses("5.13", "A folded line is no field of its own", {"RFC6455-4.1-44"},
                  fold.with("X-Field: value\r\n Sec-WebSocket-Accept: {accept}"));
  Head interim = response();
  interim.before = "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n";
  section.answers("5.14", "An interim response in front is answered", {"RFC6455-4.1-40"}, interim);
  section.accepts("5.15", "Tabs round a value do not count", {"RFC6455-4.1-42", "RFC6455-4.3-7"},
                  response().without("Upgrade").with("Upgrade:\twebsocket\t"));
  // Joined, each value has a word too many; only who passes over the second line sees none.
  const std::pair<const char*, const char*> values[] = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", "{accept}"}};
  int number = 15;
  for (const auto& [name, value] : values) {
    section.refuses("5." + std::to_string(++number),
                    std::string("A word behind a fold is of the value of ") + name,
                    {"RFC6455-4.1-39"}, response().set(name, std::string(value) + "\r\n word"));
  }
}

void add_choices(Section& section) {
  section.refuses("6.1", "A subprotocol that was not asked for is refused", {"RFC6455-4.1-47"},
                  response().with("Sec-WebSocket-Protocol: wsproof-unasked"));
  section.refuses("6.2", "Two subprotocols that were not asked for are refused",
                  {"RFC6455-4.1-47", "RFC6455-4.1-48", "RFC6455-4.3-6"},
                  response().with("Sec-WebSocket-Protocol: wsproof-a, wsproof-b"));
  section.should_refuse("6.3", "An empty subprotocol is refused",
                        {"RFC6455-4.1-48", "RFC6455-4.2.2-11"},
                        response().with("Sec-WebSocket-Protocol:"));
  const std::vector<std::string> unoffered{"RFC6455-4.1-46"};
  const std::vector<std::string> unknown{"RFC6455-9.1-4", "RFC7692-5-14", "RFC7692-7-5"};
  const std::vector<std::string> bad_value{"RFC6455-9-4", "RFC7692-5-14", "RFC7692-7-6"};
  const std::vector<std::string> repeated{"RFC7692-5-14", "RFC7692-7-7"};
  const std::vector<std::string> twice{"RFC7692-5-9", "RFC7692-5-14"};
  const std::vector<std::string> malformed{"RFC6455-4.3-4", "RFC6455-9.1-1"};
  const std::tuple<const char*, const char*, std::vector<std::string>> extensions[] = {
      {"x-wsproof-unoffered", "An extension that was not offered", unoffered},
      {"permessage-deflate; x-unknown", "permessage-deflate with an unknown parameter", unknown},
      {"permessage-deflate; server_max_window_bits=7", "A server window of 7 bits", bad_value},
      {"permessage-deflate; server_max_window_bits=16", "A server window of 16 bits", bad_value},
      {"permessage-deflate; server_max_window_bits=1000", "A server window of 1000 bits",
       bad_value},
      {"permessage-deflate; server_max_window_bits=08", "A server window of 08 bits", bad_value},
      {"permessage-deflate; server_max_window_bits=abc", "A server window of abc bits", bad_value},
      {"permessage-deflate; server_max_window_bits", "A server window without a value", bad_value},
      {"permessage-deflate; client_max_window_bits=7", "A client window of 7 bits", bad_value},
      {"permessage-deflate; client_max_window_bits=16", "A client window of 16 bits", bad_value},
      {"permessage-deflate; client_max_window_bits", "A client window without a value", bad_value},
      {"permessage-deflate; server_no_context_takeover=1", "A value of server_no_context_takeover",
       bad_value},
      {"permessage-deflate; client_no_context_takeover=1", "A value of client_no_context_takeover",
       bad_value},
      {"permessage-deflate; server_no_context_takeover; server_no_context_takeover",
       "A parameter that stands twice", repeated},
      {"permessage-deflate; server_max_window_bits=10; server_max_window_bits=12",
       "A parameter that stands twice with two values", repeated},
      {"permessage-deflate, permessage-deflate", "permessage-deflate twice", twice},
      {"permessage-deflate; =", "A parameter without a name", malformed},
      {"permessage-deflate;;", "An empty parameter", malformed},
      {"permessage-deflate; server_max_window_bits=\"10", "A quoted value that does not end",
       malformed},
      {"permessage-deflate server_no_context_takeover", "A parameter without its semicolon",
       malformed},
      {"permessage-deflate-x", "An extension whose name only begins like one that was offered",
       unoffered},
  };
  int number = 3;
  for (const auto& [value, what, checks] : extensions) {
    section.refuses("6." + std::to_string(++number), std::string(what) + " is refused", checks,
                    response().with("Sec-WebSocket-Extensions: " + std::string(value)));
  }
}

/// Of those that the client offers; where it offers none, it is not told of one.
void add_subprotocols(Section& section) {
  const std::vector<std::string> checks{"RFC6455-4.1-47", "RFC6455-4.2.2-11"};
  const auto chosen = [](const std::string& value) {
    return response().with("Sec-WebSocket-Protocol: " + value);
  };
  section.accepts("7.1", "The first subprotocol that was offered is accepted", checks,
                  chosen("{protocol}"));
  section.accepts("7.2", "The last subprotocol that was offered is accepted", checks,
                  chosen("{last-protocol}"));
  section.refuses("7.3", "An offered subprotocol in other letter case is refused", checks,
                  chosen("{protocol-swapped}"));
  section.refuses("7.4", "A subprotocol that begins like one that was offered is refused", checks,
                  chosen("{protocol}x"));
  section.refuses("7.5", "A subprotocol that was not offered, before one that was, is refused",
                  checks, chosen("x-wsproof-unasked, {protocol}"));
  section.should_refuse("7.6", "A subprotocol that is told in two fields is refused", checks,
                        chosen("{protocol}").with("Sec-WebSocket-Protocol: {protocol}"));
}

}  // namespace

std::vector<Case> client_opening_cases() {
  Section section;
  add_status(section);
  add_upgrade(section);
  add_connection(section);
  add_accept(section);
  add_fields(section);
  add_choices(section);
  add_subprotocols(section);
  return section.take();
}

}  // namespace ws::conformance
