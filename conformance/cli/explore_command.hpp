// wsproof explore: scripts of chance against any endpoint.
#pragma once

#include <cstdint>
#include <string>

#include "conformance/cli/options.hpp"

namespace CLI {
class App;
}

namespace ws::conformance {

struct ExploreOptions {
  double duration = 0;              ///< seconds; 0: no limit
  std::uint64_t runs = 0;           ///< scripts; 0: no limit
  std::string state{};              ///< a file; empty: nothing is remembered
  std::string folder = "explored";  ///< for the findings
};

/// Adds what `explore` can be told. `options` has what it shares with `server` and `client`.
void add_explore(CLI::App& command, Options& options, ExploreOptions& explore);

/// Returns: the exit status.
int explore_endpoint(Options options, const ExploreOptions& explore);

}  // namespace ws::conformance
