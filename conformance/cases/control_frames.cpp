// Section 26: Ping, Pong and Close as frames among others (RFC 6455 section 5.5).
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/opcode_name.hpp"

namespace ws::conformance {
namespace {

Case control_case(std::string id, std::string title, std::vector<std::string> checks,
                  std::vector<DialogueStep> steps) {
  return {.id = "26." + std::move(id),
          .title = std::move(title),
          .purpose = "Control frames keep a connection going, whatever else goes on.",
          .checks = std::move(checks),
          .tags = {"control"},
          .dialogue = Dialogue{.steps = std::move(steps)}};
}

PutFrame control(unsigned opcode, Payload payload) {
  return {.opcode = opcode, .payload = std::move(payload)};
}

void add_answers(std::vector<Case>& cases) {
  cases.push_back(control_case("1.1", "A Ping is answered by a Pong with its payload",
                               {"RFC6455-5.5.2-2", "RFC6455-5.5.3-1", "RFC6455-6.2-2"},
                               lives_through(ping_answered(text("hello")))));
  std::vector<DialogueStep> all;
  for (std::uint64_t length = 0; length <= 125; ++length) {
    all = std::move(all) + ping_answered(repeat(noise(125), length));
  }
  cases.push_back(control_case("1.2", "Pings of 0 to 125 bytes are answered",
                               {"RFC6455-5.5-1", "RFC6455-5.5.3-1"}, lives_through(all)));
  const std::pair<const char*, const char*> payloads[] = {
      {"00", "a zero byte"},
      {"68690000686900", "zero bytes among others"},
      {"ff", "a byte that no UTF-8 has"},
      {"00ff00ff80c0", "bytes that are not UTF-8"},
      {"03e8", "what a Close would have"},
      {"0a0d0a0d", "line ends"},
  };
  int number = 2;
  for (const auto& [bytes, what] : payloads) {
    cases.push_back(control_case("1." + std::to_string(++number),
                                 "A Ping with " + std::string(what) + " is answered alike",
                                 {"RFC6455-5.5.3-1"}, lives_through(ping_answered(hex(bytes)))));
  }
  cases.push_back(control_case(
      "1.10", "Ten Pings, one after the other, are answered in order", {"RFC6455-5.5.2-2"}, [] {
        std::vector<DialogueStep> steps;
        for (int i = 0; i < 10; ++i) {
          steps = std::move(steps) + ping_answered(text("ping " + std::to_string(i)));
        }
        return lives_through(steps);
      }()));
  cases.push_back(control_case("2.1", "A Pong that nobody asked for is passed over",
                               {"RFC6455-5.5.3-3"},
                               lives_through({control(10, text("unasked")), expect_silence()})));
  cases.push_back(control_case("2.2", "An empty Pong is passed over", {"RFC6455-5.5.3-3"},
                               lives_through({control(10, text("")), expect_silence()})));
  std::vector<DialogueStep> pongs;
  for (int i = 0; i < 15; ++i) pongs.emplace_back(control(10, repeat("pong ", 125)));
  cases.push_back(control_case("2.3", "Fifteen Pongs in one go are passed over",
                               {"RFC6455-5.5.3-3"}, lives_through(pongs)));
}

void add_illegal(std::vector<Case>& cases) {
  int number = 0;
  for (const unsigned opcode : {8U, 9U, 10U}) {
    const std::string name = name_of(static_cast<Opcode>(opcode));
    // Closes have the code kCloseProbe.
    const std::string start = opcode == 8 ? "\x10\xe1" : "";
    for (const std::uint64_t length : {126U, 127U, 1000U, 65'535U, 65'536U, 70'000U}) {
      const Payload payload = join({text(start), repeat("x", length - start.size())});
      cases.push_back(control_case(
          "3." + std::to_string(++number), "A " + name + " of " + std::to_string(length) + " bytes",
          {"RFC6455-5.5-1", "RFC6455-5.5-3", "RFC6455-7.1.7-7"},
          fails_after({control(opcode, payload)}, {1002}, "RFC 6455 5.5")));
    }
    for (const bool is_empty : {true, false}) {
      PutFrame fragment = control(opcode, text(is_empty ? "" : opcode == 8 ? start : "x"));
      fragment.fin = false;
      cases.push_back(
          control_case("3." + std::to_string(++number),
                       std::string(is_empty ? "An empty " : "A ") + name + " that is not final",
                       {"RFC6455-5.4-4", "RFC6455-5.5-2", "RFC6455-5.5-3"},
                       fails_after({fragment}, {1002}, "RFC 6455 5.5")));
    }
    cases.push_back(control_case(
        "3." + std::to_string(++number), "A " + name + " that is not final, inside a message",
        {"RFC6455-5.4-4", "RFC6455-5.5-2", "RFC6455-5.5-3"}, [&] {
          PutFrame fragment = control(opcode, text(start));
          fragment.fin = false;
          return fails_after({PutFrame{.fin = false, .payload = text("begun")}, fragment}, {1002},
                             "RFC 6455 5.5");
        }()));
    for (const auto form : {oracle::LengthForm::bits16, oracle::LengthForm::bits64}) {
      for (const std::string_view words : {"", "small"}) {
        if (opcode == 8) continue;
        PutFrame longer = control(opcode, text(words));
        longer.form = form;
        Expect either = expect_failure({1002}, "RFC 6455 5.5");
        for (Reaction& reaction : either.any) {
          if (reaction.kind == Reaction::Kind::pong) {
            reaction.grade = Grade::non_strict;
            reaction.why = "a control frame whose length is not in its shortest form is accepted";
          }
        }
        if (opcode == 9) {
          either.any.push_back({.grade = Grade::non_strict,
                                .kind = Reaction::Kind::pong,
                                .payload = text(words),
                                .why = "a Ping whose length is not in its shortest form is "
                                       "answered"});
        }
        Case test = control_case(
            "4." + std::to_string(++number),
            "A " + name + " of " + std::to_string(words.size()) + " bytes with a length of " +
                (form == oracle::LengthForm::bits16 ? "16" : "64") + " bits",
            {"RFC6455-5.2-8", "RFC6455-5.5-1"},
            echo("before") + std::vector<DialogueStep>{
                                 longer, control(9, text("behind the illegal bytes")), either});
        test.level = Level::may;
        cases.push_back(std::move(test));
      }
    }
  }
}

/// Lengths that are short enough once a part of them is lost: their low seven or eight bits, or 16.
void add_lengths_that_wrap(std::vector<Case>& cases) {
  int number = 0;
  for (const unsigned opcode : {8U, 9U, 10U}) {
    const std::string start = opcode == 8 ? "\x10\xe1" : "";
    for (const std::uint64_t length : {128U, 250U, 255U, 256U, 257U, 258U, 381U, 382U, 512U, 1024U,
                                       4096U, 65'537U, 65'538U, 65'661U, 131'072U}) {
      const Payload payload = join({text(start), repeat("x", length - start.size())});
      cases.push_back(
          control_case("5." + std::to_string(++number),
                       "A " + std::string(name_of(static_cast<Opcode>(opcode))) + " of " +
                           std::to_string(length) + " bytes",
                       {"RFC6455-5.5-1", "RFC6455-5.5-3", "RFC6455-7.1.7-7"},
                       fails_after({control(opcode, payload)}, {1002}, "RFC 6455 5.5")));
    }
  }
}

}  // namespace

std::vector<Case> control_frame_cases() {
  std::vector<Case> cases;
  add_answers(cases);
  add_illegal(cases);
  add_lengths_that_wrap(cases);
  return cases;
}

}  // namespace ws::conformance
