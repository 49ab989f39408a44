// Masking of client frames (RFC 6455 section 5.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ws {

using MaskingKey = std::array<std::byte, 4>;

/// Masks, or unmasks, `payload` in place: octet i becomes octet i XOR key[(offset + i) mod 4].
///
/// `offset` is the position in the frame's payload, in bytes, at which this stretch starts.
void apply_mask(std::span<std::byte> payload, MaskingKey key, std::uint64_t offset = 0);

/// Like apply_mask, from `source` into `destination`, in one pass.
///
/// Requires: both have the same size and do not overlap.
void copy_masked(std::span<const std::byte> source, std::span<std::byte> destination,
                 MaskingKey key, std::uint64_t offset = 0);

}  // namespace ws
