// Validation of whole vectors of UTF-8, in each variant (RFC 3629).
#pragma once

#include <cstddef>

#include "impl/wire/kernels/variant.hpp"

namespace ws::kernels {

/// Counts bytes from the front of `text`, which starts between two code points, that are known to
/// be whole and valid code points. The text may go on validly behind them: what is left is for the
/// automaton of utf8.cpp, which knows every byte. If all of the text is valid, at most a sequence
/// that its end cuts, three bytes, is left.
using CountValidUtf8 = std::size_t(const std::byte* text, std::size_t size);

CountValidUtf8 count_valid_utf8_portable;  // leaves everything to the automaton
#if defined(WS_KERNELS_X86)
CountValidUtf8 count_valid_utf8_sse4;
CountValidUtf8 count_valid_utf8_avx2;
CountValidUtf8 count_valid_utf8_avx512;
#elif defined(WS_KERNELS_NEON)
CountValidUtf8 count_valid_utf8_neon;
#endif

extern FastDispatch<CountValidUtf8> chosen_count_valid_utf8;

/// The size of `text` without a sequence that its end cuts.
///
/// Requires: what is before that sequence is valid.
inline std::size_t size_without_cut_sequence(const std::byte* text, std::size_t size) {
  // No branches, as in a stream nobody can foresee where a piece ends. At most one of these holds.
  const auto is_at_least = [&](std::size_t back, unsigned lead) {
    return std::size_t{size >= back && std::to_integer<unsigned>(text[size - back]) >= lead};
  };
  return size - is_at_least(1, 0xc0) - 2 * is_at_least(2, 0xe0) - 3 * is_at_least(3, 0xf0);
}

}  // namespace ws::kernels
