// Section 22: subprotocols and extensions as a server has to choose them (RFC 6455 sections 4.2.2
// and 9.1, RFC 7692 sections 5 and 7.1). What stands in the 101 is checked against the offer.
#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <tuple>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

Case choice(std::string id, std::string title, std::vector<std::string> checks, Dialogue dialogue,
            Level level = Level::must) {
  return {.id = "22." + std::move(id),
          .title = std::move(title),
          .purpose = "A server chooses among what was offered, and nothing else.",
          .checks = std::move(checks),
          .only_for = Role::server,
          .level = level,
          .tags = {"negotiation"},
          .dialogue = std::move(dialogue)};
}

/// The handshake has to be answered by a 101 that answers the offer; then echoes work.
Dialogue agreed(Head request, const std::vector<DialogueStep>& steps = {}) {
  return {.request = std::move(request),
          .steps = echo("first") + steps + echo(Opcode::text, text(std::string(300, 'x'))) +
                   closed_cleanly()};
}

/// Likewise, or refused as a whole.
Dialogue agreed_or_refused(Head request) {
  Dialogue dialogue = agreed(std::move(request));
  dialogue.answer.any.push_back(
      {.kind = Reaction::Kind::refused, .why = "the server refuses the whole request"});
  return dialogue;
}

/// Subprotocols that the server need not know: it may refuse the request for them.
Dialogue chosen_or_refused(Head request) {
  Dialogue dialogue = agreed_or_refused(std::move(request));
  dialogue.answer.any.push_back(ended_without_response());
  return dialogue;
}

/// The offer must be declined: the connection opens without it. A server may refuse any request
/// (RFC 6455 4.2.2), so nothing is broken if it refuses this one.
Dialogue declined(Head request) {
  Dialogue dialogue = agreed(std::move(request));
  dialogue.answer.any.push_back(
      {.grade = Grade::non_strict,
       .kind = Reaction::Kind::refused,
       .why = "the server refuses the handshake instead of declining the offer",
       .source = "RFC 7692 5"});
  return dialogue;
}

void add_subprotocols(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-12", "RFC6455-4.2.2-9", "RFC6455-4.2.2-10",
                                        "RFC6455-4.2.2-11", "RFC6455-4.3-6"};
  cases.push_back(
      choice("1.1", "Without an offer no subprotocol is chosen", checks, agreed(good_request())));
  const std::pair<const char*, const char*> offers[] = {
      {"chat", "One subprotocol is offered"},
      {"chat, superchat", "Two subprotocols are offered"},
      {"superchat, chat", "Two subprotocols are offered in the other order"},
      {"wsproof-unknown", "An unknown subprotocol is offered"},
      {"wsproof-unknown, chat", "An unknown subprotocol and another are offered"},
      {"wsproof-unknown, wsproof-other, superchat", "Three subprotocols are offered"},
      {"CHAT", "A subprotocol in upper case is offered"},
      {"chatty", "A subprotocol is offered that begins like another"},
      {"cha", "A subprotocol is offered that another begins like"},
      {"chat,superchat", "Two subprotocols are offered without a space"},
      {"chat ,\tsuperchat", "Two subprotocols are offered with more white space"},
  };
  const char* const more[] = {"wsproof-unknown, wsproof-other",
                              "wsproof-unknown, CHAT",
                              "Superchat, Chat",
                              "chat.v1, chat.v2",
                              "x, y, z, chat",
                              "superchat, wsproof-unknown, chat",
                              "c, ch, cha, chats, xchat",
                              "chat,  superchat"};
  int number = 1;
  for (const auto& [offer, title] : offers) {
    cases.push_back(choice(
        "1." + std::to_string(++number), title, checks,
        chosen_or_refused(good_request().with("Sec-WebSocket-Protocol: " + std::string(offer)))));
  }
  int another = 0;
  for (const char* offer : more) {
    cases.push_back(choice(
        "1.2" + std::to_string(another++),
        "The subprotocols " + std::string(offer) + " are offered", checks,
        chosen_or_refused(good_request().with("Sec-WebSocket-Protocol: " + std::string(offer)))));
  }
  cases.push_back(choice("1.13", "Subprotocols are offered in two fields",
                         {"RFC6455-4.2.1-12", "RFC6455-4.2.2-9", "RFC6455-11.3.4-1"},
                         chosen_or_refused(good_request()
                                               .with("Sec-WebSocket-Protocol: wsproof-unknown")
                                               .with("Sec-WebSocket-Protocol: chat"))));
  number = 13;
  const std::pair<const char*, const char*> bad[] = {
      {"chat, chat", "A subprotocol is offered twice"},
      {"ch(at", "A subprotocol that is no token is offered"},
      {"", "An empty list of subprotocols is offered"},
      {",", "A list of nothing but a comma is offered"},
  };
  for (const auto& [offer, title] : bad) {
    cases.push_back(choice(
        "1." + std::to_string(++number), title, {"RFC6455-4.2.2-9", "RFC6455-4.2.2-10"},
        chosen_or_refused(good_request().with("Sec-WebSocket-Protocol: " + std::string(offer))),
        Level::should));
  }
  Dialogue spaces = agreed_or_refused(
      good_request().with("Sec-WebSocket-Protocol: chat" + std::string(6000, ' ') + "x"));
  spaces.answer.any.push_back({.grade = Grade::non_strict,
                               .kind = Reaction::Kind::end,
                               .why = "the server ends TCP over a long head"});
  cases.push_back(choice("1.18", "A long run of spaces among subprotocols costs no time",
                         {"RFC6455-4.2.1-12"}, std::move(spaces)));
}

