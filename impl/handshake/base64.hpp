// Base64 as the opening handshake uses it (RFC 4648 section 4).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ws {

std::string encode_base64(std::span<const std::byte> bytes);

/// Returns: nothing unless `text` is the one canonical encoding of some bytes: padded, no other
/// characters, no set bits beyond the last octet.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace ws
