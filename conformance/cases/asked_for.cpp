// Section 33: what an endpoint starts by itself, once it is asked to (conformance/CONTROL.md):
// Close, Ping, messages, fragments (RFC 6455 sections 5.4, 5.5 and 7).
#include <functional>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/selection.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

Case asked_case(std::string id, std::string title, std::string purpose,
                std::vector<std::string> checks, Dialogue dialogue) {
  return {.id = "33." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"control-convention"},
          .dialogue = std::move(dialogue)};
}

Expect expect_close_of_peer(std::uint16_t code, const std::string& reason) {
  return {.any = {{.kind = Reaction::Kind::close,
                   .payload = text(reason),
                   .codes = {code},
                   .why = "the Close has the code and the reason that were asked for"}},
          .source = "RFC 6455 5.5.1"};
}

/// A client leaves it to the server to end TCP; a server does so when both have sent a Close.
Expect expect_patience() {
  return {.any = {{.kind = Reaction::Kind::silence, .why = "the endpoint waits"},
                  {.grade = Grade::non_strict,
                   .kind = Reaction::Kind::end,
                   .why = "TCP is ended too early",
                   .source = "RFC 6455 7.1.1"}},
          .within = milliseconds(400),
          .source = "RFC 6455 7.1.1"};
}

struct AskedClose {
  std::string words{};
  std::uint16_t code = kNoCode;
  std::string reason{};
  std::string what{};
};

std::vector<AskedClose> asked_closes() {
  std::vector<AskedClose> closes{{"close", kNoCode, "", "without a code"}};
  for (const unsigned code : {1000U, 1001U, 3000U, 3999U, 4000U, 4999U}) {
    const std::string digits = std::to_string(code);
    closes.push_back(
        {"close " + digits, static_cast<std::uint16_t>(code), "", "with the code " + digits});
  }
  const std::string longest(123, 'r');
  const std::string rocket = "\xf0\x9f\x9a\x80 ready \xe2\x82\xac";
  closes.push_back({"close 1000 going home", 1000, "going home", "with a reason"});
  closes.push_back({"close 4000 " + longest, 4000, longest, "with a reason of 123 bytes"});
  closes.push_back({"close 3000 " + rocket, 3000, rocket, "with a reason that is not ASCII"});
  return closes;
}

void add_closes(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-7.1.2-1", "RFC6455-7.3-3", "RFC6455-5.5.1-2",
                                        "RFC6455-5.5.1-3"};
  int number = 0;
  for (const AskedClose& close : asked_closes()) {
    const Expect came = expect_close_of_peer(close.code, close.reason);
    cases.push_back(asked_case("1." + std::to_string(++number), "The endpoint closes " + close.what,
                               "What its application says is what arrives.", checks,
                               {.steps = echo("before") + Steps{Ask{close.words}, came}}));
  }
}

/// Every code that an application may give, with reasons of all kinds up to the longest.
void add_reasons(std::vector<Case>& cases) {
  struct Kind {
    const char* what = nullptr;
    std::string reason{};
  };
  const Kind kinds[] = {
      {"a reason of one byte", "r"},
      {"a reason of two words, with two spaces between and one behind", "going  home "},
      {"a reason of digits", "1000"},
      {"a reason of 122 bytes", std::string(122, 'r')},
      {"a reason of 123 bytes that ends in a character of two", std::string(121, 'r') + "\xc3\xa9"},
      {"a reason of 123 bytes that ends in a character of four",
       std::string(119, 'r') + "\xf0\x9f\x9a\x80"},
      {"a reason of 41 characters of three bytes",
       [] {
         std::string euros;
         for (int i = 0; i < 41; ++i) euros += "\xe2\x82\xac";
         return euros;
       }()},
  };
  int number = 0;
  for (const unsigned code : {1000U, 1001U, 3000U, 4000U, 4999U}) {
    for (const Kind& kind : kinds) {
      const std::string digits = std::to_string(code);
      cases.push_back(asked_case(
          "10." + std::to_string(++number),
          "The endpoint closes with " + digits + " and " + kind.what,
          "What its application says is what arrives.",
          {"RFC6455-7.1.2-1", "RFC6455-5.5.1-2", "RFC6455-5.5.1-3"},
          {.steps = echo("before") +
                    Steps{Ask{"close " + digits + " " + kind.reason},
                          expect_close_of_peer(static_cast<std::uint16_t>(code), kind.reason)},
           .own_cuts = true}));
    }
  }
}

