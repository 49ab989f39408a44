#include "conformance/cli/options.hpp"

#include <CLI/CLI.hpp>

#include "conformance/cases/catalogue.hpp"
#include "conformance/harness/selection.hpp"

namespace ws::conformance {

std::vector<const Case*> selected(const Options& options) {
  const Selection selection = select(catalogue(), options.cases, options.excluded);
  if (!selection.unused.empty()) {
    throw CLI::ValidationError("\"" + selection.unused.front() +
                               "\" means no case; wsproof list shows them all");
  }
  if (selection.cases.empty()) throw CLI::ValidationError("no case is left to play");
  return selection.cases;
}

}  // namespace ws::conformance
