// The spec files of Autobahn's wstest, fuzzingclient.json and fuzzingserver.json.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// What the library options of a spec file amount to, in seconds; 0 for no limit.
struct WstestTimeouts {
  std::optional<double> open{};
  std::optional<double> close{};
  std::optional<double> drop{};

  bool operator==(const WstestTimeouts&) const = default;
};

struct WstestServer {
  std::string url{};
  std::string agent{};     ///< empty: as the server calls itself
  std::string hostname{};  ///< for TLS; its certificate is verified then
  WstestTimeouts timeouts{};
};

struct WstestSpec {
  std::string outdir{};
  std::vector<const Case*> cases{};
  /// Patterns of agents, and of cases that are left out for them.
  std::map<std::string, std::vector<std::string>> excluded_for{};
  std::vector<WstestServer> servers{};  ///< of a fuzzingclient

  // Of a fuzzingserver.
  std::string url{};
  std::string certificate{};
  std::string key{};
  WstestTimeouts timeouts{};

  std::vector<std::string> without_effect{};  ///< members that are understood, but change nothing
};

/// Reads a spec file for `mode`, "fuzzingclient" or "fuzzingserver". `url` is the server if there
/// is none in it. Errors: InputError.
WstestSpec read_wstest_spec(const std::filesystem::path& path, std::string_view mode,
                            const std::string& url = {});

/// What wstest writes where there is no spec file.
std::string_view wstest_template(std::string_view mode);

/// Whether the case is left out for this agent.
bool is_excluded(const WstestSpec& spec, const std::string& agent, const std::string& case_id);

}  // namespace ws::conformance
