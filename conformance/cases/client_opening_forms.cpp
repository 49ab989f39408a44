// Section 21, continued: the good response in all the forms that RFC 9112 lets it take, fields that
// only look like those of the handshake, and accept values that are nearly right.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"

namespace ws::conformance {
namespace {

void add_accept_values(ClientOpeningSection& section) {
  int number = 0;
  for (const int position : {0, 1, 3, 7, 8, 13, 15, 16, 18, 19, 20, 23, 24, 25, 26, 27}) {
    const std::string place = std::to_string(position);
    section.refuses("8." + std::to_string(++number),
                    "An accept value that differs in the character " + place + " is refused",
                    {"RFC6455-4.1-45"},
                    good_response().set("Sec-WebSocket-Accept", "{accept-changed-" + place + "}"));
  }
  for (const int size : {1, 8, 16, 20, 24, 26, 27}) {
    const std::string digits = std::to_string(size);
    section.refuses("8." + std::to_string(++number),
                    "The first " + digits + " characters of the accept value are refused",
                    {"RFC6455-4.1-45"},
                    good_response().set("Sec-WebSocket-Accept", "{accept-first-" + digits + "}"));
  }
  for (const char* value : {"\"{accept}\"", "{accept}=", "{accept} x", "x {accept}", "x{accept}x",
                            "{accept},", "={accept}", "{accept};a=b", "sha1={accept}"}) {
    section.refuses("8." + std::to_string(++number),
                    "The accept value " + std::string(value) + " is refused", {"RFC6455-4.1-45"},
                    good_response().set("Sec-WebSocket-Accept", value));
  }
  for (const char* between : {" ", "\t", ",", "  ", "%20", "\\"}) {
    for (const char* place : {"1", "14", "27"}) {
      const std::string at(place);
      section.refuses(
          "8." + std::to_string(++number),
          "An accept value with \"" + std::string(between) + "\" behind " + at +
              " characters is refused",
          {"RFC6455-4.1-45"},
          good_response().set("Sec-WebSocket-Accept",
                              "{accept-first-" + at + "}" + between + "{accept-from-" + at + "}"));
      section.last().dialogue->own_cuts = true;
    }
  }
}

/// Fields that a client does not need to know, first and last among those that it does.
void add_strangers(ClientOpeningSection& section) {
  const std::pair<std::string, const char*> strangers[] = {
      {"Upgrade-Insecure-Requests: 1", "that begins like Upgrade"},
      {"Connection-Id: close", "that begins like Connection"},
      {"Sec-WebSocket-Accept-Other: AAAA", "that begins like the accept value"},
      {"Sec-WebSocket-Extensions-Other: x-unoffered", "that begins like the extensions"},
      {"Sec-WebSocket-Protocols: x-unoffered", "that begins like the subprotocols"},
      {"X-Upgrade: h2c", "that ends like Upgrade"},
      {"Proxy-Connection: close", "that ends like Connection"},
      {"X-Sec-WebSocket-Accept: AAAA", "that ends like the accept value"},
      {"X-Sec-WebSocket-Protocol: x-unoffered", "that ends like the subprotocols"},
      {"X-Note: Upgrade: h2c", "with Upgrade in its value"},
      {"X-Note: a, Connection: close", "with Connection in its value"},
      {"X-Note: Sec-WebSocket-Accept: AAAA", "with an accept value in its value"},
      {"X-Note: Sec-WebSocket-Protocol: x-unoffered", "with a subprotocol in its value"},
      {"X-Note: Sec-WebSocket-Extensions: x-unoffered", "with an extension in its value"},
      {"X-Note: HTTP/1.1 404 Not Found", "with a status line in its value"},
      {"X!#$%&'*+-.^_`|~0: value", "with every sign that a name may have"},
      {"x: y", "of one letter"},
      {"X-Empty:", "without a value"},
      {"X-Empty: \t ", "with nothing but white space"},
      {R"(X-Quoted: "a\"b, c: d"; e=f)", "with a quoted value"},
      {"X-Colons: ::a::", "with colons in its value"},
      {"Date: Wed, 25 Nov 2026 10:00:00 GMT", "with a date"},
      {"Set-Cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\nSet-Cookie: e=f", "that comes three times"},
      {"X-Long: " + std::string(1000, 'x'), "of a thousand bytes"},
      {"X-Long: " + std::string(1030, 'x'), "of more than 1024 bytes"},
      {"X-Long: " + std::string(4000, 'x'), "of four thousand bytes"},
  };
  int number = 0;
  for (const auto& [line, what] : strangers) {
    const std::pair<const char*, Head> places[] = {{" in front", with_first(good_response(), line)},
                                                   {" behind", good_response().with(line)}};
    for (const auto& [where, response] : places) {
      const std::string id = "11." + std::to_string(++number);
      const std::string title = "A field " + std::string(what) + where + " is passed over";
      // A client may have a limit (RFC 9110 5.4).
      if (line.starts_with("X-Long")) {
        section.should_accept(id, title, {"RFC6455-4.1-39"}, response);
      } else {
        section.accepts(id, title, {"RFC6455-4.1-39"}, response);
      }
    }
  }
  // Their charset has been none since RFC 7230; a client that is strict about it is no danger.
  section.answers("11." + std::to_string(++number), "A field with bytes from 0x80 on is answered",
                  {"RFC6455-4.1-39"}, good_response().with("X-Bytes: \xe4\xf6\xfc \xff\x80"));
  for (const int fields : {20, 31, 33, 63, 65}) {
    section.should_accept("11." + std::to_string(++number),
                          std::to_string(fields) + " more fields behind are accepted",
                          {"RFC6455-4.1-39"}, with_crowd(good_response(), fields));
  }
  // Who has a limit for fields refuses the rest, and does not only forget it.
  for (const int fields : {65, 90}) {
    section.should_accept("11." + std::to_string(++number),
                          std::to_string(fields) + " more fields in front are accepted",
                          {"RFC6455-4.1-39"}, behind_crowd(good_response(), fields));
  }
  for (const int fields : {33, 65, 101, 129}) {
    const std::string behind = " behind " + std::to_string(fields) + " more fields is refused";
    const Head crowded = with_crowd(good_response(), fields);
    section.refuses("11." + std::to_string(++number),
                    "A subprotocol that was not asked for" + behind, {"RFC6455-4.1-47"},
                    crowded.with("Sec-WebSocket-Protocol: wsproof-unoffered"));
    section.refuses("11." + std::to_string(++number), "An extension that was not offered" + behind,
                    {"RFC6455-4.1-46"},
                    crowded.with("Sec-WebSocket-Extensions: x-wsproof-unoffered"));
  }
}

void add_start_lines(ClientOpeningSection& section) {
  int number = 0;
  for (const char* line :
       {"HTTP/1.1 200 101 Switching Protocols", "HTTP/1.1 404 Not 101", "HTTP/1.1 10", "HTTP/1.1 1",
        "HTTP/1.1 1011", "HTTP/1.1 -101 Switching Protocols", "HTTP/1.1", "101 Switching Protocols",
        "xHTTP/1.1 101 Switching Protocols", "HTTP/1.1 65637 Switching Protocols",
        "HTTP/1.1 357 Switching Protocols"}) {
    section.refuses("12." + std::to_string(++number),
                    "The status line " + std::string(line) + " does not open the connection",
                    {"RFC6455-4.1-48"}, good_response().started(line));
    section.last().dialogue->opens = false;
    auto& wait = std::get<Expect>(section.last().dialogue->steps.back());
    wait.within = milliseconds(500);
    wait.any.push_back({.kind = Reaction::Kind::silence,
                        .why = "the client keeps the connection, but not as a WebSocket"});
  }
  // Who finds no 101 in what follows may go on as HTTP has it.
  const auto or_kept = [&section] {
    std::get<Expect>(section.last().dialogue->steps.back())
        .any.push_back({.kind = Reaction::Kind::silence,
                        .why = "the client keeps the connection, but not as a WebSocket"});
  };
  // Against the grammar, but a 101 to whoever is lenient.
  for (const char* line :
       {"HTTP/1.1 101x", "HTTP/1.1 0101 Switching Protocols", "HTTP/1.1 +101 Switching Protocols",
        "HTTP/1.1.1 101 Switching Protocols"}) {
    section.should_refuse("12." + std::to_string(++number),
                          "The status line " + std::string(line) + " does not open the connection",
                          {"RFC6455-4.1-48"}, good_response().started(line));
    or_kept();
  }
  // No sentence has the client look at the version.
  for (const char* version : {"http/1.1", "HTTP/2.0", "HTTP/2", "HTTP/0.9", "HTTP/11.1"}) {
    section.should_refuse(
        "12." + std::to_string(++number),
        "A 101 of " + std::string(version) + " does not open the connection", {"RFC6455-4.1-48"},
        good_response().started(std::string(version) + " 101 Switching Protocols"));
    or_kept();
  }
  for (const char* reason : {"OK", "101", "Switching  Protocols", "switching protocols",
                             "Switching Protocols: a, b; c=\"d\"", "HTTP/1.1 404 Not Found"}) {
    section.accepts("12." + std::to_string(++number),
                    "The reason phrase " + std::string(reason) + " does not matter",
                    {"RFC6455-4.1-39"},
                    good_response().started("HTTP/1.1 101 " + std::string(reason)));
  }
}

/// RFC 9110 section 15.4: who follows redirections should see that one goes round in a circle.
void add_redirections(ClientOpeningSection& section) {
  int number = 0;
  for (const char* status : {"302 Found", "307 Temporary Redirect"}) {
    const bool is_absolute = *(status + 2) == '7';
    section.refuses(
        "39." + std::to_string(++number),
        std::string("A ") + status + " to the URL that was asked for is not followed for ever",
        {"RFC6455-4.1-40"},
        good_response()
            .started("HTTP/1.1 " + std::string(status))
            .with(is_absolute ? "Location: ws://{host}{resource}" : "Location: {resource}"));
    section.last().level = Level::should;
    section.last().dialogue->own_cuts = true;
    section.last().dialogue->opens = false;
    auto& wait = std::get<Expect>(section.last().dialogue->steps.back());
    wait.within = milliseconds(50);  // of many
    wait.any.push_back({.kind = Reaction::Kind::silence,
                        .why = "the client keeps the connection, but not as a WebSocket"});
  }
  // Section 10.2.2 there: a reference is resolved against the URL that was asked for, as RFC 3986
  // has it. The runner knows by "again=" what is asked for then.
  const std::pair<const char*, const char*> elsewhere[] = {
      {"a query with escapes", "{resource}&again=%41%2f%25"},
      {"a relative path", ".{resource}&again=1"},
      {"the authority and a fragment", "//{host}{resource}&again=1#part"},
      {"another name of the host", "//{other}{resource}&again=1"},
      // The runner sends whoever comes here on, to a path that is relative to this one.
      {"a path of its own", "/again=1/elsewhere"},
  };
  for (const auto& [what, location] : elsewhere) {
    section.refuses(
        "39." + std::to_string(++number),
        std::string("Who follows a redirection with ") + what + " asks for just what it says",
        {"RFC6455-4.1-40"},
        good_response().started("HTTP/1.1 302 Found").with("Location: " + std::string(location)));
    section.last().level = Level::should;
    section.last().dialogue->own_cuts = true;
    section.last().dialogue->opens = false;
    auto& wait = std::get<Expect>(section.last().dialogue->steps.back());
    wait.within = milliseconds(50);
    wait.any.push_back({.kind = Reaction::Kind::silence,
                        .why = "the client keeps the connection, but not as a WebSocket"});
  }
}

const Payload kAnswerWords = text("words words words words");

std::vector<DialogueStep> compressed_exchange(const Payload& words) {
  return {PutMessage{.payload = words, .coding = PutMessage::Coding::compressed},
          expect_message(Opcode::text, words)};
}

/// What a server may say of compression although it was not asked (RFC 7692 section 7.1). One
/// message each way keeps to all of it.
void add_unasked_parameters(ClientOpeningSection& section) {
  int number = 0;
  for (const char* parameter :
       {"server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=15",
        "server_max_window_bits=12", "server_no_context_takeover; client_no_context_takeover",
        "client_no_context_takeover; server_max_window_bits=\"10\""}) {
    section.should_accept(
        "14." + std::to_string(++number),
        "The answer " + std::string(parameter) + " is accepted, asked for or not",
        {"RFC7692-7.1.1.1-4"},
        {.response = good_response().with("Sec-WebSocket-Extensions: permessage-deflate; " +
                                          std::string(parameter)),
         .deflate = Negotiation{.wishes = {ServerWish{.needs_full_server_window = true}}},
         .steps = compressed_exchange(kAnswerWords) + closed_cleanly()});
  }
}

/// White space may stand between any two tokens of the list, and what a client has offered it has
/// to live with.
void add_forms_of_answers(ClientOpeningSection& section) {
  const auto answered = [&](const std::string& id, const std::string& title,
                            const std::string& extensions, const ServerWish& wish,
                            const Reaction& refused, const Payload& words = kAnswerWords) {
    const std::vector<DialogueStep> steps = compressed_exchange(words);
    auto first = echo("opened");
    std::get<Expect>(first.back()).any.push_back(refused);
    section.should_accept(
        id, title, {"RFC7692-7.1.1.1-4"},
        {.response = good_response().with("Sec-WebSocket-Extensions: " + extensions),
         .deflate = Negotiation{.wishes = {wish}},
         .steps = first + steps + steps + closed_cleanly()});
  };
  const Reaction no_space{.grade = Grade::non_strict,
                          .kind = Reaction::Kind::end,
                          .why = "the client knows no white space there",
                          .source = "RFC 6455 9.1"};
  const ServerWish usual{.needs_full_server_window = true};
  const ServerWish forgetting{.needs_full_server_window = true, .server_no_context_takeover = true};
  answered("14.7", "White space before a semicolon of the answer is accepted",
           "permessage-deflate ; server_no_context_takeover", forgetting, no_space);
  answered("14.8", "Tabs around a semicolon of the answer are accepted",
           "permessage-deflate\t;\tserver_no_context_takeover", forgetting, no_space);
  answered("14.9", "White space around an equals sign of the answer is accepted",
           "permessage-deflate; server_max_window_bits = 15", usual, no_space);
  const auto no_window = [](const char* source) {
    return Reaction{.grade = Grade::informational,
                    .kind = Reaction::Kind::end,
                    .why = "the client has no window of 8 bits",
                    .source = source};
  };
  // What comes again does so at a distance of more than 256 bytes, which a larger window reaches.
  const Payload again = text(noise(300, 'a', 26) + noise(300, 'a', 26));
  answered("14.10", "A client that can be asked for a window takes one of 8 bits, or refuses it",
           "permessage-deflate; client_max_window_bits=8",
           {.needs_client_max_window_bits = true, .client_max_window_bits = 8},
           no_window("RFC 7692 7.1.2.2"), again);
  answered("14.14", "A server's window of 8 bits is taken, or refused",
           "permessage-deflate; server_max_window_bits=8",
           {.needs_full_server_window = true, .server_max_window_bits = 8},
           no_window("RFC 7692 7.1.2.1"), again);
  // What a client has not hinted at it may refuse, as it may with white space.
  struct Bare {
    const char* parameters = nullptr;
    ServerWish wish{};
  };
  const ServerWish asked{.needs_client_max_window_bits = true,
                         .needs_full_server_window = true,
                         .client_max_window_bits = 15};
  const Bare bare[] = {
      {";server_no_context_takeover", forgetting},
      {";server_no_context_takeover;server_max_window_bits=15", forgetting},
      {";client_max_window_bits=15", asked},
  };
  int number = 10;
  for (const auto& [parameters, wish] : bare) {
    const std::string list = "permessage-deflate" + std::string(parameters);
    const std::vector<DialogueStep> steps = compressed_exchange(kAnswerWords);
    Dialogue dialogue{.response = good_response().with("Sec-WebSocket-Extensions: " + list),
                      .deflate = Negotiation{.wishes = {wish}},
                      .steps = echo("opened") + steps + steps + closed_cleanly(),
                      .own_cuts = true};
    const std::string id = "14." + std::to_string(++number);
    const std::string title = "The answer " + list + ", without white space, is accepted";
    const std::vector<std::string> checks{"RFC7692-7.1.1.1-4"};
    if (wish.needs_client_max_window_bits) {
      section.add(id, title, checks, Level::must, std::move(dialogue));
    } else {
      section.should_accept(id, title, checks, std::move(dialogue));
    }
  }
}

/// Whether letter case tells names of extensions apart no RFC says. A client that takes such an
/// answer for its own has compression; for any other it is an extension that was not offered.
void add_names_in_other_case(ClientOpeningSection& section) {
  int number = 14;
  for (const char* list : {"Permessage-Deflate", "PERMESSAGE-DEFLATE",
                           "permessage-Deflate; server_no_context_takeover"}) {
    auto steps = echo("opened");
    std::vector<Reaction>& reactions = std::get<Expect>(steps.back()).any;
    std::ranges::move(expect_abandoned().any, std::back_inserter(reactions));
    section.add("14." + std::to_string(++number),
                "The answer " + std::string(list) + " is refused, or kept to", {"RFC6455-4.1-46"},
                Level::must,
                {.response = good_response().with("Sec-WebSocket-Extensions: " + std::string(list)),
                 .deflate = Negotiation{.wishes = {{.needs_full_server_window = true,
                                                    .server_no_context_takeover = true}}},
                 .steps = steps + compressed_exchange(kAnswerWords) + closed_cleanly(),
                 .own_cuts = true});
  }
}

/// Parameters that no server may answer with, beyond those of 21.6.
void add_bad_parameters(ClientOpeningSection& section) {
  int number = 0;
  for (const char* parameter :
       {"server_max_window_bits=0", "server_max_window_bits=4294967306",
        "server_max_window_bits=266", "server_max_window_bits=\"\"", "server_max_window_bits=10x",
        "server_max_window_bits=+10", "server_max_window_bits=-10", "server_max_window_bits=10.0",
        "server_max_window_bits=0xa", "client_max_window_bits=10x", "client_max_window_bits=266",
        "client_max_window_bits=\"\"", "server_no_context_takeover_x",
        "client_no_context_takeovers", "server_no_context_takeover=\"\"",
        "client_no_context_takeover; client_no_context_takeover", "server_max_window_bit=10",
        "no_context_takeover"}) {
    section.refuses("15." + std::to_string(++number),
                    "permessage-deflate with " + std::string(parameter) + " is refused",
                    {"RFC7692-5-14"},
                    good_response().with("Sec-WebSocket-Extensions: permessage-deflate; " +
                                         std::string(parameter)));
  }
  for (const bool malformed : {false, true}) {
    number = 0;
    for (const std::string& parameter : malformed ? malformed_parameters() : nearly_parameters()) {
      section.refuses(
          (malformed ? "29." : "28.") + std::to_string(++number),
          "permessage-deflate with " + parameter + " is refused",
          {malformed ? "RFC6455-9.1-1" : "RFC7692-5-14"},
          good_response().with("Sec-WebSocket-Extensions: permessage-deflate; " + parameter));
      section.last().dialogue->own_cuts = true;
    }
  }
  number = static_cast<int>(nearly_parameters().size());
  for (const std::string& parameters : repeated_parameters()) {
    section.refuses(
        "28." + std::to_string(++number), "permessage-deflate with " + parameters + " is refused",
        {"RFC7692-5-14", "RFC7692-7-7"},
        good_response().with("Sec-WebSocket-Extensions: permessage-deflate; " + parameters));
    section.last().dialogue->own_cuts = true;
  }
  section.refuses("15.19", "An extension that was not offered is refused in a second field",
                  {"RFC6455-4.1-46"},
                  good_response()
                      .with("Sec-WebSocket-Extensions: permessage-deflate")
                      .with("Sec-WebSocket-Extensions: x-wsproof-unoffered"));
  section.refuses(
      "15.20", "An extension that was not offered is refused behind one that was",
      {"RFC6455-4.1-46"},
      good_response().with("Sec-WebSocket-Extensions: permessage-deflate, x-wsproof-unoffered"));
}

/// Extensions that were not offered, but look like the one that was, or stand beside it.
void add_other_extensions(ClientOpeningSection& section) {
  int number = 0;
  const auto refuses = [&](const std::string& title, const Head& response) {
    section.refuses("30." + std::to_string(++number), title, {"RFC6455-4.1-46"}, response);
    section.last().dialogue->own_cuts = true;
  };
  const std::string field = "Sec-WebSocket-Extensions: ";
  for (const std::string name :
       {"x-permessage-deflate", "xpermessage-deflate", "permessage-deflatex",
        "permessage-deflate-x", "permessage-deflate.1", "permessage-deflat", "ermessage-deflate",
        "permessage_deflate", "per-message-deflate", "permessage", "deflate", "deflate-stream",
        "x-webkit-deflate-frames", "perframe-deflate", "permessage-bzip",
        "permessage-compression"}) {
    refuses("The extension " + name + " is refused", good_response().with(field + name));
    refuses("The extension " + name + " is refused in front of the offered one",
            good_response().with(field + name + ", permessage-deflate"));
  }
  const std::string unoffered = field + "x-wsproof-unoffered";
  const std::string offered = field + "permessage-deflate";
  refuses("An extension that was not offered is refused in the first of two fields",
          good_response().with(unoffered).with(offered));
  refuses("An extension that was not offered is refused in the first of three fields",
          good_response().with(unoffered).with(offered).with(offered));
  refuses("An extension that was not offered is refused between two fields with the other",
          good_response().with(offered).with(unoffered).with(offered));
  refuses("An extension that was not offered is refused in front of the other fields",
          with_first(good_response().with(offered), unoffered));
}

/// The name of the extension that was offered, inside one that was not.
void add_names_inside(ClientOpeningSection& section) {
  int number = 0;
  for (const std::string name : {"x-wsproof-unoffered", "permessage-bzip"}) {
    for (const std::string parameters :
         {"permessage-deflate", "a=permessage-deflate", "a=\"permessage-deflate\"",
          "permessage-deflate=1", "permessage-deflate; server_max_window_bits=10",
          "client_max_window_bits", "a=b; permessage-deflate=c; d",
          "permessage-deflate=permessage-deflate"}) {
      section.refuses(
          "35." + std::to_string(++number),
          "The extension " + name + "; " + parameters + " is refused", {"RFC6455-4.1-46"},
          good_response().with("Sec-WebSocket-Extensions: " + name + "; " + parameters));
      section.last().dialogue->own_cuts = true;
    }
  }
}

/// The answer to an offer, with empty elements beside it.
void add_empty_elements(ClientOpeningSection& section) {
  int number = 0;
  const Payload words = repeat("compressed words, ", 300);
  Expect echoed = expect_message(Opcode::text, words);
  for (const auto kind : {Reaction::Kind::close, Reaction::Kind::end}) {
    echoed.any.push_back({.grade = Grade::non_strict,
                          .kind = kind,
                          .why = "the client misses the answer in a list with an empty element",
                          .source = "RFC 9110 5.6.1.2"});
  }
  for (const std::string& list : lists_with_empty_elements("{extension}", "")) {
    Dialogue dialogue{
        .response = good_response().with("Sec-WebSocket-Extensions: " + list),
        .deflate = usual_deflate(),
        .steps =
            echo("first") +
            std::vector<DialogueStep>{
                PutMessage{.payload = words, .coding = PutMessage::Coding::compressed}, echoed} +
            closed_cleanly(),
        .own_cuts = true};
    section.should_accept("36." + std::to_string(++number),
                          "The extensions \"" + list + "\", with an empty element, are accepted",
                          {"RFC6455-4.1-46", "RFC6455-4.3-4"}, std::move(dialogue));
  }
}

void add_choices(ClientOpeningSection& section) {
  const std::vector<std::string> checks{"RFC6455-4.1-47", "RFC6455-4.2.2-11"};
  int number = 0;
  for (const char* value : {"{protocol-cut}", "\"{protocol}\"", "x{protocol}", "{protocol}; a=b",
                            "{protocol} {protocol}"}) {
    section.refuses("16." + std::to_string(++number),
                    "The subprotocol " + std::string(value) + " is refused", checks,
                    good_response().with("Sec-WebSocket-Protocol: " + std::string(value)));
  }
}

void add_lists(ClientOpeningSection& section) {
  int number = 0;
  for (const char* value : {"Upgrade,", ",Upgrade", "Upgrade,,keep-alive", "keep-alive , Upgrade",
                            "keep-alive\t,\tUpgrade", "a, b, upgrade, c", "Upgrade, Upgrade"}) {
    section.accepts("13." + std::to_string(++number),
                    "Connection: " + std::string(value) + " is accepted", {"RFC6455-4.1-43"},
                    good_response().set("Connection", value));
  }
  section.accepts("13.8", "Connection over two lines, Upgrade in the first, is accepted",
                  {"RFC6455-4.1-43"}, good_response().with("Connection: keep-alive"));
  section.accepts("13.9", "Connection over two lines, Upgrade in both, is accepted",
                  {"RFC6455-4.1-43"}, good_response().with("Connection: upgrade"));
  section.accepts("13.10", "Connection over two lines, the same in both, is accepted",
                  {"RFC6455-4.1-43"}, good_response().with("Connection: Upgrade"));
}

}  // namespace

std::vector<Case> client_opening_form_cases() {
  ClientOpeningSection section;
  add_accept_values(section);
  add_orders(section, "9.", good_response(), {"RFC6455-4.1-39"});
  add_white_space(section, "10.", good_response(), {"RFC6455-4.1-39", "RFC6455-4.3-7"});
  add_strangers(section);
  add_start_lines(section);
  add_lists(section);
  add_redirections(section);
  add_unasked_parameters(section);
  add_forms_of_answers(section);
  add_names_in_other_case(section);
  add_bad_parameters(section);
  add_other_extensions(section);
  add_choices(section);
  add_names_inside(section);
  add_empty_elements(section);
  return section.take();
}

}  // namespace ws::conformance
