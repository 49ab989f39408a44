// Section 41, the other groups: errors far into a message, every pair of lengths in one go, Pings
// that say something, numbers beyond 16 bits, and ends of TCP (RFC 6455 section 5).
#include "conformance/cases/rare_forms.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// Longer than what many look at.
void add_long_texts(std::vector<Case>& cases) {
  int number = 0;
  for (const std::uint64_t size : {100'000U, 500'000U, 1'100'000U}) {
    for (const bool in_fragments : {false, true}) {
      const Payload bad =
          join({repeat("a text of many words ", size), hex("ff"), text("and more")});
      Expect failure = expect_failure({1007, 1009}, "RFC 6455 8.1");
      failure.within = milliseconds(5000);
      cases.push_back(rare_case(
          "4." + std::to_string(++number),
          "Text is bad behind " + std::to_string(size) + " bytes" +
              (in_fragments ? ", in fragments" : "") + ", and fails the connection",
          "A text is checked to its end.", {"RFC6455-8.1-1"},
          {.steps = echo("before") +
                    Steps{PutMessage{.payload = bad,
                                     .fragments = in_fragments ? std::vector<std::uint64_t>(
                                                                     size / 50'000, 50'000)
                                                               : std::vector<std::uint64_t>()},
                          failure},
           .own_cuts = true}));
    }
  }
}

