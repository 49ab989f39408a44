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

/// Not zero where the bytes `current`, with the three before each, break the rules.
Vector find_errors(Vector current, Vector before1, Vector before2, Vector before3) {
  const Vector pair =
      both(both(look_up(kFirstHigh, high_half(before1)), look_up(kFirstLow, low_half(before1))),
           look_up(kSecondHigh, high_half(current)));
  // The top bit is set where the byte two before is at least e0, or the one three before f0.
  const Vector third_or_fourth = either(minus(before2, 0xe0 - 0x80), minus(before3, 0xf0 - 0x80));
  return differ(both(third_or_fourth, all(0x80)), pair);
}

/// The same for the bytes from `at` on, with at least three of the text before them.
Vector find_errors_at(const std::byte* at) {
  return find_errors(load(at), load(at - 1), load(at - 2), load(at - 3));
}

bool is_ascii(const std::byte* at) {
  return !has_high_bit(either(either(load(at), load(at + kWidth)),
                              either(load(at + 2 * kWidth), load(at + 3 * kWidth))));
}

std::size_t count_valid(const std::byte* text, std::size_t size) {
  constexpr std::size_t kStep = 4 * kWidth;
  if (size < kWidth + 3) return 0;
  std::size_t done = 0;
  while (size - done >= kStep && is_ascii(text + done)) done += kStep;
  std::size_t known = done;  // before it all is valid, and a code point starts there
  Vector errors = all(0);
  if (done == 0) {
    const Vector first = load(text);  // as if ASCII went before
    errors = find_errors(first, one_later(first), two_later(first), three_later(first));
    done = kWidth;
  }
  while (size - done >= kStep) {
    errors = either(errors, find_errors_at(text + done));
    if (!is_ascii(text + done)) {
      for (std::size_t i = kWidth; i < kStep; i += kWidth) {
        errors = either(errors, find_errors_at(text + done + i));
      }
    }
    done += kStep;
    if (!is_zero(errors)) return known;
    known = size_without_cut_sequence(text, done);
  }
  for (; size - done >= kWidth; done += kWidth) {
    errors = either(errors, find_errors_at(text + done));
  }
  // What is left is a vector with what was looked at before.
  if (done < size) errors = either(errors, find_errors_at(text + size - kWidth));
  return is_zero(errors) ? size_without_cut_sequence(text, size) : known;
}

}  // namespace
