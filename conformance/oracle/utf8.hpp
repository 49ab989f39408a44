// UTF-8 by its definition (RFC 3629 section 3), without an automaton.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace ws::oracle {

/// The index of the first byte after which no continuation could make `text` valid; nothing if
/// `text` is valid or ends inside a sequence that could still become valid.
std::optional<std::size_t> find_first_impossible_byte(std::span<const std::byte> text);

/// True if `text` is a whole valid text.
bool is_valid_utf8(std::span<const std::byte> text);

}  // namespace ws::oracle
