// Section 4: reserved opcodes, 3 to 7 for data and 11 to 15 for control.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {

std::vector<Case> opcode_cases() {
  const Payload hello = text("Hello, world!");
  const Payload reserved = text("reserved opcode payload");
  const std::vector<Outcome> nothing = {{Grade::pass, {}}};
  const std::vector<Outcome> echo_first = {{Grade::pass, {text_message(hello)}},
                                           {Grade::non_strict, {}}};
  std::vector<Case> cases;
  int group = 0;
  for (const int first : {3, 11}) {
    ++group;
    const std::string kind = first == 3 ? "data" : "control";
    const auto add = [&](std::string title, std::vector<Step> script,
                         std::vector<Outcome> outcomes) {
      const std::string index = std::to_string(cases.size() % 5 + 1);
      cases.push_back({
          .id = "4." + std::to_string(group) + "." + index,
          .title = std::move(title),
          .purpose = "A reserved " + kind +
                     " opcode fails the connection; what came before it is answered as usual.",
          .checks = {"RFC6455-5.2-4", "RFC6455-7.1.7-5"},
          .script = std::move(script),
          .timer = fail_after(1s),
          .outcomes = std::move(outcomes),
          .closing = failed_with({1002}),
      });
    };
    const auto opcode = [&](int offset) { return static_cast<Opcode>(first + offset); };
    const auto name = [&](int offset) { return "Opcode " + std::to_string(first + offset); };
    const auto after_text = [&](int offset, const Payload& payload) -> std::vector<Step> {
      return {send({.payload = hello}), send({.opcode = opcode(offset), .payload = payload}),
              send({.opcode = Opcode::ping})};
    };
    add(name(0) + " without a payload fails the connection", {send({.opcode = opcode(0)})},
        nothing);
    add(name(1) + " with a payload fails the connection",
        {send({.opcode = opcode(1), .payload = reserved})}, nothing);
    add(name(2) + " without a payload fails the connection after an echo", after_text(2, text("")),
        echo_first);
    add(name(3) + " with a payload fails the connection after an echo", after_text(3, hello),
        echo_first);
    add(name(4) + " fails the connection after an echo, sent byte by byte",
        chopped(after_text(4, hello), 1), echo_first);
  }
  return cases;
}

}  // namespace ws::conformance
