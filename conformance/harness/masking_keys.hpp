// What the masking keys of a client's frames give away (RFC 6455 sections 5.3 and 10.3).
#pragma once

#include <string>
#include <vector>

#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// Looks for keys that can be foretold: repeated, counted up, with bits that never change, or, in
/// many, byte values that never occur. Keys are of 4 bytes, in the order of their frames. By chance
/// alone it objects in less than one of 10^9 connections.
std::vector<PeerViolation> check_masking_keys(const std::vector<std::string>& keys);

}  // namespace ws::conformance
