// What a CI service or a person reads, made from a run file.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ws::conformance {

/// JUnit's XML, as Jenkins, GitLab and others read it: a suite for each section. What the baseline
/// expects to fail, and what is not supported, is skipped; an unexpected pass is a failure.
std::string format_junit(const nlohmann::json& run);

/// Test Anything Protocol, version 13. What the baseline expects to fail is TODO.
std::string format_tap(const nlohmann::json& run);

/// GitHub-flavoured Markdown for a job's summary: totals by section, then what did not pass.
std::string format_markdown(const nlohmann::json& run);

/// Workflow commands of GitHub Actions: an annotation for each failure.
std::string format_github(const nlohmann::json& run);

/// An SVG badge with passed and played cases.
std::string format_badge(const nlohmann::json& run);

}  // namespace ws::conformance
