#include "impl/wire/utf8.hpp"

#include <cstring>

namespace ws {
namespace {

// The automaton of the table of well-formed sequences (Unicode 3.9, table 3-7; RFC 3629 section 4).
// A state says which range the next byte must lie in, and what follows.
enum State : std::uint8_t {
  kBoundary,   // a new code point
  kOneMore,    // one continuation byte, 80 to bf
  kTwoMore,    // two of them
  kThreeMore,  // three of them
  kAfterE0,    // a0 to bf, then one more: no overlong forms
  kAfterEd,    // 80 to 9f, then one more: no surrogates
  kAfterF0,    // 90 to bf, then two more: no overlong forms
  kAfterF4,    // 80 to 8f, then two more: nothing beyond U+10FFFF
  kBroken,
};

State begin_sequence(unsigned byte) {
  if (byte < 0x80) return kBoundary;
  if (byte < 0xc2) return kBroken;  // a continuation byte, or an overlong form of two bytes
  if (byte < 0xe0) return kOneMore;
  if (byte == 0xe0) return kAfterE0;
  if (byte == 0xed) return kAfterEd;
  if (byte < 0xf0) return kTwoMore;
  if (byte == 0xf0) return kAfterF0;
  if (byte < 0xf4) return kThreeMore;
  if (byte == 0xf4) return kAfterF4;
  return kBroken;
}

State next_state(State state, unsigned byte) {
  const auto if_between = [byte](unsigned first, unsigned last, State next) {
    return byte >= first && byte <= last ? next : kBroken;
  };
  switch (state) {
    case kBoundary:
      return begin_sequence(byte);
    case kOneMore:
      return if_between(0x80, 0xbf, kBoundary);
    case kTwoMore:
      return if_between(0x80, 0xbf, kOneMore);
    case kThreeMore:
      return if_between(0x80, 0xbf, kTwoMore);
    case kAfterE0:
      return if_between(0xa0, 0xbf, kOneMore);
    case kAfterEd:
      return if_between(0x80, 0x9f, kOneMore);
    case kAfterF0:
      return if_between(0x90, 0xbf, kTwoMore);
    case kAfterF4:
      return if_between(0x80, 0x8f, kTwoMore);
    case kBroken:
      break;
  }
  return kBroken;
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
  if (state == kBroken) return false;
  std::size_t i = 0;
  while (i < piece.size()) {
    if (state == kBoundary) {
      i += count_ascii_words(piece.subspan(i));
      if (i == piece.size()) break;
    }
    state = next_state(state, std::to_integer<unsigned>(piece[i]));
    if (state == kBroken) break;
    ++i;
  }
  state_ = state;
  accepted_ += i;
  return state != kBroken;
}

bool is_valid_utf8(std::span<const std::byte> text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.is_complete();
}

}  // namespace ws
