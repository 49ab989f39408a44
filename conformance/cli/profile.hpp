// Cases as an endpoint's profile has them: what has to be spoken above WebSocket to get an echo.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "conformance/endpoints/runner.hpp"
#include "conformance/harness/case.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

struct ProfiledCases {
  std::vector<const Case*> all{};  ///< those that are played, and the others
  std::vector<const Case*> played{};
  std::vector<CaseResult> unsupported{};  ///< the others, with the reason
  std::deque<Case> owned{};               ///< what the pointers to changed cases point to
};

/// What there is to play with.
struct Means {
  Role role = Role::server;  ///< of the endpoint
  bool secure = false;       ///< TLS is spoken
  bool spawned = false;      ///< the endpoint is started here
  // Of a server:
  bool has_origins = false;  ///< one that it takes is known; of a client, that of its page
  bool has_missing = false;  ///< a resource that it does not have is known
  // Of a client:
  bool knows_authority = false;   ///< it was told which CA to trust
  bool foresees_clients = false;  ///< it is known for which case one comes before it says so
  bool has_name = false;          ///< it is given a name to connect to, no address
  bool takes_any_url = false;     ///< it is started with a URL for each play
};

/// `cases` under a profile: "socket.io", or the empty one, which changes nothing.
ProfiledCases apply_profile(const std::string& profile, const Means& means,
                            const std::vector<const Case*>& cases);

}  // namespace ws::conformance
