// The modes of Autobahn's wstest that test others, with its spec files and its reports.
#pragma once

#include <string>

namespace ws::conformance {

struct WstestOptions {
  std::string mode{};  ///< "fuzzingclient" or "fuzzingserver"; empty: not asked for
  std::string spec{};  ///< empty: MODE.json
  std::string url{};   ///< of a server, where the spec file has none
};

/// Returns: the exit status, which does not depend on verdicts, as wstest's. Errors: InputError.
int run_wstest(const WstestOptions& options);

}  // namespace ws::conformance
