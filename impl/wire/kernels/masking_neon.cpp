// Masking with vectors of 16 bytes; see masking_x86.cpp.
#include "impl/wire/kernels/masking_kernel.hpp"

#if defined(WS_KERNELS_NEON)
#include <arm_neon.h>

namespace ws::kernels {
namespace {

uint8x16_t load(const std::byte* from) {
  return vld1q_u8(reinterpret_cast<const std::uint8_t*>(from));
}

void store(std::byte* to, uint8x16_t vector) {
  vst1q_u8(reinterpret_cast<std::uint8_t*>(to), vector);
}

uint8x16_t spread(std::uint32_t key) { return vreinterpretq_u8_u32(vdupq_n_u32(key)); }

}  // namespace

void mask_neon(const std::byte* source, std::byte* destination, std::size_t size,
               std::uint32_t key) {
  const std::size_t last = size - 16;
  const uint8x16_t end = veorq_u8(load(source + last), spread(advance_key(key, last)));
  const uint8x16_t inner_key = spread(key);
  for (std::size_t i = 0; i < last; i += 16) {
    store(destination + i, veorq_u8(load(source + i), inner_key));
  }
  store(destination + last, end);
}

}  // namespace ws::kernels
#endif
