// Section 44, the first part: the opening handshake as a part of a stream of HTTP: what came before
// it on the same connection, content that belongs to a request, heads that are cut anywhere with
// frames behind them, and values, targets and lengths that are odd but legal (RFC 9112 3, 6 and 9).
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/early_frames.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// Of the request that is not taken; the one that is has another.
constexpr const char* kOtherKey = "dGhlIHNhbXBsZSBub25jZQ==";

Case stream_case(std::string id, std::string title, std::string purpose,
                 std::vector<std::string> checks, Role tested, Level level, Dialogue dialogue) {
  return {.id = "44." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .only_for = tested,
          .level = level,
          .tags = {"handshake"},
          .dialogue = std::move(dialogue)};
}

Head plain_request(std::string_view method = "GET") {
  return {.start = std::string(method) + " {resource} HTTP/1.1", .lines = {"Host: {host}"}};
}

Head refused_request() { return good_request().set("Sec-WebSocket-Key", kOtherKey); }

/// Whether a connection is kept is up to the server; if it is, its next request is as good as any.
Expect upgraded_or_over() {
  return {.any = {{.kind = Reaction::Kind::upgraded,
                   .why = "the connection was kept for further requests"},
                  {.kind = Reaction::Kind::end, .why = "the server ended the connection"},
                  {.grade = Grade::informational,
                   .kind = Reaction::Kind::refused,
                   .why = "the next request is refused too"},
                  {.grade = Grade::informational,
                   .kind = Reaction::Kind::refused,
                   .codes = {200, 204},
                   .why = "the next request is taken for plain HTTP"},
                  kept_and_silent()},
          .source = "RFC 9112 9.3"};
}

struct Refused {
  std::string what{};
  Head head{};
};

/// Requests that open nothing and have no content.
std::vector<Refused> refused_heads() {
  return {
      {"a plain GET", plain_request()},
      {"a plain GET with Connection: keep-alive", plain_request().with("Connection: keep-alive")},
      {"a plain HEAD", plain_request("HEAD")},
      {"plain OPTIONS", plain_request("OPTIONS")},
      {"a request to upgrade to h2c", plain_request()
                                          .with("Connection: Upgrade, HTTP2-Settings")
                                          .with("Upgrade: h2c")
                                          .with("HTTP2-Settings: AAMAAABkAAQAAP__")},
      {"a request of version 12", refused_request().set("Sec-WebSocket-Version", "12")},
      {"a request of version 14", refused_request().set("Sec-WebSocket-Version", "14")},
      {"a request without a version", refused_request().without("Sec-WebSocket-Version")},
      {"a request without a key", good_request().without("Sec-WebSocket-Key")},
      {"a request with a bad key", good_request().set("Sec-WebSocket-Key", "AAAA")},
      {"a request without Upgrade in Connection",
       refused_request().set("Connection", "keep-alive")},
      {"a request of version 14 with subprotocols and extensions",
       refused_request()
           .set("Sec-WebSocket-Version", "14")
           .with("Sec-WebSocket-Protocol: chat, superchat")
           .with("Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover")},
  };
}

