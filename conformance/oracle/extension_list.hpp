// The grammar of Sec-WebSocket-Extensions, in two steps: words first, then the list (RFC 6455
// section 9.1).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "impl/wire/extension.hpp"

namespace ws::oracle {

/// Parses the value of the field. Empty elements are left out (RFC 9110 section 5.6.1.2).
///
/// Returns: nothing if the grammar is broken.
std::optional<std::vector<Extension>> parse_extension_list(std::string_view value);

}  // namespace ws::oracle
