// Section 1: messages in one frame, in each length form.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

struct Size {
  std::uint64_t bytes = 0;
  std::size_t chop = 0;
  milliseconds limit{};
};

constexpr Size kSizes[] = {{0, 0, 1s},   {125, 0, 1s},     {126, 0, 1s},     {127, 0, 1s},
                           {128, 0, 1s}, {65'535, 0, 10s}, {65'536, 0, 10s}, {65'536, 997, 10s}};

}  // namespace

std::vector<Case> framing_cases() {
  std::vector<Case> cases;
  const struct {
    Opcode opcode;
    std::string_view byte;
    std::string_view type;
    LogEntry (*message)(Payload);
  } kTypes[] = {{Opcode::text, "*", "text", text_message},
                {Opcode::binary, "\xfe", "binary", binary_message}};
  int group = 0;
  for (const auto& [opcode, byte, type, message] : kTypes) {
    ++group;
    int index = 0;
    for (const auto& [bytes, chop, limit] : kSizes) {
      const Payload payload = repeat(byte, bytes);
      std::string title =
          "A " + std::string(type) + " message of " + std::to_string(bytes) + " bytes comes back";
      if (chop != 0) title += ", sent in pieces of " + std::to_string(chop);
      cases.push_back({
          .id = "1." + std::to_string(group) + "." + std::to_string(++index),
          .title = std::move(title),
          .purpose = "The length forms of 7, 16 and 64 bits are read and written, at their "
                     "boundaries, however TCP cuts the frame.",
          .checks = {"RFC6455-5.2-7", "RFC6455-5.2-8", "RFC6455-5.2-9", "RFC6455-5.4-1",
                     "RFC6455-5.6-1", "RFC6455-6.1-3", "RFC6455-6.1-5", "RFC6455-6.1-6",
                     "RFC6455-6.2-1"},
          .script = {SendFrame{.frame = {.opcode = opcode, .payload = payload}, .chop = chop}},
          .timer = fail_after(limit),
          .outcomes = {{Grade::pass, {message(payload)}}},
      });
    }
  }
  return cases;
}

}  // namespace ws::conformance