/// Every pair of sizes that have other headers or meet in a buffer, in one write.
void add_pairs(std::vector<Case>& cases) {
  constexpr std::uint64_t kSizes[] = {0, 1, 125, 126, 300, 65'535, 65'536, 66'000};
  int number = 0;
  for (const std::uint64_t first : kSizes) {
    Steps steps;
    for (const std::uint64_t second : kSizes) {
      for (const bool with_ping : {false, true}) {
        const Payload one = repeat("one ", first);
        const Payload two = repeat("two, ", second);
        const Payload ping = repeat("ping", second % 126);
        steps += Steps{PutMessage{.payload = one}};
        if (with_ping) steps += Steps{frame(Opcode::ping, ping)};
        steps += Steps{PutMessage{.type = Opcode::binary, .payload = two}};
        steps += Steps{expect_message(Opcode::text, one), expect_message(Opcode::binary, two)};
        if (!with_ping) continue;
        steps += Steps{expect_pong(ping)};
        std::get<Expect>(steps.back()).prompt = false;
      }
    }
    cases.push_back(rare_case("5." + std::to_string(++number),
                              "A text of " + std::to_string(first) +
                                  " bytes, then a binary message of every length form, in one go",
                              "Each frame has a header of its own.",
                              {"RFC6455-5.2-7", "RFC6455-5.6-1", "RFC6455-5.6-2"},
                              {.steps = lives_through(steps), .own_cuts = true}));
  }
}

void add_pings(std::vector<Case>& cases) {
  const std::string_view kSaid[] = {"0",
                                    "1",
                                    "-1",
                                    "00",
                                    "0.0",
                                    "1e5",
                                    "false",
                                    "true",
                                    "null",
                                    "undefined",
                                    "NaN",
                                    "[]",
                                    "{}",
                                    "\"\"",
                                    "ping",
                                    "pong",
                                    "2",
                                    "2probe",
                                    "close",
                                    "%s%n",
                                    "100%",
                                    "\\n\\u0041",
                                    "<b>&amp;</b>",
                                    "a,b;c",
                                    "\n",
                                    "\r\n",
                                    "\t",
                                    " ",
                                    " a ",
                                    "e\xcc\x81",
                                    "\xef\xbb\xbf",
                                    "\xef\xbb\xbf\x61",
                                    "\xc2\x80",
                                    "\xe2\x80\xa8",
                                    "\xff\xfe",
                                    "\xc3\x28",
                                    "\xed\xa0\x80",
                                    "\x89\x80",
                                    "\x88\x02\x03\xe8",
                                    "GET / HTTP/1.1\r\n\r\n",
                                    "\x1f\x8b\x08",
                                    "\x7f\x1b[0m"};
  Steps steps;
  for (const std::string_view said : kSaid) steps += ping_answered(text(std::string(said)));
  for (const char* bytes :
       {"00", "00 00 00 00", "00 00 ff ff", "00 61", "61 00", "00 00 01 8c 3f"}) {
    steps += ping_answered(hex(bytes));
  }
  cases.push_back(rare_case("6.1", "Pings that a program may take for something else",
                            "What a Ping says is not looked into.",
                            {"RFC6455-5.5.2-2", "RFC6455-5.5.3-1"},
                            {.steps = lives_through(steps)}));
  // Who answers the latest alone answers these.
  Steps many;
  for (int i = 1; i <= 600; ++i) {
    const Payload words = repeat(std::to_string(i) + " of many ", 125);
    many += i % 30 == 0 ? ping_of_many(i, words) : Steps{frame(Opcode::ping, words)};
  }
  cases.push_back(rare_case("6.2", "600 Pings of 125 bytes come, and every thirtieth is awaited",
                            "There is no last Ping.", {"RFC6455-5.5.2-2", "RFC6455-5.5.3-1"},
                            {.steps = lives_through(many), .own_cuts = true}));
}

/// Fragments that some languages take for nothing, or for a number.
void add_hollow_fragments(std::vector<Case>& cases) {
  const std::string_view kSaid[] = {
      "0",     "1",    "-1",        "00",   "0.0",
      "false", "null", "undefined", "[]",   "{}",
      "\"\"",  " ",    "\n",        "\r\n", std::string_view("\0", 1)};
  const Steps control = ping_answered(text("0")) + Steps{frame(Opcode::pong, text("0"))};
  int number = 0;
  for (const Opcode type : {Opcode::text, Opcode::binary}) {
    for (const bool with_control : {false, true}) {
      Steps steps;
      for (const std::string_view said : kSaid) {
        for (const std::vector<std::string_view>& fragments :
             {std::vector<std::string_view>{said, "and more"},
              {"before ", said},
              {said, said},
              {said, ""},
              {"", said},
              {said, "", said},
              {"", said, "", "end"}}) {
          std::string whole;
          for (std::size_t i = 0; i < fragments.size(); ++i) {
            const bool is_last = i + 1 == fragments.size();
            steps += Steps{PutFrame{.fin = is_last,
                                    .opcode = i == 0 ? static_cast<unsigned>(type) : 0U,
                                    .payload = text(fragments[i])}};
            if (with_control && !is_last) steps += control;
            whole += fragments[i];
          }
          steps += Steps{expect_message(type, text(whole))};
        }
      }
      cases.push_back(rare_case("11." + std::to_string(++number),
                                std::string(type == Opcode::text ? "Texts" : "Binary messages") +
                                    " in fragments that a program may take for nothing" +
                                    (with_control ? ", with control frames between" : ""),
                                "What a fragment says is not looked into.",
                                {"RFC6455-5.4-2", "RFC6455-5.4-8", "RFC6455-6.2-4"},
                                {.steps = lives_through(steps), .own_cuts = true}));
    }
  }
}

/// Fragments that together fill a buffer, and more behind them.
void add_full_fragments(std::vector<Case>& cases) {
  int number = 0;
  for (const std::uint64_t round : {256U, 1024U, 2048U, 4096U, 8192U, 16'384U, 32'768U, 65'536U,
                                    131'072U, 262'144U, 524'288U, 1'048'576U}) {
    Steps steps;
    for (const std::uint64_t behind : {1U, 5U}) {
      for (const Opcode type : {Opcode::text, Opcode::binary}) {
        const Payload payload = repeat("fills a buffer, ", round + behind);
        for (const std::vector<std::uint64_t>& fragments : {std::vector<std::uint64_t>{round},
                                                            {round / 2, round / 2},
                                                            {round - 1, 1},
                                                            {round, 0}}) {
          if (round > 65'536 && (fragments.size() == 1 || behind == 1)) continue;
          steps += Steps{PutMessage{.type = type, .payload = payload, .fragments = fragments},
                         echoed_or_too_big(type, payload)};
        }
      }
    }
    cases.push_back(rare_case(
        "10." + std::to_string(++number),
        "Fragments that are " + std::to_string(round) + " bytes together, and a few bytes more",
        "No size of fragments has a meaning of its own.",
        {"RFC6455-5.4-2", "RFC6455-5.4-8", "RFC6455-6.2-4"},
        {.steps = lives_through(steps), .own_cuts = true}));
  }
}

/// What was sent before an end of TCP was sent, though it may be read together with the end.
void add_ends(std::vector<Case>& cases) {
  const auto leaves = [](Grade grade) {
    return Reaction{.grade = grade,
                    .kind = Reaction::Kind::end,
                    .why = "the endpoint ends TCP at once when its peer does",
                    .source = "RFC 6455 5.5.1"};
  };
  Expect closed = expect_close_answer(1000);
  std::erase_if(closed.any, [](const Reaction& it) { return it.kind == Reaction::Kind::end; });
  closed.any.push_back(leaves(Grade::non_strict));
  Case close = rare_case(
      "9.1", "A Close and the end of the peer's side of TCP come together",
      "A Close is answered, and one side of TCP is enough for that.", {"RFC6455-5.5.1-7"},
      {.steps = echo("before") + Steps{frame(Opcode::close, hex("03e8")), HalfClose{}, closed},
       .own_cuts = true});
  close.level = Level::should;
  cases.push_back(std::move(close));
  Expect echoed = expect_message(Opcode::text, text("the last"));
  echoed.any.push_back(leaves(Grade::informational));
  echoed.any.push_back({.grade = Grade::informational,
                        .kind = Reaction::Kind::close,
                        .why = "the endpoint closes when its peer ends TCP"});
  // What it does when the peer has nothing more to say is its own affair.
  const Expect afterwards{
      .any = {{.kind = Reaction::Kind::close}, {.kind = Reaction::Kind::end}, {}},
      .within = milliseconds(150)};
  Case message = rare_case("9.2", "A message and the end of the peer's side of TCP come together",
                           "What came before the end is a message as any other.", {"RFC6455-6.2-1"},
                           {.steps = echo("before") + Steps{PutMessage{.payload = text("the last")},
                                                            HalfClose{}, echoed, afterwards},
                            .own_cuts = true});
  message.level = Level::may;
  cases.push_back(std::move(message));
}

/// Counters of 16 bits pass their end, on sockets alone.
void add_numbers(std::vector<Case>& cases) {
  const std::uint64_t count = 66'000;
  const Payload payload = repeat("fragment ", count);
  Expect echoed = echoed_or_too_big(Opcode::text, payload);
  echoed.within = milliseconds(20'000);
  Case fragments =
      rare_case("7.1", "A text of 66,000 fragments of a byte each", "There is no last fragment.",
                {"RFC6455-5.4-2"},
                {.steps = echo("before") +
                          Steps{PutMessage{.payload = payload,
                                           .fragments = std::vector<std::uint64_t>(count - 1, 1)},
                                echoed} +
                          closed_cleanly(),
                 .own_cuts = true});
  fragments.needs = {Need::sockets};
  cases.push_back(std::move(fragments));
  Expect answered = expect_pong(text("the last"));
  answered.within = milliseconds(20'000);
  for (const auto kind : {Reaction::Kind::close, Reaction::Kind::end, Reaction::Kind::reset}) {
    answered.any.push_back({.grade = Grade::informational,
                            .kind = kind,
                            .why = "the endpoint leaves a peer that does nothing but ping",
                            .source = "RFC 6455 10.4"});
  }
  Case pings = rare_case("7.2", "66,000 Pings come, and one more", "There is no last Ping.",
                         {"RFC6455-5.5.2-2"},
                         {.steps = echo("before") +
                                   Steps{Flood{.type = Opcode::ping, .size = 4, .count = count},
                                         frame(Opcode::ping, text("the last")), answered} +
                                   echo("after") + closed_cleanly(),
                          .own_cuts = true});
  pings.needs = {Need::sockets};
  cases.push_back(std::move(pings));
}

}  // namespace

std::vector<Case> rare_form_cases() {
  std::vector<Case> cases;
  add_long_texts(cases);
  add_pairs(cases);
  add_pings(cases);
  add_numbers(cases);
  add_ends(cases);
  add_full_fragments(cases);
  add_hollow_fragments(cases);
  return cases;
}

}  // namespace ws::conformance
