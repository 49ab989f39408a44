// The options that a run file keeps, so that a case of it can be played again as it was.
#pragma once

#include <map>
#include <string>

#include "conformance/cli/options.hpp"

namespace ws::conformance {

/// The options that say what is tested and how, by their names and without those that are as they
/// are by default.
std::map<std::string, std::string> keep_options(const Options& options);

/// Takes up what `keep_options` gave. Names that this version does not know are left out.
void take_up_options(const std::map<std::string, std::string>& kept, Options& options);

/// The same options as words of a command line, each with a blank before it, and the case as
/// {case}.
std::string options_to_reproduce(const Options& options);

}  // namespace ws::conformance
