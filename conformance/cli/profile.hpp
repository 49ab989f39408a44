// Cases as an endpoint's profile has them: what has to be spoken above WebSocket to get an echo.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "conformance/endpoints/runner.hpp"
#include "conformance/harness/case.hpp"

namespace ws::conformance {

struct ProfiledCases {
  std::vector<const Case*> all{};  ///< those that are played, and the others
  std::vector<const Case*> played{};
  std::vector<CaseResult> unsupported{};  ///< the others, with the reason
  std::deque<Case> owned{};               ///< what the pointers to changed cases point to
};

/// `cases` under a profile: "socket.io", or the empty one, which changes nothing. `secure`: over
/// TLS.
ProfiledCases apply_profile(const std::string& profile, bool secure,
                            const std::vector<const Case*>& cases);

}  // namespace ws::conformance
