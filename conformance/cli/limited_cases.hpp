// The cases of a run that depend on the largest message that the endpoint takes.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "conformance/cli/options.hpp"
#include "conformance/cli/profile.hpp"
#include "conformance/harness/case.hpp"

namespace ws::conformance {

class LimitedCases {
 public:
  /// Takes them out of `cases.played`, and puts copies of them into their places in `cases.all`,
  /// which have to live as long as its pointers are used.
  explicit LimitedCases(ProfiledCases& cases);

  bool empty() const { return copies_.empty(); }

  struct Fitted {
    std::vector<const Case*> played{};
    std::vector<CaseResult> unsupported{};  ///< the others, with the reason
  };

  /// The cases for an endpoint of `limits`.
  Fitted fit(const std::optional<MessageLimits>& limits);

 private:
  std::deque<Case> copies_;
};

/// What --max-message says; nothing if it was not given.
std::optional<MessageLimits> told_limits(const Options& options);

}  // namespace ws::conformance
