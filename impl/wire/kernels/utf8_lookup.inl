// The UTF-8 kernel for vectors with a byte shuffle: included by each variant, which defines Vector,
// kWidth and the operations on it before. Not a header of its own.
//
// Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte" (2021): three tables,
// by the high and low half of a byte and the high half of the next one, hold a bit for each way in
// which two bytes cannot stand together. The two say nothing about the third and fourth byte of a
// sequence, which must be continuations just where a lead byte of three or four is before them.

namespace {

constexpr std::uint8_t kTooShort = 1;    // a lead byte, and no continuation
constexpr std::uint8_t kTooLong = 2;     // ASCII, and a continuation
constexpr std::uint8_t kOverlong3 = 4;   // e0 80 to e0 9f
constexpr std::uint8_t kTooLarge = 8;    // f4 90 and above
constexpr std::uint8_t kSurrogate = 16;  // ed a0 to ed bf
constexpr std::uint8_t kOverlong2 = 32;  // c0, c1
constexpr std::uint8_t kOverlong4 = 64;  // f0 80 to f0 8f, and f5 80 and above
constexpr std::uint8_t kTwoContinuations = 128;
constexpr std::uint8_t kCarry = kTooShort | kTooLong | kTwoContinuations;  // whatever the low half
constexpr std::uint8_t kF5 = kCarry | kTooLarge | kOverlong4;

alignas(16) constexpr std::uint8_t kFirstHigh[16] = {kTooLong,
                                                     kTooLong,
                                                     kTooLong,
                                                     kTooLong,
                                                     kTooLong,
                                                     kTooLong,
                                                     kTooLong,
                                                     kTooLong,
                                                     kTwoContinuations,
                                                     kTwoContinuations,
                                                     kTwoContinuations,
                                                     kTwoContinuations,
                                                     kTooShort | kOverlong2,
                                                     kTooShort,
                                                     kTooShort | kOverlong3 | kSurrogate,
                                                     kTooShort | kTooLarge | kOverlong4};

alignas(16) constexpr std::uint8_t kFirstLow[16] = {kCarry | kOverlong2 | kOverlong3 | kOverlong4,
                                                    kCarry | kOverlong2,
                                                    kCarry,
                                                    kCarry,
                                                    kCarry | kTooLarge,
                                                    kF5,
                                                    kF5,
                                                    kF5,
                                                    kF5,
                                                    kF5,
                                                    kF5,
                                                    kF5,
                                                    kF5,
                                                    kF5 | kSurrogate,
                                                    kF5,
                                                    kF5};

constexpr std::uint8_t kAnyContinuation = kTooLong | kOverlong2 | kTwoContinuations;

alignas(16) constexpr std::uint8_t kSecondHigh[16] = {kTooShort,
                                                      kTooShort,
                                                      kTooShort,
                                                      kTooShort,
                                                      kTooShort,
                                                      kTooShort,
                                                      kTooShort,
                                                      kTooShort,
                                                      kAnyContinuation | kOverlong3 | kOverlong4,
                                                      kAnyContinuation | kOverlong3 | kTooLarge,
                                                      kAnyContinuation | kSurrogate | kTooLarge,
                                                      kAnyContinuation | kSurrogate | kTooLarge,
                                                      kTooShort,
                                                      kTooShort,
                                                      kTooShort,
                                                      kTooShort};

/// Not zero where the bytes from `at` on, with the three before them, break the rules.
Vector find_errors(const std::byte* at) {
  const Vector current = load(at);
  const Vector before = load(at - 1);
  const Vector pair =
      both(both(look_up(kFirstHigh, high_half(before)), look_up(kFirstLow, low_half(before))),
           look_up(kSecondHigh, high_half(current)));
  // The top bit is set where the byte two before is at least e0, or the one three before f0.
  const Vector third_or_fourth =
      either(minus(load(at - 2), 0xe0 - 0x80), minus(load(at - 3), 0xf0 - 0x80));
  return differ(both(third_or_fourth, all(0x80)), pair);
}

/// The errors of `size` bytes at `at`, up to kWidth, with `before` bytes of the text before them.
Vector find_errors_at_an_end(const std::byte* at, std::size_t size, std::size_t before) {
  std::byte copy[3 + kWidth] = {};
  if (before > 3) before = 3;
  std::memcpy(copy + 3 - before, at - before, before + size);
  return find_errors(copy + 3);
}

bool is_ascii(const std::byte* at) {
  return !has_high_bit(either(either(load(at), load(at + kWidth)),
                              either(load(at + 2 * kWidth), load(at + 3 * kWidth))));
}

std::size_t count_valid(const std::byte* text, std::size_t size) {
  constexpr std::size_t kStep = 4 * kWidth;
  // What is left may end inside a sequence too, if that is followed by another lead byte: the bytes
  // behind it, which would show that, are not looked at here.
  size = size_without_cut_sequence(text, size);
  std::size_t done = 0;
  while (size - done >= kStep && is_ascii(text + done)) done += kStep;
  std::size_t known = done;  // before it all is valid, and a code point starts there
  if (done == 0) {
    const std::size_t first = size < kWidth ? size : kWidth;
    if (!is_zero(find_errors_at_an_end(text, first, 0))) return 0;
    done = first;
  }
  while (size - done >= kStep) {
    Vector errors = find_errors(text + done);
    std::size_t checked = kWidth;
    if (is_ascii(text + done)) {
      checked = kStep;
    } else {
      for (; checked < kStep; checked += kWidth) {
        errors = either(errors, find_errors(text + done + checked));
      }
    }
    if (!is_zero(errors)) return known;
    done += checked;
    known = size_without_cut_sequence(text, done);
  }
  Vector errors = all(0);
  for (; size - done >= kWidth; done += kWidth) errors = either(errors, find_errors(text + done));
  if (done < size) errors = either(errors, find_errors_at_an_end(text + done, size - done, done));
  return is_zero(errors) ? size_without_cut_sequence(text, size) : known;
}

}  // namespace
