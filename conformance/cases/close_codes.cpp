// Section 27: the closing handshake with every kind of Close (RFC 6455 sections 5.5.1, 7.1
// and 7.4).
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

Case close_case(std::string id, std::string title, std::vector<std::string> checks,
                std::vector<DialogueStep> steps, Level level = Level::must) {
  return {.id = "27." + std::move(id),
          .title = std::move(title),
          .purpose = "Both sides have to come out of a connection with the same story.",
          .checks = std::move(checks),
          .level = level,
          .tags = {"closing"},
          .dialogue = Dialogue{.steps = std::move(steps)}};
}

/// The peer should not take the Close for a normal one.
Expect expect_no_normal_close(std::string why) {
  return {
      .any = {{.kind = Reaction::Kind::close, .codes = {1002}, .why = "the connection is failed"},
              {.grade = Grade::non_strict,
               .kind = Reaction::Kind::close,
               .why = std::move(why),
               .source = "RFC 6455 7.4"},
              end_without_close()},
      .source = "RFC 6455 5.5.1"};
}

/// The statement that lets an endpoint send `code`.
const char* allowing(std::uint16_t code) {
  if (code < 3000) return "RFC6455-7.4.1-1";
  return code < 4000 ? "RFC6455-7.4.2-3" : "RFC6455-7.4.2-4";
}

/// The statement that keeps an endpoint from sending `code`.
const char* forbidding(std::uint16_t code) {
  switch (code) {
    case 1004:
      return "RFC6455-7.4.1-6";
    case 1005:
      return "RFC6455-7.4.1-3";
    case 1006:
      return "RFC6455-7.4.1-4";
    case 1015:
      return "RFC6455-7.4.1-5";
    default:
      return code < 1000 ? "RFC6455-7.4.2-1" : "RFC6455-7.4.2-2";
  }
}

/// A Close with a code that may not be sent.
Case forbidden_case(std::string id, std::uint16_t code) {
  return close_case(
      std::move(id),
      "A Close with " + std::to_string(code) + ", which may not be sent, is objected to",
      {forbidding(code)},
      echo("before") +
          std::vector<DialogueStep>{
              PutClose{.code = code},
              expect_no_normal_close("a code that may not be sent is taken for a normal one")},
      Level::should);
}

void add_codes(std::vector<Case>& cases) {
  int number = 0;
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{
           1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012,
           1013, 1014, 3000, 3001, 3500, 3999, 4000, 4001, 4500, 4999}) {
    cases.push_back(close_case("1." + std::to_string(++number),
                               "A Close with " + std::to_string(code) + " is answered",
                               {"RFC6455-5.5.1-7", "RFC6455-5.5.1-10", "RFC6455-5.5.1-12",
                                "RFC6455-7.1.1-3", allowing(code)},
                               echo("before") + closed_cleanly(code, text("a reason"))));
  }
  number = 0;
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{
           0, 1, 500, 999, 1004, 1005, 1006, 1015, 1016, 1050, 1100, 1999, 2000, 2500, 2999}) {
    cases.push_back(forbidden_case("2." + std::to_string(++number), code));
  }
  number = 0;
  // 1000 and 3000 are among them with their bytes swapped.
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{
           5000, 5001, 9999, 32'768, 65'535, 5500, 6000, 7000, 8000, 9000, 10'000, 16'384, 20'000,
           32'767, 40'000, 47'115, 50'000, 59'395, 65'534}) {
    Expect objection = expect_no_normal_close("a code that is not defined is taken");
    objection.any[1].grade = Grade::informational;
    cases.push_back(close_case(
        "3." + std::to_string(++number), "A Close with the undefined code " + std::to_string(code),
        {"RFC6455-7.4.2-2"},
        echo("before") + std::vector<DialogueStep>{PutClose{.code = code}, objection}, Level::may));
  }
}

/// Likewise, played as it stands: where reads end is tried with others.
Case whole_close_case(std::string id, std::string title, std::vector<std::string> checks,
                      std::vector<DialogueStep> steps, Level level = Level::must) {
  Case test =
      close_case(std::move(id), std::move(title), std::move(checks), std::move(steps), level);
  test.dialogue->own_cuts = true;
  return test;
}

/// Codes that nobody has a reason to name: a check by ranges has them all.
void add_unnamed_codes(std::vector<Case>& cases) {
  int number = 0;
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{
           3002, 3100, 3333, 3998, 4002, 4095, 4096, 4100, 4200, 4444, 4998}) {
    cases.push_back(whole_close_case("8." + std::to_string(++number),
                                     "A Close with " + std::to_string(code) + " is answered",
                                     {"RFC6455-5.5.1-7", "RFC6455-5.5.1-10", allowing(code)},
                                     echo("before") + closed_cleanly(code, text("a reason"))));
  }
  number = 0;
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{
           2,    3,    10,   100,  255,  256,  512,  900,  998,  1017,
           1018, 1023, 1024, 1025, 1099, 1101, 1200, 1280, 1500, 1536,
           1792, 1998, 2001, 2047, 2048, 2100, 2300, 2560, 2816, 2998}) {
    Case test = forbidden_case("9." + std::to_string(++number), code);
    test.dialogue->own_cuts = true;
    cases.push_back(std::move(test));
  }
}

