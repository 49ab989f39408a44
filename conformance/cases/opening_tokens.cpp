// Section 44, the second part: every character that a token may have, in names and lists of a head,
// and the right tokens with a character too many, or wrapped in some, and lines that nearly end a
// head (RFC 9110 5.6.2, RFC 9112 5.2, RFC 6455 sections 4.1 and 4.2.1).
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

/// Those that end a token, but for the comma, white space, and the slash, which has a meaning in
/// Upgrade.
constexpr std::string_view kSeparators = "\"():;<=>?@[\\]{}";

/// Names and options that nobody knows, with each such character once inside and once as the first.
void add_unknown_tokens(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  int number = 0;
  for (const char sign : kTokenCharacters) {
    const std::string inside = std::string("x") + sign + "y";
    const std::string first = std::string(1, sign) + "x";
    const auto add = [&](const std::string& title, const Head& request, const Head& response) {
      const std::string id = std::to_string(++number);
      server.accepts(id, title + " in a request", {"RFC6455-4.2.1-8", "RFC6455-4.2.1-14"}, request);
      client.accepts(id, title + " in a response", {"RFC6455-4.1-43"}, response);
    };
    for (const std::string& value : {inside + ", Upgrade", "Upgrade, " + first}) {
      add("Connection: " + value, good_request().set("Connection", value),
          good_response().set("Connection", value));
    }
    add("A field " + inside, good_request().with(inside + ": value"),
        good_response().with(inside + ": value"));
  }
  take_as_44(cases, server, "13",
             "A token that is not known is passed over, whatever it is made of.");
  take_as_44(cases, client, "14",
             "A token that is not known is passed over, whatever it is made of.");
}

/// What nobody knows may be offered.
void add_unknown_offers(std::vector<Case>& cases) {
  ServerOpeningSection server;
  int number = 0;
  for (const char sign : kTokenCharacters) {
    const std::string token = std::string("x") + sign + "y";
    server.should_accept(std::to_string(++number), "The subprotocols " + token + " and chat",
                         {"RFC6455-4.2.1-12"},
                         good_request().with("Sec-WebSocket-Protocol: " + token + ", chat"));
    const std::string offer = token + "; " + token + "=" + token + ", permessage-deflate";
    server.should_accept(std::to_string(++number), "The extensions " + offer, {"RFC6455-4.2.1-13"},
                         good_request().with("Sec-WebSocket-Extensions: " + offer));
  }
  take_as_44(cases, server, "15", "An offer that is not known is passed over.");
}

struct Wrapped {
  std::string before{};
  std::string behind{};
};

std::vector<Wrapped> wrappings() {
  std::vector<Wrapped> all;
  for (const char sign : std::string(kTokenCharacters) + std::string(kSeparators)) {
    all.push_back({.behind = std::string(1, sign)});
    all.push_back({.before = std::string(1, sign)});
  }
  for (const std::string_view pair : {"\"\"", "''", "``", "()", "<>", "[]", "{}", "**", "--"}) {
    all.push_back({std::string(pair.substr(0, 1)), std::string(pair.substr(1))});
  }
  return all;
}

/// The value of the field in a good head.
std::string value_in(const Head& head, std::string_view field) {
  for (const std::string& line : head.lines) {
    if (line.starts_with(std::string(field) + ": ")) return line.substr(field.size() + 2);
  }
  return {};
}

