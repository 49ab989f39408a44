#include "conformance/endpoints/runner.hpp"

#include <utility>

namespace ws::conformance {

std::optional<CompatibleVerdict> compatible_verdict(const Case& test, const Transcript& transcript,
                                                    Role harness) {
  if (test.dialogue) return std::nullopt;
  return judge_compatibly(test, transcript, harness);
}

std::string_view status_word(const std::optional<CompatibleVerdict>& compatible,
                             const GradedVerdict& graded) {
  return compatible ? to_string(compatible->behavior) : to_string(graded.verdict);
}

CaseResult combined(const Case& test, std::vector<PlayResult> plays, Role harness,
                    std::string agent) {
  CaseResult result{.test = &test, .agent = std::move(agent)};
  result.graded = combine(test, plays);
  result.transcript = std::move(plays[worst_of(plays)].transcript);
  result.compatible = compatible_verdict(test, result.transcript, harness);
  return result;
}

std::uint64_t seed_for(const Case& test, std::uint64_t seed) {
  return seed ^ (static_cast<std::uint64_t>(test.number) * 0x9e3779b97f4a7c15U);
}

}  // namespace ws::conformance
