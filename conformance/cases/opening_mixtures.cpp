// Section 43, the first part: heads that have several things at once, or in which much lies between
// two of them, and more than one request on a connection (RFC 6455 sections 4 and 9.1, RFC 9112).
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/early_frames.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/cases/together.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

Case opening_case(std::string id, std::string title, std::string purpose,
                  std::vector<std::string> checks, Role role, Dialogue dialogue,
                  Level level = Level::must) {
  Case test = together_case(std::move(id), std::move(title), std::move(purpose), std::move(checks),
                            std::move(dialogue));
  test.only_for = role;
  test.level = level;
  test.tags.emplace_back("handshake");
  return test;
}

/// Both sides have something to say, small and not.
Steps talk_a_little() {
  return echo("first") + ping_answered(text("a Ping")) +
         echo(Opcode::text, text(std::string(300, 'x'))) + closed_cleanly();
}

/// The server may have a limit for heads.
void let_refuse_for_size(Dialogue& dialogue, Grade grade) {
  dialogue.answer.any.push_back({.grade = grade,
                                 .kind = Reaction::Kind::refused,
                                 .why = "the server has a limit for heads below that"});
  dialogue.answer.any.push_back(
      {.grade = Grade::non_strict,
       .kind = Reaction::Kind::end,
       .why = "the server ends TCP over a long head, without a response"});
}

void let_refuse(Dialogue& dialogue, std::string why) {
  dialogue.answer.any.push_back({.kind = Reaction::Kind::refused, .why = std::move(why)});
  dialogue.answer.any.push_back(ended_without_response());
}

struct Part {
  const char* line = nullptr;
  const char* what = nullptr;
};

constexpr Part kSubprotocols[] = {
    {"", ""},
    {"Sec-WebSocket-Protocol: chat", "a subprotocol"},
    {"Sec-WebSocket-Protocol: wsproof-unknown, chat", "two subprotocols"},
    {"Sec-WebSocket-Protocol: wsproof-unknown", "an unknown subprotocol"},
};

constexpr Part kExtensions[] = {
    {"", ""},
    {"Sec-WebSocket-Extensions: permessage-deflate", "permessage-deflate"},
    {"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10; "
     "client_max_window_bits",
     "permessage-deflate with parameters"},
    {"Sec-WebSocket-Extensions: x-wsproof-unknown; a=b", "an unknown extension"},
    {"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=20",
     "an offer to be declined"},
};

std::string list_of(const std::vector<std::string>& parts) {
  std::string list;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  }
  return list;
}

/// What a server answers of each is seen elsewhere; here that one does not spoil the other.
void add_mixtures(std::vector<Case>& cases) {
  int number = 0;
  for (const Part& subprotocol : kSubprotocols) {
    for (const Part& extension : kExtensions) {
      for (const bool in_front : {false, true}) {
        Head request = good_request();
        std::vector<std::string> parts;
        for (const Part& part : {subprotocol, extension}) {
          if (*part.line == '\0') continue;
          parts.emplace_back(part.what);
          if (in_front) {
            request.lines.insert(request.lines.begin(), part.line);
          } else {
            request.lines.emplace_back(part.line);
          }
        }
        if (parts.size() < 2) continue;
        if (in_front) {
          parts.emplace_back("what a browser says");
          request = request.with("Origin: http://example.com")
                        .with("User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:1) A/1 B/2")
                        .with("Accept-Language: en,de;q=0.5")
                        .with("Cookie: a=b; c=\"d\"")
                        .with("Cache-Control: no-cache");
        }
        Dialogue dialogue{.request = std::move(request), .steps = talk_a_little()};
        let_refuse(dialogue, "the server refuses the request for its subprotocols");
        cases.push_back(
            opening_case("1." + std::to_string(++number), "A request has " + list_of(parts),
                         "Each part of a 101 stands on a line of its own, whatever else there is.",
                         {"RFC6455-4.2.1-12", "RFC6455-4.2.1-13", "RFC6455-4.2.2-14"}, Role::server,
                         std::move(dialogue)));
      }
    }
  }
  // Nothing of a Connection that lists more changes what a 101 means.
  for (const char* value : {"Upgrade, close", "close, Upgrade", "Upgrade, keep-alive, close",
                            "TE, Upgrade", "Upgrade, HTTP2-Settings"}) {
    Dialogue dialogue{.request = good_request().set("Connection", value), .steps = talk_a_little()};
    if (std::string_view(value).find("close") != std::string_view::npos) {
      let_refuse(dialogue, "the server refuses an upgrade beside close");
    }
    cases.push_back(opening_case(
        "1." + std::to_string(++number), "A request has Connection: " + std::string(value),
        "Whoever answers 101 has agreed to a WebSocket.", {"RFC6455-4.2.1-8", "RFC6455-4.2.2-14"},
        Role::server, std::move(dialogue)));
  }
}

