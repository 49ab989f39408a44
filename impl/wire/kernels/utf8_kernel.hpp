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

extern const Dispatch<CountValidUtf8> kCountValidUtf8;

/// The size of `text` without a sequence that its end cuts, as far as its lead byte tells. What is
/// before that sequence need not be valid.
std::size_t size_without_cut_sequence(const std::byte* text, std::size_t size);

}  // namespace ws::kernels