/// Lists of subprotocols that the grammar does not know: whoever reads them has to take them as
/// they stand, or not at all.
void add_bad_subprotocols(std::vector<Case>& cases) {
  int number = 0;
  for (const char* offer : {"\"chat\"",       "'chat'",          "chat;",  "chat; q=1",
                            "chat;v=1, x",    "x, chat;v=1",     "chat=1", "chat/1.0",
                            "chat superchat", "chat\tsuperchat", "(chat)", "<chat>",
                            "[chat]",         "{chat}",          "chat:",  ":chat",
                            "chat@",          "\\chat",          "chat?",  "\"chat, superchat\"",
                            "\"chat\", x"}) {
    Dialogue dialogue =
        agreed_or_refused(good_request().with("Sec-WebSocket-Protocol: " + std::string(offer)));
    dialogue.answer.any.push_back({.kind = Reaction::Kind::end, .why = "the server ends TCP"});
    dialogue.own_cuts = true;
    cases.push_back(choice("13." + std::to_string(++number),
                           "The subprotocols " + std::string(offer) + ", which are no tokens",
                           {"RFC6455-4.2.2-9", "RFC6455-4.2.2-10"}, std::move(dialogue)));
  }
}

void add_good_offers(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-13", "RFC6455-4.2.2-12", "RFC6455-4.2.2-13",
                                        "RFC6455-9-3"};
  const std::pair<const char*, const char*> offers[] = {
      {"permessage-deflate", "permessage-deflate without parameters"},
      {"permessage-deflate; client_max_window_bits", "A client window that the server may set"},
      {"permessage-deflate; server_no_context_takeover", "No context takeover by the server"},
      {"permessage-deflate; client_no_context_takeover", "No context takeover by the client"},
      {"permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
       "server_max_window_bits=12; client_max_window_bits=12",
       "All four parameters"},
      {"permessage-deflate;client_max_window_bits=9;server_max_window_bits=9",
       "Parameters without spaces"},
      {"permessage-deflate ; server_max_window_bits = 10", "Parameters with more white space"},
      {"permessage-deflate; server_max_window_bits=\"10\"", "A quoted value"},
      {R"(permessage-deflate; client_max_window_bits="1\0")", "A quoted value with an escape"},
      {"permessage-deflate, permessage-deflate; server_max_window_bits=10", "Two offers"},
      {"permessage-deflate; server_max_window_bits=10, permessage-deflate",
       "An offer with a fallback"},
      {"permessage-deflate; x-unknown, permessage-deflate", "A fallback for an unknown parameter"},
      {"permessage-deflate; server_max_window_bits=20, permessage-deflate",
       "A fallback for a window out of range"},
      {"x-wsproof-unknown, permessage-deflate", "An unknown extension in front"},
      {"permessage-deflate, x-wsproof-unknown; a=b", "An unknown extension behind"},
      {"x-wsproof-unknown", "An unknown extension alone"},
      {"x-wsproof-unknown; a; b=c; d=\"e\"", "An unknown extension with parameters"},
      {"x-wsproof-unknown; a=\",permessage-deflate,\"", "permessage-deflate inside a quoted value"},
      {"x-wsproof-unknown; a=\"; permessage-deflate\"", "A semicolon inside a quoted value"},
      {"permessage-deflate-x", "An extension whose name only begins like permessage-deflate"},
      {"x-permessage-deflate", "An extension whose name only ends like permessage-deflate"},
  };
  int number = 0;
  for (const auto& [offer, title] : offers) {
    // An offer with a fallback for it may be refused like one without.
    const bool falls_back = std::string_view(offer).starts_with("permessage-deflate; x-unknown,") ||
                            std::string_view(offer).contains("=20,");
    const Head request = good_request().with("Sec-WebSocket-Extensions: " + std::string(offer));
    Dialogue dialogue = falls_back ? declined(request) : agreed(request);
    // The token grammar does not allow a quoted value to be anything but a token once unquoted.
    const bool strange = std::string_view(offer).contains(",\"") ||
                         std::string_view(offer).contains("; permessage-deflate\"") ||
                         std::string_view(offer).contains(" = ");
    if (strange) {
      dialogue.answer.any.push_back(
          {.kind = Reaction::Kind::refused, .why = "the server refuses a malformed list"});
    }
    cases.push_back(choice("2." + std::to_string(++number), std::string(title) + " is offered",
                           checks, std::move(dialogue)));
    const auto also = [&](std::string_view in_offer, const char* statement) {
      if (std::string_view(offer).contains(in_offer)) cases.back().checks.emplace_back(statement);
    };
    also("bits=\"", "RFC6455-4.3-1");
    also(" = ", "RFC6455-4.3-7");
    also("x-wsproof", "RFC6455-9.1-3");
    also("server_no_context_takeover", "RFC7692-7.1.1.1-3");
  }
  // What a declined offer says is no part of the one that is taken.
  int declined_number = 22;
  for (const char* bad :
       {"client_max_window_bits; x-unknown", "server_max_window_bits=10; x-unknown",
        "client_no_context_takeover; server_no_context_takeover=1", "client_max_window_bits=16"}) {
    cases.push_back(
        choice("2." + std::to_string(++declined_number),
               "A fallback for an offer with " + std::string(bad) + " is offered", checks,
               declined(good_request().with("Sec-WebSocket-Extensions: permessage-deflate; " +
                                            std::string(bad) + ", permessage-deflate"))));
  }
  Head two = good_request()
                 .with("Sec-WebSocket-Extensions: x-wsproof-unknown")
                 .with("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=11");
  cases.push_back(choice("2.22", "Extensions are offered in two fields",
                         {"RFC6455-4.2.1-13", "RFC6455-11.3.2-1"}, agreed(two)));
  cases.push_back(choice(
      "8.1", "A fallback without the client window of the offer before is offered", checks,
      declined(good_request().with("Sec-WebSocket-Extensions: permessage-deflate; "
                                   "client_max_window_bits; x-unknown, permessage-deflate"))));
  cases.push_back(
      choice("8.2", "A fallback with other parameters is offered", checks,
             declined(good_request().with("Sec-WebSocket-Extensions: permessage-deflate; "
                                          "client_no_context_takeover; client_max_window_bits=20, "
                                          "permessage-deflate; server_max_window_bits=10"))));
  // The same where both have windows of the server, and the greater one is in the declined offer.
  int greater_number = 0;
  for (const char* bad :
       {"server_max_window_bits=12; x-unknown", "server_max_window_bits=15; x-unknown=1",
        "server_max_window_bits=12; server_max_window_bits=11",
        "server_max_window_bits=12; client_max_window_bits=16",
        "server_max_window_bits=12; server_no_context_takeover=1",
        "client_max_window_bits=7; server_max_window_bits=12"}) {
    for (const char* taken :
         {"server_max_window_bits=10", "client_no_context_takeover; server_max_window_bits=9"}) {
      cases.push_back(choice(
          "12." + std::to_string(++greater_number),
          "A fallback with " + std::string(taken) + " for an offer with " + bad + " is offered",
          checks,
          declined(good_request().with("Sec-WebSocket-Extensions: permessage-deflate; " +
                                       std::string(bad) + ", permessage-deflate; " + taken))));
      cases.back().dialogue->own_cuts = true;
    }
  }
  for (int bits = 8; bits <= 15; ++bits) {
    // A repetition at a distance that a window of one bit more would reach.
    const std::size_t window = std::size_t{1} << static_cast<unsigned>(bits);
    const Payload message = repeat(noise(window + window / 2), window * 4);
    const std::string value = std::to_string(bits);
    cases.push_back(
        choice("3." + value, "A server window of " + value + " bits is kept",
               {"RFC7692-5-7", "RFC7692-7-4", "RFC7692-7.1.2.1-3", "RFC7692-7.1.2.1-4",
                "RFC7692-7.1.2.1-5", "RFC7692-7.2.1-13"},
               agreed(good_request().with("Sec-WebSocket-Extensions: "
                                          "permessage-deflate; server_max_window_bits=" +
                                          value),
                      echo(Opcode::text, message))));
    cases.push_back(
        choice("4." + value, "A client window of " + value + " bits is answered",
               {"RFC7692-5-7", "RFC7692-7.1.2.2-4", "RFC7692-7.1.2.2-5"},
               agreed(good_request().with("Sec-WebSocket-Extensions: "
                                          "permessage-deflate; client_max_window_bits=" +
                                          value),
                      echo(Opcode::binary, message))));
  }
}