/// What a server learnt from a request that opened nothing has no meaning for the next.
void add_second_requests(std::vector<Case>& cases) {
  const std::string anew = "Each request stands for itself.";
  const std::vector<std::string> checks{"RFC6455-4.2.1-1", "RFC6455-4.2.2-17"};
  const std::string early = frame_in_bytes(Role::client, 0x81, "early");
  int number = 0;
  for (const Refused& refused : refused_heads()) {
    const Expect answer = expect_no_upgrade(refused.head);
    cases.push_back(
        stream_case("1." + std::to_string(++number), "A good request follows " + refused.what, anew,
                    checks, Role::server, Level::should,
                    {.request = refused.head,
                     .answer = answer,
                     .steps = Steps{PutRequest{good_request()}, upgraded_or_over()} + echo("one") +
                              ping_answered(text("two")) + echo("three") + closed_cleanly()}));
    // A client has to wait for the answer (4.1), so the connection may end here.
    cases.push_back(stream_case(
        "1." + std::to_string(++number),
        "A good request with a frame behind it follows " + refused.what,
        "What comes with a request is not lost, whatever came before.",
        {"RFC6455-5.1-7", "RFC6455-6.2-1"}, Role::server, Level::should,
        {.request = refused.head,
         .answer = answer,
         .steps = Steps{PutRequest{good_request().followed_by(early)}, upgraded_or_over(),
                        expect_message(Opcode::text, text("early"))} +
                  echo("after") + closed_cleanly(),
         .sends_too_early = true}));
  }
  Expect again = upgraded_or_over();
  again.any[0] = {.grade = Grade::fail,
                  .kind = Reaction::Kind::upgraded,
                  .why = "the server accepts what it has to refuse"};
  again.any[2].grade = Grade::pass;
  cases.push_back(stream_case(
      "2.1", "A good request follows three that are refused", anew, checks, Role::server,
      Level::should,
      {.request = refused_request().set("Sec-WebSocket-Version", "14"),
       .answer = expect_refusal(),
       .steps = Steps{PutRequest{refused_request().set("Sec-WebSocket-Version", "12")}, again,
                      PutRequest{good_request().set("Sec-WebSocket-Key", "AAAA")}, again,
                      PutRequest{good_request()}, upgraded_or_over()} +
                echo("one") + closed_cleanly()}));
  cases.push_back(stream_case(
      "2.2", "A refused request follows a plain one", anew, checks, Role::server, Level::should,
      {.request = plain_request(),
       .answer = expect_no_upgrade(plain_request()),
       .steps = {PutRequest{refused_request().set("Sec-WebSocket-Version", "14")}, again}}));
  cases.push_back(
      stream_case("2.3", "A request without the fields follows one of version 14 that had them",
                  anew, checks, Role::server, Level::should,
                  {.request = refused_request().set("Sec-WebSocket-Version", "14"),
                   .answer = expect_refusal(),
                   .steps = {PutRequest{{.start = "GET {resource} HTTP/1.1",
                                         .lines = {"Host: {host}", "Sec-WebSocket-Version: 13"}}},
                             again}}));
}

/// Requests that come in one go are answered in their order.
void add_requests_in_one_go(std::vector<Case>& cases) {
  const std::string first = "GET {resource} HTTP/1.1\r\nHost: {host}\r\n";
  const std::string early = frame_in_bytes(Role::client, 0x81, "early");
  const std::pair<const char*, std::string> heads[] = {
      {"a plain GET", first + "\r\n"},
      {"a plain GET with Connection: keep-alive", first + "Connection: keep-alive\r\n\r\n"},
      {"a request to upgrade to h2c", first +
                                          "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                          "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"},
      {"an empty line and a plain GET", "\r\n" + first + "\r\n"},
  };
  int number = 0;
  for (const auto& [what, head] : heads) {
    for (const bool with_frame : {false, true}) {
      Head request = good_request();
      request.before = head;
      if (with_frame) request.behind = early;
      Steps steps{upgraded_or_over()};
      if (with_frame) steps.emplace_back(expect_message(Opcode::text, text("early")));
      cases.push_back(
          stream_case("12." + std::to_string(++number),
                      "A good request" + std::string(with_frame ? " with a frame behind it" : "") +
                          " comes together with " + what,
                      "A read may bring more than one request.",
                      {"RFC6455-4.2.1-1", "RFC6455-4.2.2-17"}, Role::server, Level::should,
                      {.request = std::move(request),
                       .answer = expect_no_upgrade(plain_request()),
                       .steps = steps + echo("after") + closed_cleanly(),
                       .sends_too_early = with_frame}));
    }
  }
}

std::string in_chunks(const std::string& content) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string bytes;
  for (std::size_t begin = 0; begin < content.size(); begin += 100) {
    const std::string chunk = content.substr(begin, 100);
    bytes += kDigits[chunk.size() / 16];
    bytes += kDigits[chunk.size() % 16];
    bytes += "\r\n" + chunk + "\r\n";
  }
  return bytes + "0\r\n\r\n";
}