void add_client_mixtures(std::vector<Case>& cases) {
  const std::string each = "Each part of a 101 is read, whatever else there is.";
  const std::string subprotocol = "Sec-WebSocket-Protocol: {protocol}";
  const std::string extension = "Sec-WebSocket-Extensions: {extension}";
  const std::vector<std::string> usual = {"Server: a/1.0 (b; c)",
                                          "Date: Thu, 26 Nov 2026 10:00:00 GMT",
                                          "Set-Cookie: a=b; Path=/", "Set-Cookie: c=d; HttpOnly"};
  struct Mixture {
    const char* what = nullptr;
    std::vector<std::string> lines{};
  };
  const Mixture mixtures[] = {
      {"a subprotocol, then an extension", {subprotocol, extension}},
      {"an extension, then a subprotocol", {extension, subprotocol}},
      {"a subprotocol in front of cookies, and an extension behind them",
       {subprotocol, usual[0], usual[1], usual[2], usual[3], extension}},
      {"an extension in front of cookies, and a subprotocol behind them",
       {extension, usual[0], usual[1], usual[2], usual[3], subprotocol}},
      {"an extension behind cookies", {usual[0], usual[1], usual[2], usual[3], extension}},
  };
  int number = 0;
  const Payload words = repeat("compressed words, ", 3000);
  for (const bool in_front : {false, true}) {
    for (const Mixture& mixture : mixtures) {
      Head response = good_response();
      response.lines.insert(in_front ? response.lines.begin() : response.lines.end(),
                            mixture.lines.begin(), mixture.lines.end());
      cases.push_back(opening_case(
          "15." + std::to_string(++number),
          "A response has " + std::string(mixture.what) +
              (in_front ? ", in front of what it needs" : ""),
          each, {"RFC6455-4.1-39"}, Role::client,
          {.response = std::move(response),
           .deflate = usual_deflate(),
           .steps = echo("first") +
                    Steps{PutMessage{.payload = words, .coding = PutMessage::Coding::compressed},
                          expect_message(Opcode::text, words)} +
                    closed_cleanly()}));
    }
  }
  for (const char* value : {"Upgrade, close", "close, Upgrade", "keep-alive, Upgrade, close"}) {
    Steps steps = talk_a_little();
    const auto first = std::ranges::find_if(
        steps, [](const DialogueStep& step) { return std::holds_alternative<Expect>(step); });
    std::get<Expect>(*first).any.push_back({.grade = Grade::informational,
                                            .kind = Reaction::Kind::end,
                                            .why = "the client takes close at its word",
                                            .source = "RFC 9112 9.6"});
    cases.push_back(opening_case(
        "15." + std::to_string(++number), "A response has Connection: " + std::string(value), each,
        {"RFC6455-4.1-43"}, Role::client,
        {.response = good_response().set("Connection", value), .steps = std::move(steps)}));
  }
}

