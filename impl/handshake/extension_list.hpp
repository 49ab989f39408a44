// The grammar of Sec-WebSocket-Extensions (RFC 6455 section 9.1).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impl/wire/extension.hpp"

namespace ws {

/// Parses the value of the field, all its lines joined. Empty elements are left out (RFC 9110
/// section 5.6.1.2), so the list of an empty value is empty; whether that is allowed is for the
/// caller to say.
///
/// A quoted value is unquoted, and must then be a token, as section 9.1 has it.
/// Returns: nothing if the grammar is broken anywhere.
std::optional<std::vector<Extension>> parse_extension_list(std::string_view value);

/// How many extensions parse_extension_list() would return, without making them.
std::optional<std::size_t> count_extensions(std::string_view value);

/// The field's value for `extensions`; values are written as tokens.
///
/// Requires: names and values are tokens.
std::string format_extension_list(std::span<const Extension> extensions);

}  // namespace ws
