// The report: run files as one HTML page that needs no network.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace ws::conformance {

struct HtmlSettings {
  std::size_t max_payload = 16 * 1024;  ///< bytes of one payload that are shown
  /// Where `wsproof docs` wrote the pages of the cases, a URL or a path from the report; empty: no
  /// links to them.
  std::string docs{};
  /// What ./dev parity hands over (reports/README.md), or null; not kept.
  const nlohmann::json* parity = nullptr;
};

/// Renders the page. `runs` are in the order of their columns; `bench` is null or what the
/// benchmarks hand over (reports/README.md).
///
/// Errors: InputError if two runs share an id.
std::string render_html(const std::vector<nlohmann::json>& runs, const nlohmann::json& bench,
                        const HtmlSettings& settings = {});

}  // namespace ws::conformance
