// Masking of client frames (RFC 6455 section 5.3).
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "impl/wire/kernels/short_runs.hpp"

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

namespace detail {

/// Masks more than kernels::kMaxShort bytes; see kernels::Mask.
void mask_long(const std::byte* source, std::byte* destination, std::size_t size,
               std::uint32_t key);

// Here, so that small frames, which most are, are masked without a call.
inline void mask(const std::byte* source, std::byte* destination, std::size_t size,
                 const MaskingKey& masking_key, std::uint64_t offset) {
  const std::uint32_t key =
      kernels::advance_key(std::bit_cast<std::uint32_t>(masking_key), offset % 4);
  if (size > kernels::kMaxShort) return mask_long(source, destination, size, key);
  kernels::mask_short(source, destination, size, key);
}

}  // namespace detail

inline void apply_mask(std::span<std::byte> payload, MaskingKey key, std::uint64_t offset) {
  detail::mask(payload.data(), payload.data(), payload.size(), key, offset);
}

inline void copy_masked(std::span<const std::byte> source, std::span<std::byte> destination,
                        MaskingKey key, std::uint64_t offset) {
  assert(source.size() == destination.size());
  detail::mask(source.data(), destination.data(), source.size(), key, offset);
}

}  // namespace ws