/// Content is no request, no line of the head and no frame, even if it looks like one.
void add_content(std::vector<Case>& cases) {
  const std::string purpose = "Whoever writes the content would speak for the client otherwise.";
  const std::vector<std::string> checks{"RFC6455-4.2.1-1", "RFC6455-4.2.2-17"};
  const std::string request =
      "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: " +
      std::string(kOtherKey) + "\r\nSec-WebSocket-Version: 13\r\n\r\n";
  const std::pair<const char*, std::string> contents[] = {
      {"a good request", request},
      {"an empty line and a good request", "\r\n\r\n" + request},
      {"the fields that it lacks", "Sec-WebSocket-Key: " + std::string(kOtherKey) +
                                       "\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
                                       "Connection: Upgrade\r\n\r\n"},
      {"a frame", frame_in_bytes(Role::client, 0x81, "content")},
  };
  const Head old = good_request().set("Sec-WebSocket-Version", "14");
  const std::pair<const char*, Head> heads[] = {
      {"a request of version 14", old},
      {"a POST that asks for an upgrade", good_request().started("POST {resource} HTTP/1.1")},
      {"a plain POST", plain_request("POST")},
      {"a plain GET", plain_request()},
      {"a request without a key", good_request().without("Sec-WebSocket-Key")},
  };
  int number = 0;
  for (const auto& [what, head] : heads) {
    for (const auto& [looks, content] : contents) {
      for (const bool chunked : {false, true}) {
        const Head whole =
            chunked ? head.with("Transfer-Encoding: chunked").followed_by(in_chunks(content))
                    : head.with("Content-Length: " + std::to_string(content.size()))
                          .followed_by(content);
        cases.push_back(
            stream_case("3." + std::to_string(++number),
                        "The " + std::string(chunked ? "chunked " : "") + "content of " + what +
                            " looks like " + looks,
                        purpose, checks, Role::server, Level::must,
                        {.request = whole,
                         .answer = expect_no_upgrade(whole),
                         .steps = Steps{PutRequest{good_request()}, upgraded_or_over()} +
                                  echo("one") + closed_cleanly()}));
      }
    }
  }
}

/// The end of a head comes in a second write, together with frames.
void add_cut_heads(std::vector<Case>& cases) {
  constexpr std::size_t kSize = 600;
  const std::string fill = "X-Fill: {fill-" + std::to_string(kSize) + "}";
  for (const Role harness : {Role::client, Role::server}) {
    const bool asks = harness == Role::client;
    const auto early = [&](unsigned first_byte, std::string_view payload) {
      return frame_in_bytes(harness, first_byte, payload);
    };
    const std::string long_text(150, 'l');
    struct Frames {
      const char* what = nullptr;
      std::string bytes{};
      Steps answers{};
    };
    const Frames all[] = {
        {"a text", early(0x81, "early"), {expect_message(Opcode::text, text("early"))}},
        {"a Ping and a text",
         early(0x89, "p") + early(0x81, "early"),
         {expect_pong(text("p")), expect_message(Opcode::text, text("early"))}},
        {"a text of 150 bytes in two fragments",
         early(0x01, long_text.substr(0, 20)) + early(0x80, long_text.substr(20)),
         {expect_message(Opcode::text, text(long_text))}},
    };
    int number = asks ? 0 : 50;
    // The last bytes of the head: a part of its end, all of it, a part of a line, a line and more.
    for (const std::size_t left : {1U, 2U, 3U, 4U, 5U, 17U, 60U, 200U}) {
      for (const Frames& frames : all) {
        Dialogue dialogue{.head_piece = kSize - left,
                          .head_pause = milliseconds(30),
                          .steps = frames.answers + echo("after") + closed_cleanly(),
                          .own_cuts = true};
        if (asks) {
          dialogue.request = good_request().with(fill).followed_by(frames.bytes);
          let_refuse_early(dialogue);
        } else {
          dialogue.response = good_response().with(fill).followed_by(frames.bytes);
        }
        cases.push_back(
            stream_case("4." + std::to_string(++number),
                        "The last " + std::to_string(left) + " bytes of the " +
                            (asks ? "request" : "response") + " come with " + frames.what,
                        "TCP has no records, so a read may end anywhere.",
                        {"RFC6455-5.1-7", "RFC6455-6.2-1"}, asks ? Role::server : Role::client,
                        asks ? Level::should : Level::must, std::move(dialogue)));
      }
    }
  }
}

/// Names and values that mean something to the language of a program, and nothing in HTTP.
void add_odd_fields(std::vector<Case>& cases) {
  const char* const values[] = {"0",
                                "1",
                                "-1",
                                "00",
                                "0.0",
                                "false",
                                "true",
                                "null",
                                "nil",
                                "None",
                                "NaN",
                                "undefined",
                                "constructor",
                                "[]",
                                "{}",
                                "%s%n%d",
                                "%",
                                "\"",
                                "'",
                                "\\",
                                "__proto__",
                                "-",
                                "18446744073709551616",
                                "=",
                                ";",
                                ","};
  const char* const names[] = {
      "0",           "1",         "-1",       "null",           "undefined",
      "constructor", "__proto__", "toString", "hasOwnProperty", "length",
      "prototype",   "false",     "_"};
  const std::string purpose = "A field that is not known is passed over.";
  int number = 0;
  const auto add = [&](const std::string& title, const std::string& line) {
    const std::string id = std::to_string(++number);
    cases.push_back(stream_case(
        "5." + id, title + " in a request", purpose, {"RFC6455-4.2.1-14"}, Role::server,
        Level::must,
        {.request = good_request().with(line), .steps = echo("accepted") + closed_cleanly()}));
    cases.push_back(stream_case(
        "6." + id, title + " in a response", purpose, {"RFC6455-4.1-39"}, Role::client, Level::must,
        {.response = good_response().with(line), .steps = echo("accepted") + closed_cleanly()}));
  };
  for (const std::string value : values) {
    add("A field has the value " + value, "X-Value: " + value);
  }
  for (const std::string name : names) add("A field has the name " + name, name + ": value");
}