/// The fields of what was chosen, in other forms that mean the same.
void add_forms_of_choices(std::vector<Case>& cases) {
  int number = 0;
  const Payload words = repeat("compressed words, ", 300);
  for (const bool is_extension : {false, true}) {
    const std::string name = is_extension ? "Sec-WebSocket-Extensions" : "Sec-WebSocket-Protocol";
    for (const LineForm& form : forms_of_line(name, is_extension ? "{extension}" : "{protocol}")) {
      for (const bool is_first : {false, true}) {
        Dialogue dialogue{.response = is_first ? with_first(good_response(), form.line)
                                               : good_response().with(form.line),
                          .steps = echo("first"),
                          .own_cuts = true};
        if (is_extension) {
          dialogue.deflate = usual_deflate();
          dialogue.steps +=
              Steps{PutMessage{.payload = words, .coding = PutMessage::Coding::compressed},
                    expect_message(Opcode::text, words)};
        }
        dialogue.steps += closed_cleanly();
        cases.push_back(opening_case(
            "26." + std::to_string(++number),
            name + " of a response comes " + (is_first ? "first, " : "last, ") + form.how,
            "A field is known by its name in any case, and white space is no part of "
            "its value.",
            {"RFC6455-4.1-37", "RFC6455-4.1-39"}, Role::client, std::move(dialogue)));
      }
    }
  }
}

/// Frames in one write with a response, whatever else that says.
void add_frames_behind_responses(std::vector<Case>& cases) {
  struct Form {
    const char* what = nullptr;
    Head response{};
    bool with_deflate = false;
    Level level = Level::must;
  };
  const Head good = good_response();
  const std::string subprotocol = "Sec-WebSocket-Protocol: {protocol}";
  const std::string extension = "Sec-WebSocket-Extensions: {extension}";
  Head long_head = good;
  for (int i = 0; i < 30; ++i) long_head = long_head.with("X-Fill: " + std::string(60, 'f'));
  const Form forms[] = {
      {"a subprotocol", good.with(subprotocol)},
      {"an extension", good.with(extension), true},
      {"a subprotocol and an extension", good.with(subprotocol).with(extension), true},
      {"an extension and a subprotocol", good.with(extension).with(subprotocol), true},
      {"Content-Length: 0", good.with("Content-Length: 0")},
      {"Connection in two fields", good.with("Connection: keep-alive")},
      {"Keep-Alive", good.with("Keep-Alive: timeout=5, max=100")},
      {"a type of content", good.with("Content-Type: text/plain; charset=utf-8")},
      {"a coding of content", good.with("Content-Encoding: identity")},
      {"cookies", good.with("Set-Cookie: a=b; Path=/").with("Set-Cookie: c=d; HttpOnly")},
      {"a server and a date",
       good.with("Server: a/1.0 (b; c)").with("Date: Thu, 26 Nov 2026 10:00:00 GMT")},
      {"Trailer", good.with("Trailer: X-After")},
      {"names in lower case", good.with_lower_names()},
      {"names in upper case", good.with_upper_names()},
      {"another reason", good.started("HTTP/1.1 101 Web Socket Protocol Handshake")},
      {"two kilobytes of fields", std::move(long_head)},
  };
  const auto early = [](unsigned first_byte, std::string_view payload) {
    return frame_in_bytes(Role::server, first_byte, payload);
  };
  const Steps end = echo("after") + closed_cleanly();
  const Expect echoed = expect_message(Opcode::text, text("early"));
  struct Frames {
    const char* what = nullptr;
    std::string bytes{};
    Steps answers{};
  };
  const Frames all[] = {
      {"A text", early(0x81, "early"), Steps{echoed} + end},
      {"A Ping and a binary message in fragments",
       early(0x89, "p") + early(0x02, "ear") + early(0x80, "ly"),
       Steps{expect_pong(text("p")), expect_message(Opcode::binary, text("early"))} + end},
      {"A Close", early(0x88, "\x03\xe8"), {expect_close_answer(1000)}},
  };
  int number = 0;
  for (const Form& form : forms) {
    for (const Frames& frames : all) {
      Dialogue dialogue{.response = form.response.followed_by(frames.bytes),
                        .steps = frames.answers,
                        .own_cuts = true};
      if (form.with_deflate) dialogue.deflate = usual_deflate();
      cases.push_back(opening_case(
          "25." + std::to_string(++number),
          std::string(frames.what) + " in one write with a response that has " + form.what,
          "The first frame begins with the first byte behind the head.",
          {"RFC6455-5.1-7", "RFC6455-6.2-1", "RFC6455-4.1-39"}, Role::client, std::move(dialogue)));
    }
  }
}

