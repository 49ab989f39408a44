// Masking of more than a few vectors, in each variant (RFC 6455 section 5.3).
#pragma once

#include <cstddef>
#include <cstdint>

#include "impl/wire/kernels/short_runs.hpp"
#include "impl/wire/kernels/variant.hpp"

namespace ws::kernels {

/// Masks `size` bytes from `source` into `destination`, which is the same memory or does not
/// overlap it. `key` is the key as it lies over the first of them.
///
/// Requires: `size` is more than kMaxShort.
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

extern FastDispatch<Mask> chosen_mask;

}  // namespace ws::kernels
