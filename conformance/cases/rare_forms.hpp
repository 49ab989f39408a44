// Section 41, in two files: what hardly anybody sends, and what every endpoint has to take.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/parts.hpp"

namespace ws::conformance {

std::vector<Case> rare_block_cases();
std::vector<Case> rare_form_cases();

inline Case rare_case(std::string id, std::string title, std::string purpose,
                      std::vector<std::string> checks, Dialogue dialogue) {
  return {.id = "41." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"rare"},
          .dialogue = std::move(dialogue)};
}

/// The echo of a message that is longer than what some endpoints take.
inline Expect echoed_or_too_big(Opcode type, const Payload& payload) {
  Expect expect = expect_message(type, payload);
  expect.within = milliseconds(10'000);
  expect.any.push_back({.grade = Grade::informational,
                        .kind = Reaction::Kind::close,
                        .codes = {1008, 1009},
                        .why = "the endpoint has a limit below that",
                        .source = "RFC 6455 10.4"});
  return expect;
}

}  // namespace ws::conformance
