#include "conformance/oracle/utf8.hpp"

#include <algorithm>

namespace ws::oracle {
namespace {

/// How many bytes the sequence has that starts with `lead`; 0 if none does.
std::size_t sequence_length(unsigned lead) {
  if (lead / 128 == 0b0) return 1;
  if (lead / 32 == 0b110) return 2;
  if (lead / 16 == 0b1110) return 3;
  if (lead / 8 == 0b11110) return 4;
  return 0;
}

/// True if some code point between `first` and `last` is encoded in `length` bytes (section 3: the
/// shortest form, no surrogates, nothing beyond U+10FFFF).
bool any_code_point(std::size_t length, unsigned long first, unsigned long last) {
  const auto overlap = [&](unsigned long from, unsigned long to) {
    return first <= to && from <= last;
  };
  switch (length) {
    case 1:
      return overlap(0, 0x7f);
    case 2:
      return overlap(0x80, 0x7ff);
    case 3:
      return overlap(0x800, 0xd7ff) || overlap(0xe000, 0xffff);
    case 4:
      return overlap(0x1'0000, 0x10'ffff);
    default:
      return false;
  }
}

/// True if `bytes`, at least one, are a code point's encoding or the beginning of one.
bool begins_a_code_point(std::span<const std::byte> bytes) {
  const auto lead = std::to_integer<unsigned>(bytes[0]);
  const std::size_t length = sequence_length(lead);
  if (length == 0) return false;

  // The code points that start like this: the bits that are there, then anything.
  constexpr unsigned kLeadBits[] = {0, 128, 32, 16, 8};
  unsigned long first = lead % kLeadBits[length];
  unsigned long count = 1;
  for (std::size_t i = 1; i < length; ++i) {
    unsigned long bits = 0;
    if (i < bytes.size()) {
      const auto byte = std::to_integer<unsigned>(bytes[i]);
      if (byte / 64 != 0b10) return false;
      bits = byte % 64;
    } else {
      count *= 64;
    }
    first = first * 64 + bits;
  }
  return any_code_point(length, first, first + count - 1);
}

struct Scan {
  std::optional<std::size_t> impossible{};
  bool ends_inside_sequence = false;
};

Scan scan(std::span<const std::byte> text) {
  std::size_t begin = 0;  // of the sequence looked at
  while (begin < text.size()) {
    const std::size_t length = sequence_length(std::to_integer<unsigned>(text[begin]));
    if (length == 1 || (length != 0 && text.size() - begin >= length &&
                        begins_a_code_point(text.subspan(begin, length)))) {
      begin += length;  // whole, so that nothing in it is impossible
      continue;
    }
    const std::size_t available = std::min(std::max<std::size_t>(length, 1), text.size() - begin);
    for (std::size_t size = 1; size <= available; ++size) {
      if (!begins_a_code_point(text.subspan(begin, size))) return {.impossible = begin + size - 1};
    }
    return {.ends_inside_sequence = true};
  }
  return {};
}

}  // namespace

std::optional<std::size_t> find_first_impossible_byte(std::span<const std::byte> text) {
  return scan(text).impossible;
}

bool is_valid_utf8(std::span<const std::byte> text) {
  const Scan result = scan(text);
  return !result.impossible && !result.ends_inside_sequence;
}

}  // namespace ws::oracle
