// The compression function of SHA-1, in each variant (FIPS 180-4 section 6.1.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "impl/wire/kernels/variant.hpp"

namespace ws {

#if defined(WS_KERNELS_X86)
/// Adds `count` blocks of 64 bytes to `state`.
///
/// Requires: kernels::may_use_sha_instructions().
void add_sha1_blocks_x86(std::array<std::uint32_t, 5>& state, const std::byte* blocks,
                         std::size_t count);
#endif

}  // namespace ws
