// Section 34: an endpoint that refuses messages over a size, at that size and round it (RFC 6455
// sections 10.4 and 7.4.1).
//
// What is sent follows from the endpoint's limits; the catalogue shows it for kShownLimits.
#include <algorithm>
#include <functional>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/deflate_writer.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;
using Compose = std::function<Steps(const MessageLimits&)>;

Payload bytes(std::uint64_t length) { return repeat("0123456789abcdefghij", length); }

/// One block of DEFLATE that inflates to about `length` times "0".
Payload block_of_zeros(std::uint64_t length) {
  constexpr unsigned kLongest = 258;
  std::vector<DeflateToken> tokens(static_cast<std::size_t>(length / kLongest + 1),
                                   DeflateToken{.length = kLongest, .distance = 1});
  tokens.insert(tokens.begin(), DeflateToken{.literal = '0'});
  DeflateWriter writer;
  writer.put_fixed(tokens);
  return text(writer.take_message());
}

class Section {
 public:
  void add(std::string id, std::string title, std::string purpose, const Compose& compose,
           bool compressed = false) {
    const auto make = [compose, compressed](const MessageLimits& limits) {
      Dialogue dialogue{.steps = compose(limits), .own_cuts = true};
      if (limits.is_exact) dialogue.takes = limits.message;
      if (compressed) {
        dialogue.deflate = usual_deflate();
      }
      return dialogue;
    };
    cases_.push_back({.id = "34." + std::move(id),
                      .title = std::move(title),
                      .purpose = std::move(purpose),
                      .checks = {"RFC6455-10.4-1", "RFC6455-10.4-2"},
                      .needs = {Need::message_limit},
                      .tags = {"limits"},
                      .dialogue = make(kShownLimits),
                      .for_limits = make});
  }

  Case& last() { return cases_.back(); }

  std::vector<Case> take() { return std::move(cases_); }

 private:
  std::vector<Case> cases_;
};

/// The endpoint has to refuse what came; that nothing comes back at all is no refusal.
Steps refused(const Steps& steps) {
  return echo("before") + steps + Steps{expect_too_big(milliseconds(5000))};
}

/// Likewise where only a header came. Who looks at the length later waits for the rest.
Steps refused_by_header(const Steps& steps, const MessageLimits& limits) {
  if (limits.by_header) return refused(steps);
  Expect expect = expect_too_big(milliseconds(500));
  expect.any.push_back({.grade = Grade::non_strict,
                        .kind = Reaction::Kind::silence,
                        .why = "the limit is not looked at with the header",
                        .source = "RFC 6455 10.4"});
  return echo("before") + steps + Steps{expect};
}

