// Section 23: every form of a frame's header (RFC 6455 section 5.2), and section 24: masking (5.3).
#include <string>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/opcode_name.hpp"

namespace ws::conformance {
namespace {

using oracle::LengthForm;

Case header_case(std::string id, std::string title, std::vector<std::string> checks,
                 std::vector<DialogueStep> steps) {
  return {.id = std::move(id),
          .title = std::move(title),
          .purpose = "What a header says has to be read exactly, and what it must not say refused.",
          .checks = std::move(checks),
          .tags = {"framing"},
          .dialogue = Dialogue{.steps = std::move(steps)}};
}

Case masking_case(std::string id, std::string title, std::vector<std::string> checks,
                  std::vector<DialogueStep> steps, std::optional<Role> only_for = {}) {
  return {.id = std::move(id),
          .title = std::move(title),
          .purpose = "Masks protect what stands between; both sides have to get them right.",
          .checks = std::move(checks),
          .only_for = only_for,
          .tags = {"masking"},
          .dialogue = Dialogue{.steps = std::move(steps)}};
}

std::string kind_of(unsigned opcode) { return name_of(static_cast<Opcode>(opcode)); }

/// What makes a frame of this kind legal where it stands.
std::vector<DialogueStep> before(unsigned opcode) {
  if (opcode != 0) return {};
  return {PutFrame{.fin = false, .opcode = 1, .payload = text("begun")}};
}

/// Echoes of binary messages of all these lengths in one connection.
std::vector<DialogueStep> echoes(std::uint64_t first, std::uint64_t last, Opcode type) {
  std::vector<DialogueStep> steps;
  for (std::uint64_t length = first; length <= last; ++length) {
    steps = std::move(steps) + echo(type, repeat(noise(509), length));
  }
  return std::move(steps) + closed_cleanly();
}

void add_lengths(std::vector<Case>& cases) {
  const auto checks = [](const char* type) -> std::vector<std::string> {
    return {"RFC6455-5.2-7", "RFC6455-5.2-8", "RFC6455-5.2-9", "RFC6455-6.1-3",
            "RFC6455-6.1-5", "RFC6455-6.1-6", "RFC6455-6.1-8", type};
  };
  const std::pair<std::uint64_t, std::uint64_t> ranges[] = {{0, 40},
                                                            {41, 90},
                                                            {91, 140},
                                                            {250, 260},
                                                            {508, 516},
                                                            {1020, 1030},
                                                            {2044, 2052},
                                                            {4090, 4102},
                                                            {8188, 8196},
                                                            {16'380, 16'388},
                                                            {32'764, 32'772},
                                                            {65'530, 65'542},
                                                            {131'064, 131'084},
                                                            {262'140, 262'148},
                                                            {524'285, 524'291},
                                                            {1'048'574, 1'048'578}};
  int number = 0;
  for (const auto& [first, last] : ranges) {
    ++number;
    const std::string what =
        "messages of " + std::to_string(first) + " to " + std::to_string(last) + " bytes come back";
    cases.push_back(header_case("23.1." + std::to_string(number), "Binary " + what,
                                checks("RFC6455-5.6-2"), echoes(first, last, Opcode::binary)));
    if (last < 70'000) {
      cases.push_back(header_case("23.2." + std::to_string(number), "Text " + what,
                                  checks("RFC6455-5.6-1"), echoes(first, last, Opcode::text)));
    }
  }
}

void add_length_forms(std::vector<Case>& cases) {
  struct Form {
    LengthForm form;
    std::uint64_t length;
  };
  int number = 0;
  for (const Form& form :
       {Form{LengthForm::bits16, 0}, Form{LengthForm::bits16, 1}, Form{LengthForm::bits16, 125},
        Form{LengthForm::bits64, 0}, Form{LengthForm::bits64, 125}, Form{LengthForm::bits64, 126},
        Form{LengthForm::bits64, 65'535}}) {
    const Payload payload = repeat("long form ", form.length);
    Expect either = expect_failure();
    either.any.push_back({.grade = Grade::non_strict,
                          .kind = Reaction::Kind::message,
                          .type = Opcode::text,
                          .payload = payload,
                          .why = "a length that is not in its shortest form is accepted"});
    Case test =
        header_case("23.3." + std::to_string(++number),
                    "A length of " + std::to_string(form.length) + " in " +
                        (form.form == LengthForm::bits16 ? "16" : "64") + " bits",
                    {"RFC6455-5.2-8"},
                    echo("before") + std::vector<DialogueStep>{
                                         PutFrame{.payload = payload, .form = form.form}, either});
    test.level = Level::may;
    cases.push_back(std::move(test));
  }
  // Of other frames than texts.
  for (const unsigned opcode : {2U, 0U}) {
    for (const Form& form : {Form{LengthForm::bits16, 5}, Form{LengthForm::bits64, 200}}) {
      const Payload payload = repeat("long form ", form.length);
      Expect either = expect_failure();
      const auto type = opcode == 2 ? Opcode::binary : Opcode::text;
      either.any.push_back({.grade = Grade::non_strict,
                            .kind = Reaction::Kind::message,
                            .type = type,
                            .payload = opcode == 2 ? payload : join({text("begun"), payload}),
                            .why = "a length that is not in its shortest form is accepted"});
      Case test = header_case(
          "23.3." + std::to_string(++number),
          "A length of " + std::to_string(form.length) + " in " +
              (form.form == LengthForm::bits16 ? "16" : "64") + " bits, of a " + kind_of(opcode) +
              " frame",
          {"RFC6455-5.2-8"},
          echo("before") + before(opcode) +
              std::vector<DialogueStep>{
                  PutFrame{.opcode = opcode, .payload = payload, .form = form.form}, either});
      test.level = Level::may;
      cases.push_back(std::move(test));
    }
  }
  number = 0;
  for (const std::uint64_t announced :
       {0x8000000000000000U, 0x8000000000000005U, 0xffffffffffffffffU, 0xfffffffffffffffeU}) {
    for (const unsigned opcode : {1U, 2U}) {
      cases.push_back(
          header_case("23.4." + std::to_string(++number),
                      "A " + kind_of(opcode) + " frame whose 64-bit length has its top bit set",
                      {"RFC6455-5.2-6"},
                      fails_inside({PutFrame{.opcode = opcode,
                                             .payload = text("hello"),
                                             .form = LengthForm::bits64,
                                             .announced = announced}},
                                   {1002, 1009}, "RFC 6455 5.2")));
    }
  }
  // Added to the five bytes of the message so far, the last three of these wrap.
  for (const std::uint64_t announced :
       {0x8000000000000000U, 0xfffffffffffffffaU, 0xfffffffffffffffbU, 0xfffffffffffffffcU,
        0xffffffffffffffffU}) {
    cases.push_back(header_case(
        "23.4." + std::to_string(++number),
        "A continuation whose 64-bit length has its top bit set", {"RFC6455-5.2-6"},
        fails_inside(before(0) + std::vector<DialogueStep>{PutFrame{.opcode = 0,
                                                                    .payload = text("hello"),
                                                                    .form = LengthForm::bits64,
                                                                    .announced = announced}},
                     {1002, 1009}, "RFC 6455 5.2")));
  }
  number = 0;
  // It may wait for the rest, or refuse the size; it must not take it for a short frame.
  Expect expect = expect_failure({1009, 1002}, "RFC 6455 5.2");
  expect.within = milliseconds(300);
  expect.any.push_back({.kind = Reaction::Kind::silence, .why = "the peer waits for the rest"});
  for (const std::uint64_t announced : {0x100000005U, 0x700000000U, 0x7fffffffffffffffU}) {
    cases.push_back(
        header_case("23.5." + std::to_string(++number),
                    "A frame that announces far more than 32 bits hold", {"RFC6455-5.2-7"},
                    echo("before") + std::vector<DialogueStep>{PutFrame{.opcode = 2,
                                                                        .payload = text("hello"),
                                                                        .form = LengthForm::bits64,
                                                                        .announced = announced},
                                                               expect}));
  }
  // Added to the message so far, each is more than a signed number of 64 or 32 bits holds.
  for (const std::uint64_t announced :
       {0x7fffffffffffffffU, 0x7ffffffffffffffbU, 0x7ffffffeUL, 0xfffffffbUL, 0xffffffffUL}) {
    cases.push_back(header_case(
        "23.5." + std::to_string(++number),
        "A continuation that announces so much that its sum with the message so far may wrap",
        {"RFC6455-5.2-7"},
        echo("before") + before(0) +
            std::vector<DialogueStep>{PutFrame{.opcode = 0,
                                               .payload = text("hello"),
                                               .form = LengthForm::bits64,
                                               .announced = announced},
                                      expect}));
  }
}

void add_reserved(std::vector<Case>& cases) {
  const auto checks = [](const char* rule) -> std::vector<std::string> {
    return {rule,
            "RFC6455-7.1.7-1",
            "RFC6455-7.1.7-3",
            "RFC6455-7.1.7-5",
            "RFC6455-7.1.7-7",
            "RFC6455-10.7-1",
            "RFC6455-10.7-3"};
  };
  int number = 0;
  for (const unsigned opcode : {0U, 1U, 2U, 8U, 9U, 10U}) {
    for (unsigned rsv = 1; rsv <= 7; ++rsv) {
      const std::string bits = std::string((rsv & 4U) != 0 ? " RSV1" : "") +
                               ((rsv & 2U) != 0 ? " RSV2" : "") + ((rsv & 1U) != 0 ? " RSV3" : "");
      for (const bool is_empty : {false, true}) {
        if (is_empty && rsv != 1 && rsv != 2 && rsv != 4) continue;
        const Payload payload = opcode == 8 && !is_empty ? hex("10e1") : text(is_empty ? "" : "x");
        cases.push_back(header_case(
            "23.6." + std::to_string(++number),
            (is_empty ? "An empty " : "A ") + kind_of(opcode) + " frame with" + bits + " set",
            checks("RFC6455-5.2-3"),
            fails_after(before(opcode) + std::vector<DialogueStep>{PutFrame{
                                             .rsv = rsv, .opcode = opcode, .payload = payload}},
                        {1002}, "RFC 6455 5.2")));
      }
    }
  }
  number = 0;
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    for (const bool fin : {true, false}) {
      for (const std::string_view words : {"", "payload"}) {
        cases.push_back(header_case(
            "23.7." + std::to_string(++number),
            std::string(fin ? "A final" : "A not final") + " frame of the reserved opcode " +
                std::to_string(opcode) + (words.empty() ? ", empty" : ""),
            checks("RFC6455-5.2-4"),
            fails_after({PutFrame{.fin = fin, .opcode = opcode, .payload = text(words)}}, {1002},
                        "RFC 6455 5.2")));
      }
    }
    cases.push_back(header_case(
        "23.8." + std::to_string(opcode),
        "A frame of the reserved opcode " + std::to_string(opcode) + " inside a message",
        checks("RFC6455-5.2-4"),
        fails_after({PutFrame{.fin = false, .payload = text("begun")},
                     PutFrame{.opcode = opcode, .payload = text("x")}},
                    {1002}, "RFC 6455 5.2")));
  }
}

/// A 64-bit length with its top bit set, and the payload that the others would announce.
void add_top_bits(std::vector<Case>& cases) {
  int number = 13;
  for (const unsigned opcode : {1U, 2U, 0U}) {
    for (const std::uint64_t length : {65'536U, 70'001U}) {
      Case test =
          header_case("23.4." + std::to_string(++number),
                      "A " + kind_of(opcode) + " frame of " + std::to_string(length) +
                          " bytes, whose length has its top bit set",
                      {"RFC6455-5.2-6"},
                      fails_after(before(opcode) + std::vector<DialogueStep>{PutFrame{
                                                       .opcode = opcode,
                                                       .payload = repeat("top bit ", length),
                                                       .announced = 0x8000000000000000U + length}},
                                  {1002}, "RFC 6455 5.2"));
      test.dialogue->own_cuts = true;
      cases.push_back(std::move(test));
    }
  }
}

/// A 64-bit length of which whoever keeps some bytes or bits, adds them up, or reads them in
/// another order, makes a short one; there is more payload than that.
void add_misread_lengths(std::vector<Case>& cases) {
  Expect expect = expect_failure({1009, 1002}, "RFC 6455 5.2");
  expect.any.push_back({.kind = Reaction::Kind::silence, .why = "the peer waits for the rest"});
  expect.within = milliseconds(200);
  int number = 0;
  for (const unsigned opcode : {2U, 0U}) {
    for (const std::uint64_t low : {std::uint64_t{0}, std::uint64_t{5}}) {
      for (const unsigned byte : {4U, 5U, 6U, 7U}) {
        for (const std::uint64_t high : {std::uint64_t{1}, std::uint64_t{5}}) {
          if (high != 1 && byte != 4 && byte != 7) continue;  // each byte, and each half
          const std::uint64_t announced = (high << (8 * byte)) + low;
          Case test =
              header_case("23.11." + std::to_string(++number),
                          "A " + kind_of(opcode) + " frame that announces " + std::to_string(high) +
                              " times 2 to the " + std::to_string(8 * byte) + " bytes, and " +
                              std::to_string(low),
                          {"RFC6455-5.2-7"},
                          echo("before") + before(opcode) +
                              std::vector<DialogueStep>{PutFrame{.opcode = opcode,
                                                                 .payload = repeat("hello", 400),
                                                                 .form = LengthForm::bits64,
                                                                 .announced = announced},
                                                        expect});
          test.dialogue->own_cuts = true;
          cases.push_back(std::move(test));
        }
      }
    }
  }
  // Of this most wait for the rest, which takes its time.
  Case test = header_case(
      "23.11." + std::to_string(++number),
      "A binary frame that announces 1 times 2 to the 24 bytes, and 5", {"RFC6455-5.2-7"},
      echo("before") + std::vector<DialogueStep>{PutFrame{.opcode = 2,
                                                          .payload = repeat("hello", 400),
                                                          .form = LengthForm::bits64,
                                                          .announced = (1U << 24U) + 5},
                                                 expect});
  test.dialogue->own_cuts = true;
  cases.push_back(std::move(test));
}

/// What is wrong with a header is known when the header has come. Who waits for the payload first
/// waits for as much as the peer likes to announce.
void add_early_errors(std::vector<Case>& cases) {
  struct Wrong {
    const char* what = nullptr;
    const char* statement = nullptr;
    PutFrame frame{};
    std::vector<DialogueStep> before{};
  };
  const std::vector<DialogueStep> begun = before(0);
  const auto wrongly_masked = PutFrame::Masking::reversed;
  const Wrong wrongs[] = {
      {"A frame with RSV1", "RFC6455-5.2-3", {.rsv = 4}},
      {"A frame with RSV2", "RFC6455-5.2-3", {.rsv = 2, .opcode = 2}},
      {"A continuation with RSV3", "RFC6455-5.2-3", {.rsv = 1, .opcode = 0}, begun},
      {"A frame of opcode 3", "RFC6455-5.2-4", {.opcode = 3}},
      {"A frame of opcode 7 without FIN", "RFC6455-5.2-4", {.fin = false, .opcode = 7}},
      {"A frame of opcode 7 inside a message", "RFC6455-5.2-4", {.opcode = 7}, begun},
      {"A continuation of nothing", "RFC6455-5.4-15", {.opcode = 0}},
      {"A continuation of nothing without FIN", "RFC6455-5.4-15", {.fin = false, .opcode = 0}},
      {"New data inside a message", "RFC6455-5.4-16", {.opcode = 2}, begun},
      {"New data without FIN inside a message", "RFC6455-5.4-16", {.fin = false}, begun},
      {"A wrongly masked text", nullptr, {.masking = wrongly_masked}},
      {"A wrongly masked continuation", nullptr, {.opcode = 0, .masking = wrongly_masked}, begun},
  };
  const auto add = [&](const std::string& id, const Wrong& wrong, std::uint64_t announced,
                       std::uint64_t there) {
    PutFrame frame = wrong.frame;
    frame.payload = repeat("begun ", there);
    frame.announced = announced;
    Expect expect = expect_failure();
    expect.within = milliseconds(700);
    expect.any.push_back({.grade = Grade::non_strict,
                          .kind = Reaction::Kind::silence,
                          .why = "the header is not looked at before the payload has come",
                          .source = "RFC 6455 5.2"});
    std::vector<std::string> checks{wrong.statement == nullptr ? "RFC6455-5.1-2" : wrong.statement};
    if (wrong.statement == nullptr) checks.emplace_back("RFC6455-5.1-5");
    Case test =
        header_case(id,
                    std::string(wrong.what) + " is refused when " + std::to_string(there) +
                        " of its " + std::to_string(announced) + " bytes have come",
                    std::move(checks),
                    echo("before") + wrong.before + std::vector<DialogueStep>{frame, expect});
    test.level = Level::should;
    test.dialogue->own_cuts = true;
    cases.push_back(std::move(test));
  };
  int number = 0;
  for (const Wrong& wrong : wrongs) {
    add("23.10." + std::to_string(++number), wrong, 20, 0);
    add("23.10." + std::to_string(++number), wrong, 70'000, 200);
  }
  for (const unsigned opcode : {8U, 9U, 10U}) {
    const std::string kind = kind_of(opcode);
    const std::string not_final = "A " + kind + " frame without FIN";
    add("23.10." + std::to_string(++number),
        {not_final.c_str(), "RFC6455-5.5-2", {.fin = false, .opcode = opcode}}, 20, 3);
    const std::string too_long = "A long " + kind + " frame";
    add("23.10." + std::to_string(++number),
        {too_long.c_str(), "RFC6455-5.5-1", {.opcode = opcode}}, 126, 100);
  }
}

/// The header of a frame is cut after each of its bytes, with a pause behind the cut.
void add_cut_headers(std::vector<Case>& cases) {
  int number = 0;
  for (const std::uint64_t length : {0U, 5U, 256U, 512U, 65'536U, 131'072U}) {
    for (std::size_t cut = 1; cut <= (length < 126 ? 6U : length < 65'536 ? 8U : 14U); ++cut) {
      PutFrame frame{.opcode = 2, .payload = repeat(noise(97), length)};
      frame.cut = cut;
      Case test = header_case(
          "23.9." + std::to_string(++number),
          "A frame of " + std::to_string(length) + " bytes, cut after byte " + std::to_string(cut),
          {"RFC6455-5.2-7"},
          echo("before") +
              std::vector<DialogueStep>{frame, expect_message(Opcode::binary, frame.payload)} +
              echo("after") + closed_cleanly());
      test.dialogue->own_cuts = true;
      cases.push_back(std::move(test));
    }
  }
}

void add_masking(std::vector<Case>& cases) {
  int number = 0;
  for (const unsigned opcode : {0U, 1U, 2U, 8U, 9U, 10U}) {
    for (const bool is_empty : {false, true}) {
      const Payload payload = opcode == 8 && !is_empty ? hex("03e8") : text(is_empty ? "" : "seen");
      const PutFrame wrong{
          .opcode = opcode, .payload = payload, .masking = PutFrame::Masking::reversed};
      const std::string what = (is_empty ? "empty " : "") + kind_of(opcode) + " frame";
      ++number;
      cases.push_back(masking_case(
          "24.1." + std::to_string(number), "An unmasked " + what + " of a client",
          {"RFC6455-5.1-2"},
          fails_after(before(opcode) + std::vector<DialogueStep>{wrong}, {1002}, "RFC 6455 5.1"),
          Role::server));
      cases.push_back(masking_case(
          "24.2." + std::to_string(number), "A masked " + what + " of a server", {"RFC6455-5.1-5"},
          fails_after(before(opcode) + std::vector<DialogueStep>{wrong}, {1002}, "RFC 6455 5.1"),
          Role::client));
    }
  }
  number = 0;
  for (const char* masked :
       {"82 85 00 00 00 00 48 65 6c 6c 6f", "82 85 00 00 00 01 48 65 6c 6d 6f",
        "82 85 ff ff ff ff b7 9a 93 93 90", "82 80 00 00 00 00", "89 80 ff 00 00 00"}) {
    ++number;
    cases.push_back(masking_case(
        "24.6." + std::to_string(number),
        "A frame of a server masked with a key of few bits, number " + std::to_string(number),
        {"RFC6455-5.1-5"}, fails_after({PutBytes{hex(masked)}}, {1002}, "RFC 6455 5.1"),
        Role::client));
  }
  const std::array<std::uint8_t, 4> keys[] = {
      {0, 0, 0, 0},     {255, 255, 255, 255},    {1, 0, 0, 0}, {0, 0, 0, 1}, {1, 2, 3, 4},
      {0, 255, 0, 255}, {0x81, 0x85, 0x88, 0x8a}};
  number = 0;
  for (const auto& key : keys) {
    std::vector<DialogueStep> steps;
    for (std::uint64_t length :
         {0U,  1U,  2U,  3U,  4U,  5U,  7U,   8U,   9U,   15U,   16U,   17U,
          31U, 32U, 33U, 63U, 64U, 65U, 127U, 128U, 129U, 1021U, 4099U, 131'075U}) {
      const Payload payload = repeat(noise(257), length);
      steps.emplace_back(
          PutFrame{.opcode = 2, .payload = payload, .masking = PutFrame::Masking::key, .key = key});
      steps.emplace_back(expect_message(Opcode::binary, payload));
    }
    const std::string name = std::to_string(++number);
    cases.push_back(masking_case(
        "24.3." + name, "Frames of many lengths under one key, number " + name,
        {"RFC6455-5.3-5", "RFC6455-6.2-6"}, std::move(steps) + closed_cleanly(), Role::server));
  }
  // The offset into the key starts over with each frame.
  std::vector<DialogueStep> steps;
  for (std::uint64_t first = 0; first <= 9; ++first) {
    for (std::uint64_t second = 0; second <= 9; second += 3) {
      const Payload whole = repeat(noise(61), first + second + 1);
      steps.emplace_back(
          PutMessage{.type = Opcode::binary, .payload = whole, .fragments = {first, second}});
      steps.emplace_back(expect_message(Opcode::binary, whole));
    }
  }
  cases.push_back(masking_case("24.4.1", "Fragments of all lengths modulo four", {"RFC6455-5.3-5"},
                               std::move(steps) + closed_cleanly()));
  std::vector<DialogueStep> many;
  for (int i = 0; i < 1600; ++i) many = std::move(many) + echo("frame");
  cases.push_back(
      masking_case("24.5.1", "The keys of many frames cannot be foretold",
                   {"RFC6455-5.3-2", "RFC6455-5.3-3", "RFC6455-5.3-4", "RFC6455-10.3-1"},
                   std::move(many) + closed_cleanly(), Role::client));
  cases.back().dialogue->own_cuts = true;
}

}  // namespace

std::vector<Case> frame_header_cases() {
  std::vector<Case> cases;
  add_lengths(cases);
  add_length_forms(cases);
  add_reserved(cases);
  add_cut_headers(cases);
  add_top_bits(cases);
  add_early_errors(cases);
  add_misread_lengths(cases);
  return cases;
}

std::vector<Case> masking_cases() {
  std::vector<Case> cases;
  add_masking(cases);
  return cases;
}

}  // namespace ws::conformance