void add_bad_offers(std::vector<Case>& cases) {
  constexpr const char* kUnknown = "RFC7692-7-1";
  constexpr const char* kBadValue = "RFC7692-7-2";
  constexpr const char* kRepeated = "RFC7692-7-3";
  const std::tuple<const char*, const char*, const char*> offers[] = {
      {"x-unknown", "An unknown parameter", kUnknown},
      {"server_max_window_bits", "A server window without a value", kBadValue},
      {"server_max_window_bits=7", "A server window of 7 bits", kBadValue},
      {"server_max_window_bits=16", "A server window of 16 bits", kBadValue},
      {"server_max_window_bits=0", "A server window of 0 bits", kBadValue},
      {"server_max_window_bits=08", "A server window of 08 bits", kBadValue},
      {"server_max_window_bits=+10", "A server window of +10 bits", kBadValue},
      {"server_max_window_bits=-1", "A server window of -1 bits", kBadValue},
      {"server_max_window_bits=1000", "A server window of 1000 bits", kBadValue},
      {"server_max_window_bits=10.0", "A server window of 10.0 bits", kBadValue},
      {"server_max_window_bits=abc", "A server window of abc bits", kBadValue},
      {"client_max_window_bits=7", "A client window of 7 bits", kBadValue},
      {"client_max_window_bits=16", "A client window of 16 bits", kBadValue},
      {"client_max_window_bits=08", "A client window of 08 bits", kBadValue},
      {"client_max_window_bits=abc", "A client window of abc bits", kBadValue},
      {"server_no_context_takeover=1", "A value of server_no_context_takeover", kBadValue},
      {"client_no_context_takeover=true", "A value of client_no_context_takeover", kBadValue},
      {"server_no_context_takeover; server_no_context_takeover", "A parameter that stands twice",
       kRepeated},
      {"client_max_window_bits; client_max_window_bits=10", "A client window that stands twice",
       kRepeated},
      {"server_max_window_bits=10; server_max_window_bits=10", "A server window that stands twice",
       kRepeated},
      {"server_max_window_bits=266", "A server window that is 10 in a byte", kBadValue},
      {"server_max_window_bits=4294967306", "A server window that is 10 in 32 bits", kBadValue},
      {"server_max_window_bits=10x", "A server window of 10x bits", kBadValue},
      {"client_max_window_bits=266", "A client window that is 10 in a byte", kBadValue},
      {"client_max_window_bits=10x", "A client window of 10x bits", kBadValue},
      {"client_max_window_bits=0", "A client window of 0 bits", kBadValue},
      {"server_no_context_takeover_x", "A parameter that begins like another", kUnknown},
      {"x_client_no_context_takeover", "A parameter that ends like another", kUnknown},
      {"server_max_window_bit=10", "A parameter that another begins like", kUnknown},
  };
  int number = 0;
  for (const auto& [parameters, what, statement] : offers) {
    cases.push_back(choice("5." + std::to_string(++number), std::string(what) + " is declined",
                           {statement, "RFC7692-5-12", "RFC7692-5-13"},
                           declined(good_request().with("Sec-WebSocket-Extensions: "
                                                        "permessage-deflate; " +
                                                        std::string(parameters)))));
  }
  const std::pair<const char*, const char*> malformed[] = {
      {"permessage-deflate;", "An empty parameter"},
      {"permessage-deflate; =10", "A parameter without a name"},
      {"permessage-deflate; server_max_window_bits=", "A server window with an empty value"},
      {"permessage-deflate; server_max_window_bits=\"10", "A quoted value that does not end"},
      {"permessage-deflate server_no_context_takeover", "A parameter without its semicolon"},
      {"; server_no_context_takeover", "Parameters without an extension"},
      {"permessage-deflate; server_max_window_bits=10 12", "A value of two words"},
      {"permessage-deflate; a=b=c", "A value with another"},
      {"permessage(deflate)", "A name that is no token"},
  };
  const std::pair<const char*, const char*> more_malformed[] = {
      {"permessage-deflate; server_no_context_takeover=", "An empty value of a flag"},
      {"permessage-deflate; client_max_window_bits=", "An empty client window"},
      {"permessage-deflate; server_no_context_takeover=\"\"", "An empty quoted value"},
      {"permessage-deflate;; server_no_context_takeover", "An empty parameter in the middle"},
      {"permessage-deflate; server_max_window_bits=1\"0\"", "A value that is half quoted"},
  };
  number = 0;
  for (const std::string& parameter : nearly_parameters()) {
    cases.push_back(choice(
        "10." + std::to_string(++number), "An offer with " + parameter + " is declined",
        {parameter.ends_with("=10") || !parameter.contains('=') ? kUnknown : kBadValue,
         "RFC7692-5-12", "RFC7692-5-13"},
        declined(
            good_request().with("Sec-WebSocket-Extensions: permessage-deflate; " + parameter))));
    cases.back().dialogue->own_cuts = true;
  }
  for (const std::string& parameters : repeated_parameters()) {
    cases.push_back(choice(
        "10." + std::to_string(++number), "An offer with " + parameters + " is declined",
        {kRepeated, "RFC7692-5-12", "RFC7692-5-13"},
        declined(
            good_request().with("Sec-WebSocket-Extensions: permessage-deflate; " + parameters))));
    cases.back().dialogue->own_cuts = true;
  }
  const auto add_malformed = [&](const std::string& id, const std::string& value,
                                 const std::string& what) {
    Dialogue dialogue =
        agreed_or_refused(good_request().with("Sec-WebSocket-Extensions: " + value));
    dialogue.answer.any.front().grade = Grade::non_strict;
    dialogue.answer.any.front().why = "the server passes over a malformed list";
    dialogue.answer.any.push_back({.kind = Reaction::Kind::end, .why = "the server ends TCP"});
    cases.push_back(choice(id, what + " is a malformed list",
                           {"RFC6455-4.2.1-13", "RFC6455-4.3-4", "RFC6455-9.1-1"},
                           std::move(dialogue), Level::should));
  };
  number = 0;
  for (const auto& [value, what] : malformed) {
    add_malformed("6." + std::to_string(++number), value, what);
  }
  number = 10;
  for (const auto& [value, what] : more_malformed) {
    add_malformed("6." + std::to_string(++number), value, what);
  }
  number = 0;
  for (const std::string& parameter : malformed_parameters()) {
    add_malformed("11." + std::to_string(++number), "permessage-deflate; " + parameter,
                  "permessage-deflate; " + parameter);
    cases.back().dialogue->own_cuts = true;
  }
  cases.push_back(choice(
      "6.10", "A quoted value that does not end, full of backslashes, costs no time",
      {"RFC6455-9.1-1"},
      [] {
        std::string value = "permessage-deflate; a=\"";
        for (int i = 0; i < 3000; ++i) value += "\\a";
        Dialogue dialogue =
            agreed_or_refused(good_request().with("Sec-WebSocket-Extensions: " + value));
        dialogue.answer.within = milliseconds(2000);
        dialogue.answer.any.push_back({.kind = Reaction::Kind::end, .why = "the server ends TCP"});
        return dialogue;
      }(),
      Level::should));
}

