#include "conformance/cli/profile.hpp"

#include <algorithm>
#include <expected>
#include <utility>
#include <variant>

#include "conformance/harness/socket_io.hpp"

namespace ws::conformance {

namespace {

/// Whether a case ends the harness's side of TCP and goes on.
bool half_closes(const Case& test) {
  return test.dialogue && std::ranges::any_of(test.dialogue->steps, [](const DialogueStep& step) {
           return std::holds_alternative<HalfClose>(step);
         });
}

/// `test` as it is played under `profile`, or why it is not.
std::expected<Case, std::string> profiled_case(const std::string& profile, bool secure,
                                               const Case& test) {
  if (secure && half_closes(test)) {
    // A peer may take close_notify for the end of both directions: TLS 1.2 demands it (RFC 5246
    // section 7.2.1), and many libraries do so in TLS 1.3 too.
    return std::unexpected("TLS has no end of one side alone that every peer has to bear");
  }
  return profile.empty() ? test : wrap_in_socket_io(test);
}

}  // namespace

ProfiledCases apply_profile(const std::string& profile, bool secure,
                            const std::vector<const Case*>& cases) {
  ProfiledCases profiled;
  if (profile.empty() && !secure) {
    profiled.all = profiled.played = cases;
    return profiled;
  }
  for (const Case* test : cases) {
    auto wrapped = profiled_case(profile, secure, *test);
    if (wrapped) {
      profiled.owned.push_back(*std::move(wrapped));
      profiled.all.push_back(&profiled.owned.back());
      profiled.played.push_back(&profiled.owned.back());
    } else {
      profiled.all.push_back(test);
      profiled.unsupported.push_back(
          {.test = test, .graded = {.verdict = Verdict::unsupported, .reason = wrapped.error()}});
    }
  }
  return profiled;
}

}  // namespace ws::conformance
