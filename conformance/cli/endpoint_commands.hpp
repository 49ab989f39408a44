// The commands that test an endpoint.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "conformance/cli/options.hpp"

namespace ws::conformance {

/// Each runs the cases, writes what the options ask for, and returns the exit status. `run`, if it
/// is there, becomes the run file.
int test_server(const Options& options, nlohmann::json* run = nullptr);
int test_client(const Options& options, nlohmann::json* run = nullptr);

}  // namespace ws::conformance
