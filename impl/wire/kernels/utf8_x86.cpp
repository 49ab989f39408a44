// The UTF-8 kernel with vectors of 16 and 32 bytes.
#include <cstdint>

#include "impl/wire/kernels/utf8_kernel.hpp"

#if defined(WS_KERNELS_X86)
#include <immintrin.h>

namespace ws::kernels {

WS_BEGIN_TARGET("sse4.1")
namespace sse4 {
namespace {

using Vector = __m128i;
constexpr std::size_t kWidth = 16;

Vector load(const std::byte* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from));
}
Vector all(std::uint8_t byte) { return _mm_set1_epi8(static_cast<char>(byte)); }
Vector both(Vector a, Vector b) { return _mm_and_si128(a, b); }
Vector either(Vector a, Vector b) { return _mm_or_si128(a, b); }
Vector differ(Vector a, Vector b) { return _mm_xor_si128(a, b); }
Vector minus(Vector a, std::uint8_t byte) { return _mm_subs_epu8(a, all(byte)); }
Vector low_half(Vector a) { return both(a, all(0x0f)); }
Vector high_half(Vector a) { return low_half(_mm_srli_epi16(a, 4)); }
Vector look_up(const std::uint8_t* table, Vector indices) {
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(table)), indices);
}
Vector one_later(Vector a) { return _mm_slli_si128(a, 1); }
Vector two_later(Vector a) { return _mm_slli_si128(a, 2); }
Vector three_later(Vector a) { return _mm_slli_si128(a, 3); }
bool has_high_bit(Vector a) { return _mm_movemask_epi8(a) != 0; }
bool is_zero(Vector a) { return _mm_testz_si128(a, a) != 0; }

}  // namespace
#include "impl/wire/kernels/utf8_lookup.inl"
}  // namespace sse4

std::size_t count_valid_utf8_sse4(const std::byte* text, std::size_t size) {
  return sse4::count_valid(text, size);
}
WS_END_TARGET

WS_BEGIN_TARGET("avx2")
namespace avx2 {
namespace {

using Vector = __m256i;
constexpr std::size_t kWidth = 32;

Vector load(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(from));
}
Vector all(std::uint8_t byte) { return _mm256_set1_epi8(static_cast<char>(byte)); }
Vector both(Vector a, Vector b) { return _mm256_and_si256(a, b); }
Vector either(Vector a, Vector b) { return _mm256_or_si256(a, b); }
Vector differ(Vector a, Vector b) { return _mm256_xor_si256(a, b); }
Vector minus(Vector a, std::uint8_t byte) { return _mm256_subs_epu8(a, all(byte)); }
Vector low_half(Vector a) { return both(a, all(0x0f)); }
Vector high_half(Vector a) { return low_half(_mm256_srli_epi16(a, 4)); }
Vector look_up(const std::uint8_t* table, Vector indices) {
  return _mm256_shuffle_epi8(
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(table))),
      indices);
}
Vector low_lane_later(Vector a) { return _mm256_permute2x128_si256(a, a, 0x08); }
Vector one_later(Vector a) { return _mm256_alignr_epi8(a, low_lane_later(a), 15); }
Vector two_later(Vector a) { return _mm256_alignr_epi8(a, low_lane_later(a), 14); }
Vector three_later(Vector a) { return _mm256_alignr_epi8(a, low_lane_later(a), 13); }
bool has_high_bit(Vector a) { return _mm256_movemask_epi8(a) != 0; }
bool is_zero(Vector a) { return _mm256_testz_si256(a, a) != 0; }

}  // namespace
// NOLINTNEXTLINE(readability-duplicate-include): each variant has it in a namespace of its own.
#include "impl/wire/kernels/utf8_lookup.inl"
}  // namespace avx2

std::size_t count_valid_utf8_avx2(const std::byte* text, std::size_t size) {
  return avx2::count_valid(text, size);
}
WS_END_TARGET

}  // namespace ws::kernels
#endif