/// Bytes that some languages take for nothing, or that begin a code.
void add_single_bytes(std::vector<Case>& cases) {
  int number = 0;
  for (const char* byte :
       {"00", "01", "03", "07", "08", "09", "0a", "0f", "20", "22", "2d", "30",
        "31", "5b", "66", "6e", "7b", "7f", "80", "88", "89", "c3", "e8", "ff"}) {
    cases.push_back(whole_close_case(
        "10." + std::to_string(++number),
        "A Close of the byte " + std::string(byte) + " fails the connection", {"RFC6455-5.5.1-2"},
        echo("before") + std::vector<DialogueStep>{frame(Opcode::close, hex(byte)),
                                                   expect_no_normal_close("it is taken")}));
  }
  // As a reason they are as good as any.
  number = 0;
  const std::pair<const char*, const char*> reasons[] = {
      {"0", "0"},           {"00", "00"},     {"1", "1"},
      {"-", "-"},           {" ", "a space"}, {"false", "false"},
      {"null", "null"},     {"[]", "[]"},     {"{}", "{}"},
      {"\n", "a line end"}, {"%s%n", "%s%n"}, {"\xef\xbb\xbf", "a byte order mark"}};
  for (const auto& [reason, what] : reasons) {
    cases.push_back(
        whole_close_case("11." + std::to_string(++number),
                         "A Close with the reason " + std::string(what) + " is answered",
                         {"RFC6455-5.5.1-3", "RFC6455-5.5.1-7"},
                         echo("before") + closed_cleanly(1000, text(reason))));
  }
}

/// Wherever a reason is cut, it is inside a character of one of these.
void add_cut_reasons(std::vector<Case>& cases) {
  int number = 0;
  for (const std::string_view character : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x9a\x80"}) {
    for (std::uint64_t before = 0; before < character.size(); ++before) {
      const std::uint64_t count = (123 - before) / character.size();
      cases.push_back(whole_close_case(
          "12." + std::to_string(++number),
          "A Close with a reason of " + std::to_string(count) + " characters of " +
              std::to_string(character.size()) + " bytes behind " + std::to_string(before) +
              " others is answered",
          {"RFC6455-5.5-1", "RFC6455-5.5.1-3", "RFC6455-5.5.1-7"},
          echo("before") +
              closed_cleanly(
                  1000, join({repeat("a", before), repeat(character, count * character.size())}))));
    }
  }
}

/// A reason, a payload or a whole frame, masked or not, may fill a buffer.
void add_reason_lengths(std::vector<Case>& cases) {
  std::set<std::uint64_t> lengths{2, 3, 5, 10, 20, 50, 100, 122};
  for (const std::uint64_t size : {16U, 32U, 64U, 128U}) {
    for (const std::uint64_t before : {0U, 2U, 4U, 8U}) {
      for (const std::uint64_t length : {size - before - 1, size - before, size - before + 1}) {
        if (length < 123) lengths.insert(length);
      }
    }
  }
  int number = 0;
  for (const std::uint64_t length : lengths) {
    cases.push_back(whole_close_case(
        "13." + std::to_string(++number),
        "A Close with a reason of " + std::to_string(length) + " bytes is answered",
        {"RFC6455-5.5-1", "RFC6455-5.5.1-3", "RFC6455-5.5.1-7"},
        echo("before") + closed_cleanly(1000, repeat("reason ", length))));
  }
}

