// Simpler scripts, in search of the shortest that still shows what was found.
#pragma once

#include <string>
#include <vector>

#include "conformance/explorer/script.hpp"

namespace ws::conformance::explorer {

/// Scripts that are simpler than `script` by one change, the boldest changes first: fewer acts,
/// then shorter and plainer frames. Some of them make no sense. Whoever takes one of them as often
/// as there is one comes to an end.
std::vector<Script> simpler_scripts(const Script& script);

/// What an act looks like, without its contents.
std::string shape_of(const Act& act);

/// The shapes of all acts, and what the script needs.
std::vector<std::string> shapes_of(const Script& script);

/// Whether `part` is left of `whole` when some of it is taken away.
bool is_part(const std::vector<std::string>& part, const std::vector<std::string>& whole);

}  // namespace ws::conformance::explorer
