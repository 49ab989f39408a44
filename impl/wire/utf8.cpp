#include "impl/wire/utf8.hpp"

#include <array>
#include <cstring>

#include "impl/wire/kernels/utf8_kernel.hpp"

namespace ws {
namespace {

// The automaton of the table of well-formed sequences (Unicode 3.9, table 3-7; RFC 3629 section 4).
// A state says which range the next byte must lie in, and what follows.
enum State : std::uint8_t {
  boundary,    // a new code point
  one_more,    // one continuation byte, 80 to bf
  two_more,    // two of them
  three_more,  // three of them
  after_e0,    // a0 to bf, then one more: no overlong forms
  after_ed,    // 80 to 9f, then one more: no surrogates
  after_f0,    // 90 to bf, then two more: no overlong forms
  after_f4,    // 80 to 8f, then two more: nothing beyond U+10FFFF
  broken,
};

constexpr State begin_sequence(unsigned byte) {
  if (byte < 0x80) return boundary;
  if (byte < 0xc2) return broken;  // a continuation byte, or an overlong form of two bytes
  if (byte < 0xe0) return one_more;
  if (byte == 0xe0) return after_e0;
  if (byte == 0xed) return after_ed;
  if (byte < 0xf0) return two_more;
  if (byte == 0xf0) return after_f0;
  if (byte < 0xf4) return three_more;
  if (byte == 0xf4) return after_f4;
  return broken;
}

constexpr State next_state(State state, unsigned byte) {
  const auto if_between = [byte](unsigned first, unsigned last, State next) {
    return byte >= first && byte <= last ? next : broken;
  };
  switch (state) {
    case boundary:
      return begin_sequence(byte);
    case one_more:
      return if_between(0x80, 0xbf, boundary);
    case two_more:
      return if_between(0x80, 0xbf, one_more);
    case three_more:
      return if_between(0x80, 0xbf, two_more);
    case after_e0:
      return if_between(0xa0, 0xbf, one_more);
    case after_ed:
      return if_between(0x80, 0x9f, one_more);
    case after_f0:
      return if_between(0x90, 0xbf, two_more);
    case after_f4:
      return if_between(0x80, 0x8f, two_more);
    case broken:
      break;
  }
  return broken;
}

constexpr unsigned kStateBits = 6;  // a shift of a 64-bit word, which nine states fit into

/// For each byte, the next states of all states, side by side: a state is kept as the shift to its
/// place in a row, so that a step is one load and one shift.
constexpr auto kRows = [] {
  std::array<std::uint64_t, 256> rows{};
  for (unsigned byte = 0; byte < rows.size(); ++byte) {
    for (unsigned state = boundary; state <= broken; ++state) {
      const std::uint64_t next = next_state(static_cast<State>(state), byte);
      rows[byte] |= next * kStateBits << state * kStateBits;
    }
  }
  return rows;
}();

constexpr unsigned kBroken = broken * kStateBits;
constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kHighBits = 0x8080808080808080U;
constexpr std::size_t kMinForKernel = 12;  // bytes; the automaton is as fast for fewer

unsigned step(unsigned state, std::byte byte) {
  return static_cast<unsigned>(kRows[std::to_integer<std::size_t>(byte)] >> state) & 63U;
}

std::uint64_t load_word(const std::byte* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

/// Takes bytes up to the first impossible one, which leaves `state` broken.
///
/// Returns: how many it took.
std::size_t run(unsigned& state, std::span<const std::byte> text) {
  std::size_t i = 0;
  while (text.size() - i >= kWord) {
    if (state != boundary || (load_word(&text[i]) & kHighBits) != 0) {
      unsigned next = state;
      for (std::size_t j = 0; j < kWord; ++j) next = step(next, text[i + j]);
      if (next == kBroken) break;  // the loop below finds the byte
      state = next;
    }
    i += kWord;
  }
  for (; i < text.size(); ++i) {
    state = step(state, text[i]);
    if (state == kBroken) break;
  }
  return i;
}

/// Takes bytes like run(), between two code points, whole vectors of them at a time.
std::size_t run_from_boundary(unsigned& state, std::span<const std::byte> text) {
  const std::size_t known =
      text.size() < kMinForKernel ? 0 : kernels::chosen_count_valid_utf8(text.data(), text.size());
  return known == text.size() ? known : known + run(state, text.subspan(known));
}

}  // namespace

bool Utf8Validator::feed(std::span<const std::byte> piece) {
  unsigned state = state_;
  if (state == kBroken) return false;
  std::size_t taken = 0;
  while (state != boundary && state != kBroken && taken < piece.size()) {
    state = step(state, piece[taken]);
    if (state != kBroken) ++taken;
  }
  if (state == boundary) {
    const auto rest = piece.subspan(taken);
    taken += kernels::is_short_ascii(rest.data(), rest.size()) ? rest.size()
                                                               : run_from_boundary(state, rest);
  }
  state_ = static_cast<std::uint8_t>(state);
  accepted_ += taken;
  return state != kBroken;
}

bool detail::is_valid_utf8_by_automaton(std::span<const std::byte> text) {
  unsigned state = boundary;
  run(state, text);
  return state == boundary;
}

}  // namespace ws