/// Likewise where the limit of a whole message is only guessed from that of a frame.
Steps total_refused(const Steps& steps, const MessageLimits& limits, const Payload& whole) {
  const auto within = milliseconds(3000) + milliseconds(whole.length / 10'000);
  return echo("before") + steps +
         Steps{limits.is_exact
                   ? expect_too_big(within)
                   : expect_too_big_at_best(
                         within, whole, "there is a limit for a frame, but none for the message")};
}

/// Fragments of `size` bytes that add up to more than the limit, each with `behind` behind it, and
/// no end of them.
Steps endless(const MessageLimits& limits, std::uint64_t size, const Steps& behind = {}) {
  const std::uint64_t count = std::max(limits.message, limits.too_long) / size + 1;
  Steps steps;
  for (std::uint64_t i = 0; i < count; ++i) {
    steps.emplace_back(PutFrame{.fin = false, .opcode = i == 0 ? 2U : 0U, .payload = bytes(size)});
    steps.insert(steps.end(), behind.begin(), behind.end());
  }
  return total_refused(steps, limits, bytes(count * size));
}

Steps echoed(const Payload& payload, std::uint64_t fragment = 0) {
  PutMessage message{.type = Opcode::binary, .payload = payload};
  if (fragment != 0) message.fragments.assign((payload.length - 1) / fragment, fragment);
  return {message, expect_message(Opcode::binary, payload)};
}

void add_frames(Section& section) {
  const std::string exact = "A limit is where it is said to be.";
  section.add(
      "1.1", "A message as long as the limit is echoed", exact,
      [](const MessageLimits& limits) { return lives_through(echoed(bytes(limits.frame))); });
  section.add("1.2", "Two messages as long as the limit are echoed",
              "Each message counts for itself.", [](const MessageLimits& limits) {
                return lives_through(echoed(bytes(limits.frame)) + echoed(bytes(limits.frame)));
              });
  for (const std::uint64_t more : {0U, 1000U}) {
    section.add(more == 0 ? "1.3" : "1.4",
                "A message " + std::string(more == 0 ? "just" : "more than 1000 bytes") +
                    " over the limit is refused",
                exact, [more](const MessageLimits& limits) {
                  return refused({PutMessage{.type = Opcode::binary,
                                             .payload = bytes(limits.too_long + more)}});
                });
  }
  section.add("1.5", "A message over the limit is refused when its header came alone",
              "The length is in the header, however the bytes arrive.",
              [](const MessageLimits& limits) {
                PutFrame large{.opcode = 2, .payload = bytes(limits.too_long)};
                large.cut = 4;
                return refused({large});
              });
  section.add("1.6", "A message over the limit is refused before its payload has come",
              "Who waits for the payload has to keep it.", [](const MessageLimits& limits) {
                return refused_by_header(
                    {PutFrame{.opcode = 2, .payload = text("begin"), .announced = limits.too_long}},
                    limits);
              });
  section.add("1.7", "A text over the limit is refused", exact, [](const MessageLimits& limits) {
    return refused({PutMessage{.payload = bytes(limits.too_long)}});
  });
}

void add_sums(Section& section) {
  const std::string sum = "What counts is the message, not its frames.";
  section.add("2.1", "A message as long as the limit is echoed, in two fragments", sum,
              [](const MessageLimits& limits) {
                return lives_through(echoed(bytes(limits.frame), limits.frame / 2));
              });
  struct Cut {
    const char* id = nullptr;
    const char* what = nullptr;
    std::uint64_t parts = 0;  // of the limit
  };
  for (const Cut& cut : {Cut{"2.2", "halves of the limit", 2}, Cut{"2.3", "quarters of it", 4},
                         Cut{"2.4", "64ths of it", 64}}) {
    section.add(cut.id,
                "Fragments that are " + std::string(cut.what) +
                    " add up to more, and there is no end of them",
                sum, [parts = cut.parts](const MessageLimits& limits) {
                  return endless(limits, std::max<std::uint64_t>(limits.frame / parts, 1));
                });
  }
  section.add(
      "2.5", "The last fragment of a message brings it over the limit", sum,
      [](const MessageLimits& limits) {
        const Payload whole = bytes(std::max(limits.message + 1, limits.too_long));
        const std::uint64_t size = std::max<std::uint64_t>(limits.frame / 2, 1);
        return total_refused(
            {PutMessage{.type = Opcode::binary,
                        .payload = whole,
                        .fragments = std::vector<std::uint64_t>((whole.length - 1) / size, size)}},
            limits, whole);
      });
  section.add("2.6", "Pings stand between fragments that add up to more than the limit",
              "A control frame begins no new message.", [](const MessageLimits& limits) {
                return endless(limits, std::max<std::uint64_t>(limits.frame / 2, 1),
                               {frame(Opcode::ping, text("between"))});
              });
  struct Inside {
    const char* what = nullptr;
    Steps steps{};
  };
  const Payload full = repeat("between the fragments", 125);
  const Inside betweens[] = {{"Pings", ping_answered(full)},
                             {"Pongs", {frame(Opcode::pong, full)}},
                             {"empty Pings", ping_answered(text(""))}};
  int number = 6;
  for (const auto& [what, between] : betweens) {
    section.add("2." + std::to_string(++number),
                "A message as long as the limit is echoed, in fragments with " + std::string(what) +
                    " between them",
                "A control frame is no part of the message that it comes inside of.",
                [between](const MessageLimits& limits) {
                  const std::uint64_t size = std::max<std::uint64_t>(limits.frame / 8, 1);
                  // Without control frames first: who takes that has no lower limit.
                  Steps steps = echoed(repeat("m", limits.frame), size);
                  for (std::uint64_t begin = 0; begin < limits.frame; begin += size) {
                    const std::uint64_t left = limits.frame - begin;
                    const bool is_last = left <= size;
                    steps.emplace_back(PutFrame{.fin = is_last,
                                                .opcode = begin == 0 ? 2U : 0U,
                                                .payload = repeat("m", is_last ? left : size)});
                    if (!is_last) steps += between;
                  }
                  const Expect whole = expect_message(Opcode::binary, repeat("m", limits.frame));
                  return lives_through(steps + Steps{whole});
                });
  }
  // Nothing more than the limit is no more than it.
  const Inside empties[] = {
      {"an empty last fragment", {}},
      {"an empty fragment, and an empty last one", {PutFrame{.fin = false, .opcode = 0}}},
      {"a Ping, and an empty last fragment", ping_answered(full)},
      {"an empty fragment, a Ping, and an empty last fragment",
       Steps{PutFrame{.fin = false, .opcode = 0}} + ping_answered(full)}};
  for (const auto& [what, between] : empties) {
    for (const std::uint64_t parts : {1U, 4U}) {
      section.add("2." + std::to_string(++number),
                  "A message as long as the limit, in " + std::to_string(parts) +
                      (parts == 1 ? " fragment" : " fragments") + " and " + what + ", is echoed",
                  sum, [between, parts](const MessageLimits& limits) {
                    const Payload whole = bytes(limits.frame);
                    const std::uint64_t size = std::max<std::uint64_t>(limits.frame / parts, 1);
                    // Without what follows first: who takes that has no lower limit.
                    Steps steps = echoed(whole, parts == 1 ? 0 : size);
                    for (std::uint64_t begin = 0; begin < whole.length; begin += size) {
                      steps.emplace_back(PutFrame{
                          .fin = false,
                          .opcode = begin == 0 ? 2U : 0U,
                          .payload = slice(whole, begin, std::min(size, whole.length - begin))});
                    }
                    steps += between;
                    return lives_through(steps + Steps{PutFrame{.opcode = 0},
                                                       expect_message(Opcode::binary, whole)});
                  });
    }
  }
  number = 0;
  for (const std::uint64_t announced :
       std::initializer_list<std::uint64_t>{0x7fffffffffffffffU, 0x7ffffffffffffffeU, 0x100000000U,
                                            0xffffffffU, 0x80000000U, 0x7fffffffU}) {
    section.add(
        "3." + std::to_string(++number),
        "A continuation announces " + std::to_string(announced) + " bytes behind a fragment",
        "A sum that overflows is no small one.", [announced](const MessageLimits& limits) {
          const bool is_over = announced > limits.too_long;
          return refused_by_header({PutFrame{.fin = false, .opcode = 2, .payload = text("b")},
                                    PutFrame{.opcode = 0,
                                             .payload = text("egin"),
                                             .announced = is_over ? announced : limits.too_long}},
                                   limits);
        });
  }
}

void add_counters(Section& section) {
  const std::string anew = "The count begins anew with each message.";
  section.add("4.1", "Ten messages of half the limit are echoed", anew,
              [](const MessageLimits& limits) {
                Steps steps;
                for (int i = 0; i < 10; ++i) steps += echoed(bytes(limits.frame / 2));
                return lives_through(steps);
              });
  section.add("4.2", "Ten messages of half the limit, in fragments, are echoed", anew,
              [](const MessageLimits& limits) {
                Steps steps;
                for (int i = 0; i < 10; ++i) {
                  steps +=
                      echoed(bytes(limits.frame / 2), std::max<std::uint64_t>(limits.frame / 8, 1));
                }
                return lives_through(steps);
              });
  section.add("4.3", "A hundred short messages follow one of the limit's length", anew,
              [](const MessageLimits& limits) {
                Steps steps = echoed(bytes(limits.frame));
                for (int i = 0; i < 100; ++i) steps += echo("short");
                return lives_through(steps);
              });
}

PutFrame frame_of(bool fin, unsigned opcode, std::uint64_t length) {
  return {.fin = fin, .opcode = opcode, .payload = bytes(length)};
}

/// A refusal, where what may come back in its place is a text.
Steps of_text(Steps refusal) {
  for (Reaction& reaction : std::get<Expect>(refusal.back()).any) {
    if (reaction.kind == Reaction::Kind::message) reaction.type = Opcode::text;
  }
  return refusal;
}

/// Messages that are too long in forms that a counter may miss.
void add_missed_counts(Section& section) {
  const std::string counted = "What counts is the message, however it comes.";
  struct Form {
    const char* what = nullptr;
    Steps first{};    ///< begins the message
    Steps between{};  ///< each two of its fragments
  };
  const Steps ping{frame(Opcode::ping, text("between"))};
  const Form forms[] = {
      {"an empty first fragment", {frame_of(false, 2, 0)}, {}},
      {"three empty fragments in front",
       {frame_of(false, 2, 0), frame_of(false, 0, 0), frame_of(false, 0, 0)},
       {}},
      {"an empty first fragment and Pings", Steps{frame_of(false, 2, 0)} + ping, ping},
      {"a first fragment of one byte", {frame_of(false, 2, 1)}, {}},
      {"empty fragments between the others", {frame_of(false, 2, 1)}, {frame_of(false, 0, 0)}},
      {"empty fragments and Pings between the others",
       {frame_of(false, 2, 1)},
       Steps{frame_of(false, 0, 0)} + ping}};
  int number = 0;
  for (const Form& form : forms) {
    section.add("6." + std::to_string(++number),
                "A message over the limit has " + std::string(form.what), counted,
                [form](const MessageLimits& limits) {
                  const std::uint64_t size = std::max<std::uint64_t>(limits.frame / 4, 1);
                  const std::uint64_t count = std::max(limits.message, limits.too_long) / size + 1;
                  std::uint64_t whole = std::get<PutFrame>(form.first.front()).payload.length;
                  Steps steps = form.first;
                  for (std::uint64_t i = 0; i < count; ++i) {
                    steps.emplace_back(frame_of(false, 0, size));
                    steps += form.between;
                    whole += size;
                  }
                  return total_refused(steps, limits, bytes(whole));
                });
  }
  // Of characters there are fewer than of bytes.
  for (const std::string_view character : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x9a\x80"}) {
    const std::string of = "characters of " + std::to_string(character.size()) + " bytes";
    const auto text_of = [character](std::uint64_t length) {
      return repeat(character, length / character.size() * character.size());
    };
    section.add(
        "6." + std::to_string(++number), "A text as long as the limit, of " + of + ", is echoed",
        counted, [text_of](const MessageLimits& limits) {
          const Payload whole = text_of(limits.frame);
          return lives_through({PutMessage{.payload = whole}, expect_message(Opcode::text, whole)});
        });
    section.add(
        "6." + std::to_string(++number), "A text over the limit, of " + of + ", is refused",
        counted, [text_of, character](const MessageLimits& limits) {
          return refused({PutMessage{.payload = text_of(limits.too_long + character.size() - 1)}});
        });
    section.add("6." + std::to_string(++number),
                "A text over the limit, of " + of + ", is refused in fragments", counted,
                [text_of, character](const MessageLimits& limits) {
                  const Payload whole =
                      text_of(std::max(limits.message + 1, limits.too_long) + character.size());
                  const std::uint64_t size = std::max<std::uint64_t>(
                      limits.frame / 8 * character.size(), character.size());
                  const std::vector<std::uint64_t> fragments((whole.length - 1) / size, size);
                  Steps refusal = total_refused(
                      {PutMessage{.payload = whole, .fragments = fragments}}, limits, whole);
                  return of_text(std::move(refusal));
                });
    section.add(
        "6." + std::to_string(++number),
        "A compressed text over the limit, of " + of + ", is refused", counted,
        [text_of, character](const MessageLimits& limits) {
          const Payload whole =
              text_of(std::max(limits.message + 1, limits.too_long) + character.size());
          Steps refusal = total_refused(
              {PutMessage{.payload = whole, .coding = PutMessage::Coding::compressed}}, limits,
              whole);
          return of_text(std::move(refusal));
        },
        true);
  }
}

/// What a connection before had begun is gone with it.
void add_connections_before(Section& section) {
  const auto left = [](Steps steps) {
    return Dialogue{.steps = std::move(steps), .own_cuts = true};
  };
  const Steps pause{Rest{milliseconds(20)}};
  const std::pair<const char*, Dialogue> befores[] = {
      {"ended inside a message in fragments",
       left(Steps{frame_of(false, 2, 600), frame_of(false, 0, 900)} + pause)},
      {"ended inside the payload of a frame",
       left(Steps{PutFrame{.opcode = 2, .payload = bytes(700), .announced = 1000}} + pause)},
      {"was closed inside a message",
       left(Steps{frame_of(false, 1, 800)} + closed_inside_message(1000))},
      {"failed inside a message",
       left({frame_of(false, 2, 800), PutFrame{.rsv = 1, .opcode = 0}, expect_failure()})},
  };
  int number = 3;
  for (const auto& [what, before] : befores) {
    section.add(
        "4." + std::to_string(++number),
        "A message as long as the limit is echoed after a connection that " + std::string(what),
        "The count begins anew with each connection.", [](const MessageLimits& limits) {
          return echoed(bytes(limits.frame), limits.frame / 2) + closed_cleanly();
        });
    section.last().earlier = {before};
  }
}

void add_compressed(Section& section) {
  const std::string inflated = "What counts is what comes out.";
  const auto compressed = [](const Payload& payload, std::vector<std::uint64_t> fragments = {}) {
    return PutMessage{.type = Opcode::binary,
                      .payload = payload,
                      .fragments = std::move(fragments),
                      .coding = PutMessage::Coding::compressed};
  };
  section.add(
      "5.1", "A compressed message that inflates to the limit is echoed", inflated,
      [compressed](const MessageLimits& limits) {
        const Payload payload = repeat("0", limits.frame);
        return lives_through({compressed(payload), expect_message(Opcode::binary, payload)});
      },
      true);
  int number = 1;
  for (const std::uint64_t times : {1U, 2U, 20U}) {
    section.add(
        "5." + std::to_string(++number),
        times == 1 ? "A compressed message that inflates to more than the limit is refused"
                   : "A compressed message that inflates to " + std::to_string(times) +
                         " times the limit is refused",
        inflated,
        [compressed, times](const MessageLimits& limits) {
          const Payload whole =
              repeat("0", std::max(limits.message, limits.too_long) * times + 1000);
          return total_refused({compressed(whole)}, limits, whole);
        },
        true);
  }
  section.add(
      "5.7", "A compressed message that inflates to just over the limit is refused", inflated,
      [compressed](const MessageLimits& limits) {
        const Payload whole = repeat("0", std::max(limits.message + 1, limits.too_long));
        return total_refused({compressed(whole)}, limits, whole);
      },
      true);
  section.add(
      "5.5", "A compressed message in fragments inflates to more than the limit", inflated,
      [compressed](const MessageLimits& limits) {
        const Payload whole = repeat("0", std::max(limits.message, limits.too_long) * 2);
        return total_refused({compressed(whole, std::vector<std::uint64_t>(10, 5))}, limits, whole);
      },
      true);
  number = 7;
  for (const std::uint64_t pieces : {2U, 10U, 100U}) {
    section.add(
        "5." + std::to_string(++number),
        "A compressed message over the limit comes in " + std::to_string(pieces) + " pieces",
        "What counts is what comes out of all of them.",
        [pieces](const MessageLimits& limits) {
          const std::uint64_t most = std::max(limits.message, limits.too_long) / 4 * 5;
          PutFrame in_pieces{.rsv = 4, .opcode = 2, .payload = block_of_zeros(most)};
          in_pieces.cut = 10;
          in_pieces.piece = static_cast<std::size_t>(in_pieces.payload.length / pieces + 1);
          return total_refused({in_pieces}, limits, repeat("0", most));
        },
        true);
  }
  // What is known may be the limit of a frame alone; then the message may come back, but whole.
  for (const std::uint64_t more : {1U, 2U}) {
    section.add(
        "5." + std::to_string(++number),
        "A compressed message that inflates to " + std::to_string(more) +
            (more == 1 ? " byte" : " bytes") +
            " more than a frame may have is refused, or is whole",
        "What is over a limit is refused, and never cut.",
        [compressed, more](const MessageLimits& limits) {
          const Payload whole = repeat("0", limits.too_long - 1 + more);
          Expect either = expect_too_big(milliseconds(5000));
          if (!limits.is_exact) either.any.push_back(expect_message(Opcode::binary, whole).any[0]);
          return echo("before") + Steps{compressed(whole), either};
        },
        true);
  }
  section.add(
      "5." + std::to_string(++number),
      "A compressed message is over the limit in its first fragment, and there is no other",
      "Who waits for the end of the message has to keep what it inflates to.",
      [](const MessageLimits& limits) {
        const std::uint64_t most = std::max(limits.message, limits.too_long) / 4 * 5;
        Expect expect = expect_too_big(milliseconds(1500));
        expect.any.push_back({.grade = Grade::non_strict,
                              .kind = Reaction::Kind::silence,
                              .why = "the limit is not looked at before the message ends",
                              .source = "RFC 6455 10.4"});
        return echo("before") +
               Steps{PutFrame{.fin = false, .rsv = 4, .opcode = 2, .payload = block_of_zeros(most)},
                     expect};
      },
      true);
  section.add(
      "5.6", "Ten compressed messages of half the limit are echoed",
      "The count begins anew with each message.",
      [compressed](const MessageLimits& limits) {
        const Payload payload = repeat("0", limits.frame / 2);
        Steps steps;
        for (int i = 0; i < 10; ++i) {
          steps += Steps{compressed(payload), expect_message(Opcode::binary, payload)};
        }
        return lives_through(steps);
      },
      true);
}

}  // namespace

std::vector<Case> message_limit_cases() {
  Section section;
  add_frames(section);
  add_sums(section);
  add_counters(section);
  add_connections_before(section);
  add_missed_counts(section);
  add_compressed(section);
  return section.take();
}

}  // namespace ws::conformance
