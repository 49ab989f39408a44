// Base64 as the opening handshake uses it (RFC 4648 section 4).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ws {

/// True for the 64 characters that stand for six bits.
bool is_base64_digit(char c);

/// The encoding of `bytes`, padded with "=".
std::string encode_base64(std::span<const std::byte> bytes);

/// The bytes that `text` stands for. Bits beyond the last whole byte may be set: the grammar of
/// section 4.3 allows them, and RFC 4648 section 3.5 leaves it open whether to refuse them.
///
/// Returns: nothing if `text` is not padded to a multiple of four or has any other character.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace ws