/// Names that every object of some languages has properties of, and that a careless look-up finds.
void add_property_names(std::vector<Case>& cases) {
  int number = 0;
  for (const std::string name :
       {"constructor", "__proto__", "toString", "hasOwnProperty", "prototype", "valueOf"}) {
    const auto add = [&](const std::string& title, std::vector<std::string> checks,
                         Dialogue dialogue) {
      cases.push_back(
          choice("9." + std::to_string(++number), title, std::move(checks), std::move(dialogue)));
    };
    const auto with_extensions = [](const std::string& value) {
      return good_request().with("Sec-WebSocket-Extensions: " + value);
    };
    add("An extension named " + name + " is offered", {"RFC6455-4.2.1-13", "RFC6455-9.1-3"},
        agreed(with_extensions(name)));
    add("An unknown extension with a parameter named " + name + " is offered",
        {"RFC6455-4.2.1-13", "RFC6455-9.1-3"},
        agreed(with_extensions("x-wsproof-unknown; " + name + "=1, permessage-deflate")));
    add("A subprotocol named " + name + " is offered", {"RFC6455-4.2.2-9", "RFC6455-4.2.2-10"},
        chosen_or_refused(good_request().with("Sec-WebSocket-Protocol: " + name)));
    add("A field named " + name + " is passed over", {"RFC6455-4.2.1-14"},
        agreed(good_request().with(name + ": 1")));
  }
  cases.push_back(choice("9." + std::to_string(++number),
                         "A parameter of permessage-deflate named constructor is declined",
                         {"RFC7692-7-1", "RFC7692-5-12", "RFC7692-5-13"},
                         declined(good_request().with("Sec-WebSocket-Extensions: "
                                                      "permessage-deflate; constructor"))));
}

