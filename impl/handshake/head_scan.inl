// The scan of a head's lines by vectors: included by each variant, which defines make_wanted(), masks_at()
// and find_no_token() before. Not a header of its own.
//
// Blocks of 64 bytes become masks, and these the places of all line ends; then no line has to wait
// for the one before it.

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::uint32_t kTokenWidth = 32;

/// Fills `ends` with the places of up to `room` CRs, each with an LF behind it and no other control
/// character but tabs before it.
///
/// Returns: how many there are.
std::size_t find_line_ends(const char* text, std::size_t size, std::uint32_t* ends,
                           std::size_t room) {
  const Wanted wanted = make_wanted();
  std::size_t count = 0;
  std::size_t limit = size;         // the text is good before it
  std::uint64_t cr_just_before = 0;  // 1 if the block before ends in a CR
  for (std::size_t at = 0; at < size && count < room; at += kBlock) {
    std::array<char, kBlock> copied;  // NOLINT: written before it is read
    const char* block = text + at;
    std::uint64_t present = ~std::uint64_t{0};
    if (size - at < kBlock) {
      copied = {};
      std::memcpy(copied.data(), block, size - at);
      block = copied.data();
      present = (std::uint64_t{1} << (size - at)) - 1;
    }
    const Masks masks = masks_at(block, wanted);
    const std::uint64_t line_ends = masks.crs | masks.lfs;
    std::uint64_t wrong = masks.lfs ^ ((masks.crs << 1U | cr_just_before) & present);
    // Tabs and characters beyond ASCII are rare, so they are looked at apart.
    const std::uint64_t others = (masks.suspects & present) ^ line_ends;
    if (others != 0) wrong |= others & find_controls(block);
    for (std::uint64_t left = masks.crs; left != 0; left &= left - 1) {
      ends[count++] =
          static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(std::countr_zero(left));
    }
    if (wrong != 0) {
      limit = at + static_cast<std::size_t>(std::countr_zero(wrong));
      break;
    }
    cr_just_before = masks.crs >> 63U;
  }
  while (count > 0 && ends[count - 1] + std::size_t{1} >= limit) --count;
  return std::min(count, room);
}

std::size_t scan(const char* text, std::size_t size, ScannedLine* lines, std::size_t room) {
  std::uint32_t ends[kMaxScannedLines + kBlock];  // NOLINT: written before it is read
  const std::size_t count = find_line_ends(text, size, ends, std::min(room, kMaxScannedLines));
  std::uint32_t start = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t end = ends[i];
    // No token goes beyond the line, as a CR is none of its characters.
    std::uint32_t token_size = kTokenWidth;
    if (size - start >= kTokenWidth) {
      const std::uint64_t others = find_no_token(text + start);
      if (others != 0) token_size = static_cast<std::uint32_t>(std::countr_zero(others));
    }
    if (token_size == kTokenWidth) {
      token_size = static_cast<std::uint32_t>(count_token_portably(text + start, end - start));
    }
    lines[i] = {.start = start, .token_size = token_size, .size = end - start};
    if (end == start) return i + 1;
    start = end + 2;
  }
  return count;
}

}  // namespace
