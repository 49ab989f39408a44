// The reference implementation as an echo endpoint inside the process.
#pragma once

#include <memory>

#include "conformance/harness/endpoint.hpp"
#include "impl/connection/settings.hpp"

namespace ws::conformance {

/// An echo endpoint of `role` on ws::Connection.
std::unique_ptr<Endpoint> make_reference(Role role, const ConnectionSettings& settings = {});

}  // namespace ws::conformance
