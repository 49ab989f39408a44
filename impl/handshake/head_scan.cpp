#include "impl/handshake/head_scan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "impl/handshake/character_set.hpp"
#include "impl/wire/kernels/variant.hpp"

#if defined(WS_KERNELS_X86)
#include <immintrin.h>
#endif

namespace ws {
namespace {

constexpr auto kIsTokenCharacter = alphanumerics_and("!#$%&'*+-.^_`|~");

constexpr bool is_token_character(char c) {
  return kIsTokenCharacter[static_cast<unsigned char>(c)];
}

using Count = std::size_t(const char* text, std::size_t size);
using Scan = std::size_t(const char* text, std::size_t size, ScannedLine* lines, std::size_t room);

std::size_t count_token_portably(const char* text, std::size_t size) {
  std::size_t i = 0;
  while (i < size && is_token_character(text[i])) ++i;
  return i;
}

std::size_t scan_portably(const char* text, std::size_t size, ScannedLine* lines,
                          std::size_t room) {
  std::size_t count = 0;
  for (std::size_t start = 0; count < room;) {
    const std::string_view rest(text + start, size - start);
    const std::size_t token_size = count_token_portably(rest.data(), rest.size());
    const std::size_t end = token_size + find_control_character(rest.substr(token_size));
    if (!rest.substr(end).starts_with("\r\n")) return count;
    lines[count++] = {.start = static_cast<std::uint32_t>(start),
                      .token_size = static_cast<std::uint32_t>(token_size),
                      .size = static_cast<std::uint32_t>(end)};
    if (end == 0) return count;
    start += end + 2;
  }
  return count;
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

/// What 64 bytes are, the lowest bit for the first.
struct Masks {
  std::uint64_t crs = 0;
  std::uint64_t lfs = 0;
  std::uint64_t suspects = 0;  ///< control characters, and bytes beyond ASCII
};

/// The control characters but tabs among 64 bytes.
std::uint64_t find_controls(const char* at) {
  std::uint64_t controls = 0;
  for (unsigned i = 0; i < 64; ++i) {
    controls |= std::uint64_t{is_control_character(at[i])} << i;
  }
  return controls;
}
#endif

}  // namespace

#if defined(WS_KERNELS_X86)
WS_BEGIN_TARGET("sse4.1")
namespace sse4 {
namespace {

__m128i load(const void* from) { return _mm_loadu_si128(static_cast<const __m128i_u*>(from)); }

std::uint64_t mask_of(__m128i bytes) {
  return static_cast<std::uint16_t>(_mm_movemask_epi8(bytes));
}

struct Wanted {  // NOLINT: see below
  __m128i cr;
  __m128i lf;
  __m128i minus_one;
  __m128i behind_space;
};

Wanted make_wanted() {
  return {.cr = _mm_set1_epi8('\r'),
          .lf = _mm_set1_epi8('\n'),
          .minus_one = _mm_set1_epi8(-1),
          .behind_space = _mm_set1_epi8('!')};
}

Masks masks_at(const char* at, const Wanted& wanted) {
  Masks masks;
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i bytes = load(at + i);
    masks.crs |= mask_of(_mm_cmpeq_epi8(bytes, wanted.cr)) << i;
    masks.lfs |= mask_of(_mm_cmpeq_epi8(bytes, wanted.lf)) << i;
    // One more than each, DEL included, is a space at most, or negative.
    const __m128i one_more = _mm_sub_epi8(bytes, wanted.minus_one);
    masks.suspects |= mask_of(_mm_cmpgt_epi8(wanted.behind_space, one_more)) << i;
  }
  return masks;
}

/// The characters that no token has among 16.
std::uint64_t find_no_token(__m128i bytes) {
  // A byte beyond ASCII gets no bits, as the top bit of an index makes a shuffle give zero.
  const __m128i allowed = _mm_shuffle_epi8(load(kHighHalves.data()), bytes);
  const __m128i high_half = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
  const __m128i bit = _mm_shuffle_epi8(load(kBits.data()), high_half);
  return mask_of(_mm_cmpeq_epi8(_mm_and_si128(allowed, bit), _mm_setzero_si128()));
}

/// The same among the 32 at `at`.
std::uint64_t find_no_token(const char* at) {
  return find_no_token(load(at)) | find_no_token(load(at + 16)) << 16U;
}

std::size_t count_token(const char* text, std::size_t size) {
  std::size_t i = 0;
  for (; size - i >= 16; i += 16) {
    const std::uint64_t others = find_no_token(load(text + i));
    if (others != 0) return i + static_cast<std::size_t>(std::countr_zero(others));
  }
  return i + count_token_portably(text + i, size - i);
}

}  // namespace
#include "impl/handshake/head_scan.inl"
}  // namespace sse4
WS_END_TARGET

WS_BEGIN_TARGET("avx2")
namespace avx2 {
namespace {

__m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i_u*>(from)); }

__m256i load_twice(const void* from) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(static_cast<const __m128i_u*>(from)));
}

