// Cases in files: what wsproof explore finds is written so, and played like any other case.
// conformance/explorer/README.md has the format.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance::explorer {

/// What is wrong with a case file, and where: "steps[2].payload: ..".
class CaseFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How a case was found.
struct Origin {
  std::string endpoint{};
  std::string verdict{};
  std::string reason{};  ///< what the endpoint did
  std::string source{};  ///< the sentence of the RFC that it breaks
  std::string seed{};
  std::string replays{};  ///< such as "failed 5 of 5 times"

  bool operator==(const Origin&) const = default;
};

/// One or several cases, to be played one after the other.
struct CaseFile {
  std::vector<Case> cases{};
  Origin found{};  ///< empty where nobody says
};

/// The file's text. Requires: each case is a dialogue of the steps that a file can have.
std::string format_case_file(const CaseFile& file);

/// Reads it strictly: what it does not know it refuses. Errors: CaseFileError.
CaseFile parse_case_file(std::string_view text);

}  // namespace ws::conformance::explorer
