// The baseline: which cases are known not to pass, and why.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ws::conformance {

struct BaselineEntry {
  std::string pattern{};  ///< an id, a section or a glob
  std::string verdict{};  ///< the one expected; empty: any that does not pass
  std::string reason{};
  bool unsteady = false;  ///< it passes at times, which is no surprise then
};

/// Reads {"format": "wsproof-baseline", "version": 1, "cases": {"7.1.6": "why", "9.*": {"verdict":
/// "fail", "reason": "why", "unsteady": true}}}. Errors: InputError, also for a pattern that means
/// no case of `known_ids`.
std::vector<BaselineEntry> read_baseline(const std::filesystem::path& path,
                                         const std::vector<std::string>& known_ids);

/// True if the baseline has a case with this verdict for one that is known not to pass.
bool is_known(const std::vector<BaselineEntry>& baseline, std::string_view id,
              std::string_view verdict);

/// Marks the results that the baseline names, the first entry that matches deciding, and counts
/// again. A case that fails with another verdict than expected is not marked.
void apply_baseline(nlohmann::json& run, const std::vector<BaselineEntry>& baseline);

/// The baseline under which `run` passes: reasons of `old` are kept, entries for cases that pass or
/// were not known before are dropped or added. Those that are unsteady stay.
std::string update_baseline(const nlohmann::json& run, const std::vector<BaselineEntry>& old);

/// A baseline from what Autobahn's users have: a spec file with "exclude-cases", a list of cases as
/// JSON or as text (one on a line, # starts a comment), or an index.json, whose failures of `agent`
/// become entries (the only agent, if it is empty). Errors: InputError.
std::string import_baseline(const std::filesystem::path& path, std::string_view agent,
                            const std::vector<std::string>& known_ids);

}  // namespace ws::conformance
