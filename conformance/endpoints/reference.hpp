// The reference implementation as an echo endpoint inside the process.
#pragma once

#include <memory>

#include "conformance/harness/endpoint.hpp"
#include "impl/connection/settings.hpp"

namespace ws::conformance {

/// An echo endpoint of `role` on ws::Connection. What a client chooses at random follows from
/// `seed`.
std::unique_ptr<Endpoint> make_reference(Role role, const ConnectionSettings& settings = {},
                                         unsigned seed = 1);

}  // namespace ws::conformance
