// The UTF-8 kernel with vectors of 64 bytes and their byte permutation, vpermb.
//
// What each byte says is looked up in two tables of 64 entries: by the low six bits of a lead byte,
// and by the high six bits of the byte that follows it. Where a continuation must be is found by
// saturating subtraction, whose top bit is then compared with that of the second table. This takes
// ten vector operations for 64 bytes: two lookups and eight that are no shuffles.
#include <cstdint>

#include "impl/wire/kernels/utf8_kernel.hpp"

#if defined(WS_KERNELS_X86)
#include <immintrin.h>

namespace ws::kernels {
namespace {

// Bits of a byte behind a lead byte. A lead byte has those that it cannot be followed by.
constexpr std::uint8_t kBelowA0 = 1;        // e0 (overlong)
constexpr std::uint8_t kFromA0 = 2;         // ed (surrogates)
constexpr std::uint8_t kBelow90 = 4;        // f0 (overlong)
constexpr std::uint8_t kFrom90 = 8;         // f4 (beyond U+10FFFF)
constexpr std::uint8_t kContinuation = 16;  // c0, c1 and f5 to ff, which are in no text
constexpr std::uint8_t kIsContinuation = 0x80;

struct Table {
  std::uint8_t entries[64] = {};
};

constexpr Table kRefusedByLead = [] {
  Table table;
  const auto refuse = [&](unsigned lead, std::uint8_t bits) { table.entries[lead - 0xc0] = bits; };
  refuse(0xc0, kContinuation);
  refuse(0xc1, kContinuation);
  refuse(0xe0, kBelowA0);
  refuse(0xed, kFromA0);
  refuse(0xf0, kBelow90);
  refuse(0xf4, kFrom90);
  for (unsigned lead = 0xf5; lead <= 0xff; ++lead) refuse(lead, kContinuation);
  return table;
}();

constexpr Table kFollowing = [] {
  Table table;
  for (unsigned byte = 0x80; byte < 0xc0; byte += 4) {
    table.entries[byte / 4] = static_cast<std::uint8_t>(kIsContinuation | kContinuation |
                                                        (byte < 0xa0 ? kBelowA0 : kFromA0) |
                                                        (byte < 0x90 ? kBelow90 : kFrom90));
  }
  return table;
}();

constexpr std::size_t kMinToAlign = 768;  // bytes

}  // namespace

WS_BEGIN_TARGET("avx512f,avx512bw,avx512vl,avx512vbmi")
namespace {

struct Errors {
  __m512i refused;    // not zero: a lead byte cannot be followed by this
  __m512i misplaced;  // top bit: a continuation where none may be, or none where one must be
};

__m512i all(int byte) { return _mm512_set1_epi8(static_cast<char>(byte)); }

bool has_any(const Errors& errors) {
  const __m512i found =
      _mm512_ternarylogic_epi32(errors.refused, errors.misplaced, all(0x80), 0xf8);  // a | (b & c)
  return _mm512_test_epi8_mask(found, found) != 0;
}

/// Adds the errors of the bytes `current`, each with the three bytes before it.
void add_errors(Errors& errors, __m512i current, __m512i before1, __m512i before2,
                __m512i before3) {
  // The top bit is set where there is a lead byte, of three or more, of four.
  const __m512i lead = _mm512_subs_epu8(before1, all(0xc0 - 0x80));
  const __m512i lead3 = _mm512_subs_epu8(before2, all(0xe0 - 0x80));
  const __m512i lead4 = _mm512_subs_epu8(before3, all(0xf0 - 0x80));
  const __m512i expected = _mm512_ternarylogic_epi32(lead, lead3, lead4, 0xfe);  // a | b | c
  const __m512i refused = _mm512_maskz_permutexvar_epi8(_mm512_movepi8_mask(lead), before1,
                                                        _mm512_loadu_si512(kRefusedByLead.entries));
  // With a mask of ones, as GCC 12 warns of the form without one.
  const __m512i following = _mm512_maskz_permutexvar_epi8(
      ~__mmask64{0}, _mm512_srli_epi16(current, 2), _mm512_loadu_si512(kFollowing.entries));
  errors.refused =
      _mm512_ternarylogic_epi32(errors.refused, refused, following, 0xf8);  // a | (b & c)
  errors.misplaced =
      _mm512_ternarylogic_epi32(errors.misplaced, expected, following, 0xf6);  // a | (b ^ c)
}

/// The same for 64 bytes at `at`, with at least three of the text before them.
void add_errors_at(Errors& errors, const std::byte* at) {
  __m512i before1 = _mm512_loadu_si512(at - 1);
  asm("" : "+v"(before1));  // it is used twice, and GCC 12 would load it twice
  add_errors(errors, _mm512_loadu_si512(at), before1, _mm512_loadu_si512(at - 2),
             _mm512_loadu_si512(at - 3));
}

/// The same for the first 64 bytes of a text, which are `first`.
void add_errors_of_first(Errors& errors, const std::byte* text, __m512i first) {
  // Nothing may be read before the text: the masked bytes are zeros, as if ASCII went before.
  const __mmask64 ones = ~__mmask64{0};
  add_errors(errors, first, _mm512_maskz_loadu_epi8(ones << 1U, text - 1),
             _mm512_maskz_loadu_epi8(ones << 2U, text - 2),
             _mm512_maskz_loadu_epi8(ones << 3U, text - 3));
}

__mmask64 first_bits(std::size_t count) { return (__mmask64{1} << count) - 1; }

/// The same for those bytes at `at` whose bit is set, with as many before them as their masks say.
/// What a sequence that the last of them cuts lacks is no error.
void add_errors_of(Errors& errors, const std::byte* at, __mmask64 bytes, __mmask64 first,
                   __mmask64 first2, __mmask64 first3) {
  Errors found{.refused = _mm512_setzero_si512(), .misplaced = _mm512_setzero_si512()};
  add_errors(found, _mm512_maskz_loadu_epi8(bytes, at),
             _mm512_maskz_loadu_epi8(bytes & first, at - 1),
             _mm512_maskz_loadu_epi8(bytes & first2, at - 2),
             _mm512_maskz_loadu_epi8(bytes & first3, at - 3));
  errors.refused = _mm512_or_si512(errors.refused, found.refused);
  errors.misplaced =
      _mm512_or_si512(errors.misplaced, _mm512_maskz_mov_epi8(bytes, found.misplaced));
}

bool is_ascii_256(const std::byte* at) {
  const __m512i first = _mm512_ternarylogic_epi32(
      _mm512_loadu_si512(at), _mm512_loadu_si512(at + 64), _mm512_loadu_si512(at + 128), 0xfe);
  return _mm512_movepi8_mask(_mm512_or_si512(first, _mm512_loadu_si512(at + 192))) == 0;
}

bool is_ascii_128(const std::byte* at) {
  return _mm512_movepi8_mask(
             _mm512_or_si512(_mm512_loadu_si512(at), _mm512_loadu_si512(at + 64))) == 0;
}

/// Whether `size` bytes, fewer than 512, are all ASCII.
bool is_ascii(const std::byte* at, std::size_t size) {
  __m512i seen = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; size - i >= 64; i += 64) seen = _mm512_or_si512(seen, _mm512_loadu_si512(at + i));
  const __mmask64 rest = first_bits(size - i);
  seen = _mm512_or_si512(seen, _mm512_maskz_loadu_epi8(rest, at + i));
  return _mm512_movepi8_mask(seen) == 0;
}

// Not zero in what is subtracted from the last bytes of a text if a sequence is cut there.
constexpr Table kMostAtEnd = [] {
  Table most;
  for (std::uint8_t& byte : most.entries) byte = 0xff;
  most.entries[61] = 0xef;
  most.entries[62] = 0xdf;
  most.entries[63] = 0xbf;
  return most;
}();

/// For each byte of a vector, the place of that kCount before it. Before the first are the last.
template <unsigned kCount>
constexpr Table kPlacesBefore = [] {
  Table places;
  for (unsigned i = 0; i < 64; ++i)
    places.entries[i] = static_cast<std::uint8_t>((i - kCount) % 64);
  return places;
}();

/// True if a text of up to 61 bytes is valid and complete.
bool is_tiny_and_valid(const std::byte* text, std::size_t size) {
  // With zeros behind the text, one of them is misplaced if a sequence is cut.
  const __m512i current = _mm512_maskz_loadu_epi8(first_bits(size), text);
  const auto before = [&](const Table& places) {
    return _mm512_maskz_permutexvar_epi8(~__mmask64{0}, _mm512_loadu_si512(places.entries),
                                         current);
  };
  Errors errors{.refused = _mm512_setzero_si512(), .misplaced = _mm512_setzero_si512()};
  add_errors(errors, current, before(kPlacesBefore<1>), before(kPlacesBefore<2>),
             before(kPlacesBefore<3>));
  return !has_any(errors);
}

/// True if a text of 62 to 128 bytes is valid and complete; it may be false for one that is.
bool is_short_and_valid(const std::byte* text, std::size_t size) {
  Errors errors{.refused = _mm512_setzero_si512(), .misplaced = _mm512_setzero_si512()};
  const __mmask64 ones = ~__mmask64{0};
  if (size <= 64) {
    add_errors_of(errors, text, ones >> (64 - size), ones << 1U, ones << 2U, ones << 3U);
    return !has_any(errors) && size_without_cut_sequence(text, size) == size;
  }
  if (size < 67) return false;
  add_errors_of_first(errors, text, _mm512_loadu_si512(text));
  const std::byte* const last = text + size - 64;
  add_errors_at(errors, last);
  const __m512i cut =
      _mm512_subs_epu8(_mm512_loadu_si512(last), _mm512_loadu_si512(kMostAtEnd.entries));
  errors.refused = _mm512_or_si512(errors.refused, cut);
  return !has_any(errors);
}

}  // namespace