/// Of two offers that a server with permessage-deflate can take, the first should be taken.
Case preferred() {
  Expect answer{.any = {{.kind = Reaction::Kind::upgraded,
                         .field = "server_no_context_takeover",
                         .why = "the first offer is taken"},
                        {.grade = Grade::non_strict,
                         .kind = Reaction::Kind::upgraded,
                         .why = "the first offer is passed over",
                         .source = "RFC 7692 7.1.1.1"}},
                .within = milliseconds(5000),
                .source = "RFC 6455 4.2.2"};
  return choice("7.1", "A server takes the offer that stands first",
                {"RFC6455-9.1-6", "RFC7692-5-3", "RFC7692-7.1.1.1-3", "RFC7692-7.1.1.1-4",
                 "RFC7692-7.2.1-10"},
                {.answer = std::move(answer),
                 .deflate = Negotiation{.offers = {"permessage-deflate; server_no_context_takeover",
                                                   "permessage-deflate"},
                                        .wishes = {ServerWish{}}},
                 .steps = echo("first first first") + echo("first first first") + closed_cleanly()},
                Level::should);
}

/// A parameter of a good offer, and the case that offers it alone.
struct Parameter {
  std::string text{};
  std::string alone{};
};

/// The order of parameters says nothing.
void add_orders(std::vector<Case>& cases) {
  const Parameter parameters[] = {{"server_no_context_takeover", "22.2.3"},
                                  {"client_no_context_takeover", "22.2.4"},
                                  {"server_max_window_bits=12", "22.3.12"},
                                  {"client_max_window_bits=12", "22.4.12"}};
  int number = 0;
  const auto add = [&](const std::vector<Parameter>& ordered) {
    std::string list;
    std::vector<std::string> alone;
    for (const Parameter& parameter : ordered) {
      list += "; " + parameter.text;
      alone.push_back(parameter.alone);
    }
    Case test =
        choice("14." + std::to_string(++number),
               "The parameters" + list.substr(1) + " are offered in this order",
               {"RFC6455-4.2.1-13", "RFC6455-4.2.2-12", "RFC6455-4.2.2-13"},
               agreed(good_request().with("Sec-WebSocket-Extensions: permessage-deflate" + list)));
    test.dialogue->own_cuts = true;
    test.same_offers = std::move(alone);
    cases.push_back(std::move(test));
  };
  for (const Parameter& first : parameters) {
    for (const Parameter& second : parameters) {
      if (&first != &second) add({first, second});
    }
  }
  add({std::rbegin(parameters), std::rend(parameters)});
}

