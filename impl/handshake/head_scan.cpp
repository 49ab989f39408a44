#include "impl/handshake/head_scan.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(WS_KERNELS_X86)
#include <immintrin.h>
#endif

namespace ws {
namespace {

constexpr auto kIsTokenCharacter = [] {
  std::array<bool, 256> is_token{};
  for (unsigned c = '0'; c <= '9'; ++c) is_token[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) is_token[c] = is_token[c + 32] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    is_token[static_cast<unsigned char>(c)] = true;
  }
  return is_token;
}();

using Scan = std::size_t(const char* text, std::size_t size);

std::size_t find_control_portable(const char* text, std::size_t size) {
  std::size_t i = 0;
  while (i < size && !is_control_character(text[i])) ++i;
  return i;
}

std::size_t count_token_portable(const char* text, std::size_t size) {
  std::size_t i = 0;
  while (i < size && kIsTokenCharacter[static_cast<unsigned char>(text[i])]) ++i;
  return i;
}

#if defined(WS_KERNELS_X86)
/// For each low half of a byte, a bit for each high half with which it is a token character.
constexpr auto kHighHalves = [] {
  std::array<std::uint8_t, 16> halves{};
  for (unsigned c = 0; c < 128; ++c) {
    if (kIsTokenCharacter[c]) halves[c % 16] |= static_cast<std::uint8_t>(1U << c / 16);
  }
  return halves;
}();

/// The bit of each high half; none for those of bytes beyond ASCII.
constexpr std::array<std::uint8_t, 16> kBits = {1, 2, 4, 8, 16, 32, 64, 128};

unsigned first_of(int mask) {
  return static_cast<unsigned>(std::countr_zero(static_cast<unsigned>(mask)));
}
#endif

}  // namespace

#if defined(WS_KERNELS_X86)
WS_BEGIN_TARGET("sse4.1")
namespace {

__m128i load(const void* from) { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }

std::size_t find_control_sse4(const char* text, std::size_t size) {
  std::size_t i = 0;
  for (; size - i >= 16; i += 16) {
    const __m128i bytes = load(text + i);
    const __m128i below_space = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i is_tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i is_delete = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    const int found =
        _mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(is_tab, below_space), is_delete));
    if (found != 0) return i + first_of(found);
  }
  return i + find_control_portable(text + i, size - i);
}

std::size_t count_token_sse4(const char* text, std::size_t size) {
  std::size_t i = 0;
  for (; size - i >= 16; i += 16) {
    const __m128i bytes = load(text + i);
    const __m128i low_half = _mm_set1_epi8(0x0f);
    const __m128i allowed =
        _mm_shuffle_epi8(load(kHighHalves.data()), _mm_and_si128(bytes, low_half));
    const __m128i bit =
        _mm_shuffle_epi8(load(kBits.data()), _mm_and_si128(_mm_srli_epi16(bytes, 4), low_half));
    const int others =
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(allowed, bit), _mm_setzero_si128()));
    if (others != 0) return i + first_of(others);
  }
  return i + count_token_portable(text + i, size - i);
}

}  // namespace
WS_END_TARGET

WS_BEGIN_TARGET("avx2")
namespace {

std::size_t find_control_avx2(const char* text, std::size_t size) {
  std::size_t i = 0;
  for (; size - i >= 32; i += 32) {
    const void* const from = text + i;
    const __m256i bytes = _mm256_loadu_si256(static_cast<const __m256i*>(from));
    const __m256i below_space =
        _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
    const __m256i is_tab = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\t'));
    const __m256i is_delete = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
    const int found =
        _mm256_movemask_epi8(_mm256_or_si256(_mm256_andnot_si256(is_tab, below_space), is_delete));
    if (found != 0) return i + first_of(found);
  }
  return i + find_control_sse4(text + i, size - i);
}

}  // namespace
WS_END_TARGET

namespace {
// Lines are too short for vectors of 64 bytes, and names for those of 32.
constinit const kernels::Dispatch<Scan> kFindControl{{find_control_portable, find_control_portable,
                                                      find_control_sse4, find_control_avx2,
                                                      find_control_avx2}};
constinit const kernels::Dispatch<Scan> kCountToken{{count_token_portable, count_token_portable,
                                                     count_token_sse4, count_token_sse4,
                                                     count_token_sse4}};
}  // namespace
#else
namespace {
constinit const kernels::Dispatch<Scan> kFindControl{{find_control_portable, find_control_portable,
                                                      find_control_portable, find_control_portable,
                                                      find_control_portable}};
constinit const kernels::Dispatch<Scan> kCountToken{{count_token_portable, count_token_portable,
                                                     count_token_portable, count_token_portable,
                                                     count_token_portable}};
}  // namespace
#endif

std::size_t find_control_character(std::string_view text) {
  return kFindControl(text.data(), text.size());
}

std::size_t count_token_characters(std::string_view text) {
  return kCountToken(text.data(), text.size());
}

}  // namespace ws