std::size_t count_valid_utf8_avx512(const std::byte* text, std::size_t size) {
  if (size <= 61) {
    if (is_tiny_and_valid(text, size)) return size;
  } else if (size <= 128 && is_short_and_valid(text, size)) {
    return size;
  }
  Errors errors{.refused = _mm512_setzero_si512(), .misplaced = _mm512_setzero_si512()};
  const __mmask64 ones = ~__mmask64{0};
  if (size <= 64) {
    const __mmask64 bytes = size < 64 ? first_bits(size) : ones;
    add_errors_of(errors, text, bytes, ones << 1U, ones << 2U, ones << 3U);
    return has_any(errors) ? 0 : size_without_cut_sequence(text, size);
  }
  std::size_t done = 0;
  const __m512i first = _mm512_loadu_si512(text);
  if (_mm512_movepi8_mask(first) == 0) {
    while (size - done >= 256 && is_ascii_256(text + done)) done += 256;
  }
  std::size_t known = done;  // before it all is valid, but for a sequence that is cut there
  if (done == 0) {
    add_errors_of_first(errors, text, first);
    done = 64;
    if (size >= kMinToAlign) {
      // What the next vectors look at again costs less than that each of them lies in two lines of
      // the cache.
      const std::size_t next_line = 64 - (reinterpret_cast<std::uintptr_t>(text) & 63U);
      if (next_line >= 3) done = next_line;
    }
  }
  while (size - done >= 512) {
    if (is_ascii_128(text + done)) {
      // A sequence that was open before must not end here: one block shows that.
      add_errors_at(errors, text + done);
      done += 128;
      while (size - done >= 256 && is_ascii_256(text + done)) done += 256;
    } else {
      for (std::size_t i = 0; i < 512; i += 64) add_errors_at(errors, text + done + i);
      done += 512;
    }
    if (has_any(errors)) return size_without_cut_sequence(text, known);
    known = done;
  }
  if (size - done >= 256) {
    if (is_ascii_128(text + done) && is_ascii(text + done, size - done)) {
      add_errors_at(errors, text + done);
      return has_any(errors) ? size_without_cut_sequence(text, known) : size;
    }
    for (std::size_t i = 0; i < 256; i += 64) add_errors_at(errors, text + done + i);
    done += 256;
  }
  if (size - done >= 128) {
    for (std::size_t i = 0; i < 128; i += 64) add_errors_at(errors, text + done + i);
    done += 128;
  }
  if (size - done >= 64) {
    add_errors_at(errors, text + done);
    done += 64;
  }
  if (done < size) {
    if (size >= 67) {
      add_errors_at(errors, text + size - 64);  // with some that were looked at before
    } else {
      const __mmask64 rest = first_bits(size - done);
      add_errors_of(errors, text + done, rest, rest, rest, rest);
    }
  }
  return size_without_cut_sequence(text, has_any(errors) ? known : size);
}
WS_END_TARGET

}  // namespace ws::kernels
#endif