/// A list with one subprotocol that a server may know, and white space of all kinds at its commas.
void add_spaced_subprotocols(std::vector<Case>& cases) {
  int number = 0;
  const std::pair<const char*, const char*> forms[] = {
      {",", "no white space"},          {" ,", "a space before"},
      {", ", "a space behind"},         {" , ", "spaces around"},
      {"\t,", "a tab before"},          {",\t", "a tab behind"},
      {"  ,   ", "more spaces around"}, {" \t ,\t", "spaces and tabs around"},
  };
  for (const auto& [comma, how] : forms) {
    const std::string between(comma);
    const std::pair<std::string, const char*> lists[] = {
        {"chat" + between + "wsproof-unknown", "in front of another"},
        {"wsproof-unknown" + between + "chat", "behind another"},
        {"wsproof-a" + between + "chat" + between + "wsproof-b", "between two others"},
    };
    for (const auto& [list, where] : lists) {
      cases.push_back(
          choice("25." + std::to_string(++number),
                 "A subprotocol is offered " + std::string(where) + ", with " + how + " each comma",
                 {"RFC6455-4.2.1-12", "RFC6455-4.2.2-9", "RFC6455-4.2.2-10"},
                 chosen_or_refused(good_request().with("Sec-WebSocket-Protocol: " + list))));
      cases.back().dialogue->own_cuts = true;
      cases.back().same_offers = {"22.1.2"};
    }
  }
}

/// The fields of what is offered, in other forms that mean the same.
void add_forms_of_offers(std::vector<Case>& cases) {
  int number = 0;
  for (const bool is_extension : {false, true}) {
    const std::string name = is_extension ? "Sec-WebSocket-Extensions" : "Sec-WebSocket-Protocol";
    const std::string value = is_extension ? "permessage-deflate" : "chat";
    for (const LineForm& form : forms_of_line(name, value)) {
      for (const bool is_first : {false, true}) {
        Head request =
            is_first ? with_first(good_request(), form.line) : good_request().with(form.line);
        cases.push_back(choice(
            "27." + std::to_string(++number),
            name + " comes " + (is_first ? "first, " : "last, ") + form.how,
            is_extension ? std::vector<std::string>{"RFC6455-4.2.1-13", "RFC6455-4.2.2-12"}
                         : std::vector<std::string>{"RFC6455-4.2.1-12", "RFC6455-4.2.2-9"},
            is_extension ? agreed(std::move(request)) : chosen_or_refused(std::move(request))));
        cases.back().dialogue->own_cuts = true;
        cases.back().same_offers = {is_extension ? "22.2.1" : "22.1.2"};
      }
    }
  }
}

