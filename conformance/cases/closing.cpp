// Section 7: the closing handshake as the harness starts it, with legal and illegal Close frames.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

/// The harness closes by the script, and the peer answers with one of `codes` or none.
Closing by_script(std::vector<std::uint16_t> codes = {1000}) {
  return {.codes = std::move(codes), .wrong_code_is_fatal = true, .closes_when_complete = false};
}

/// The harness sends a Close that is not legal.
Closing illegal_close(std::vector<std::uint16_t> codes = {1002}) {
  return {.codes = std::move(codes),
          .clean_required = false,
          .wrong_code_is_fatal = true,
          .closes_when_complete = false};
}

Case close_case(std::string id, std::string title, std::string purpose,
                std::vector<std::string> checks, std::vector<Step> script, Closing closing,
                std::vector<Outcome> outcomes = {{Grade::pass, {}}}) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose = std::move(purpose),
      .checks = std::move(checks),
      .script = std::move(script),
      .timer = fail_after(1s),
      .outcomes = std::move(outcomes),
      .closing = std::move(closing),
  };
}

void add_code_cases(std::vector<Case>& cases) {
  int index = 0;
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{
           1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
    std::vector<std::uint16_t> codes = {1000};
    if (code != 1000) codes.push_back(code);
    cases.push_back(
        close_case("7.7." + std::to_string(++index),
                   "A Close with the legal code " + std::to_string(code) + " is answered",
                   "Every code that may be sent is taken.",
                   {"RFC6455-5.5.1-7", "RFC6455-7.4.2-3", "RFC6455-7.4.2-4"},
                   {SendClose{.code = code}}, by_script(codes)));
  }
  index = 0;
  for (const std::uint16_t code :
       std::initializer_list<std::uint16_t>{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999}) {
    cases.push_back(
        close_case("7.9." + std::to_string(++index),
                   "A Close with the illegal code " + std::to_string(code) + " is a protocol error",
                   "A code that may not be sent is not taken for a normal close.",
                   {code == 1004   ? "RFC6455-7.4.1-6"
                    : code == 1005 ? "RFC6455-7.4.1-3"
                    : code == 1006 ? "RFC6455-7.4.1-4"
                    : code < 1000  ? "RFC6455-7.4.2-1"
                                   : "RFC6455-7.4.2-2"},
                   {SendClose{.code = code}}, illegal_close()));
  }
  index = 0;
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{5000, 65535}) {
    Case test = close_case("7.13." + std::to_string(++index),
                           "A Close with the undefined code " + std::to_string(code),
                           "The RFC leaves codes from 5000 on undefined; what happens is noted.",
                           {"RFC6455-7.4.2-2"}, {SendClose{.code = code}},
                           illegal_close({1000, 1002, code}));
    test.special = Special::informational;
    test.closing.wrong_code_is_fatal = false;
    cases.push_back(std::move(test));
  }
}

}  // namespace

std::vector<Case> closing_cases() {
  const Payload hello = text("Hello World!");
  const Payload fragment1 = text("fragment1");
  const Payload fragment2 = text("fragment2");
  const Payload bad_reason = hex("cebae1bdb9cf83cebcceb5eda080656469746564");

  std::vector<Case> cases;
  cases.push_back(close_case("7.1.1", "After an echo, a Close is answered",
                             "The plain closing handshake.",
                             {"RFC6455-5.5.1-7", "RFC6455-5.5.1-11"}, {send({.payload = hello})},
                             by_script(), {{Grade::pass, {text_message(hello)}}}));
  cases.back().closing.closes_when_complete = true;
  cases.push_back(close_case("7.1.2", "A second Close is passed over",
                             "Once a Close was received, nothing more is looked at.",
                             {"RFC6455-5.5.1-7", "RFC6455-5.5.1-15"},
                             {SendClose{.code = 1000}, send({.opcode = Opcode::close})},
                             by_script()));
  cases.push_back(close_case(
      "7.1.3", "A Ping after a Close is not answered",
      "A Ping is answered unless a Close was received.", {"RFC6455-5.5.2-2", "RFC6455-5.5.1-7"},
      {SendClose{.code = 1000}, send({.opcode = Opcode::ping})}, by_script()));
  cases.push_back(close_case("7.1.4", "A text after a Close is not echoed",
                             "No data is sent once a Close was.", {"RFC6455-5.5.1-6"},
                             {SendClose{.code = 1000}, send({.payload = hello})}, by_script()));
  cases.push_back(close_case("7.1.5", "A Close inside a fragmented text is answered",
                             "A Close ends the connection also where a message is not complete.",
                             {"RFC6455-5.4-7", "RFC6455-5.5.1-7"},
                             {send({.fin = false, .payload = fragment1}), SendClose{.code = 1000},
                              send({.opcode = Opcode::continuation, .payload = fragment2})},
                             by_script()));
  cases.push_back(close_case(
      "7.1.6", "A text of 256 KiB, a short one, a Close and a Ping in one burst",
      "Whether the messages before the Close are still echoed is the peer's choice; it is noted.",
      {"RFC6455-5.5.1-9"},
      {send({.payload = repeat("BAsd7&jh23", 262'144)}), send({.payload = hello}),
       SendClose{.code = 1000}, send({.opcode = Opcode::ping})},
      by_script(), {{Grade::pass, {text_message(hello)}}, {Grade::non_strict, {}}}));
  cases.back().special = Special::informational;
  cases.back().closing.wrong_code_is_fatal = false;

  cases.push_back(close_case("7.3.1", "A Close without a payload is answered",
                             "A Close may be empty.", {"RFC6455-5.5.1-1", "RFC6455-5.5.1-7"},
                             {SendClose{}}, by_script()));
  cases.push_back(close_case("7.3.2", "A Close with a payload of one byte is a protocol error",
                             "A payload starts with two bytes of code.", {"RFC6455-5.5.1-2"},
                             {SendClose{.reason = text("a")}}, illegal_close()));
  cases.push_back(close_case("7.3.3", "A Close with a code alone is answered",
                             "A Close may have a code and no reason.", {"RFC6455-5.5.1-7"},
                             {SendClose{.code = 1000}}, by_script()));
  cases.push_back(close_case("7.3.4", "A Close with code and reason is answered",
                             "A Close may have a code and a reason.",
                             {"RFC6455-5.5.1-3", "RFC6455-5.5.1-7"},
                             {SendClose{.code = 1000, .reason = hello}}, by_script()));
  cases.push_back(close_case("7.3.5", "A Close with a reason of 123 bytes is answered",
                             "The longest reason that fits into a control frame is taken.",
                             {"RFC6455-5.5-1", "RFC6455-5.5.1-7"},
                             {SendClose{.code = 1000, .reason = text(std::string(123, '*'))}},
                             by_script()));
  cases.push_back(close_case(
      "7.3.6", "A Close with a reason of 124 bytes is a protocol error",
      "Control frames have at most 125 bytes of payload.", {"RFC6455-5.5-1", "RFC6455-5.5-3"},
      {SendClose{.code = 1000, .reason = text(std::string(124, '*'))}}, illegal_close()));
  cases.push_back(close_case("7.5.1", "A Close whose reason is not UTF-8 fails the connection",
                             "The reason is text.", {"RFC6455-5.5.1-3", "RFC6455-8.1-1"},
                             {SendClose{.code = 1000, .reason = bad_reason}},
                             illegal_close({1002, 1007})));
  add_code_cases(cases);
  return cases;
}

}  // namespace ws::conformance
