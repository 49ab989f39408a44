// Sec-WebSocket-Key and Sec-WebSocket-Accept (RFC 6455 sections 4.1, 4.2.2 and 11.3).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace ws {

/// The random bytes behind a key.
using Nonce = std::array<std::byte, 16>;

/// The key field's value for a nonce chosen by the client.
std::string encode_key(const Nonce& nonce);

/// True if `key` is the base64 encoding of 16 bytes (section 4.2.1, item 5).
bool is_valid_key(std::string_view key);

/// The accept field's value that answers `key`, which is taken as it was sent, without decoding it
/// (section 4.2.2, item 5.4).
std::string compute_accept(std::string_view key);

/// The same without a string.
std::array<char, 28> write_accept(std::string_view key);

}  // namespace ws