/// Lists with empty elements, which mean what they mean without.
void add_empty_elements(std::vector<Case>& cases) {
  int number = 0;
  for (const bool is_extension : {false, true}) {
    const std::string name = is_extension ? "Sec-WebSocket-Extensions" : "Sec-WebSocket-Protocol";
    for (const std::string& list :
         is_extension ? lists_with_empty_elements("permessage-deflate", "x-wsproof-unknown")
                      : lists_with_empty_elements("chat", "wsproof-unknown")) {
      Dialogue dialogue = agreed(good_request().with(name + ": " + list));
      dialogue.answer.any.push_back({.grade = Grade::non_strict,
                                     .kind = Reaction::Kind::refused,
                                     .why = "the server refuses a list with an empty element",
                                     .source = "RFC 9110 5.6.1.2"});
      dialogue.answer.any.push_back(ended_without_response());
      dialogue.own_cuts = true;
      cases.push_back(choice("28." + std::to_string(++number),
                             name + " is \"" + list + "\", with an empty element",
                             is_extension ? std::vector<std::string>{"RFC6455-4.2.1-13"}
                                          : std::vector<std::string>{"RFC6455-4.2.1-12"},
                             std::move(dialogue), Level::should));
      cases.back().same_offers = {is_extension ? "22.2.1" : "22.1.2"};
    }
  }
}

/// Parameters with white space of all kinds at the semicolons (RFC 6455 section 9.1 takes its lists
/// from RFC 2616, where that may stand between any two words), and offers over several fields.
void add_spaced_offers(std::vector<Case>& cases) {
  int number = 0;
  const auto add = [&](const std::string& title, Dialogue dialogue, std::string same) {
    cases.push_back(choice("29." + std::to_string(++number), title,
                           {"RFC6455-4.2.1-13", "RFC6455-9.1-3", "RFC6455-11.3.2-1"},
                           std::move(dialogue)));
    cases.back().dialogue->own_cuts = true;
    cases.back().same_offers = {std::move(same)};
  };
  const Reaction no_space{.grade = Grade::non_strict,
                          .kind = Reaction::Kind::refused,
                          .why = "the server knows no white space there",
                          .source = "RFC 6455 9.1"};
  const std::pair<const char*, const char*> forms[] = {
      {";", "no white space at"}, {" ;", "a space before"}, {";\t", "a tab behind"},
      {" ; ", "spaces around"},   {"\t;\t", "tabs around"}, {"  ;   ", "more spaces around"}};
  const std::pair<const char*, const char*> parameters[] = {
      {"server_no_context_takeover", "22.2.3"}, {"server_max_window_bits=12", "22.3.12"}};
  for (const auto& [semicolon, how] : forms) {
    for (const auto& [parameter, alone] : parameters) {
      Dialogue dialogue = agreed(good_request().with(
          "Sec-WebSocket-Extensions: permessage-deflate" + std::string(semicolon) + parameter));
      dialogue.answer.any.push_back(no_space);
      add(std::string(parameter) + " is offered with " + how + " its semicolon",
          std::move(dialogue), alone);
    }
  }
  struct Lines {
    std::vector<const char*> values{};
    const char* what = nullptr;
  };
  const Lines all[] = {{{"{good}", "{other}"}, "the first of two"},
                       {{"{other}", "{good}"}, "the second of two"},
                       {{"{good}", "{other}", "{third}"}, "the first of three"},
                       {{"{other}", "{good}", "{third}"}, "the second of three"},
                       {{"{other}", "{third}", "{good}"}, "the last of three"}};
  for (const bool is_extension : {true, false}) {
    const std::string name = is_extension ? "Sec-WebSocket-Extensions" : "Sec-WebSocket-Protocol";
    for (const Lines& lines : all) {
      Head request = good_request();
      for (const std::string_view value : lines.values) {
        const bool is_good = value == "{good}";
        const std::string other = value == "{other}" ? "wsproof-unknown" : "wsproof-third";
        request = request.with(name + ": " +
                               (!is_good       ? (is_extension ? "x-" : "") + other
                                : is_extension ? "permessage-deflate"
                                               : "chat"));
      }
      add(name + " comes in fields, what is known in " + lines.what,
          is_extension ? agreed(std::move(request)) : chosen_or_refused(std::move(request)),
          is_extension ? "22.2.1" : "22.1.2");
    }
  }
}

