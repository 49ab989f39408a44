// What a client asks for in Autobahn's protocol: a path and a query in the request of a connection.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ws::conformance {

struct AutobahnRequest {
  std::string path{};  ///< such as "/runCase"
  std::map<std::string, std::string, std::less<>> query{};

  /// A parameter; empty if it is not there.
  std::string_view operator[](std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
  }
};

/// The target of a request, behind the first space of its first line, as it was sent.
std::string_view target_of(std::string_view head);

/// Reads the request line of `head`. A parameter that is empty counts as absent, and so does a
/// slash in front of the path's own.
///
/// Returns: nothing if a parameter is given twice.
std::optional<AutobahnRequest> parse_autobahn_request(std::string_view head);

}  // namespace ws::conformance