/// Tokens that a comparison of the shorter length takes for the right ones.
void add_prefixes(std::vector<Case>& cases) {
  const std::string whole = "A token that the right one begins with is another.";
  struct Prefix {
    const char* field = nullptr;
    const char* value = nullptr;
  };
  static constexpr Prefix kPrefixes[] = {
      {"Connection", "U"},
      {"Connection", "up"},
      {"Connection", "upgrad"},
      {"Connection", "keep-alive, Upgrad"},
      {"Connection", "up, grade"},
      {"Connection", "zzz"},
      {"Upgrade", "w"},
      {"Upgrade", "websocke"},
      {"Upgrade", "web, socket"},
      {"Upgrade", "zzz"},
      {"Upgrade", "webso\xc3\xa7ket"},
      {"Connection", "keep-alive; Upgrade"},
  };
  ServerOpeningSection server;
  ClientOpeningSection client;
  int number = 0;
  for (const Prefix& prefix : kPrefixes) {
    ++number;
    const std::string is_refused = std::string(prefix.field) + ": " + prefix.value + " is refused";
    const std::string id = std::to_string(number);
    server.refuses(id, is_refused, {*prefix.field == 'C' ? "RFC6455-4.2.1-8" : "RFC6455-4.2.1-7"},
                   good_request().set(prefix.field, prefix.value));
    client.refuses(id, is_refused, {*prefix.field == 'C' ? "RFC6455-4.1-43" : "RFC6455-4.1-42"},
                   good_response().set(prefix.field, prefix.value));
  }
  const std::pair<Head, const char*> others[] = {
      {good_request().started("GE {resource} HTTP/1.1"), "The method GE"},
      {good_request().started("G {resource} HTTP/1.1"), "The method G"},
      {good_request().started("GET {resource} HTTP/1."), "The protocol HTTP/1."},
      {good_request().started("GET {resource} HTTP/1"), "The protocol HTTP/1"},
      {good_request().set("Sec-WebSocket-Version", "1"), "Version 1"},
  };
  for (const auto& [head, what] : others) {
    server.refuses(std::to_string(++number), std::string(what) + " is refused", {"RFC6455-4.2.1-1"},
                   head);
  }
  for (Case& test : server.take()) {
    test.id = "43.2." + test.id.substr(3);
    test.purpose = whole;
    cases.push_back(std::move(test));
  }
  for (Case& test : client.take()) {
    test.id = "43.3." + test.id.substr(3);
    test.purpose = whole;
    cases.push_back(std::move(test));
  }
}

/// The head with `size` bytes more in fields of `each`, in front of the field or behind it.
Head stuffed(const Head& head, std::string_view field, bool behind, unsigned size, unsigned each) {
  Head stuffed = head.without(field);
  std::string line;
  for (const std::string& other : head.lines) {
    if (other.starts_with(std::string(field) + ":")) line = other;
  }
  std::vector<std::string> fill;
  for (unsigned i = 0; i * each < size; ++i) {
    fill.push_back("X-Fill-" + std::to_string(i) + ": " +
                   std::string(each - 13, static_cast<char>('a' + i % 26)));
  }
  auto& lines = stuffed.lines;
  lines.insert(behind ? lines.begin() : lines.end(), line);
  lines.insert(behind ? lines.begin() + 1 : lines.end() - 1, fill.begin(), fill.end());
  return stuffed;
}

