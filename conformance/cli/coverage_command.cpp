#include "conformance/cli/coverage_command.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cli/options.hpp"
#include "conformance/outputs/coverage.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {

int show_coverage(const CoverageOptions& options) {
  const auto coverage = find_coverage(catalogue());
  nlohmann::json run;
  if (!options.run.empty()) run = read_run(options.run);
  if (!options.markdown.empty()) {
    write_file(options.markdown, format_coverage_markdown(coverage, run));
  } else if (run.is_null()) {
    std::cout << format_coverage(coverage);
  } else {
    const StatementResults results(run);
    for (const Coverage& entry : coverage) {
      const std::string result = results.of(entry);
      if (!result.empty()) {
        std::cout << entry.statement->id << '\t' << entry.statement->level << '\t' << result
                  << '\n';
      }
    }
  }
  return kPassed;
}

}  // namespace ws::conformance
