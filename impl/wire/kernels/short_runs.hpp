// Masking of a few vectors (RFC 6455 section 5.3), and whether they are ASCII, without a choice of
// variant.
//
// Two runs of whole vectors, one from the front and one from the end, which overlap in the middle:
// all is loaded before anything is stored.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ws::kernels {

/// The key, as four bytes of memory, as it lies `count` bytes further on.
constexpr std::uint32_t advance_key(std::uint32_t key, std::size_t count) {
  const int bits = static_cast<int>(count % 4 * 8);
  return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

/// The key twice, over eight bytes of memory.
constexpr std::uint64_t double_key(std::uint32_t key) { return std::uint64_t{key} << 32U | key; }

/// Up to so many bytes, vectors of 16 bytes are as fast as wider ones that have to be chosen.
inline constexpr std::size_t kMaxShort = 128;

namespace detail {

// 16 bytes: a vector on every processor that has any, x86-64 and AArch64 among them.
using Vector [[gnu::vector_size(16)]] = std::uint32_t;

template <typename Word>
Word load(const std::byte* from) {
  Word word{};
  std::memcpy(&word, from, sizeof word);
  return word;
}

template <typename Word>
void store(std::byte* to, const Word& word) {
  std::memcpy(to, &word, sizeof word);
}

/// kCount words or vectors from the front, and as many from the end.
template <typename Word, std::size_t kCount>
void mask_two_runs(const std::byte* source, std::byte* destination, std::size_t size,
                   const Word& front_key, const Word& end_key) {
  const std::size_t last = size - kCount * sizeof(Word);
  Word front[kCount];
  Word end[kCount];
  for (std::size_t i = 0; i < kCount; ++i) {
    front[i] = load<Word>(source + i * sizeof(Word));
    end[i] = load<Word>(source + last + i * sizeof(Word));
  }
  for (std::size_t i = 0; i < kCount; ++i) {
    store<Word>(destination + i * sizeof(Word), static_cast<Word>(front[i] ^ front_key));
    store<Word>(destination + last + i * sizeof(Word), static_cast<Word>(end[i] ^ end_key));
  }
}

}  // namespace detail

/// Masks `size` bytes from `source` into `destination`, which is the same memory or does not
/// overlap it. `key` is the key as it lies over the first of them; 0 copies.
///
/// Requires: `size` is at most kMaxShort.
inline void mask_short(const std::byte* source, std::byte* destination, std::size_t size,
                       std::uint32_t key) {
  using detail::mask_two_runs;
  using detail::Vector;
  // All that is stored at the end begins a multiple of four before it.
  const std::uint32_t end_key = advance_key(key, size);
  if (size >= 16) [[likely]] {
    const Vector front_keys = {key, key, key, key};
    const Vector end_keys = {end_key, end_key, end_key, end_key};
    if (size <= 32) {
      return mask_two_runs<Vector, 1>(source, destination, size, front_keys, end_keys);
    }
    if (size <= 64) {
      return mask_two_runs<Vector, 2>(source, destination, size, front_keys, end_keys);
    }
    return mask_two_runs<Vector, 4>(source, destination, size, front_keys, end_keys);
  }
  if (size >= 8) {
    return mask_two_runs<std::uint64_t, 1>(source, destination, size, double_key(key),
                                           double_key(end_key));
  }
  if (size >= 4) return mask_two_runs<std::uint32_t, 1>(source, destination, size, key, end_key);
  if (size == 0) return;
  // One to three: the first, one in the middle, and the last, which may be the same.
  const auto key_bytes = std::bit_cast<std::array<std::byte, 4>>(key);
  const std::size_t places[] = {0, size / 2, size - 1};
  std::byte masked[3];  // NOLINT: written below
  for (std::size_t i = 0; i < 3; ++i) masked[i] = source[places[i]] ^ key_bytes[places[i]];
  for (std::size_t i = 0; i < 3; ++i) destination[places[i]] = masked[i];
}

/// True if the bytes are ASCII and at most kMaxShort; false for longer ones whatever they are.
inline bool is_short_ascii(const std::byte* text, std::size_t size) {
  using detail::load;
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  if (size >= 16) [[likely]] {
    if (size > kMaxShort) return false;
    const std::byte* const end = text + size;
    std::uint64_t seen = load<std::uint64_t>(text) | load<std::uint64_t>(text + 8) |
                         load<std::uint64_t>(end - 16) | load<std::uint64_t>(end - 8);
    // Who sees here that it is not need not look on.
    if (size > 32 && (seen & kHighBits) == 0) {
      using detail::Vector;
      Vector more = load<Vector>(text + 16) | load<Vector>(end - 32);
      if (size > 64) {
        more |= load<Vector>(text + 32) | load<Vector>(text + 48) | load<Vector>(end - 64) |
                load<Vector>(end - 48);
      }
      const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(more);
      seen |= words[0] | words[1];
    }
    return (seen & kHighBits) == 0;
  }
  if (size >= 8) {
    return ((load<std::uint64_t>(text) | load<std::uint64_t>(text + size - 8)) & kHighBits) == 0;
  }
  std::byte seen{};
  for (std::size_t i = 0; i < size; ++i) seen |= text[i];
  return (seen & std::byte{0x80}) == std::byte{};
}

}  // namespace ws::kernels
