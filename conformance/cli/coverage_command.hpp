// wsproof coverage: which statements of the RFCs are checked, and what a run says of them.
#pragma once

#include <string>

namespace ws::conformance {

struct CoverageOptions {
  std::string markdown{};  ///< where to write the document; empty: a list on standard output
  std::string run{};       ///< run file whose results are added to the document
};

/// Returns the exit status. Errors: InputError.
int show_coverage(const CoverageOptions& options);

}  // namespace ws::conformance
