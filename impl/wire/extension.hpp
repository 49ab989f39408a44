// An element of the Sec-WebSocket-Extensions list (RFC 6455 section 9.1), shared by the opening
// handshake, which reads and writes it, and by the extensions, which give it a meaning.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ws {

struct ExtensionParameter {
  std::string name{};
  std::optional<std::string> value{};  ///< unquoted; absent where the parameter has no "="

  bool operator==(const ExtensionParameter&) const = default;
};

struct Extension {
  std::string name{};
  std::vector<ExtensionParameter> parameters{};  ///< in order, repeated names kept

  bool operator==(const Extension&) const = default;
};

}  // namespace ws