void add_last_words(std::vector<Case>& cases) {
  const Payload words = text("the last that is said");
  cases.push_back(asked_case(
      "1.11", "The endpoint sends a message, and closes at once",
      "What its application has said before the Close arrives before it.",
      {"RFC6455-7.1.2-1", "RFC6455-5.5.1-6", "RFC6455-5.6-1"},
      {.steps = echo("before") + Steps{Ask{"text the last that is said"}, Ask{"close 1000"},
                                       expect_message(Opcode::text, words),
                                       expect_close_of_peer(1000, "")}}));
}

/// What came before the wish to close, in one write with it, is answered before the Close.
void add_last_answers(std::vector<Case>& cases) {
  const Payload words = text("the last that is asked");
  const PutMessage whole{.type = Opcode::binary, .payload = words};
  const PutMessage parts{.payload = words, .fragments = {4, 9}};
  cases.push_back(asked_case(
      "1.12", "Messages come, and then the wish to close",
      "What an application has sent before the Close arrives before it.",
      {"RFC6455-7.1.2-1", "RFC6455-5.5.1-6", "RFC6455-5.6-1"},
      {.steps = echo("before") + Steps{whole, parts, Ask{"fragments 5 and in fragments"},
                                       Ask{"close 1001"}, expect_message(Opcode::binary, words),
                                       expect_message(Opcode::text, words),
                                       expect_message(Opcode::text, text("and in fragments")),
                                       expect_close_of_peer(1001, "")},
       .own_cuts = true}));
}

/// The Close of the endpoint, and what is done instead of the usual answer.
Dialogue after_close(const Steps& steps) {
  return {
      .steps = echo("before") + Steps{Ask{"close 1000"}, expect_close_of_peer(1000, "")} + steps,
      .keeps_close_open = true};
}

void add_answers(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-5.5.1-11", "RFC6455-5.5.1-12", "RFC6455-5.5.1-13",
                                        "RFC6455-7.1.1-3",  "RFC6455-7.1.1-5",  "RFC6455-7.1.1-6"};
  const std::string ended = "Who has sent and received a Close ends TCP, the server first.";
  struct Answer {
    PutFrame frame{};
    std::string what{};
    bool is_legal = true;
  };
  const Answer answers[] = {
      {frame(Opcode::close, hex("03e8")), "with the same code"},
      {frame(Opcode::close, hex("")), "without a code"},
      {frame(Opcode::close, hex("0fa0")), "with another code"},
      {frame(Opcode::close, hex("03e97265")), "with another code and a reason"},
      {frame(Opcode::close, hex("03")), "with a payload of one byte", false},
      {frame(Opcode::close, hex("03ed")), "with 1005, which may not be sent", false},
      {frame(Opcode::close, hex("03e8ff")), "with a reason that is not UTF-8", false},
  };
  int number = 0;
  for (const Answer& answer : answers) {
    ++number;
    Case server = asked_case(
        "2." + std::to_string(number), "The endpoint's Close is answered " + answer.what, ended,
        checks,
        after_close({answer.frame, expect_end(milliseconds(1500), "TCP ends",
                                              "TCP is kept open when both have closed")}));
    server.only_for = Role::server;
    cases.push_back(std::move(server));
  }
  for (const Answer& answer : answers) {
    ++number;
    if (!answer.is_legal) {
      // Who fails the connection need not wait for the server, and has sent its Close already.
      Case failing = asked_case(
          "2." + std::to_string(number), "A client's Close is answered " + answer.what, ended,
          checks,
          after_close({answer.frame, expect_end(kPatience, "the client ends TCP",
                                                "TCP is still open 35 s after a bad answer")}));
      failing.only_for = Role::client;
      failing.tags.emplace_back(kSlow);
      cases.push_back(std::move(failing));
      continue;
    }
    Case client =
        asked_case("2." + std::to_string(number),
                   "A client's Close is answered " + answer.what + ", and TCP kept a while", ended,
                   checks, after_close({answer.frame, expect_patience()}));
    client.only_for = Role::client;
    cases.push_back(std::move(client));
  }
}