void add_distances(std::vector<Case>& cases) {
  const std::string kept = "What was read of a head stays what it was while the rest is read.";
  struct Fill {
    unsigned size = 0;  // bytes
    unsigned each = 0;
  };
  static constexpr Fill kFills[] = {{600, 100},   {1500, 500},  {3000, 1000},
                                    {5000, 1000}, {5000, 5000}, {9000, 1500}};
  const auto add = [&](const std::string& id, Role role, const Head& head, std::string_view field,
                       const std::string& check) {
    int number = 0;
    for (const bool behind : {true, false}) {
      for (const Fill& fill : kFills) {
        // There may be a limit, but some of these are below what browsers send.
        const bool is_short = fill.size <= 600;
        const bool is_long = fill.size > 3000;
        const Grade refused = is_long ? Grade::informational : Grade::non_strict;
        const Level level = is_short ? Level::must : is_long ? Level::may : Level::should;
        Head with_fill = stuffed(head, field, behind, fill.size, fill.each);
        const std::string title = std::to_string(fill.size) + " bytes stand " +
                                  (behind ? "behind " : "in front of ") + std::string(field) +
                                  ", in fields of " + std::to_string(fill.each);
        const std::string case_id = id + std::to_string(++number);
        Dialogue dialogue{.steps = echo("accepted") + closed_cleanly()};
        if (role == Role::server) {
          dialogue.request = std::move(with_fill);
          if (!is_short) let_refuse_for_size(dialogue, refused);
        } else {
          dialogue.response = std::move(with_fill);
          auto& answer = std::get<Expect>(dialogue.steps[1]);
          for (const auto kind :
               {Reaction::Kind::end, Reaction::Kind::reset, Reaction::Kind::close}) {
            if (is_short) break;
            answer.any.push_back({.grade = refused,
                                  .kind = kind,
                                  .why = "the client has a limit for heads below that"});
          }
        }
        cases.push_back(
            opening_case(case_id, title, kept, {check}, role, std::move(dialogue), level));
      }
    }
  };
  add("4.", Role::server, good_request(), "Sec-WebSocket-Key", "RFC6455-4.2.2-17");
  add("5.", Role::server, good_request().with("Sec-WebSocket-Protocol: chat"),
      "Sec-WebSocket-Protocol", "RFC6455-4.2.1-12");
  add("16.", Role::server, good_request().with("Sec-WebSocket-Extensions: permessage-deflate"),
      "Sec-WebSocket-Extensions", "RFC6455-4.2.1-13");
  for (Case& test : cases) {
    if (test.id.starts_with("43.5.")) {
      let_refuse(*test.dialogue, "the server refuses the request for its subprotocols");
    }
  }
  add("6.", Role::client, good_response(), "Sec-WebSocket-Accept", "RFC6455-4.1-45");
}

