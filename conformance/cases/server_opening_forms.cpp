// Section 20, continued: the same good request in all the forms that RFC 9112 lets it take, and
// fields that only look like those of the handshake.
#include <string>
#include <utility>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"

namespace ws::conformance {
namespace {

/// Keys whose own bytes, or those of the answer, are unusual.
void add_keys(ServerOpeningSection& section) {
  const std::pair<const char*, const char*> keys[] = {
      {"AAAAAAAAAAAAAAAAAAAAAA==", "of zeros"},
      {"/////////////////////w==", "of ones"},
      {"DQoNCg0KDQoNCg0KDQoNCg==", "of line ends"},
      {"q+x5YoiaT09+p7JSeKdghA==", "with plus signs"},
      {"kd6v2IAalJW1/M6qi7Bo/A==", "with slashes"},
      {"+mAWhVlTeIV/Hla3sdIvZw==", "that begins with a plus sign"},
      {"vgEQ2UmRJBzXrSDgBFpUwQ==", "whose answer has plus signs"},
      {"czkp0CXhRDo068hXYvMvRg==", "whose answer has slashes"},
      {"rt8rSskwGhCTRTYkoVPQVg==", "whose digest begins with a zero byte"},
      {"ORKpXsFVMHTR4DvvNk25qg==", "whose digest has a zero byte inside"},
      {"4CvZHylXbaFZgzEP2qtlgQ==", "whose digest ends with a zero byte"},
      {"h7H7lsTlCBLi21bm2ZXCKw==", "whose digest begins with 0xff"},
      {"LOyEVXWcOUjPfAmfmIPsDg==", "whose digest has many small bytes"},
  };
  int number = 0;
  for (const auto& [key, what] : keys) {
    section.accepts("19." + std::to_string(++number), "A key " + std::string(what) + " is answered",
                    {"RFC6455-4.2.2-17", "RFC6455-4.2.1-9"},
                    good_request().set("Sec-WebSocket-Key", key));
  }
  section.refuses("19.14", "A key of 18 bytes is refused", {"RFC6455-4.2.1-9", "RFC6455-4.3-3"},
                  good_request().set("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAAAA"));
}

void add_targets(ServerOpeningSection& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-5"};
  int number = 0;
  for (const char* query :
       {"?", "??", "?/", "?a=//b", "?a=b&a=c;d", "?%C3%A4=%20%2f", "?a='(*)!$,:@"}) {
    section.accepts("20." + std::to_string(++number),
                    "The query " + std::string(query) + " is accepted", checks,
                    good_request().started("GET {resource}" + std::string(query) + " HTTP/1.1"));
  }
  for (const std::size_t size : {300U, 600U, 1100U, 2100U}) {
    section.should_accept(
        "20." + std::to_string(++number),
        "A query of " + std::to_string(size) + " bytes is accepted", checks,
        good_request().started("GET {resource}?" + std::string(size, 'q') + " HTTP/1.1"));
  }
  section.should_accept("20." + std::to_string(++number),
                        "A request target that begins with HTTP:// is accepted", checks,
                        good_request().started("GET HTTP://{host}{resource} HTTP/1.1"));
  for (const char* version : {"HTTP/1.1.1", "HTTP/1.", "HTTP/1.1;"}) {
    section.refuses("20." + std::to_string(++number),
                    "The version " + std::string(version) + " is refused",
                    {"RFC6455-4.2.1-1", "RFC6455-4.2.1-4"},
                    good_request().started("GET {resource} " + std::string(version)));
  }
  // "HTTP/1.1 or higher" (section 4.2.1), but a major version is another protocol (RFC 9110 2.5).
  for (const char* version : {"HTTP/2.0", "HTTP/3.0"}) {
    section.should_refuse(
        "20." + std::to_string(++number), "The version " + std::string(version) + " is refused",
        {"RFC6455-4.2.1-4"}, good_request().started("GET {resource} " + std::string(version)));
  }
}

void add_hosts(ServerOpeningSection& section) {
  int number = 0;
  for (const char* host : {"localhost", "LOCALHOST:9001", "127.0.0.1", "[::1]", "[::1]:9001",
                           "a-b.c_d.example.:1", "xn--nxasmq6b.example", "localhost:65535"}) {
    section.should_accept("21." + std::to_string(++number),
                          "The Host " + std::string(host) + " is accepted", {"RFC6455-4.2.1-6"},
                          good_request().set("Host", host));
  }
}

/// Fields that a server does not need to know, first and last among those that it does.
void add_strangers(ServerOpeningSection& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-14"};
  const std::pair<std::string, const char*> strangers[] = {
      {"Upgrade-Insecure-Requests: 1", "that begins like Upgrade"},
      {"Connection-Id: close", "that begins like Connection"},
      {"Host-Name: a b", "that begins like Host"},
      {"Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5", "that begins like the key"},
      {"Sec-WebSocket-Version-Other: 8", "that begins like the version"},
      {"Sec-WebSocket-Extensions-Other: permessage-deflate", "that begins like the extensions"},
      {"Sec-WebSocket-Protocols: chat", "that begins like the subprotocols"},
      {"X-Upgrade: h2c", "that ends like Upgrade"},
      {"Proxy-Connection: close", "that ends like Connection"},
      {"X-Forwarded-Host: a b", "that ends like Host"},
      {"X-Sec-WebSocket-Key: AAAA", "that ends like the key"},
      {"X-Sec-WebSocket-Version: 8", "that ends like the version"},
      {"X-Note: Upgrade: h2c", "with Upgrade in its value"},
      {"X-Note: a, Connection: close", "with Connection in its value"},
      {"X-Note: Sec-WebSocket-Key: AAAA", "with a key in its value"},
      {"X-Note: Sec-WebSocket-Version: 8", "with a version in its value"},
      {"X-Note: Sec-WebSocket-Protocol: chat", "with a subprotocol in its value"},
      {"X-Note: GET / HTTP/1.0", "with a request line in its value"},
      {"X-Bytes: \xe4\xf6\xfc \xff\x80", "with bytes from 0x80 on"},
      {"X!#$%&'*+-.^_`|~0: value", "with every sign that a name may have"},
      {"x: y", "of one letter"},
      {"X-Empty:", "without a value"},
      {"X-Empty: \t ", "with nothing but white space"},
      {R"(X-Quoted: "a\"b, c: d"; e=f)", "with a quoted value"},
      {"X-Colons: ::a::", "with colons in its value"},
      {"Cookie: a=b\r\nCookie: c=d\r\nCookie: e=f", "that comes three times"},
      {"Content-Length: 0", "that tells of no content"},
      {"Origin: null", "of no origin"},
      {"Origin: https://example.com:8443", "of an origin with a port"},
      {"X-Long: " + std::string(1000, 'x'), "of a thousand bytes"},
      {"X-Long: " + std::string(1030, 'x'), "of more than 1024 bytes"},
      {"X-Long: " + std::string(4000, 'x'), "of four thousand bytes"},
  };
  int number = 0;
  for (const auto& [line, what] : strangers) {
    const std::pair<const char*, Head> places[] = {{" in front", with_first(good_request(), line)},
                                                   {" behind", good_request().with(line)}};
    // Origins, lengths, odd bytes and a key of a draft are a matter of policy; anything else is
    // none of a server's.
    const bool is_policy = line.starts_with("Origin") || line.starts_with("X-Long") ||
                           line.starts_with("X-Bytes") || line.starts_with("Content-Length") ||
                           line.starts_with("Sec-WebSocket-Key1");
    for (const auto& [where, request] : places) {
      const std::string id = "24." + std::to_string(++number);
      const std::string title = "A field " + std::string(what) + where + " is passed over";
      if (is_policy) {
        section.should_accept(id, title, checks, request);
      } else {
        section.accepts(id, title, checks, request);
      }
    }
  }
}

void add_crowds(ServerOpeningSection& section) {
  int number = 0;
  for (const int fields : {20, 31, 33, 63, 65}) {
    section.should_accept("25." + std::to_string(++number),
                          std::to_string(fields) + " more fields behind are accepted",
                          {"RFC6455-4.2.1-14"}, with_crowd(good_request(), fields));
  }
  for (const std::size_t size : {1000U, 2000U, 4000U, 6000U, 8000U}) {
    Head head = good_request();
    for (std::size_t i = 0; i < size / 100; ++i) {
      head.lines.insert(head.lines.begin() + 1,
                        "X-" + std::to_string(i) + ": " + std::string(90, 'v'));
    }
    section.should_accept("25." + std::to_string(++number),
                          "A head of more than " + std::to_string(size) + " bytes is accepted",
                          {"RFC6455-4.2.1-14"}, std::move(head));
  }
  section.accepts(
      "25.11", "A browser's request is accepted", {"RFC6455-4.2.1-14"},
      {.start = "GET {resource} HTTP/1.1",
       .lines = {"Host: {host}", "Connection: Upgrade", "Pragma: no-cache",
                 "Cache-Control: no-cache",
                 "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36",
                 "Upgrade: websocket", "Origin: http://{host}", "Sec-WebSocket-Version: 13",
                 "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-US,en;q=0.9",
                 "Sec-WebSocket-Key: {key}"}});
  section.accepts(
      "25.12", "Another browser's request is accepted", {"RFC6455-4.2.1-14"},
      {.start = "GET {resource} HTTP/1.1",
       .lines = {"Host: {host}",
                 "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0",
                 "Accept: */*", "Accept-Language: en-US,en;q=0.5",
                 "Accept-Encoding: gzip, deflate, br, zstd", "Sec-WebSocket-Version: 13",
                 // Of the same origin: what is done with another one is a server's policy.
                 "Origin: http://{host}", "Sec-WebSocket-Key: {key}", "DNT: 1",
                 "Connection: keep-alive, Upgrade", "Sec-Fetch-Dest: empty",
                 "Sec-Fetch-Mode: websocket", "Sec-Fetch-Site: same-origin", "Pragma: no-cache",
                 "Cache-Control: no-cache", "Upgrade: websocket"}});
  // Who has a limit for fields refuses the rest, and does not only forget it.
  number = 13;
  for (const int fields : {33, 65, 101}) {
    const std::string behind = " behind " + std::to_string(fields) + " more fields is refused";
    const Head crowded = with_crowd(good_request(), fields);
    section.refuses("25." + std::to_string(++number), "A space between name and colon" + behind,
                    {"RFC6455-4.2.1-1"}, crowded.with("X-Space : value"));
    section.refuses("25." + std::to_string(++number), "A second version, of 8," + behind,
                    {"RFC6455-4.2.1-10"}, crowded.with("Sec-WebSocket-Version: 8"));
  }
}

/// What a server makes of a page without an origin is its policy, but it has to say so.
void add_null_origin(ServerOpeningSection& section) {
  Expect answer{.any = {{.kind = Reaction::Kind::upgraded},
                        {.kind = Reaction::Kind::refused, .why = "the origin is refused"}},
                .source = "RFC 6455 4.2.2"};
  section.add("25.13", "A request with the origin null is accepted, or refused by a status",
              {"RFC6455-4.2.2-5", "RFC6455-4.2.1-14"}, Level::must,
              {.request = good_request().with("Origin: null"),
               .answer = std::move(answer),
               .steps = echo("accepted") + closed_cleanly()});
}

/// A request with content in chunks is refused, or its content is not taken for frames.
void add_chunks(ServerOpeningSection& section) {
  Dialogue dialogue{
      .request = good_request()
                     .with("Transfer-Encoding: chunked")
                     .followed_by("8\r\n\x81\x82\x01\x02\x03\x04\x69\x6b\r\n0\r\n\r\n"),
      .steps = echo("after") + closed_cleanly()};
  dialogue.answer.any.push_back(
      {.kind = Reaction::Kind::refused, .why = "the server refuses a request with content"});
  dialogue.answer.any.push_back(
      {.grade = Grade::non_strict,
       .kind = Reaction::Kind::end,
       .why = "the connection of a request with content is ended without an HTTP response"});
  // How much of the content has come when the head is read decides what some servers do.
  dialogue.own_cuts = true;
  section.add("27.1", "Content in chunks is not taken for frames", {"RFC6455-4.2.1-1"}, Level::must,
              std::move(dialogue));
}

void add_lists(ServerOpeningSection& section) {
  section.should_accept("26.1", "Upgrade over two lines, websocket in the first, is accepted",
                        {"RFC6455-4.2.1-7"}, good_request().with("Upgrade: foo"));
  section.should_accept("26.2", "Upgrade over two lines, websocket in the second, is accepted",
                        {"RFC6455-4.2.1-7"},
                        good_request().set("Upgrade", "foo").with("Upgrade: websocket"));
  int number = 2;
  for (const char* value : {"websocket, foo", "foo/1.0,websocket", "foo ,\twebsocket , bar/2"}) {
    section.should_accept("26." + std::to_string(++number),
                          "Upgrade: " + std::string(value) + " is accepted", {"RFC6455-4.2.1-7"},
                          good_request().set("Upgrade", value));
  }
  for (const char* value :
       {"Upgrade,", ",Upgrade", "Upgrade,,keep-alive", "keep-alive , Upgrade",
        "keep-alive\t,\tUpgrade", "Upgrade, HTTP2-Settings", "TE, Upgrade", "Upgrade, Upgrade"}) {
    section.accepts("26." + std::to_string(++number),
                    "Connection: " + std::string(value) + " is accepted",
                    {"RFC6455-4.2.1-8", "RFC6455-4.3-7"}, good_request().set("Connection", value));
  }
}

}  // namespace

std::vector<Case> server_opening_form_cases() {
  ServerOpeningSection section;
  add_keys(section);
  add_targets(section);
  add_hosts(section);
  add_orders(section, "22.", good_request(), {"RFC6455-4.2.1-2"});
  add_white_space(section, "23.", good_request(), {"RFC6455-4.2.1-1", "RFC6455-4.3-7"});
  add_strangers(section);
  add_crowds(section);
  add_null_origin(section);
  add_lists(section);
  add_chunks(section);
  return section.take();
}

}  // namespace ws::conformance
