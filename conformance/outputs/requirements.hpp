// The statements of the RFCs that can be checked (conformance/requirements.json), and why some are
// not (conformance/uncovered.json).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ws::conformance {

struct Requirement {
  std::string id{};  ///< such as RFC6455-5.5-3
  std::string section{};
  std::string level{};  ///< MUST, MUST NOT, SHOULD, SHOULD NOT or MAY
  std::string role{};   ///< server, client, both or intermediary
  std::string text{};
  std::string testable{};  ///< wire, internal or no
};

/// Why nothing checks a statement.
struct Exemption {
  std::string id{};
  std::string role{};  ///< for which role of the endpoint; empty: for all that the statement binds
  std::string reason{};
};

/// In the order of the RFCs. Both are read once and live as long as the program.
const std::vector<Requirement>& requirements();
const std::vector<Exemption>& exemptions();

/// The files as they were when the program was built.
namespace requirement_files {
extern const std::string_view kRequirements;
extern const std::string_view kUncovered;
}  // namespace requirement_files

}  // namespace ws::conformance
