// Section 20: the opening handshake as a server has to take it (RFC 6455 sections 4.2.1 and 4.2.2,
// RFC 9112 as far as it needs it).
#include <algorithm>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/early_frames.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/harness/opening_fields.hpp"

namespace ws::conformance {
namespace {

using Section = ServerOpeningSection;

Head request() { return good_request(); }

/// The request with one of its lines taken out and put back at the end in another form.
Head respelt(std::string_view name, std::string_view line) {
  return request().without(name).with(line);
}

void add_start_lines(Section& section) {
  section.accepts("1.1", "A request with nothing but what it needs is accepted",
                  {"RFC6455-4.2.2-14", "RFC6455-4.2.2-15", "RFC6455-4.2.2-16", "RFC6455-4.2.2-17"},
                  request());
  int number = 1;
  for (const char* method : {"POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "GETX"}) {
    section.refuses("1." + std::to_string(++number),
                    "The method " + std::string(method) + " is refused", {"RFC6455-4.2.1-3"},
                    request().started(std::string(method) + " {resource} HTTP/1.1"));
  }
  section.refuses("1.10", "HTTP/1.0 is refused", {"RFC6455-4.2.1-4"},
                  request().started("GET {resource} HTTP/1.0"));
  section.refuses("1.11", "A request line without a version is refused", {"RFC6455-4.2.1-4"},
                  request().started("GET {resource}"));
  section.refuses("1.12", "HTTP/0.9 is refused", {"RFC6455-4.2.1-4"},
                  request().started("GET {resource} HTTP/0.9"));
  number = 12;
  for (const char* version : {"HTTP/1.1x", "HTTP/11", "http/1.1", "HTTP/1.01", "HTTP/", "HTTP/x.1",
                              "HTTPS/1.1", "HTTP/1,1"}) {
    section.refuses("1." + std::to_string(++number),
                    "The malformed version " + std::string(version) + " is refused",
                    {"RFC6455-4.2.1-1", "RFC6455-4.2.1-4"},
                    request().started("GET {resource} " + std::string(version)));
  }
  section.should_accept("1.21", "HTTP/1.2 is accepted", {"RFC6455-4.2.1-4"},
                        request().started("GET {resource} HTTP/1.2"));
  section.accepts("1.22", "A request target in absolute form is accepted", {"RFC6455-4.2.1-5"},
                  request().started("GET http://{host}{resource} HTTP/1.1"));
  section.should_refuse("1.23", "A request target in authority form is refused",
                        {"RFC6455-4.2.1-5"}, request().started("GET {host} HTTP/1.1"));
  section.should_refuse("1.24", "The request target * is refused", {"RFC6455-4.2.1-5"},
                        request().started("GET * HTTP/1.1"));
  section.should_refuse("1.25", "A request target with a fragment is refused", {"RFC6455-4.2.1-1"},
                        request().started("GET {resource}#part HTTP/1.1"));
  section.refuses("1.26", "A request target with a space in it is refused", {"RFC6455-4.2.1-1"},
                  request().started("GET {resource} x HTTP/1.1"));
  section.accepts("1.27", "A request target with a query is accepted", {"RFC6455-4.2.1-5"},
                  request().started("GET {resource}?a=b&c=%20d HTTP/1.1"));
  section.should_refuse("1.28", "A request target with a control character is refused",
                        {"RFC6455-4.2.1-1"}, request().started("GET {resource}\x01 HTTP/1.1"));
  section.should_accept("1.29", "An empty line in front of the request is passed over",
                        {"RFC6455-4.2.1-1"}, [] {
                          Head head = request();
                          head.before = "\r\n";
                          return head;
                        }());
  section.answers("1.30", "A request target of 4 KiB is answered", {"RFC6455-4.2.1-1"},
                  request().started("GET {resource}?" + std::string(4096, 'a') + " HTTP/1.1"));
}

void add_host(Section& section) {
  section.refuses("2.1", "A request without Host is refused", {"RFC6455-4.2.1-6"},
                  request().without("Host"));
  section.refuses("2.2", "Two different Host fields are refused", {"RFC6455-4.2.1-6"},
                  request().with("Host: other.example"));
  section.should_refuse("2.3", "The same Host twice is refused", {"RFC6455-4.2.1-6"},
                        request().with("Host: {host}"));
  section.should_refuse("2.4", "An empty Host is refused", {"RFC6455-4.2.1-6"},
                        request().set("Host", ""));
  section.should_refuse("2.5", "A Host that is no host is refused", {"RFC6455-4.2.1-6"},
                        request().set("Host", "a b/c"));
}

void add_upgrade(Section& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-7"};
  section.refuses("3.1", "A request without Upgrade is refused", checks,
                  request().without("Upgrade"));
  int number = 1;
  for (const char* value : {"WebSocket", "WEBSOCKET", "wEbSoCkEt"}) {
    section.accepts("3." + std::to_string(++number),
                    "Upgrade: " + std::string(value) + " is accepted", checks,
                    request().set("Upgrade", value));
  }
  for (const char* value : {"h2c", "websocket2", "xwebsocket", "web socket", "websockets", ""}) {
    section.refuses("3." + std::to_string(++number),
                    "Upgrade: \"" + std::string(value) + "\" is refused", checks,
                    request().set("Upgrade", value));
  }
  section.should_accept("3.11", "Upgrade: foo, websocket is accepted", checks,
                        request().set("Upgrade", "foo, websocket"));
}

void add_connection(Section& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-8"};
  section.refuses("4.1", "A request without Connection is refused", checks,
                  request().without("Connection"));
  int number = 1;
  for (const char* value :
       {"upgrade", "UPGRADE", "uPgRaDe", "keep-alive, Upgrade", "Upgrade, keep-alive",
        "keep-alive,Upgrade", "keep-alive ,\tUpgrade", ", ,Upgrade,", "a, b, c, d, upgrade, e"}) {
    section.accepts("4." + std::to_string(++number),
                    "Connection: " + std::string(value) + " is accepted",
                    {"RFC6455-4.2.1-8", "RFC6455-4.3-7"}, request().set("Connection", value));
  }
  section.accepts("4.11", "Connection over two lines, Upgrade in the second, is accepted", checks,
                  request().set("Connection", "keep-alive").with("Connection: Upgrade"));
  section.accepts("4.12", "Connection over two lines, Upgrade in the first, is accepted", checks,
                  request().with("Connection: keep-alive"));
  number = 12;
  for (const char* value :
       {"keep-alive", "Upgraded", "xupgrade", "Up grade", "close", "no-upgrade", ""}) {
    section.refuses("4." + std::to_string(++number),
                    "Connection: \"" + std::string(value) + "\" is refused", checks,
                    request().set("Connection", value));
  }
  for (const char* value : {"keep-alive,  Upgrade", "keep-alive \t ,\t  TE,   Upgrade \t"}) {
    section.accepts("4." + std::to_string(++number),
                    "Connection with more white space, \"" + std::string(value) + "\", is accepted",
                    {"RFC6455-4.2.1-8", "RFC6455-4.3-7"}, request().set("Connection", value));
  }
  // Lines of one field are one list (RFC 9110 5.3), in which an option may stand again.
  section.accepts("4.22", "Connection over two lines, Upgrade in both, is accepted", checks,
                  request().set("Connection", "Upgrade").with("Connection: upgrade"));
  section.accepts("4.23", "Connection over two lines, the same in both, is accepted", checks,
                  request().set("Connection", "Upgrade").with("Connection: Upgrade"));
  section.accepts(
      "4.24", "Connection over three lines, Upgrade in the last, is accepted", checks,
      request().set("Connection", "keep-alive").with("Connection: TE").with("Connection: Upgrade"));
}

void add_key(Section& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-9", "RFC6455-4.3-3"};
  section.refuses("5.1", "A request without a key is refused", checks,
                  request().without("Sec-WebSocket-Key"));
  const std::pair<const char*, const char*> bad[] = {
      {"", "An empty key"},
      {"AAAAAAAAAAAAAAAAAAAA", "A key of 15 bytes"},
      {"AAAAAAAAAAAAAAAAAAAAAAA=", "A key of 17 bytes"},
      {"AAAA", "A key of 3 bytes"},
      {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "A key of 32 bytes"},
      {"AAAAAAAAAAAAAAAAAAAAAA", "A key without its padding"},
      {"AAAAAAAAAAAAAAAAAAAAAA=", "A key with half its padding"},
      {"!!!!!!!!!!!!!!!!!!!!!!==", "A key of 24 characters that are not base64"},
      {"AAAAAAAAAAA-_AAAAAAAAA==", "A key in the URL-safe alphabet"},
      {"AAAAAAAAAAA AAAAAAAAAA==", "A key with a space in it"},
      {"======================AA", "A key with its padding in front"},
      {"AAAAAAAAAAAAAAAAAAAAAA==AAAA", "A key with something behind its padding"},
  };
  int number = 1;
  for (const auto& [key, what] : bad) {
    section.refuses("5." + std::to_string(++number), std::string(what) + " is refused", checks,
                    request().set("Sec-WebSocket-Key", key));
  }
  section.refuses("5.14", "A key of 4 KiB is refused", checks,
                  request().set("Sec-WebSocket-Key", std::string(4096, 'A')));
  section.refuses("5.15", "Two different keys are refused", {"RFC6455-4.2.1-1", "RFC6455-11.3.1-1"},
                  request().with("Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=="));
  section.should_refuse("5.16", "The same key twice is refused",
                        {"RFC6455-4.2.1-1", "RFC6455-11.3.1-1"},
                        request().with("Sec-WebSocket-Key: {key}"));
  section.accepts("5.17", "White space round the key does not count",
                  {"RFC6455-4.2.2-17", "RFC6455-4.3-7"},
                  respelt("Sec-WebSocket-Key", "Sec-WebSocket-Key: \t {key} \t "));
  section.accepts("5.18", "No white space in front of the key is needed", {"RFC6455-4.2.2-17"},
                  respelt("Sec-WebSocket-Key", "Sec-WebSocket-Key:{key}"));
  // Of the last digit's bits four are padding. What the answer is made of is the field as it came
  // (section 4.2.2): nothing of it need be decoded, let alone encoded anew.
  section.answers("5.19", "A key whose padding has bits is refused, or answered as it is",
                  {"RFC6455-4.2.2-17"},
                  request().set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEP=="));
}

void add_version(Section& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-10", "RFC6455-4.2.2-7", "RFC6455-4.4-2"};
  section.refuses("6.1", "A request without a version is refused", {"RFC6455-4.2.1-10"},
                  request().without("Sec-WebSocket-Version"));
  int number = 1;
  for (const char* version : {"14", "25", "255", "0", "12"}) {
    constexpr std::string_view kNamed = "Sec-WebSocket-Version: 13";
    Expect answer = expect_refusal({426}, "RFC 6455 4.2.2");
    answer.any.front().field = kNamed;
    // Who speaks the hybi-00 draft too may call that 0, and refuse a request that is not like it.
    answer.any[1].grade = version == std::string_view("0") ? Grade::non_strict : Grade::fail;
    answer.any[1].why = "the handshake is refused, but Sec-WebSocket-Version does not name 13";
    answer.any.insert(answer.any.begin() + 1,
                      {.kind = Reaction::Kind::refused,
                       .field = kNamed,
                       .why = "the handshake is refused, and 13 is named as what is supported"});
    section.add(
        "6." + std::to_string(++number),
        "Version " + std::string(version) + " is refused, and 13 is named", checks, Level::must,
        {.request = request().set("Sec-WebSocket-Version", version), .answer = std::move(answer)});
  }
  for (const char* version : {"013", "13.0", "+13", "13abc", "0x0d", "130", "1313", "256", "-13",
                              "-1", "269", "4294967309", ""}) {
    section.refuses(
        "6." + std::to_string(++number), "Version \"" + std::string(version) + "\" is refused",
        {"RFC6455-4.2.1-10", "RFC6455-4.3-2"}, request().set("Sec-WebSocket-Version", version));
  }
  section.refuses("6.20", "Two versions in a list are refused",
                  {"RFC6455-4.2.1-10", "RFC6455-11.3.5-2"},
                  request().set("Sec-WebSocket-Version", "13, 8"));
  section.refuses("6.21", "Two version fields are refused",
                  {"RFC6455-4.2.1-10", "RFC6455-11.3.5-2"},
                  request().with("Sec-WebSocket-Version: 8"));
  section.refuses("6.22", "Two version fields are refused, 13 last",
                  {"RFC6455-4.2.1-10", "RFC6455-11.3.5-2"},
                  request().set("Sec-WebSocket-Version", "8").with("Sec-WebSocket-Version: 13"));
}

void add_fields(Section& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-1"};
  section.accepts("7.1", "Field names in lower case are accepted", {"RFC6455-4.2.1-1"},
                  request().with_lower_names());
  section.accepts("7.2", "Field names in upper case are accepted", {"RFC6455-4.2.1-1"},
                  request().with_upper_names());
  Head reversed = request();
  std::ranges::reverse(reversed.lines);
  section.accepts("7.3", "Fields in reverse order are accepted", {"RFC6455-4.2.1-2"}, reversed);
  section.accepts("7.4", "Unknown fields are passed over", {"RFC6455-4.2.1-14"},
                  request()
                      .with("Origin: http://example.com")
                      .with("User-Agent: a/1.0 (b; c)")
                      .with("Cookie: a=b; c=\"d, e\"")
                      .with("X-Empty:")
                      .with("X-Colons: a:b::c"));
  Head many = request();
  for (int i = 0; i < 40; ++i) {
    many.lines.insert(many.lines.begin() + 1, "X-Field-" + std::to_string(i) + ": value");
  }
  // A server may have limits, but these are below what browsers send.
  section.should_accept("7.5", "Forty more fields in front of Upgrade are accepted",
                        {"RFC6455-4.2.1-14"}, many);
  Head crowd = request();
  for (int i = 0; i < 90; ++i) {
    crowd.lines.insert(crowd.lines.begin() + 1, "X-Field-" + std::to_string(i) + ": value");
  }
  section.answers("7.6", "Ninety more fields in front of Upgrade are answered",
                  {"RFC6455-4.2.1-14"}, crowd);
  section.should_accept("7.7", "A field of 2 KiB is accepted", {"RFC6455-4.2.1-14"},
                        request().with("X-Long: " + std::string(2048, 'x')));
  section.answers("7.8", "A field of 12 KiB is answered", {"RFC6455-4.2.1-14"},
                  request().with("X-Long: " + std::string(12'288, 'x')));
  section.refuses("7.9", "A space between name and colon is refused", checks,
                  request().with("X-Field : value"));
  section.refuses("7.10", "A line without a colon is refused", checks, request().with("nonsense"));
  section.refuses("7.11", "A line with an empty name is refused", checks,
                  request().with(": value"));
  section.refuses("7.12", "A field name that is no token is refused", checks,
                  request().with("X(Field): value"));
  section.should_refuse("7.13", "A NUL in a field is refused", checks,
                        request().with(std::string("X-Field: a\0b", 12)));
  section.should_refuse("7.14", "A bare CR in a field is refused", checks,
                        request().with("X-Field: a\rb"));
  Head folded = request().set("Connection", "keep-alive,\r\n Upgrade");
  section.answers("7.15", "A folded Connection is joined or refused", checks, folded);
  Head fold_as_field = request().without("Sec-WebSocket-Version");
  fold_as_field.lines.insert(fold_as_field.lines.begin() + 1,
                             "X-Field: value\r\n Sec-WebSocket-Version: 13");
  section.refuses("7.16", "A folded line is no field of its own", checks, fold_as_field);
  section.accepts("7.17", "Tabs round a value do not count", {"RFC6455-4.2.1-7", "RFC6455-4.3-7"},
                  respelt("Upgrade", "Upgrade:\twebsocket\t"));
  section.accepts("7.18", "No white space behind the colons is needed", checks,
                  respelt("Upgrade", "Upgrade:websocket"));
  // Joined, each value has a word too many; only who passes over the second line sees none.
  const std::pair<const char*, const char*> values[] = {{"Upgrade", "websocket"},
                                                        {"Connection", "Upgrade"},
                                                        {"Sec-WebSocket-Key", "{key}"},
                                                        {"Sec-WebSocket-Version", "13"}};
  int number = 18;
  for (const auto& [name, value] : values) {
    section.refuses("7." + std::to_string(++number),
                    std::string("A word behind a fold is of the value of ") + name, checks,
                    request().set(name, std::string(value) + "\r\n word"));
  }
}

void add_behind(Section& section) {
  const Payload words = text("sent along with the request");
  section.add("8.1", "A request that comes byte by byte is accepted", {"RFC6455-4.2.1-1"},
              Level::must, {.steps = echo(Opcode::text, words) + closed_cleanly()});
  Expect early = expect_message(Opcode::text, text("early"));
  early.source = "RFC 6455 5";
  Dialogue pipelined{.request = request().followed_by(frame_in_bytes(Role::client, 0x81, "early")),
                     .steps = std::vector<DialogueStep>{early} + echo("after") + closed_cleanly()};
  let_refuse_early(pipelined);
  section.add("8.3", "A frame right behind the request is not lost",
              {"RFC6455-5.1-7", "RFC6455-6.2-1"}, Level::should, std::move(pipelined));
  const std::string body = frame_in_bytes(Role::client, 0x81, "content");
  Dialogue with_content{
      .request = request().with("Content-Length: " + std::to_string(body.size())).followed_by(body),
      .steps = echo("after") + closed_cleanly()};
  with_content.answer.any.push_back(
      {.kind = Reaction::Kind::refused, .why = "the server refuses a request with content"});
  with_content.answer.any.push_back(
      {.grade = Grade::non_strict,
       .kind = Reaction::Kind::end,
       .why = "the connection of a request with content is ended without an HTTP response"});
  section.add("8.4", "The content of a request is not taken for frames", {"RFC6455-4.2.1-1"},
              Level::must, std::move(with_content));
  section.add(
      "8.2", "After a refusal the server ends the connection or takes a good request",
      {"RFC6455-4.2.1-1", "RFC6455-7.2.2-1"}, Level::should,
      {.request = request().set("Sec-WebSocket-Version", "14"),
       .answer = expect_refusal(),
       .steps = {
           PutRequest{request()},
           Expect{.any = {{.kind = Reaction::Kind::upgraded,
                           .why = "the connection was kept for further requests"},
                          {.kind = Reaction::Kind::end, .why = "the server ended the connection"},
                          {.grade = Grade::informational,
                           .kind = Reaction::Kind::refused,
                           .why = "the next request is refused too"},
                          kept_and_silent()},
                  .source = "RFC 9112 9.3"}}});
}

}  // namespace

bool asks_for_websocket(const Head& request) {
  const auto lists = [&](std::string_view name, std::string_view option) {
    return std::ranges::any_of(request.lines, [&](const std::string& line) {
      const std::size_t colon = line.find(':');
      return colon != std::string::npos && to_lower(line.substr(0, colon)) == name &&
             std::ranges::count(split_list({to_lower(line.substr(colon + 1))}), option) != 0;
    });
  };
  return lists("upgrade", "websocket") && lists("connection", "upgrade");
}

std::vector<Case> server_opening_cases() {
  Section section;
  add_start_lines(section);
  add_host(section);
  add_upgrade(section);
  add_connection(section);
  add_key(section);
  add_version(section);
  add_fields(section);
  add_behind(section);
  return section.take();
}

}  // namespace ws::conformance
