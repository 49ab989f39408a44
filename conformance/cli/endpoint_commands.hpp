// The commands that test an endpoint.
#pragma once

#include "conformance/cli/options.hpp"

namespace ws::conformance {

/// Each runs the cases, writes what the options ask for, and returns the exit status.
int test_server(const Options& options);
int test_client(const Options& options);

}  // namespace ws::conformance
