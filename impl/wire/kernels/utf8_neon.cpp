// The UTF-8 kernel with AArch64's vectors of 16 bytes.
#include <cstdint>

#include "impl/wire/kernels/utf8_kernel.hpp"

#if defined(WS_KERNELS_NEON)
#include <arm_neon.h>

namespace ws::kernels {
namespace {

using Vector = uint8x16_t;
constexpr std::size_t kWidth = 16;

Vector load(const std::byte* from) { return vld1q_u8(reinterpret_cast<const std::uint8_t*>(from)); }
Vector all(std::uint8_t byte) { return vdupq_n_u8(byte); }
Vector both(Vector a, Vector b) { return vandq_u8(a, b); }
Vector either(Vector a, Vector b) { return vorrq_u8(a, b); }
Vector differ(Vector a, Vector b) { return veorq_u8(a, b); }
Vector minus(Vector a, std::uint8_t byte) { return vqsubq_u8(a, all(byte)); }
Vector low_half(Vector a) { return both(a, all(0x0f)); }
Vector high_half(Vector a) { return vshrq_n_u8(a, 4); }
Vector look_up(const std::uint8_t* table, Vector indices) {
  return vqtbl1q_u8(vld1q_u8(table), indices);
}
Vector one_later(Vector a) { return vextq_u8(all(0), a, 15); }
Vector two_later(Vector a) { return vextq_u8(all(0), a, 14); }
Vector three_later(Vector a) { return vextq_u8(all(0), a, 13); }
bool has_high_bit(Vector a) { return vmaxvq_u8(a) >= 0x80; }
bool is_zero(Vector a) { return vmaxvq_u8(a) == 0; }

}  // namespace
#include "impl/wire/kernels/utf8_lookup.inl"

std::size_t count_valid_utf8_neon(const std::byte* text, std::size_t size) {
  return count_valid(text, size);
}

}  // namespace ws::kernels
#endif
