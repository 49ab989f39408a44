// Section 3: reserved bits that no agreed extension has given a meaning.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

Case reserved_bit_case(std::string id, std::string title, std::vector<Step> script,
                       std::vector<Outcome> outcomes) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose =
          "A reserved bit that no extension defines fails the connection; what came before "
          "it is answered as usual.",
      .checks = {"RFC6455-5.2-3", "RFC6455-7.1.7-5"},
      .script = std::move(script),
      .timer = fail_after(1s),
      .outcomes = std::move(outcomes),
      .closing = failed_with({1002}),
  };
}

}  // namespace

std::vector<Case> reserved_bit_cases() {
  const Payload hello = text("Hello, world!");
  const Payload bytes = hex("00fffefdfcfb00ff");
  const std::vector<Outcome> nothing = {{Grade::pass, {}}};
  const std::vector<Outcome> echo_first = {{Grade::pass, {text_message(hello)}},
                                           {Grade::non_strict, {}}};
  const auto second_text_with = [&](unsigned rsv) -> std::vector<Step> {
    return {send({.payload = hello}), send({.rsv = rsv, .payload = hello}),
            send({.opcode = Opcode::ping})};
  };
  return {
      reserved_bit_case("3.1", "RSV3 on a text frame fails the connection",
                        {send({.rsv = 1, .payload = hello})}, nothing),
      reserved_bit_case("3.2", "RSV2 on the second text frame fails the connection after an echo",
                        second_text_with(2), echo_first),
      reserved_bit_case("3.3", "RSV2 and RSV3, each frame in a write of its own",
                        one_by_one(second_text_with(3)), echo_first),
      reserved_bit_case("3.4", "RSV1 without compression, sent byte by byte",
                        chopped(second_text_with(4), 1), echo_first),
      reserved_bit_case("3.5", "RSV1 and RSV3 on a binary frame fail the connection",
                        {send({.rsv = 5, .opcode = Opcode::binary, .payload = bytes})}, nothing),
      reserved_bit_case("3.6", "RSV1 and RSV2 on a binary frame fail the connection",
                        {send({.rsv = 6, .opcode = Opcode::binary, .payload = hello})}, nothing),
      reserved_bit_case("3.7", "All reserved bits on a Close frame fail the connection",
                        {send({.rsv = 7, .opcode = Opcode::close})}, nothing),
  };
}

}  // namespace ws::conformance