Case accepted_case(std::string id, std::string title, std::vector<std::string> checks,
                   Head request) {
  return stream_case(std::move(id), std::move(title),
                     "What is not a server's business does not keep anybody out.",
                     std::move(checks), Role::server, Level::should,
                     {.request = std::move(request),
                      .answer = expect_acceptance_at_best(),
                      .steps = echo("accepted") + closed_cleanly()});
}

/// A client's business is even less.
Case taken_case(std::string id, std::string title, Head response) {
  auto steps = echo("accepted") + closed_cleanly();
  std::get<Expect>(steps[1]).any.push_back({.grade = Grade::non_strict,
                                            .kind = Reaction::Kind::end,
                                            .why = "the client refuses what it should accept"});
  return stream_case(std::move(id), std::move(title),
                     "What is not a client's business does not keep it away.", {"RFC6455-4.1-39"},
                     Role::client, Level::should,
                     {.response = std::move(response), .steps = std::move(steps)});
}

/// Lists with such names, which nobody knows.
void add_odd_lists(std::vector<Case>& cases) {
  int number = 0;
  for (const std::string name :
       {"constructor", "__proto__", "toString", "hasOwnProperty", "0", "null", "length"}) {
    cases.push_back(accepted_case("7." + std::to_string(++number),
                                  "The subprotocol " + name + " is offered",
                                  {"RFC6455-4.2.1-12", "RFC6455-4.2.2-10"},
                                  good_request().with("Sec-WebSocket-Protocol: " + name)));
    for (const std::string& offer :
         {name, "x-unknown; " + name + "=1", "permessage-deflate; " + name,
          name + "; server_max_window_bits=8"}) {
      cases.push_back(accepted_case("7." + std::to_string(++number),
                                    "The extension \"" + offer + "\" is offered",
                                    {"RFC6455-4.2.1-13", "RFC6455-4.2.2-13"},
                                    good_request().with("Sec-WebSocket-Extensions: " + offer)));
    }
  }
}

/// Resource names are for the application, which may not know what to do with them.
void add_odd_targets(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-5"};
  const auto target = [](const std::string& behind) {
    return good_request().started("GET {resource}" + behind + " HTTP/1.1");
  };
  int number = 0;
  for (const std::string query :
       {"?__proto__=1", "?constructor&toString=x", "?a=%00", "?a=%ff", "?%C3%28", "?%E2%82",
        "?a=%25zz", "?&&&=", "?=", "?a=1&a=2&a=3", "?0", "?.", "?a=b=c", "?+", "?%2f..%2f"}) {
    cases.push_back(accepted_case("8." + std::to_string(++number),
                                  "The query " + query + " is accepted", checks, target(query)));
  }
  for (const std::string behind :
       {"?%",   "?a=%", "?%4", "?%zz", "?a=%u0041", "?%%", "/%",      "/%zz",
        "/%4",  "?\"",  "?<>", "?[",   "?a[b]=c",   "?{}", "?^`|",    "?\\",
        "/%ff", "/%00", "//",  "/..",  "/../..",    "/.",  "/%2e%2e/"}) {
    Expect answer = expect_refusal();
    answer.any.back().grade = Grade::pass;
    answer.any.back().why = "the server accepts it";
    cases.push_back(stream_case("8." + std::to_string(++number),
                                "A request target that ends with " + behind + " is answered",
                                "A server lives through whatever is asked for.", checks,
                                Role::server, Level::may,
                                {.request = target(behind), .answer = std::move(answer)}));
  }
}