/// Tokens are compared as they are, with nothing peeled off and nothing split but at a comma.
void add_wrapped_tokens(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  const Head request = good_request();
  const Head response = good_response();
  int number = 0;
  for (const Wrapped& wrapped : wrappings()) {
    for (const std::string field : {"Connection", "Upgrade"}) {
      const bool is_connection = field == "Connection";
      const std::string value = wrapped.before + value_in(request, field) + wrapped.behind;
      const std::string id = std::to_string(++number);
      const std::string title = field + ": " + value + " is refused";
      server.refuses(id, title, {is_connection ? "RFC6455-4.2.1-8" : "RFC6455-4.2.1-7"},
                     good_request().set(field, value));
      client.refuses(id, title, {is_connection ? "RFC6455-4.1-43" : "RFC6455-4.1-42"},
                     good_response().set(field, value));
    }
    // Both ends, or neither: one character is enough for what is compared as a whole.
    if (wrapped.before.empty() || wrapped.behind.empty()) continue;
    const std::string around = wrapped.before + wrapped.behind;
    for (const std::string field : {"Sec-WebSocket-Version", "Sec-WebSocket-Key"}) {
      server.refuses(
          std::to_string(++number), field + " inside " + around + " is refused",
          {field.ends_with("Key") ? "RFC6455-4.2.1-9" : "RFC6455-4.2.1-10"},
          good_request().set(field, wrapped.before + value_in(request, field) + wrapped.behind));
    }
    client.refuses(std::to_string(number - 1),
                   "Sec-WebSocket-Accept inside " + around + " is refused", {"RFC6455-4.1-45"},
                   good_response().set("Sec-WebSocket-Accept",
                                       wrapped.before + value_in(response, "Sec-WebSocket-Accept") +
                                           wrapped.behind));
    client.refuses(std::to_string(number), "The subprotocol chat inside " + around + " is refused",
                   {"RFC6455-4.1-47"},
                   good_response().with("Sec-WebSocket-Protocol: " + wrapped.before + "{protocol}" +
                                        wrapped.behind));
  }
  take_as_44(cases, server, "16", "A token with a character more is another.");
  take_as_44(cases, client, "17", "A token with a character more is another.");
}

/// Lines that only nearly end a head. RFC 9112 5.2 lets a server refuse them, and tells a client to
/// join them with the line before, which some refuse to do; but what comes behind is of the head.
void add_blank_lines(std::vector<Case>& cases) {
  int number = 0;
  for (const std::string blank : {" ", "\t", "   ", " \t \t"}) {
    for (const std::vector<std::string>& behind : {std::vector<std::string>{},
                                                   {"X-Behind: a"},
                                                   {"X-Behind: a", "Y: b"},
                                                   {" folded", "X: a"}}) {
      const auto with_lines = [&](Head head) {
        head = head.with("X-Before: a").with(blank);
        for (const std::string& line : behind) head = head.with(line);
        return head;
      };
      const std::string title = "A line of white space stands in front of " +
                                std::to_string(behind.size()) + " lines of a ";
      const auto make = [&](const std::string& group, Role role, Dialogue dialogue) {
        cases.push_back({.id = "44." + group + std::to_string(number),
                         .title = title + (role == Role::server ? "request" : "response"),
                         .purpose = "A head ends with an empty line, and with nothing else.",
                         .checks = {role == Role::server ? "RFC6455-4.2.1-1" : "RFC6455-4.1-39"},
                         .only_for = role,
                         .level = Level::may,
                         .tags = {"handshake"},
                         .dialogue = std::move(dialogue)});
        cases.back().dialogue->own_cuts = true;
      };
      ++number;
      Expect answer = expect_refusal();
      answer.any.back().grade = Grade::pass;
      answer.any.back().why = "the server joins the lines";
      make("18.", Role::server,
           {.request = with_lines(good_request()),
            .answer = std::move(answer),
            .steps = echo("accepted") + closed_cleanly()});
      auto steps = echo("accepted") + closed_cleanly();
      for (const auto kind : {Reaction::Kind::end, Reaction::Kind::reset}) {
        std::get<Expect>(steps[1]).any.push_back({.grade = Grade::informational,
                                                  .kind = kind,
                                                  .why = "the client refuses a folded line",
                                                  .source = "RFC 9112 5.2"});
      }
      make("19.", Role::client,
           {.response = with_lines(good_response()), .steps = std::move(steps)});
    }
  }
}

}  // namespace

std::vector<Case> opening_token_cases() {
  std::vector<Case> cases;
  add_unknown_tokens(cases);
  add_unknown_offers(cases);
  add_wrapped_tokens(cases);
  add_blank_lines(cases);
  return cases;
}

}  // namespace ws::conformance