void add_crossings(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-5.5.1-15", "RFC6455-5.5.1-6", "RFC6455-6.1-2",
                                        "RFC6455-7.1.2-2"};
  const std::string once = "A Close is sent once, and nothing behind it.";
  // What comes behind the last Close is of interest, or that nothing does.
  const Expect ended{.any = {{.kind = Reaction::Kind::end, .why = "nothing follows the Close"},
                             {.kind = Reaction::Kind::silence, .why = "nothing follows the Close"}},
                     .within = milliseconds(200),
                     .source = "RFC 6455 5.5.1"};
  const Expect closed = expect_close_of_peer(1000, "");
  const auto add = [&](std::string id, std::string title, const Steps& steps) {
    cases.push_back(asked_case("3." + std::move(id), std::move(title), once, checks,
                               {.steps = echo("before") + steps, .keeps_close_open = true}));
  };
  // The request and the harness's Close arrive in one read.
  Expect crossed = closed;
  crossed.any.push_back({.grade = Grade::informational,
                         .kind = Reaction::Kind::close,
                         .codes = {1001},
                         .why = "the Close is answered before the request is looked at"});
  add("1", "The Closes of both sides cross",
      {Ask{"close 1000"}, PutClose{1001}, std::move(crossed), ended});
  add("2", "A message arrives between the endpoint's Close and its answer",
      {Ask{"close 1000"}, PutMessage{.payload = text("on its way")}, closed, PutClose{1000},
       ended});
  add("3", "A message in fragments arrives between the endpoint's Close and its answer",
      {Ask{"close 1000"}, closed, PutMessage{.payload = text("on its way"), .fragments = {3, 3}},
       PutClose{1000}, ended});
  add("4", "A Ping arrives between the endpoint's Close and its answer",
      {Ask{"close 1000"}, closed, frame(Opcode::ping, text("there?")), PutClose{1000}, ended});
  add("5", "A hundred messages arrive between the endpoint's Close and its answer", [&] {
    Steps steps{Ask{"close 1000"}, closed};
    for (int i = 0; i < 100; ++i) {
      steps += Steps{PutMessage{.payload = repeat("0123456789", 1000)}};
    }
    return steps + Steps{PutClose{1000}, ended};
  }());
  add("6", "Two Closes answer the endpoint's one",
      {Ask{"close 1000"}, closed, PutClose{1000}, PutClose{1000}, ended});
  add("7", "The peer ends TCP in place of an answer",
      {Ask{"close 1000"}, closed, HalfClose{}, ended});
  Reaction gone{.grade = Grade::non_strict,
                .kind = Reaction::Kind::end,
                .why = "TCP ends before the endpoint's Close was answered",
                .source = "RFC 6455 7.1.1"};
  const Expect still_there{.any = {{.kind = Reaction::Kind::silence}, gone},
                           .within = milliseconds(150),
                           .source = "RFC 6455 5.5.1"};
  add("9", "The endpoint waits on when messages come in place of the answer to its Close",
      {Ask{"close 1000"}, closed, PutMessage{.payload = text("on its way")},
       PutMessage{.type = Opcode::binary, .payload = text("too"), .fragments = {1, 1}}, still_there,
       PutClose{1000}, ended});
  struct Late {
    const char* what = nullptr;
    Steps steps{};
  };
  PutFrame cut = frame(Opcode::text, text("on its way, in two writes"));
  cut.cut = 9;
  const Payload large = repeat("on its way ", 70'000);
  const Late late[] = {
      {"a Ping comes", {frame(Opcode::ping, text("there?"))}},
      {"empty Pings and the longest come",
       {frame(Opcode::ping, text("")), frame(Opcode::ping, repeat("there? ", 125)),
        frame(Opcode::ping, text(""))}},
      {"a Pong comes", {frame(Opcode::pong, text("here"))}},
      {"empty messages come",
       {PutMessage{}, PutMessage{.type = Opcode::binary, .fragments = {0, 0}}}},
      {"a message in fragments comes, with a Ping inside",
       {PutFrame{.fin = false, .payload = text("on its ")}, frame(Opcode::ping, text("there?")),
        PutFrame{.opcode = 0, .payload = text("way")}}},
      {"a message begins and does not end",
       {PutFrame{.fin = false, .opcode = 2, .payload = text("on its ")},
        PutFrame{.fin = false, .opcode = 0, .payload = text("way")}}},
      {"a message comes in two writes", {cut}},
      {"a message of 70,000 bytes comes",
       {PutMessage{.type = Opcode::binary, .payload = large, .fragments = {300, 66'000}}}},
  };
  int number = 9;
  for (const auto& [what, steps] : late) {
    add(std::to_string(++number),
        "The endpoint waits on when " + std::string(what) + " in place of the answer to its Close",
        Steps{Ask{"close 1000"}, closed} + steps + Steps{still_there, PutClose{1000}, ended});
  }
  const PutMessage compressed{.payload = text("on its way, on its way"),
                              .coding = PutMessage::Coding::compressed};
  add(std::to_string(++number),
      "The endpoint waits on when compressed messages come in place of the answer to its Close",
      {Ask{"close 1000"}, closed, compressed, compressed, still_there, PutClose{1000}, ended});
  cases.back().dialogue->deflate = usual_deflate();
  // Whatever came, a server ends TCP when both have sent a Close.
  const Expect over = expect_end(milliseconds(1000), "TCP ends behind the Closes of both sides",
                                 "TCP is still open 1 s after the Closes of both sides");
  for (const auto& [what, steps] : late) {
    add(std::to_string(++number),
        "A server ends TCP at the answer to its Close when before it " + std::string(what),
        Steps{Ask{"close 1000"}, closed} + steps + Steps{PutClose{1000}, over});
    cases.back().only_for = Role::server;
  }
  number = 26;
  add(std::to_string(++number),
      "A server ends TCP at the answer to its Close that comes more than a second later",
      {Ask{"close 1000"}, closed, Rest{milliseconds(1200)}, PutClose{1000}, over});
  cases.back().only_for = Role::server;
  // The Close may go out before what waits, or behind it.
  const Payload waiting = repeat("0123456789abcdefghij", 900'000);
  Expect echoed = expect_message(Opcode::binary, waiting);
  echoed.within = milliseconds(10'000);
  echoed.any.push_back({.grade = Grade::informational,
                        .kind = Reaction::Kind::close,
                        .codes = {1000, 1008, 1009},
                        .why = "the endpoint closes before the message is answered"});
  add(std::to_string(++number),
      "A server ends TCP at the answer to its Close that had to wait for a slow reader",
      {Reading{false}, PutMessage{.type = Opcode::binary, .payload = waiting},
       Rest{milliseconds(50)}, Ask{"close 1000"}, Rest{milliseconds(50)}, Reading{true}, echoed,
       closed, PutClose{1000}, over});
  cases.back().only_for = Role::server;
  Case test = asked_case("3.8", "A server waits for the answer to its Close",
                         "The Close of the client belongs to a clean end.",
                         {"RFC6455-7.1.2-2", "RFC6455-5.5.1-11"}, after_close({expect_patience()}));
  test.only_for = Role::server;
  cases.push_back(std::move(test));
}

void add_silences(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-7.1.1-4", "RFC6455-5.5.1-14"};
  const std::string bound = "Who gets no answer to a Close ends TCP some time.";
  const std::string waits = "TCP is still open 35 s after a Close that nobody answered";
  Dialogue silent = after_close({expect_end(kPatience, "TCP ends", waits)});
  silent.own_cuts = true;
  Case test = asked_case("4.1", "The endpoint's Close is never answered", bound, checks, silent);
  test.tags.emplace_back(kSlow);
  cases.push_back(test);
  // What keeps coming is no answer.
  Steps trickle;
  for (int i = 0; i < 35; ++i) {
    trickle += Steps{Rest{milliseconds(1000)}, frame(Opcode::pong, text("still here"))};
  }
  Dialogue trickling =
      after_close(trickle + Steps{expect_end(milliseconds(1000), "TCP ends", waits)});
  trickling.own_cuts = true;
  test = asked_case("4.2", "In place of an answer to the endpoint's Close there come Pongs", bound,
                    checks, trickling);
  test.tags.emplace_back(kSlow);
  cases.push_back(test);
}

/// Whoever has sent a Close has nothing more to say, whatever is asked of it.
void add_questions_behind(std::vector<Case>& cases) {
  const Expect quiet{.any = {{.kind = Reaction::Kind::end, .why = "nothing follows the Close"},
                             {.kind = Reaction::Kind::silence, .why = "nothing follows the Close"}},
                     .within = milliseconds(200),
                     .source = "RFC 6455 5.5.1"};
  int number = 0;
  for (const char* words : {"close", "close 1001", "close 1000 again", "text hello", "binary hello",
                            "fragments 2 hello"}) {
    Case test = asked_case(
        "6." + std::to_string(++number),
        "A " + std::string(words) + " is asked for behind the endpoint's Close",
        "A Close is sent once, and nothing behind it.", {"RFC6455-5.5.1-6", "RFC6455-7.1.2-2"},
        after_close({PutMessage{.payload = text("x-wsproof " + std::string(words))}, quiet}));
    test.dialogue->own_cuts = true;
    cases.push_back(std::move(test));
  }
}

void add_frames(std::vector<Case>& cases) {
  const auto add = [&](std::string id, std::string title, std::string purpose,
                       std::vector<std::string> checks, const Steps& steps) {
    cases.push_back(asked_case("5." + std::move(id), std::move(title), std::move(purpose),
                               std::move(checks), {.steps = lives_through(steps)}));
  };
  const auto ping = [](const Payload& payload) {
    return Expect{.any = {{.kind = Reaction::Kind::ping, .payload = payload}},
                  .source = "RFC 6455 5.5.2"};
  };
  const std::vector<std::string> of_ping{"RFC6455-5.5.2-1", "RFC6455-5.5-1"};
  const std::string longest(125, 'p');
  add("1", "The endpoint sends a Ping with a payload", "Its Pong disturbs nothing.", of_ping,
      {Ask{"ping are you there"}, ping(text("are you there"))});
  add("2", "The endpoint sends an empty Ping", "Its Pong disturbs nothing.", of_ping,
      {Ask{"ping "}, ping(text(""))});
  add("3", "The endpoint sends a Ping of 125 bytes", "Its Pong disturbs nothing.", of_ping,
      {Ask{"ping " + longest}, ping(text(longest))});
  add("4", "The endpoint sends a Pong that nobody asked for", "It is a frame like any other.",
      {"RFC6455-5.5.3-3", "RFC6455-5.5-1"},
      {Ask{"pong hello"}, Expect{.any = {{.kind = Reaction::Kind::pong, .payload = text("hello")}},
                                 .source = "RFC 6455 5.5.3"}});
  const std::vector<std::string> of_message{"RFC6455-5.6-1", "RFC6455-5.4-2", "RFC6455-6.1-4",
                                            "RFC6455-6.1-5"};
  struct Message {
    std::string words{};
    Opcode type = Opcode::text;
    std::string payload{};
    std::string what{};
  };
  const Message messages[] = {
      {"text hello", Opcode::text, "hello", "a text message"},
      {"text ", Opcode::text, "", "an empty text message"},
      {"text \xe2\x82\xac\xf0\x9f\x9a\x80", Opcode::text, "\xe2\x82\xac\xf0\x9f\x9a\x80",
       "a text that is not ASCII"},
      {"binary hello", Opcode::binary, "hello", "a binary message"},
      {"fragments 3 abcdefghij", Opcode::text, "abcdefghij", "a text in four fragments"},
      {"fragments 1 \xe2\x82\xac\xf0\x9f\x9a\x80", Opcode::text, "\xe2\x82\xac\xf0\x9f\x9a\x80",
       "a text whose characters are cut by fragments"},
      {"fragments 50 short", Opcode::text, "short", "a text in a fragment that is the only one"},
  };
  int number = 4;
  for (const Message& message : messages) {
    add(std::to_string(++number), "The endpoint sends " + message.what,
        "A message that is no answer has the same form.", of_message,
        {Ask{message.words}, expect_message(message.type, text(message.payload))});
  }
  const std::string twice = "compressed in fragments, compressed in fragments";
  cases.push_back(asked_case(
      "5.13", "The endpoint sends a text in fragments, compressed if it likes",
      "RSV1 stands on the first fragment, and on no other.",
      {"RFC7692-6.1-1", "RFC7692-6.1-4", "RFC6455-6.1-4"},
      {.deflate = usual_deflate(),
       .steps =
           lives_through({Ask{"fragments 5 " + twice}, expect_message(Opcode::text, text(twice)),
                          Ask{"fragments 1 z"}, expect_message(Opcode::text, text("z"))})}));
  Case ends = asked_case(
      "5.12", "The endpoint ends TCP without a Close", "The next connection knows nothing of it.",
      {"RFC6455-7.1.1-2"},
      {.steps = echo("before") + Steps{Ask{"end"}, Expect{.any = {{.kind = Reaction::Kind::end}},
                                                          .source = "RFC 6455 7.1.5"}}});
  cases.push_back(std::move(ends));
  add("14", "Five and a half seconds pass behind a Ping of the endpoint that was answered",
      "With its Pong the wait for it is over.", of_ping,
      {Ask{"ping are you there"}, ping(text("are you there")), Rest{milliseconds(5500)}});
  cases.back().tags.emplace_back(kSlow);
}

/// Whoever closes waits for the answer, whatever it closes with.
void add_patience(std::vector<Case>& cases) {
  int number = 0;
  for (const AskedClose& close : asked_closes()) {
    const Expect came = expect_close_of_peer(close.code, close.reason);
    Expect waits = expect_patience();
    waits.within = milliseconds(100);
    for (const bool in_between : {false, true}) {
      Steps steps = echo("before") + Steps{Ask{close.words}, came};
      if (in_between) {
        steps +=
            Steps{PutMessage{.payload = text("on its way")}, frame(Opcode::ping, text("there?"))};
      }
      steps += Steps{waits, PutClose{close.code == kNoCode ? std::optional<std::uint16_t>()
                                                           : std::optional(close.code)}};
      cases.push_back(
          asked_case("7." + std::to_string(++number),
                     "The endpoint closes " + close.what + ", and waits for the answer" +
                         (in_between ? ", though a message and a Ping come first" : ""),
                     "A Close is answered, and who has sent it waits for that.",
                     {"RFC6455-7.1.2-2", "RFC6455-5.5.1-11"},
                     {.steps = std::move(steps), .keeps_close_open = true, .own_cuts = true}));
    }
  }
}

/// What an endpoint sends by itself leaves nothing behind: whatever comes then is answered as ever.
void add_own_frames_and_answers(std::vector<Case>& cases) {
  struct Own {
    std::string what{};
    Steps steps{};
  };
  const std::string said = "said by itself, at length";
  const auto asked = [](const std::string& words, Reaction reaction) {
    return Steps{Ask{words}, Expect{.any = {std::move(reaction)}, .source = "RFC 6455 5.5.2"}};
  };
  const auto message = [](const std::string& words, Opcode type, const std::string& payload) {
    return Steps{Ask{words}, expect_message(type, text(payload))};
  };
  const Own owns[] = {
      {"a Ping", asked("ping " + said, {.kind = Reaction::Kind::ping, .payload = text(said)})},
      {"an empty Ping", asked("ping ", {.kind = Reaction::Kind::ping, .payload = text("")})},
      {"a Ping of 125 bytes", asked("ping " + std::string(125, 'p'),
                                    {.kind = Reaction::Kind::ping, .payload = repeat("p", 125)})},
      {"a Pong", asked("pong " + said, {.kind = Reaction::Kind::pong, .payload = text(said)})},
      {"a text", message("text " + said, Opcode::text, said)},
      {"an empty text", message("text ", Opcode::text, "")},
      {"a binary message", message("binary " + said, Opcode::binary, said)},
      {"a text in fragments", message("fragments 4 " + said, Opcode::text, said)},
  };
  const Own others[] = {
      {"a Ping", ping_answered(text("other"))},
      {"an empty Ping", ping_answered(text(""))},
      {"two Pings", ping_answered(text("one")) + ping_answered(text("the other"))},
      {"a Ping of 125 bytes", ping_answered(repeat("q", 125))},
      {"a Pong that nobody waits for, and a Ping",
       Steps{frame(Opcode::pong, text("other"))} + ping_answered(text("mine"))},
      {"a short text", echo("t")},
      {"an empty text", echo("")},
      {"a text of the same length", echo(std::string(said.size(), 't'))},
      {"a binary message", echo(Opcode::binary, hex("00 ff"))},
      {"a long binary message", echo(Opcode::binary, repeat("long ", 300))},
      {"a message in fragments, with a Ping inside",
       Steps{PutFrame{.fin = false, .opcode = 2, .payload = text("in ")}} +
           ping_answered(text("inside")) +
           Steps{PutFrame{.opcode = 0, .payload = text("parts")},
                 expect_message(Opcode::binary, text("in parts"))}},
  };
  int number = 0;
  for (const bool with_deflate : {false, true}) {
    for (const Own& own : owns) {
      Steps steps;
      for (const Own& other : others) steps += own.steps + other.steps;
      // And both inside a message that has begun.
      steps += Steps{PutFrame{.fin = false, .opcode = 1, .payload = text("begun ")}};
      steps += ping_answered(text("first"));
      steps += Steps{PutFrame{.opcode = 0, .payload = text("and ended")},
                     expect_message(Opcode::text, text("begun and ended"))};
      if (with_deflate) {
        steps += own.steps + compressed_echo(text(said)) + own.steps +
                 compressed_echo(text(said + " and more"), {3}) + own.steps +
                 compressed_echo(text(""));
      }
      Case test = asked_case("8." + std::to_string(++number),
                             "The endpoint has sent " + own.what + ", and what comes is answered" +
                                 (with_deflate ? ", with compression agreed on" : ""),
                             "What is said of oneself is no answer to anything.",
                             {"RFC6455-5.5.2-2", "RFC6455-5.5.3-1", "RFC6455-5.6-1"},
                             {.steps = lives_through(steps)});
      if (with_deflate) test.dialogue->deflate = usual_deflate();
      cases.push_back(std::move(test));
    }
  }
  // A Close is answered with what it says, in the same way.
  number = 0;
  for (const Own& own : owns) {
    int kind = 0;
    for (const std::optional<std::uint16_t> code :
         {std::optional<std::uint16_t>(), std::optional<std::uint16_t>(1000),
          std::optional<std::uint16_t>(4999)}) {
      const Payload reason = kind++ == 2 ? text("gone") : Payload();
      cases.push_back(asked_case(
          "9." + std::to_string(++number),
          "The endpoint has sent " + own.what + ", and a Close " +
              (code ? "with " + std::to_string(*code) : "without a code") + " is answered",
          "What is said of oneself is no answer to anything.",
          {"RFC6455-5.5.1-7", "RFC6455-5.5.1-3"},
          {.steps = echo("before") + own.steps +
                    Steps{PutClose{.code = code, .reason = reason}, expect_close_answer(code)}}));
    }
  }
}

/// Messages of the endpoint's own in every form of the length, and in fragments of each.
void add_lengths_of_its_own(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-5.2-7", "RFC6455-6.1-4", "RFC6455-5.6-1"};
  const auto said = [](std::uint64_t size) { return repeat("0123456789", size); };
  const auto words = [](std::uint64_t size) {
    std::string digits;
    while (digits.size() < size) digits += "0123456789";
    return digits.substr(0, size);
  };
  int number = 0;
  const auto add = [&](const std::string& title, bool with_deflate,
                       const std::function<Steps()>& steps) {
    Case test = asked_case("11." + std::to_string(++number),
                           title + (with_deflate ? ", with compression agreed on" : ""),
                           "The length of a message says where the next begins.", checks, {});
    if (with_deflate) test.dialogue->deflate = usual_deflate();
    test.dialogue->own_cuts = true;
    test.late_steps = [steps] { return lives_through(steps()); };
    cases.push_back(std::move(test));
  };
  for (const bool with_deflate : {false, true}) {
    for (const Opcode type : {Opcode::text, Opcode::binary}) {
      const std::string kind = type == Opcode::text ? "text" : "binary";
      add("The endpoint sends " + kind + " messages of many lengths", with_deflate, [=] {
        Steps steps;
        for (const std::uint64_t size :
             {0U, 1U, 124U, 125U, 126U, 127U, 128U, 255U, 256U, 1000U, 4096U, 32'768U, 65'534U,
              65'535U, 65'536U, 65'537U, 70'000U}) {
          steps += Steps{Ask{kind + " " + words(size)}, expect_message(type, said(size))};
          if (size % 2 == 0) steps += echo("between");
        }
        return steps;
      });
    }
    add("The endpoint sends texts in fragments of many lengths", with_deflate, [=] {
      Steps steps;
      for (const std::uint64_t size :
           {2U, 3U, 124U, 125U, 126U, 127U, 128U, 1000U, 4096U, 65'535U, 65'536U}) {
        for (const std::uint64_t whole : {2 * size, 2 * size + 1, size - 1}) {
          steps += Steps{Ask{"fragments " + std::to_string(size) + " " + words(whole)},
                         expect_message(Opcode::text, said(whole))};
        }
        steps += ping_answered(text("between"));
      }
      return steps;
    });
  }
}

/// What an endpoint says by itself and what it answers, asked for in one write: each frame arrives
/// as a whole, and messages in the order in which they were asked for. Control frames may overtake.
void add_both_at_once(std::vector<Case>& cases) {
  struct Part {
    std::string what{};
    Steps put{};
    Steps expected{};
  };
  const std::string said = "said by itself, at length";
  const std::string long_words(300, 'b');
  const auto own = [](std::string what, const std::string& words, Reaction reaction) {
    return Part{.what = std::move(what),
                .put = {Ask{words}},
                .expected = {Expect{.any = {std::move(reaction)}, .source = "RFC 6455 5.4"}}};
  };
  const auto own_message = [](std::string what, const std::string& words, Opcode type,
                              const std::string& payload) {
    return Part{.what = std::move(what),
                .put = {Ask{words}},
                .expected = {expect_message(type, text(payload))}};
  };
  const Part owns[] = {
      own("a Ping", "ping " + said, {.kind = Reaction::Kind::ping, .payload = text(said)}),
      own("an empty Ping", "ping ", {.kind = Reaction::Kind::ping, .payload = text("")}),
      own("a Pong", "pong " + said, {.kind = Reaction::Kind::pong, .payload = text(said)}),
      own_message("a text", "text " + said, Opcode::text, said),
      own_message("a long binary message", "binary " + long_words, Opcode::binary, long_words),
      own_message("a text in fragments", "fragments 4 " + said, Opcode::text, said),
  };
  const auto answered = [](const Steps& steps) {
    return Part{.put = {steps.begin(), steps.end() - 1}, .expected = {steps.back()}};
  };
  const Part others[] = {
      answered(echo("other")),
      answered(echo(Opcode::binary, repeat("long ", 400))),
      answered(Steps{PutMessage{.payload = text("in parts, and more"), .fragments = {3, 5}},
                     expect_message(Opcode::text, text("in parts, and more"))}),
      // Other words in fragments, so that each of two can be told from the other.
      own_message("", "fragments 3 of other words", Opcode::text, "of other words"),
      own_message("", "binary other", Opcode::binary, "other"),
  };
  Part ping = answered(ping_answered(text("mine")));
  std::get<Expect>(ping.expected.back()).prompt = false;
  int number = 0;
  for (const bool with_deflate : {false, true}) {
    for (const Part& part : owns) {
      Steps steps;
      for (const Part& other : others) {
        steps += part.put + other.put + part.expected + other.expected;
        steps += other.put + part.put + other.expected + part.expected;
        steps += part.put + other.put + other.put + part.put + part.expected + other.expected +
                 other.expected + part.expected;
      }
      // A Ping may be answered before what came before it, and the latest of two alone.
      steps += ping.put + part.put + ping.expected + part.expected;
      if (part.what != "a Pong") steps += part.put + ping.put + part.expected + ping.expected;
      if (with_deflate) {
        const Part compressed = answered(compressed_echo(text(said + ", " + said)));
        steps += part.put + compressed.put + compressed.put + part.expected + compressed.expected +
                 compressed.expected;
        steps += compressed.put + part.put + compressed.put + compressed.expected + part.expected +
                 compressed.expected;
      }
      Case test = asked_case("12." + std::to_string(++number),
                             "The endpoint sends " + part.what + ", and answers, at once" +
                                 (with_deflate ? ", with compression agreed on" : ""),
                             "Who writes takes turns.",
                             {"RFC6455-5.4-5", "RFC6455-5.5.2-1", "RFC6455-5.6-1"},
                             {.steps = lives_through(steps), .own_cuts = true});
      if (with_deflate) test.dialogue->deflate = usual_deflate();
      cases.push_back(std::move(test));
    }
  }
}

/// A client has one connection to an address at a time that is not open yet.
void add_connections(std::vector<Case>& cases) {
  const Visitors visitors;
  Case test = asked_case(
      "13.1",
      "A client is asked for " + std::to_string(visitors.count) + " more connections at once",
      "A server is not to be flooded by what a page does.", {"RFC6455-4.1-4", "RFC6455-4.1-5"},
      {.steps = echo("before") + Steps{Ask{"connect " + std::to_string(visitors.count)}, visitors} +
                echo("after") + closed_cleanly(),
       .own_cuts = true});
  test.only_for = Role::client;
  test.needs = {Need::sockets};
  cases.push_back(std::move(test));
}

}  // namespace

std::vector<Case> asked_for_cases() {
  std::vector<Case> cases;
  add_closes(cases);
  add_reasons(cases);
  add_last_words(cases);
  add_last_answers(cases);
  add_answers(cases);
  add_crossings(cases);
  add_silences(cases);
  add_frames(cases);
  add_questions_behind(cases);
  add_patience(cases);
  add_own_frames_and_answers(cases);
  add_lengths_of_its_own(cases);
  add_both_at_once(cases);
  add_connections(cases);
  return cases;
}

}  // namespace ws::conformance
