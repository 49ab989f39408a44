#include "conformance/cli/limited_cases.hpp"

#include <algorithm>
#include <utility>

#include "conformance/harness/message_limits.hpp"

namespace ws::conformance {

LimitedCases::LimitedCases(ProfiledCases& cases) {
  for (const Case*& test : cases.all) {
    if (!test->for_limits) continue;
    if (std::erase(cases.played, test) == 0) continue;
    copies_.push_back(*test);
    test = &copies_.back();
  }
}

LimitedCases::Fitted LimitedCases::fit(const std::optional<MessageLimits>& limits) {
  Fitted all;
  for (Case& copy : copies_) {
    auto fitted = dialogue_for(copy, limits);
    if (!fitted) {
      all.unsupported.push_back(
          {.test = &copy, .graded = {.verdict = Verdict::unsupported, .reason = fitted.error()}});
      continue;
    }
    copy.dialogue = *std::move(fitted);
    all.played.push_back(&copy);
  }
  return all;
}

std::optional<MessageLimits> told_limits(const Options& options) {
  if (options.max_message == 0) return std::nullopt;
  return MessageLimits{.frame = options.max_message,
                       .too_long = options.max_message + 1,
                       .message = options.max_message,
                       .by_header = false};
}

}  // namespace ws::conformance
