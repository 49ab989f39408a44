// Simpler scripts, in search of the shortest that still shows what was found.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/explorer/script.hpp"

namespace ws::conformance::explorer {

/// Makes a script of another, for as long as that is there.
using MakeScript = std::function<Script()>;

/// Scripts that are simpler than `script` by one change, the boldest changes first: fewer acts,
/// then shorter and plainer frames. Some of them make no sense. Whoever takes one of them as often
/// as there is one comes to an end. All of them at once would be gigabytes of a script of hundreds
/// of acts, so each is made when it is wanted.
std::vector<MakeScript> simpler_scripts(const Script& script);

/// What an act looks like, without its contents.
std::string shape_of(const Act& act);

/// The shapes of all acts, and what the script needs.
std::vector<std::string> shapes_of(const Script& script);

/// Whether `part` is left of `whole` when some of it is taken away.
bool is_part(const std::vector<std::string>& part, const std::vector<std::string>& whole);

}  // namespace ws::conformance::explorer