std::uint64_t mask_of(__m256i bytes) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
}

/// A vector of `byte` that GCC takes for unknown: otherwise it makes it anew for each block, which
/// takes longer than the block.
__m256i all(char byte) {
  __m256i vector = _mm256_set1_epi8(byte);
  __asm__("" : "+x"(vector));
  return vector;
}

struct Wanted {  // NOLINT: without default values, which would be set by code without vectors
  __m256i cr;
  __m256i lf;
  __m256i minus_one;
  __m256i behind_space;
};

Wanted make_wanted() {
  return {.cr = all('\r'), .lf = all('\n'), .minus_one = all(-1), .behind_space = all('!')};
}

Masks masks_at(const char* at, const Wanted& wanted) {
  Masks masks;
  for (unsigned i = 0; i < 64; i += 32) {
    const __m256i bytes = load(at + i);
    masks.crs |= mask_of(_mm256_cmpeq_epi8(bytes, wanted.cr)) << i;
    masks.lfs |= mask_of(_mm256_cmpeq_epi8(bytes, wanted.lf)) << i;
    const __m256i one_more = _mm256_sub_epi8(bytes, wanted.minus_one);
    masks.suspects |= mask_of(_mm256_cmpgt_epi8(wanted.behind_space, one_more)) << i;
  }
  return masks;
}

std::uint64_t find_no_token(const char* at) {
  const __m256i bytes = load(at);
  const __m256i allowed = _mm256_shuffle_epi8(load_twice(kHighHalves.data()), bytes);
  const __m256i high_half = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
  const __m256i bit = _mm256_shuffle_epi8(load_twice(kBits.data()), high_half);
  return mask_of(_mm256_cmpeq_epi8(_mm256_and_si256(allowed, bit), _mm256_setzero_si256()));
}

}  // namespace
// NOLINTNEXTLINE(readability-duplicate-include): each variant has it in a namespace of its own.
#include "impl/handshake/head_scan.inl"
}  // namespace avx2
WS_END_TARGET

WS_BEGIN_TARGET("avx512f,avx512bw,avx512vl")
namespace avx512 {
namespace {

// Names are shorter than 64, and may be read without what is behind them.
std::size_t count_token(const char* text, std::size_t size) {
  for (std::size_t i = 0; i < size; i += 64) {
    const __mmask64 present = size - i < 64 ? (__mmask64{1} << (size - i)) - 1 : ~__mmask64{0};
    const __m512i bytes = _mm512_maskz_loadu_epi8(present, text + i);
    const auto four_times = [](const auto& table) {
      const void* const from = table.data();
      return _mm512_maskz_broadcast_i32x4(static_cast<__mmask16>(~0U),
                                          _mm_loadu_si128(static_cast<const __m128i_u*>(from)));
    };
    const __m512i allowed = _mm512_shuffle_epi8(four_times(kHighHalves), bytes);
    const __m512i high_half = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), _mm512_set1_epi8(0x0f));
    const __m512i bit = _mm512_shuffle_epi8(four_times(kBits), high_half);
    const __mmask64 others = _mm512_mask_testn_epi8_mask(present, allowed, bit);
    if (others != 0) return i + static_cast<std::size_t>(std::countr_zero(others));
  }
  return size;
}

}  // namespace
}  // namespace avx512
WS_END_TARGET

namespace {
constinit const kernels::Dispatch<Count> kCountToken{{count_token_portably, count_token_portably,
                                                      sse4::count_token, sse4::count_token,
                                                      avx512::count_token}};
constinit const kernels::Dispatch<Scan> kScanLines{
    {scan_portably, scan_portably, sse4::scan, avx2::scan, avx2::scan}};
}  // namespace
#else
namespace {
constinit const kernels::Dispatch<Count> kCountToken{{count_token_portably, count_token_portably,
                                                      count_token_portably, count_token_portably,
                                                      count_token_portably}};
constinit const kernels::Dispatch<Scan> kScanLines{
    {scan_portably, scan_portably, scan_portably, scan_portably, scan_portably}};
}  // namespace
#endif

std::size_t find_control_character(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && !is_control_character(text[i])) ++i;
  return i;
}

std::size_t count_token_characters(std::string_view text) {
  return kCountToken(text.data(), text.size());
}

std::size_t scan_lines(std::string_view text, std::span<ScannedLine> lines) {
  return kScanLines(text.data(), text.size(), lines.data(), lines.size());
}

}  // namespace ws
