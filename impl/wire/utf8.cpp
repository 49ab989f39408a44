#include "impl/wire/utf8.hpp"

#include <cstring>

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

State begin_sequence(unsigned byte) {
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

State next_state(State state, unsigned byte) {
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

/// How many bytes of ASCII `text` starts with, rounded down to whole words.
std::size_t count_ascii_words(std::span<const std::byte> text) {
  std::size_t size = 0;
  std::uint64_t word = 0;
  while (size + sizeof word <= text.size()) {
    std::memcpy(&word, &text[size], sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
    size += sizeof word;
  }
  return size;
}

}  // namespace

bool Utf8Validator::feed(std::span<const std::byte> piece) {
  auto state = static_cast<State>(state_);
  if (state == broken) return false;
  std::size_t i = 0;
  while (i < piece.size()) {
    if (state == boundary) {
      i += count_ascii_words(piece.subspan(i));
      if (i == piece.size()) break;
    }
    state = next_state(state, std::to_integer<unsigned>(piece[i]));
    if (state == broken) break;
    ++i;
  }
  state_ = state;
  accepted_ += i;
  return state != broken;
}

bool is_valid_utf8(std::span<const std::byte> text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.is_complete();
}

}  // namespace ws