void add_payloads(std::vector<Case>& cases) {
  cases.push_back(close_case("4.1", "An empty Close is answered by an empty Close",
                             {"RFC6455-5.5.1-1", "RFC6455-5.5.1-7", "RFC6455-7.4.1-3"},
                             echo("before") + closed_cleanly(std::nullopt)));
  cases.push_back(close_case(
      "4.2", "A Close of one byte fails the connection", {"RFC6455-5.5.1-2"},
      echo("before") + std::vector<DialogueStep>{frame(Opcode::close, hex("03")),
                                                 expect_no_normal_close("it is taken")}));
  cases.push_back(close_case("4.3", "A Close with a reason of 123 bytes is answered",
                             {"RFC6455-5.5-1", "RFC6455-5.5.1-3"},
                             echo("before") + closed_cleanly(1000, repeat("reason ", 123))));
  cases.push_back(close_case("4.4", "A Close with a reason of three-byte characters is answered",
                             {"RFC6455-5.5.1-3"},
                             echo("before") + closed_cleanly(1000, repeat("\xe2\x82\xac", 123))));
  cases.push_back(close_case("4.5", "A Close with a reason that has a zero byte is answered",
                             {"RFC6455-5.5.1-3"},
                             echo("before") + closed_cleanly(4000, hex("610062"))));
  const std::pair<const char*, const char*> reasons[] = {
      {"c3", "ends inside a character of two bytes"},
      {"61e282", "ends inside a character of three bytes"},
      {"61e2", "ends behind the first byte of three"},
      {"f09f98", "ends inside a character of four bytes"},
      {"80", "begins inside a character"},
      {"c0af", "has an overlong form"},
      {"eda080", "has a surrogate"},
      {"f4908080", "has a character beyond U+10FFFF"},
      {"ff", "has a byte that no UTF-8 has"},
      {"616263ff", "ends in a byte that no UTF-8 has"},
  };
  int number = 0;
  for (const auto& [bytes, what] : reasons) {
    cases.push_back(close_case(
        "5." + std::to_string(++number), "A Close whose reason " + std::string(what),
        {"RFC6455-5.5.1-3", "RFC6455-8.1-1", "RFC6455-10.7-1"},
        echo("before") + std::vector<DialogueStep>{PutClose{.code = 1000, .reason = hex(bytes)},
                                                   expect_reason_refused(1000)}));
  }
  // The longest reason, and wherever in it the bad byte is.
  const std::pair<const char*, Payload> long_reasons[] = {
      {"begins with a bad byte", join({hex("ff"), repeat("reason ", 122)})},
      {"has a bad byte in its middle", join({repeat("reason ", 66), hex("ff"), repeat("r", 56)})},
      {"ends with a bad byte", join({repeat("reason ", 122), hex("ff")})},
      {"ends inside a character", join({repeat("\xe2\x82\xac", 120), hex("f09f98")})},
      {"has an overlong form at its end", join({repeat("reason ", 121), hex("c0af")})},
  };
  for (const auto& [what, reason] : long_reasons) {
    cases.push_back(close_case(
        "5." + std::to_string(++number), std::string("A Close whose reason of 123 bytes ") + what,
        {"RFC6455-5.5.1-3", "RFC6455-8.1-1", "RFC6455-10.7-1"},
        echo("before") + std::vector<DialogueStep>{PutClose{.code = 1001, .reason = reason},
                                                   expect_reason_refused(1001)}));
  }
  number = 0;
  for (const unsigned begun : {1U, 2U}) {
    cases.push_back(close_case("6." + std::to_string(++number),
                               std::string("A Close with a reason inside a ") +
                                   (begun == 1 ? "text" : "binary") + " message is answered",
                               {"RFC6455-5.4-7", "RFC6455-5.5.1-7", "RFC6455-5.5.1-8"},
                               echo("before") +
                                   std::vector<DialogueStep>{PutFrame{
                                       .fin = false, .opcode = begun, .payload = hex("e282")}} +
                                   closed_inside_message(4001, text("enough"))));
  }
}

void add_afterwards(std::vector<Case>& cases) {
  const std::pair<unsigned, const char*> frames[] = {
      {1, "text"}, {2, "binary"}, {9, "Ping"}, {10, "Pong"}, {8, "second Close"}};
  const Expect ended{.any = {{.kind = Reaction::Kind::end, .why = "nothing follows the Close"},
                             {.kind = Reaction::Kind::silence, .why = "nothing follows the Close"}},
                     .within = milliseconds(200),
                     .source = "RFC 6455 5.5.1"};
  int number = 0;
  for (const auto& [opcode, what] : frames) {
    cases.push_back(close_case(
        "7." + std::to_string(++number),
        "A " + std::string(what) + " in the same go as a Close, behind it, is not answered",
        {"RFC6455-5.5.1-6", "RFC6455-5.5.2-2"},
        echo("before") +
            std::vector<DialogueStep>{
                PutClose{.code = 1000},
                PutFrame{.opcode = opcode, .payload = opcode == 8 ? hex("03e8") : text("late")},
                expect_close_answer(1000), HalfClose{}, ended}));
    // An answer may come in a write of its own, which a harness that ends TCP at once never sees.
    cases.back().dialogue->keeps_close_open = true;
  }
  cases.push_back(close_case("7.6", "A Close as the first frame is answered", {"RFC6455-5.5.1-7"},
                             closed_cleanly(1001)));
}

}  // namespace

std::vector<Case> close_code_cases() {
  std::vector<Case> cases;
  add_codes(cases);
  add_payloads(cases);
  add_afterwards(cases);
  add_unnamed_codes(cases);
  add_single_bytes(cases);
  add_cut_reasons(cases);
  add_reason_lengths(cases);
  return cases;
}

}  // namespace ws::conformance