/// What stands in the parameters of one extension is nothing to another.
void add_names_inside(std::vector<Case>& cases) {
  int number = 0;
  const std::vector<std::string> checks{"RFC6455-4.2.1-13", "RFC6455-9.1-3", "RFC6455-9.1-1"};
  const auto add = [&](const std::string& offer, Dialogue dialogue, std::vector<std::string> same) {
    Case test = choice("26." + std::to_string(++number), "The extensions " + offer + " are offered",
                       checks, std::move(dialogue));
    test.dialogue->own_cuts = true;
    test.same_offers = std::move(same);
    cases.push_back(std::move(test));
  };
  const auto request = [](const std::string& offer) {
    return good_request().with("Sec-WebSocket-Extensions: " + offer);
  };
  for (const std::string parameters :
       {"permessage-deflate", "a=permessage-deflate", "a=\"permessage-deflate\"",
        "permessage-deflate=1", "permessage-deflate; server_max_window_bits=10",
        "a; permessage-deflate; client_max_window_bits", "a=b; permessage-deflate=c; d",
        "permessage-deflate=permessage-deflate"}) {
    const std::string offer = "x-wsproof-unknown; " + parameters;
    add(offer, agreed(request(offer)), {});
  }
  // Beside a good offer, on either side.
  for (const std::string parameters :
       {"permessage-deflate", "a=permessage-deflate", "permessage-deflate=1",
        "client_max_window_bits", "client_max_window_bits=9", "server_max_window_bits=9",
        "server_max_window_bits=99", "server_no_context_takeover", "client_no_context_takeover=1",
        "permessage-deflate; x-unknown"}) {
    const std::string unknown = "x-wsproof-unknown; " + parameters;
    for (const std::string& offer :
         {unknown + ", permessage-deflate", "permessage-deflate, " + unknown}) {
      add(offer, agreed(request(offer)), {"22.2.1"});
    }
  }
  // The same parameter in both.
  const std::pair<const char*, const char*> both[] = {{"server_no_context_takeover", "22.2.3"},
                                                      {"client_no_context_takeover", "22.2.4"},
                                                      {"server_max_window_bits=12", "22.3.12"},
                                                      {"client_max_window_bits=12", "22.4.12"}};
  for (const auto& [parameter, alone] : both) {
    const std::string of = "; " + std::string(parameter);
    for (const std::string& offer : {"x-wsproof-unknown" + of + ", permessage-deflate" + of,
                                     "permessage-deflate" + of + ", x-wsproof-unknown" + of}) {
      add(offer, agreed(request(offer)), {alone});
    }
  }
}

/// Offers that say what others say in their plainest form.
void name_same_offers(std::vector<Case>& cases) {
  struct Same {
    std::vector<std::string> ids{};
    std::vector<std::string> as{};
  };
  const Same all[] = {
      {{"22.1.3", "22.1.4", "22.1.6", "22.1.11", "22.1.12", "22.1.13", "22.1.24", "22.1.25",
        "22.1.27"},
       {"22.1.2"}},
      {{"22.2.2", "22.2.4", "22.2.10", "22.2.11", "22.2.12", "22.2.13", "22.2.14", "22.2.15",
        "22.2.23", "22.2.24", "22.2.25", "22.2.26", "22.8.1"},
       {"22.2.1"}},
      {{"22.2.5"}, {"22.2.3", "22.2.4", "22.3.12", "22.4.12"}},
      {{"22.2.6"}, {"22.3.9", "22.4.9"}},
      {{"22.2.8", "22.8.2", "22.12.1", "22.12.3", "22.12.5", "22.12.7", "22.12.9", "22.12.11"},
       {"22.3.10"}},
      {{"22.12.2", "22.12.4", "22.12.6", "22.12.8", "22.12.10", "22.12.12"}, {"22.2.4", "22.3.9"}},
      {{"22.2.9"}, {"22.4.10"}},
      {{"22.2.22"}, {"22.3.11"}},
      // A client that limits its own window asks for nothing. Of 8 bits zlib's compressor has none.
      {{"22.4.9", "22.4.10", "22.4.11", "22.4.12", "22.4.13", "22.4.14", "22.4.15"}, {"22.2.1"}},
  };
  for (const Same& same : all) {
    for (const std::string& id : same.ids) {
      const auto found = std::ranges::find(cases, id, &Case::id);
      if (found == cases.end()) throw std::logic_error("there is no case " + id);
      found->same_offers = same.as;
    }
  }
}

}  // namespace

std::vector<Case> negotiation_cases() {
  std::vector<Case> cases;
  add_subprotocols(cases);
  add_bad_subprotocols(cases);
  add_good_offers(cases);
  add_bad_offers(cases);
  cases.push_back(preferred());
  add_property_names(cases);
  name_same_offers(cases);
  add_orders(cases);
  add_spaced_subprotocols(cases);
  add_names_inside(cases);
  add_forms_of_offers(cases);
  add_empty_elements(cases);
  add_spaced_offers(cases);
  return cases;
}

}  // namespace ws::conformance
