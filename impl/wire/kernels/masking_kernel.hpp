// Masking of more than a few vectors, in each variant (RFC 6455 section 5.3).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "impl/wire/kernels/variant.hpp"

namespace ws::kernels {

/// The key, as four bytes of memory, as it lies `count` bytes further on.
constexpr std::uint32_t advance_key(std::uint32_t key, std::size_t count) {
  const int bits = static_cast<int>(count % 4 * 8);
  return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

/// The key twice, over eight bytes of memory.
constexpr std::uint64_t double_key(std::uint32_t key) { return std::uint64_t{key} << 32U | key; }

/// Up to so many bytes, four vectors of 16 bytes without a choice of variant are as fast.
inline constexpr std::size_t kMaxWithoutKernel = 64;

/// Masks `size` bytes from `source` into `destination`, which is the same memory or does not
/// overlap it. `key` is the key as it lies over the first of them.
///
/// Requires: `size` is more than kMaxWithoutKernel.
using Mask = void(const std::byte* source, std::byte* destination, std::size_t size,
                  std::uint32_t key);

Mask mask_portable;
#if defined(WS_KERNELS_X86)
Mask mask_sse4;
Mask mask_avx2;
Mask mask_avx512;
#elif defined(WS_KERNELS_NEON)
Mask mask_neon;
#endif

extern const Dispatch<Mask> kMask;

}  // namespace ws::kernels
