// SHA-1 (FIPS 180-4), which Sec-WebSocket-Accept is made with; no security rests on it.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace ws {

/// The digest of `message`.
std::array<std::byte, 20> compute_sha1(std::span<const std::byte> message);

}  // namespace ws
