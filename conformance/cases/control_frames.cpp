// Section 26: Ping, Pong and Close as frames among others (RFC 6455 section 5.5).
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

Case control_case(std::string id, std::string title, std::string purpose,
                  std::vector<std::string> checks, std::vector<DialogueStep> steps) {
  return {.id = "26." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"control"},
          .dialogue = Dialogue{.steps = std::move(steps)}};
}

}  // namespace

std::vector<Case> control_frame_cases() {
  std::vector<Case> cases;
  cases.push_back(control_case("1.1", "A Ping is answered by a Pong with its payload",
                               "The plain case.", {"RFC6455-5.5.2-2"},
                               lives_through(ping_answered(text("hello")))));
  cases.push_back(control_case("1.2", "A Ping with RSV3 set fails the connection",
                               "Reserved bits are illegal on control frames too.",
                               {"RFC6455-5.2-2"}, fails_after({PutFrame{.rsv = 1, .opcode = 9}})));
  return cases;
}

}  // namespace ws::conformance
