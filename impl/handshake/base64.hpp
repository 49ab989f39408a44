// Base64 as the opening handshake uses it (RFC 4648 section 4).
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ws {

/// True for the 64 characters that stand for six bits.
bool is_base64_digit(char c);

/// The encoding of `bytes`, padded with "=".
std::string encode_base64(std::span<const std::byte> bytes);

}  // namespace ws
