// Masking with vectors of 16, 32 and 64 bytes.
//
// What is stored lies in whole aligned vectors, with an unaligned one at each end that is loaded
// before, and stored after, what it overlaps.
#include "impl/wire/kernels/masking_kernel.hpp"

#if defined(WS_KERNELS_X86)
#include <immintrin.h>

namespace ws::kernels {
namespace {

int as_int(std::uint32_t key) { return static_cast<int>(key); }

/// Bytes from `pointer` to the next multiple of `alignment`, at least 1.
std::size_t bytes_to_boundary(const std::byte* pointer, std::size_t alignment) {
  return alignment - reinterpret_cast<std::uintptr_t>(pointer) % alignment;
}

}  // namespace

WS_BEGIN_TARGET("sse4.1")
namespace {

__m128i load16(const std::byte* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from));
}

void store16(std::byte* to, __m128i vector) {
  _mm_storeu_si128(reinterpret_cast<__m128i_u*>(to), vector);
}

__m128i masked16(const std::byte* from, std::uint32_t key) {
  return _mm_xor_si128(load16(from), _mm_set1_epi32(as_int(key)));
}

}  // namespace

void mask_sse4(const std::byte* source, std::byte* destination, std::size_t size,
               std::uint32_t key) {
  const std::size_t last = size - 16;
  const __m128i front = masked16(source, key);
  const __m128i end = masked16(source + last, advance_key(key, last));
  std::size_t i = bytes_to_boundary(destination, 16);
  const __m128i inner_key = _mm_set1_epi32(as_int(advance_key(key, i)));
  for (; i + 64 <= last; i += 64) {
    const __m128i a = load16(source + i);
    const __m128i b = load16(source + i + 16);
    const __m128i c = load16(source + i + 32);
    const __m128i d = load16(source + i + 48);
    store16(destination + i, _mm_xor_si128(a, inner_key));
    store16(destination + i + 16, _mm_xor_si128(b, inner_key));
    store16(destination + i + 32, _mm_xor_si128(c, inner_key));
    store16(destination + i + 48, _mm_xor_si128(d, inner_key));
  }
  for (; i < last; i += 16) {
    store16(destination + i, _mm_xor_si128(load16(source + i), inner_key));
  }
  store16(destination, front);
  store16(destination + last, end);
}
WS_END_TARGET

WS_BEGIN_TARGET("avx2")
namespace {

__m256i load32(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(from));
}

void store32(std::byte* to, __m256i vector) {
  _mm256_storeu_si256(reinterpret_cast<__m256i_u*>(to), vector);
}

__m256i masked32(const std::byte* from, std::uint32_t key) {
  return _mm256_xor_si256(load32(from), _mm256_set1_epi32(as_int(key)));
}

}  // namespace

void mask_avx2(const std::byte* source, std::byte* destination, std::size_t size,
               std::uint32_t key) {
  const std::size_t last = size - 32;
  const __m256i front = masked32(source, key);
  const __m256i end = masked32(source + last, advance_key(key, last));
  std::size_t i = bytes_to_boundary(destination, 32);
  const __m256i inner_key = _mm256_set1_epi32(as_int(advance_key(key, i)));
  for (; i + 128 <= last; i += 128) {
    const __m256i a = load32(source + i);
    const __m256i b = load32(source + i + 32);
    const __m256i c = load32(source + i + 64);
    const __m256i d = load32(source + i + 96);
    store32(destination + i, _mm256_xor_si256(a, inner_key));
    store32(destination + i + 32, _mm256_xor_si256(b, inner_key));
    store32(destination + i + 64, _mm256_xor_si256(c, inner_key));
    store32(destination + i + 96, _mm256_xor_si256(d, inner_key));
  }
  for (; i < last; i += 32) {
    store32(destination + i, _mm256_xor_si256(load32(source + i), inner_key));
  }
  store32(destination, front);
  store32(destination + last, end);
}
WS_END_TARGET

WS_BEGIN_TARGET("avx512f,avx512bw,avx512vl")
namespace {

__m512i masked64(const std::byte* from, __m512i key) {
  return _mm512_xor_si512(_mm512_loadu_si512(from), key);
}

}  // namespace

void mask_avx512(const std::byte* source, std::byte* destination, std::size_t size,
                 std::uint32_t key) {
  const std::size_t last = size - 64;
  const __m512i front = masked64(source, _mm512_set1_epi32(as_int(key)));
  const __m512i end = masked64(source + last, _mm512_set1_epi32(as_int(advance_key(key, last))));
  std::size_t i = bytes_to_boundary(destination, 64);
  const __m512i inner_key = _mm512_set1_epi32(as_int(advance_key(key, i)));
  for (; i + 256 <= last; i += 256) {
    const __m512i a = masked64(source + i, inner_key);
    const __m512i b = masked64(source + i + 64, inner_key);
    const __m512i c = masked64(source + i + 128, inner_key);
    const __m512i d = masked64(source + i + 192, inner_key);
    _mm512_storeu_si512(destination + i, a);
    _mm512_storeu_si512(destination + i + 64, b);
    _mm512_storeu_si512(destination + i + 128, c);
    _mm512_storeu_si512(destination + i + 192, d);
  }
  for (; i < last; i += 64) {
    _mm512_storeu_si512(destination + i, masked64(source + i, inner_key));
  }
  _mm512_storeu_si512(destination, front);
  _mm512_storeu_si512(destination + last, end);
}
WS_END_TARGET

}  // namespace ws::kernels
#endif
