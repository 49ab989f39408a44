// SHA-1's blocks with the processor's instructions for it: four rounds each.
#include "impl/handshake/sha1_blocks.hpp"

#if defined(WS_KERNELS_X86)
#include <immintrin.h>

namespace ws {

WS_BEGIN_TARGET("sha,sse4.1")
namespace {

__m128i load(const void* from) { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }

/// The four words of the message schedule for the next four rounds, of which 16 words are kept.
__m128i next_words(__m128i* words, int group) {
  __m128i& oldest = words[group % 4];
  if (group >= 4) {
    const __m128i mixed =
        _mm_xor_si128(_mm_sha1msg1_epu32(oldest, words[(group + 1) % 4]), words[(group + 2) % 4]);
    oldest = _mm_sha1msg2_epu32(mixed, words[(group + 3) % 4]);
  }
  return oldest;
}

}  // namespace

void add_sha1_blocks_x86(std::array<std::uint32_t, 5>& state, const std::byte* blocks,
                         std::size_t count) {
  const __m128i big_endian = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __m128i abcd = _mm_shuffle_epi32(load(state.data()), 0x1b);  // a on top
  __m128i e = _mm_set_epi32(static_cast<int>(state[4]), 0, 0, 0);
  for (; count > 0; --count, blocks += 64) {
    const __m128i abcd_before = abcd;
    const __m128i e_before = e;
    __m128i words[4];
    for (std::size_t i = 0; i < 4; ++i) {
      words[i] = _mm_shuffle_epi8(load(blocks + 16 * i), big_endian);
    }

    // e is that of four rounds before, not yet rotated, but for the first four rounds.
    __m128i sum = _mm_add_epi32(e, next_words(words, 0));
    e = abcd;
    abcd = _mm_sha1rnds4_epu32(abcd, sum, 0);
    for (int group = 1; group < 5; ++group) {
      sum = _mm_sha1nexte_epu32(e, next_words(words, group));
      e = abcd;
      abcd = _mm_sha1rnds4_epu32(abcd, sum, 0);
    }
    for (int group = 5; group < 10; ++group) {
      sum = _mm_sha1nexte_epu32(e, next_words(words, group));
      e = abcd;
      abcd = _mm_sha1rnds4_epu32(abcd, sum, 1);
    }
    for (int group = 10; group < 15; ++group) {
      sum = _mm_sha1nexte_epu32(e, next_words(words, group));
      e = abcd;
      abcd = _mm_sha1rnds4_epu32(abcd, sum, 2);
    }
    for (int group = 15; group < 20; ++group) {
      sum = _mm_sha1nexte_epu32(e, next_words(words, group));
      e = abcd;
      abcd = _mm_sha1rnds4_epu32(abcd, sum, 3);
    }
    e = _mm_sha1nexte_epu32(e, e_before);
    abcd = _mm_add_epi32(abcd, abcd_before);
  }
  _mm_storeu_si128(reinterpret_cast<__m128i_u*>(state.data()), _mm_shuffle_epi32(abcd, 0x1b));
  state[4] = static_cast<std::uint32_t>(_mm_extract_epi32(e, 3));
}
WS_END_TARGET

}  // namespace ws
#endif