/// "A recipient MAY recognize a single LF as a line terminator" (RFC 9112 section 2.2): either
/// that, or no good head at all.
void add_line_ends(std::vector<Case>& cases) {
  const std::string either = "A line that ends otherwise is read as a line, or is none.";
  const auto heads_of = [](const Head& good) {
    std::vector<std::pair<Head, std::string>> heads;
    Head all = good;
    all.line_end = all.end = "\n";
    heads.emplace_back(all, "All lines end with LF alone");
    all.end = "\r\n";
    heads.emplace_back(all, "All lines but the empty one end with LF alone");
    for (std::size_t i = 0; i + 1 < good.lines.size(); ++i) {
      Head one = good;
      one.lines[i] += "\n" + one.lines[i + 1];
      one.lines.erase(one.lines.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      heads.emplace_back(one, "The line of " + good.lines[i].substr(0, good.lines[i].find(':')) +
                                  " ends with LF alone");
    }
    return heads;
  };
  int number = 0;
  for (auto& [head, title] : heads_of(good_request())) {
    Expect answer = expect_refusal();
    answer.any.back().grade = Grade::pass;
    answer.any.back().why = "the server takes it";
    // To wait for the end of the line breaks no rule.
    answer.any.push_back(
        {.kind = Reaction::Kind::silence, .why = "the server waits for the head to end"});
    answer.within = milliseconds(300);
    cases.push_back(opening_case("7." + std::to_string(++number), title, either,
                                 {"RFC6455-4.2.1-1", "RFC6455-4.2.2-17"}, Role::server,
                                 {.request = head, .answer = std::move(answer)}, Level::may));
  }
}

/// Frames right behind a request, more than many a buffer has room for.
void add_much_behind(std::vector<Case>& cases) {
  struct Load {
    const char* what = nullptr;
    std::vector<std::uint64_t> sizes{};
  };
  const Load loads[] = {
      {"a message of 1000 bytes", {1000}},
      {"a message of 5000 bytes", {5000}},
      {"a message of 17,000 bytes", {17'000}},
      {"a message of 70,000 bytes", {70'000}},
      {"ten messages of 2000 bytes", std::vector<std::uint64_t>(10, 2000)},
      {"300 messages of 20 bytes", std::vector<std::uint64_t>(300, 20)},
  };
  int number = 0;
  for (const Load& load : loads) {
    std::string behind;
    Steps echoes;
    for (const std::uint64_t size : load.sizes) {
      const Payload payload = repeat("0123456789", size);
      behind += frame_in_bytes(Role::client, 0x81, slice(payload, 0, size).pattern, kNoMask);
      Expect came = expect_message(Opcode::text, payload);
      came.source = "RFC 6455 5";
      echoes += Steps{came};
    }
    Dialogue dialogue{.request = good_request().followed_by(behind),
                      .steps = echoes + echo("after") + closed_cleanly()};
    let_refuse_early(dialogue);
    cases.push_back(opening_case("8." + std::to_string(++number),
                                 "A request comes with " + std::string(load.what) + " behind it",
                                 "What follows a head is no part of it.",
                                 {"RFC6455-5.1-7", "RFC6455-6.2-1"}, Role::server,
                                 std::move(dialogue), Level::should));
  }
}

/// Two requests on one connection, of which the first opens nothing.
void add_second_requests(std::vector<Case>& cases) {
  const Head good = good_request();
  const Head rich = good.with("Sec-WebSocket-Protocol: chat")
                        .with("Sec-WebSocket-Extensions: permessage-deflate")
                        .with("Origin: http://example.com");
  struct First {
    Head head{};
    std::string what{};
    Head next{};  // of the two the one that says what this does not
  };
  std::vector<First> firsts;
  for (const bool is_rich : {true, false}) {
    // Its key is another one.
    const Head all = (is_rich ? rich : good).set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA==");
    const std::string how = is_rich ? ", with a subprotocol and an extension" : "";
    const auto add = [&](Head head, const std::string& what) {
      firsts.push_back({std::move(head), what + how, is_rich ? good : rich});
    };
    add(all.without("Upgrade").without("Connection"), "plain HTTP");
    add(all.without("Upgrade").set("Connection", "keep-alive"), "HTTP to be kept alive");
    add(all.set("Sec-WebSocket-Version", "14"), "of version 14");
    add(all.without("Sec-WebSocket-Key"), "without a key");
    add(all.set("Sec-WebSocket-Key", "AAAA"), "with a bad key");
  }
  int number = 0;
  for (const First& first : firsts) {
    Expect answer = expect_refusal();
    answer.any.push_back({.kind = Reaction::Kind::refused,
                          .codes = {200, 204},
                          .why = "the server answers it as plain HTTP"});
    const Expect second{
        .any = {{.kind = Reaction::Kind::upgraded,
                 .why = "the connection was kept for further requests"},
                {.kind = Reaction::Kind::end, .why = "the server ended the connection"},
                {.grade = Grade::informational,
                 .kind = Reaction::Kind::refused,
                 .why = "the next request is refused too"},
                kept_and_silent()},
        .source = "RFC 9112 9.3"};
    cases.push_back(
        opening_case("9." + std::to_string(++number),
                     "A good request follows one " + first.what + ", on the same connection",
                     "Each request is answered for what it says itself.",
                     {"RFC6455-4.2.1-1", "RFC6455-4.2.2-17", "RFC6455-4.2.1-13"}, Role::server,
                     {.request = first.head,
                      .answer = std::move(answer),
                      .steps = {PutRequest{first.next}, second}},
                     Level::should));
  }
}

}  // namespace

std::vector<Case> opening_mixture_cases() {
  std::vector<Case> cases;
  add_mixtures(cases);
  add_prefixes(cases);
  add_distances(cases);
  add_line_ends(cases);
  add_much_behind(cases);
  add_second_requests(cases);
  add_client_mixtures(cases);
  add_frames_behind_responses(cases);
  add_forms_of_choices(cases);
  return cases;
}

}  // namespace ws::conformance
