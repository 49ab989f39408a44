// Sections 20 and 21, continued: heads that are nearly good, made of the good one by rule, and good
// ones of every size and order.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"

namespace ws::conformance {
namespace {

std::string name_of(const std::string& line) { return line.substr(0, line.find(':')); }

/// Names that a careless comparison takes for `name`.
std::vector<std::string> similar_names(const std::string& name) {
  std::vector<std::string> names{name + "s", "X" + name, name + "-",
                                 name.substr(0, name.size() - 1)};
  for (const std::size_t at : {std::size_t{0}, name.size() / 2, name.size() - 1}) {
    std::string changed = name;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    names.push_back(changed);
  }
  if (name.contains('-')) {
    std::string joined = name;
    std::erase(joined, '-');
    names.push_back(joined);
    std::string underscored = name;
    std::ranges::replace(underscored, '-', '_');
    names.push_back(underscored);
  }
  return names;
}

/// A field that is missing, and stands where it counts for nothing.
template <typename Section>
void add_misplaced(Section& section, const std::string& group, const Head& good,
                   const std::vector<std::string>& checks) {
  int number = 0;
  for (const std::string& line : good.lines) {
    const std::string name = name_of(line);
    const std::string value = line.substr(name.size() + 2);
    const Head without = good.without(name);
    // Some servers do without Host, which 20.2.1 tells.
    if (name == "Host") {
      number += 11;
      continue;
    }
    for (const std::string& other : similar_names(name)) {
      section.refuses(group + std::to_string(++number),
                      name + " under the name " + other + " is none", checks,
                      without.with(other + ": " + value));
    }
    section.refuses(group + std::to_string(++number),
                    name + " inside another field's value is none", checks,
                    without.with("X-Note: " + line));
    section.refuses(group + std::to_string(++number), name + " behind a comma of another is none",
                    checks, without.with("X-List: a, " + line));
    section.refuses(group + std::to_string(++number), name + " behind the head is none", checks,
                    without.followed_by(line + "\r\n\r\n"));
    // The same line end in its place, but for a byte.
    section.refuses(group + std::to_string(++number), name + " with an equals sign is none", checks,
                    without.with(name + "= " + value));
  }
}

/// Fields whose names are nearly those that count, with values that are not good.
template <typename Section>
void add_similar(Section& section, const std::string& group, const Head& good,
                 const std::vector<std::string>& checks) {
  int number = 0;
  for (const std::string& line : good.lines) {
    for (const std::string& other : similar_names(name_of(line))) {
      // Some programs, in the footsteps of CGI, take the one sign for the other.
      if (other.contains('_')) continue;
      section.accepts(group + std::to_string(++number), "A field " + other + " is passed over",
                      checks, with_first(good, other + ": other"));
    }
  }
}

/// Heads that fill buffers exactly, or but for a byte.
template <typename Accept>
void add_sizes(const std::string& group, const Head& good, const Accept& accept) {
  int number = 0;
  for (const unsigned round : {512U, 1024U, 2048U, 4096U}) {
    for (const unsigned size : {round - 1, round, round + 1}) {
      accept(group + std::to_string(++number),
             "A head of " + std::to_string(size) + " bytes is accepted",
             good.with("X-Fill: {fill-" + std::to_string(size) + "}"));
    }
  }
  for (const unsigned size : {256U, 300U, 500U, 700U, 1500U}) {
    accept(group + std::to_string(++number),
           "A head of " + std::to_string(size) + " bytes, filled in front, is accepted",
           with_first(good, "X-Fill: {fill-" + std::to_string(size) + "}"));
  }
}

/// Heads that may be too long, and fill greater buffers: they are taken or refused, and answered.
/// What follows such a head comes later, so that whoever waits for more waits in vain.
template <typename Section>
void add_great_sizes(Section& section, const std::string& group, int number, const Head& good,
                     const std::vector<std::string>& checks) {
  for (const unsigned round : {8192U, 16'384U}) {
    for (const unsigned size : {round - 1, round, round + 1}) {
      // No line is longer than 8000 bytes.
      Head head = good;
      for (unsigned part = 4000; part + 4000 < size; part += 4000) {
        head = head.with("X-Part: " + std::string(4000, 'p'));
      }
      section.answers(group + std::to_string(++number),
                      "A head of " + std::to_string(size) + " bytes is accepted or refused", checks,
                      head.with("X-Fill: {fill-" + std::to_string(size) + "}"));
      Dialogue& dialogue = *section.last().dialogue;
      if (!dialogue.steps.empty()) dialogue.steps.insert(dialogue.steps.begin(), Rest{50ms});
      dialogue.own_cuts = true;
    }
  }
}

void add_keys(ServerOpeningSection& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-9", "RFC6455-4.3-3"};
  int number = 0;
  // Who takes one of them mostly takes all, so a few will do; the numbers are those of all.
  const auto is_one_of = [](const auto value, const auto&... few) {
    return ((value == few) || ...);
  };
  for (int bytes = 1; bytes <= 33; ++bytes) {
    if (bytes == 16) continue;
    if (!is_one_of(bytes, 1, 8, 12, 14, 15, 17, 18, 20, 24, 33)) {
      ++number;
      continue;
    }
    std::string key(static_cast<std::size_t>((bytes * 4 + 2) / 3), 'A');
    key += bytes % 3 == 1 ? "==" : bytes % 3 == 2 ? "=" : "";
    section.refuses("30." + std::to_string(++number),
                    "A key that is the encoding of " + std::to_string(bytes) + " bytes is refused",
                    checks, good_request().set("Sec-WebSocket-Key", key));
  }
  const std::string good = "dGhlIHNhbXBsZSBub25jZQ==";
  for (const char bad : {'-', '*', '=', ',', ' ', '\x80'}) {
    for (const std::size_t at : {0U, 1U, 7U, 11U, 15U, 20U, 21U}) {
      if (bad == ' ' && at == 0) continue;
      if (!is_one_of(bad, '-', '*', '\x80') || !is_one_of(at, 0U, 7U, 11U, 21U)) {
        ++number;
        continue;
      }
      std::string key = good;
      key[at] = bad;
      section.refuses("30." + std::to_string(++number),
                      "A key with the byte " + std::to_string(static_cast<unsigned char>(bad)) +
                          " in place " + std::to_string(at) + " is refused",
                      checks, good_request().set("Sec-WebSocket-Key", key));
    }
  }
  for (const char* key :
       {"AAAAAAAAAAAAAAAAAAAAA===", "AAAAAAAAAAAAAAAAAAAA====", "AAAAAAAAAAAAAAAAAAAAAA=A",
        "AAAAAAAAAAAAAAAAAAAAAA= =", "\"dGhlIHNhbXBsZSBub25jZQ==\"", "dGhlIHNhbXBsZSBub25jZQ==;a=b",
        "dGhlIHNhbXBsZSBub25jZQ==, x", "dGhlIHNhbXBsZSBub25jZQ%3D%3D"}) {
    section.refuses("30." + std::to_string(++number), "The key " + std::string(key) + " is refused",
                    checks, good_request().set("Sec-WebSocket-Key", key));
  }
}

void add_versions(ServerOpeningSection& section) {
  const std::vector<std::string> checks{"RFC6455-4.2.1-10", "RFC6455-4.3-2"};
  int number = 0;
  for (const char* version :
       {"\"13\"", "'13'",   "13;",    "13;q=1", "13=", "13,",   ",13",  "13,13",
        "1 3",    "1,3",    "31",     "3",      "1",   "13-",   "0013", "13e0",
        "1\v3",   "%31%33", "14, 13", "13x",    "x13", "65549", "13 13"}) {
    section.refuses("31." + std::to_string(++number),
                    "Version " + std::string(version) + " is refused", checks,
                    good_request().set("Sec-WebSocket-Version", version));
  }
  section.should_refuse(
      "31." + std::to_string(++number), "The same version in two fields is refused",
      {"RFC6455-4.2.1-10", "RFC6455-11.3.5-2"}, good_request().with("Sec-WebSocket-Version: 13"));
  for (const int minor : {2, 3, 5, 9}) {
    section.should_accept("31." + std::to_string(++number),
                          "HTTP/1." + std::to_string(minor) + " is accepted", {"RFC6455-4.2.1-4"},
                          good_request().started("GET {resource} HTTP/1." + std::to_string(minor)));
  }
}

void add_hosts(ServerOpeningSection& section) {
  int number = 0;
  for (const char* host :
       {"{host}, other.example", "user@{host}", "user:word@{host}", "http://{host}", "{host}?a",
        "{host}#a", "a\\b", "a<b", "a\"b", "a^b", "{host} x", "127.0.0.1:80 80"}) {
    section.should_refuse("32." + std::to_string(++number),
                          "The Host " + std::string(host) + " is refused",
                          {"RFC6455-4.2.1-6", "RFC6455-4.2.1-1"}, good_request().set("Host", host));
  }
}

/// Who waits for content does not answer. Where the length is good, though nobody would write it
/// so, it may be: "the message is processed with that single value" (RFC 9112 section 6.3).
std::vector<Case> or_wait_for_content(std::vector<Case> cases) {
  for (Case& test : cases) {
    if (!test.id.starts_with("20.33.")) continue;
    const bool is_good = test.id == "20.33.11" || test.id == "20.33.12" || test.id == "20.33.18";
    test.dialogue->answer.any.push_back(
        {.grade = is_good ? Grade::informational : Grade::non_strict,
         .kind = Reaction::Kind::silence,
         .why = "the server waits for the content"});
  }
  return cases;
}

/// A length that is none makes a request that nobody can tell the end of (RFC 9112 section 6.3).
void add_lengths(ServerOpeningSection& section) {
  int number = 0;
  for (const char* length : {"+0", "-0", "-1", "0x0", "0 0", "0,0x", "abc", "0.0", "1e1", "\"0\"",
                             "18446744073709551616", "4294967296", "0;", "0, 1"}) {
    section.should_refuse(
        "33." + std::to_string(++number), "Content-Length: " + std::string(length) + " is refused",
        {"RFC6455-4.2.1-1"}, good_request().with("Content-Length: " + std::string(length)));
  }
  const std::pair<const char*, const char*> pairs[] = {
      {"0", "5"}, {"5", "0"}, {"0", "+0"}, {"1", "1"}};
  for (const auto& [one, other] : pairs) {
    section.should_refuse("33." + std::to_string(++number),
                          "The two lengths " + std::string(one) + " and " + other + " are refused",
                          {"RFC6455-4.2.1-1"},
                          good_request()
                              .with("Content-Length: " + std::string(one))
                              .with("Content-Length: " + std::string(other)));
  }
}

void add_names(ServerOpeningSection& section) {
  int number = 0;
  for (const std::size_t size :
       {31U, 32U, 33U, 63U, 64U, 65U, 100U, 127U, 128U, 129U, 255U, 256U, 257U}) {
    section.should_accept("34." + std::to_string(++number),
                          "A field name of " + std::to_string(size) + " letters is accepted",
                          {"RFC6455-4.2.1-14"},
                          good_request().with(std::string(size, 'N') + ": value"));
  }
  for (const std::size_t size :
       {31U, 32U, 63U, 64U, 127U, 128U, 129U, 255U, 256U, 257U, 511U, 512U, 513U}) {
    section.accepts("34." + std::to_string(++number),
                    "Connection with an option of " + std::to_string(size) +
                        " letters in front of Upgrade is accepted",
                    {"RFC6455-4.2.1-8"},
                    good_request().set("Connection", std::string(size, 'o') + ", Upgrade"));
  }
}

/// Every order of the four parameters, in an offer or an answer.
std::vector<std::string> all_orders(const std::string& server_bits,
                                    const std::string& client_bits) {
  std::array<std::string, 4> parameters{"server_no_context_takeover", "client_no_context_takeover",
                                        "server_max_window_bits=" + server_bits,
                                        "client_max_window_bits=" + client_bits};
  std::ranges::sort(parameters);
  std::vector<std::string> orders;
  do {
    std::string order;
    for (const std::string& parameter : parameters) order += "; " + parameter;
    orders.push_back(std::move(order));
  } while (std::ranges::next_permutation(parameters).found);
  return orders;
}

void add_orders_of_parameters(ServerOpeningSection& section) {
  int number = 0;
  const Payload message = repeat(noise(1500), 5000);
  for (const std::string& order : all_orders("10", "11")) {
    // Every parameter comes before every other, and behind it, in a third of them.
    if (++number % 3 != 1) continue;
    section.add(
        "35." + std::to_string(number), "permessage-deflate" + order + " is offered",
        {"RFC6455-4.2.1-13", "RFC7692-5-7", "RFC7692-7.1.2.1-3", "RFC7692-7.1.1.1-3"}, Level::must,
        {.request = good_request().with("Sec-WebSocket-Extensions: permessage-deflate" + order),
         .steps = echo(Opcode::text, message) + echo(Opcode::binary, message) + closed_cleanly(),
         .own_cuts = true});
  }
}

/// Bytes that are no UTF-8 where a head has text.
void add_encodings(ServerOpeningSection& section) {
  for (const auto& [id, value] : {std::pair{"36.1", "\xff\xfe"}, std::pair{"36.2", "chat\xc3"},
                                  std::pair{"36.3", "chat, \xe2\x82"}}) {
    section.answers(id, "Subprotocols that are not UTF-8 are refused, or none of them is chosen",
                    {"RFC6455-8.1-2", "RFC6455-4.2.2-9"},
                    good_request().with("Sec-WebSocket-Protocol: " + std::string(value)));
  }
}

void add_statuses(ClientOpeningSection& section) {
  int number = 0;
  for (const int status :
       {100, 102, 103, 110, 199, 201, 203, 205, 206, 226, 300, 303, 304, 307, 308, 402,
        405, 407, 408, 410, 418, 429, 451, 501, 502, 504, 505, 511, 599, 600, 999, 0}) {
    const std::string digits = status == 0 ? "000" : std::to_string(status);
    section.refuses("20." + std::to_string(++number),
                    "The status " + digits + " does not open the connection", {"RFC6455-4.1-40"},
                    good_response().started("HTTP/1.1 " + digits + " Switching Protocols"));
    Dialogue& dialogue = *section.last().dialogue;
    dialogue.opens = false;
    dialogue.own_cuts = true;
    auto& wait = std::get<Expect>(dialogue.steps.back());
    wait.within = milliseconds(200);
    wait.any.push_back({.kind = Reaction::Kind::silence,
                        .why = "the client keeps the connection, but not as a WebSocket"});
  }
  for (const char* line :
       {"HTTP/1.1  101 Switching Protocols", "HTTP/1.1\t101 Switching Protocols",
        " HTTP/1.1 101 Switching Protocols", "HTTP/1.1 101\tSwitching Protocols",
        "HTTP/ 1.1 101 Switching Protocols", "HTTP/1. 101 Switching Protocols",
        "HTTP/1.1 1 01 Switching Protocols", "HTTP/1.1 101.0 Switching Protocols",
        "HTTP/1.1 00101 Switching Protocols", "HTTP/1.1 101, Switching Protocols"}) {
    section.should_refuse("20." + std::to_string(++number),
                          "The status line " + std::string(line) + " does not open the connection",
                          {"RFC6455-4.1-48"}, good_response().started(line));
    std::get<Expect>(section.last().dialogue->steps.back())
        .any.push_back({.kind = Reaction::Kind::silence,
                        .why = "the client keeps the connection, but not as a WebSocket"});
  }
}

void add_doubles(ClientOpeningSection& section) {
  int number = 0;
  for (const auto& [one, other] :
       {std::pair{"websocket", "h2c"}, std::pair{"h2c", "websocket"},
        std::pair{"websocket", "websocket"}, std::pair{"websocket", ""}}) {
    section.should_refuse(
        "21." + std::to_string(++number),
        "Upgrade in two fields, \"" + std::string(one) + "\" and \"" + other + "\", is refused",
        {"RFC6455-4.1-42"},
        good_response().set("Upgrade", one).with("Upgrade: " + std::string(other)));
  }
  for (const char* parameter :
       {"server_no_context_takeover=", "client_no_context_takeover=", "server_max_window_bits=",
        "client_max_window_bits=", "server_no_context_takeover=\"\"", "server_max_window_bits=\"9",
        "server_max_window_bits=9\"", "server_max_window_bits==9", "server_max_window_bits=9=9",
        "=server_no_context_takeover", "\"server_no_context_takeover\""}) {
    section.refuses("21." + std::to_string(++number),
                    "permessage-deflate; " + std::string(parameter) + " is refused",
                    {"RFC7692-5-14", "RFC6455-9.1-1"},
                    good_response().with("Sec-WebSocket-Extensions: permessage-deflate; " +
                                         std::string(parameter)));
  }
  for (const auto& [id, value] :
       {std::pair{"22.1", "\xff\xfe"}, std::pair{"22.2", "{protocol}\xc3"}}) {
    section.refuses(id, "A subprotocol that is not UTF-8 is refused",
                    {"RFC6455-8.1-2", "RFC6455-4.1-47"},
                    good_response().with("Sec-WebSocket-Protocol: " + std::string(value)));
  }
}

/// A window for each direction, and what goes beyond each of them.
void add_windows(ClientOpeningSection& section) {
  int number = 0;
  Payload message;
  for (const std::uint64_t size : {300U, 700U, 1500U, 3000U, 6000U}) {
    message = join({message, repeat(noise(size), 2 * size)});
  }
  for (const int server : {9, 12, 15}) {
    for (const int client : {9, 10, 12, 14, 15}) {
      const std::string windows = "a server's window of " + std::to_string(server) +
                                  " bits and a client's of " + std::to_string(client);
      // What the client makes of its own window shows in the echo of a message that came plain.
      section.add(
          "23." + std::to_string(++number), "With " + windows + " both are kept",
          {"RFC7692-7.2.1-12"}, Level::must,
          {.response =
               good_response().with("Sec-WebSocket-Extensions: {extension-without-server-window}; "
                                    "server_max_window_bits=" +
                                    std::to_string(server)),
           .deflate = Negotiation{.wishes = {ServerWish{.needs_client_max_window_bits = true,
                                                        .needs_full_server_window = true,
                                                        .client_max_window_bits = client}}},
           .steps =
               echo(Opcode::text, message) + echo(Opcode::binary, message) +
               std::vector<DialogueStep>{PutMessage{.payload = text("short short short"),
                                                    .coding = PutMessage::Coding::compressed},
                                         expect_message(Opcode::text, text("short short short"))} +
               closed_cleanly(),
           .own_cuts = true});
    }
  }
  for (const std::string& order : all_orders("12", "11")) {
    if (++number % 3 != 1) continue;
    const std::string first = "permessage-deflate" + order;
    section.add(
        "24." + std::to_string(number - 15), "The answer " + first + " is taken",
        {"RFC7692-7.2.1-12", "RFC7692-7.1.1.2-4"}, Level::must,
        {.response = good_response().with("Sec-WebSocket-Extensions: " + first),
         .deflate = Negotiation{.wishes = {ServerWish{.needs_client_max_window_bits = true,
                                                      .needs_full_server_window = true,
                                                      .client_no_context_takeover = true,
                                                      .client_max_window_bits = 11}}},
         .steps = echo(Opcode::text, message) + echo(Opcode::binary, message) + closed_cleanly(),
         .own_cuts = true});
  }
}

/// Where reads end is the matter of other cases.
std::vector<Case> once_each(std::vector<Case> cases) {
  for (Case& test : cases) test.dialogue->own_cuts = true;
  return cases;
}

}  // namespace

std::vector<Case> server_opening_neighbour_cases() {
  ServerOpeningSection section;
  add_keys(section);
  add_versions(section);
  add_hosts(section);
  add_lengths(section);
  add_names(section);
  add_orders_of_parameters(section);
  add_encodings(section);
  add_misplaced(section, "37.", good_request(), {"RFC6455-4.2.1-1"});
  add_similar(section, "38.", good_request(), {"RFC6455-4.2.1-14"});
  add_sizes("39.", good_request(),
            [&](const std::string& id, const std::string& title, const Head& request) {
              section.should_accept(id, title, {"RFC6455-4.2.1-14"}, request);
            });
  add_great_sizes(section, "39.", 17, good_request(), {"RFC6455-4.2.1-14"});
  return once_each(or_wait_for_content(section.take()));
}

std::vector<Case> client_opening_neighbour_cases() {
  ClientOpeningSection section;
  add_statuses(section);
  add_doubles(section);
  add_windows(section);
  add_misplaced(section, "25.", good_response(), {"RFC6455-4.1-48"});
  add_similar(section, "26.", good_response(), {"RFC6455-4.1-39"});
  add_sizes("27.", good_response(),
            [&](const std::string& id, const std::string& title, const Head& response) {
              section.should_accept(id, title, {"RFC6455-4.1-39"}, response);
            });
  add_great_sizes(section, "27.", 17, good_response(), {"RFC6455-4.1-39"});
  return once_each(section.take());
}

}  // namespace ws::conformance