/// Fields that servers and clients may look at, with values that say nothing.
void add_strange_values(std::vector<Case>& cases) {
  int number = 0;
  for (const std::string line : {"Cookie: a=%",
                                 "Cookie: a=%zz",
                                 "Cookie: a=%E0%A4",
                                 "Cookie: =b",
                                 "Cookie: a",
                                 "Cookie: ;",
                                 "Cookie: a=b;c=d",
                                 "Cookie: a=\"b",
                                 "Cookie: __proto__=1",
                                 "Cookie: constructor=1; toString=2",
                                 "Cookie: a=b; a=c",
                                 "Cookie: a=b=c==",
                                 "Cookie: $Version=1; a=b; $Path=/",
                                 "Cookie:",
                                 "Cookie: a=b; ",
                                 "User-Agent:",
                                 "User-Agent: (((",
                                 "User-Agent: 0",
                                 "Accept: ;q=x",
                                 "Accept-Language: 0",
                                 "Accept-Language: *;q=-1",
                                 "Accept-Encoding: *;q=0",
                                 "Accept-Charset: x",
                                 "Cache-Control: max-age=-1",
                                 "Pragma: 0",
                                 "Date: 0",
                                 "If-Modified-Since: never",
                                 "If-None-Match: *",
                                 "Referer: %",
                                 "Via: ,",
                                 "Priority: u=9",
                                 "X-Forwarded-For: nobody",
                                 "X-Forwarded-For: ,",
                                 "X-Forwarded-Port: x",
                                 "X-Forwarded-Proto: ftp, x",
                                 "X-Real-IP:",
                                 "Forwarded: for=_x;proto=",
                                 "DNT: 0"}) {
    cases.push_back(accepted_case("9." + std::to_string(++number), "A request with " + line,
                                  {"RFC6455-4.2.1-14"}, good_request().with(line)));
  }
  number = 0;
  for (const std::string line : {"Set-Cookie: =",
                                 "Set-Cookie: a",
                                 "Set-Cookie: a=%",
                                 "Set-Cookie: a=b; Expires=never",
                                 "Set-Cookie: a=b; Max-Age=x",
                                 "Set-Cookie: a=b; Domain=.; Path",
                                 "Set-Cookie:",
                                 "Set-Cookie: __proto__=1",
                                 "Date: 0",
                                 "Server:",
                                 "Server: (((",
                                 "Location: %",
                                 "Retry-After: -1",
                                 "Keep-Alive: timeout=x",
                                 "Cache-Control: max-age=-1",
                                 "Content-Type: ;",
                                 "Content-Language: 0",
                                 "Vary: *",
                                 "ETag: W/",
                                 "Strict-Transport-Security: max-age=",
                                 "Alt-Svc: h3=\":0\"",
                                 "Link: <",
                                 "WWW-Authenticate: x",
                                 "Warning: 0",
                                 "Expires: 0",
                                 "Access-Control-Allow-Origin: %",
                                 "Last-Modified: never",
                                 "Age: -1",
                                 "Trailer: x"}) {
    cases.push_back(taken_case("10." + std::to_string(++number), "A response with " + line,
                               good_response().with(line)));
  }
}

/// RFC 9112 section 3 recommends 8000 bytes for a request line; of other lines people say the same.
void add_long_lines(std::vector<Case>& cases) {
  int number = 0;
  for (const std::size_t size : {3000U, 4000U, 4097U, 5000U, 8000U}) {
    const std::string bytes = std::to_string(size) + " bytes";
    Head request = good_request();
    request.start = "GET {resource}?" + std::string(size - 30, 'q') + " HTTP/1.1";
    cases.push_back(accepted_case("11." + std::to_string(++number),
                                  "A request line of about " + bytes, {"RFC6455-4.2.1-5"},
                                  request));
    const std::string cookie = "a=" + std::string(size, 'c');
    cases.push_back(accepted_case("11." + std::to_string(++number), "A cookie of " + bytes,
                                  {"RFC6455-4.2.1-14"}, good_request().with("Cookie: " + cookie)));
    cases.push_back(taken_case("11." + std::to_string(++number),
                               "A cookie of " + bytes + " in a response",
                               good_response().with("Set-Cookie: " + cookie)));
  }
}

}  // namespace

std::vector<Case> opening_stream_cases() {
  std::vector<Case> cases;
  add_second_requests(cases);
  add_requests_in_one_go(cases);
  add_content(cases);
  add_cut_heads(cases);
  add_odd_fields(cases);
  add_odd_lists(cases);
  add_odd_targets(cases);
  add_strange_values(cases);
  add_long_lines(cases);
  return cases;
}

}  // namespace ws::conformance
