#include "conformance/cli/profile.hpp"

#include <utility>

#include "conformance/harness/socket_io.hpp"

namespace ws::conformance {

ProfiledCases apply_profile(const std::string& profile, const std::vector<const Case*>& cases) {
  ProfiledCases profiled;
  if (profile.empty()) {
    profiled.all = profiled.played = cases;
    return profiled;
  }
  for (const Case* test : cases) {
    auto wrapped = wrap_in_socket_io(*test);
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
