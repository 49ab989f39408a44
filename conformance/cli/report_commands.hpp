// The commands that read run files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ws::conformance {

struct ReportOptions {
  std::vector<std::string> runs{};
  std::string output{};
  std::string bench{};
  std::string parity{};
  std::size_t max_payload = 16 * 1024;  ///< bytes
  std::string docs{};                   ///< where the pages of the cases are
};

/// Each returns the exit status. Errors: InputError.
int make_report(const ReportOptions& options);

/// Writes a page for each case, and a list of them.
int write_docs(const std::string& folder);

/// 0 if nothing got worse, else 1.
int diff_runs(const std::string& before, const std::string& after);

struct ImportOptions {
  std::string source{};
  std::string output{};
  std::string agent{};
};
int import_baseline_command(const ImportOptions& options);

}  // namespace ws::conformance
