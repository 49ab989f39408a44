#include "impl/wire/masking.hpp"

#include <bit>
#include <cassert>
#include <cstring>

#include "impl/wire/kernels/masking_kernel.hpp"

namespace ws {
namespace {

template <typename Word>
Word load(const std::byte* from) {
  Word word{};
  std::memcpy(&word, from, sizeof word);
  return word;
}

void store(std::byte* to, const auto& word) { std::memcpy(to, &word, sizeof word); }

/// Two words that may overlap, both loaded before either is stored.
template <typename Word>
void mask_two(const std::byte* source, std::byte* destination, std::size_t size, Word front_key,
              Word end_key) {
  const std::size_t last = size - sizeof(Word);
  const auto front = static_cast<Word>(load<Word>(source) ^ front_key);
  const auto end = static_cast<Word>(load<Word>(source + last) ^ end_key);
  store(destination, front);
  store(destination + last, end);
}

// 16 bytes: a vector on every processor that has any, x86-64 and AArch64 among them.
using Vector [[gnu::vector_size(16)]] = std::uint64_t;

/// The same for kCount vectors from the front and as many from the end.
template <std::size_t kCount>
void mask_two_runs(const std::byte* source, std::byte* destination, std::size_t size,
                   std::uint64_t front_key, std::uint64_t end_key) {
  const Vector front_keys = {front_key, front_key};
  const Vector end_keys = {end_key, end_key};
  const std::size_t last = size - kCount * sizeof(Vector);
  Vector front[kCount];
  Vector end[kCount];
  for (std::size_t i = 0; i < kCount; ++i) {
    front[i] = load<Vector>(source + i * sizeof(Vector)) ^ front_keys;
    end[i] = load<Vector>(source + last + i * sizeof(Vector)) ^ end_keys;
  }
  for (std::size_t i = 0; i < kCount; ++i) {
    store(destination + i * sizeof(Vector), front[i]);
    store(destination + last + i * sizeof(Vector), end[i]);
  }
}

void mask(const std::byte* source, std::byte* destination, std::size_t size,
          const MaskingKey& masking_key, std::uint64_t offset) {
  using kernels::advance_key;
  using kernels::double_key;
  const auto key = advance_key(std::bit_cast<std::uint32_t>(masking_key), offset % 4);
  if (size > kernels::kMaxWithoutKernel) return kernels::kMask(source, destination, size, key);

  // All that is stored at the end begins a multiple of four before it.
  const std::uint32_t end_key = advance_key(key, size);
  if (size >= 16) {
    const std::uint64_t front_word = double_key(key);
    const std::uint64_t end_word = double_key(end_key);
    if (size > 32) return mask_two_runs<2>(source, destination, size, front_word, end_word);
    return mask_two_runs<1>(source, destination, size, front_word, end_word);
  }
  if (size >= 8) {
    return mask_two(source, destination, size, double_key(key), double_key(end_key));
  }
  if (size >= 4) return mask_two(source, destination, size, key, end_key);
  if (size >= 2) {
    const auto short_key = std::bit_cast<std::array<std::uint16_t, 2>>(key)[0];
    const auto short_end_key =
        std::bit_cast<std::array<std::uint16_t, 2>>(advance_key(key, size - 2))[0];
    mask_two(source, destination, size, short_key, short_end_key);
  } else if (size == 1) {
    destination[0] = source[0] ^ masking_key[offset % 4];
  }
}

}  // namespace

void apply_mask(std::span<std::byte> payload, MaskingKey key, std::uint64_t offset) {
  mask(payload.data(), payload.data(), payload.size(), key, offset);
}

void copy_masked(std::span<const std::byte> source, std::span<std::byte> destination,
                 MaskingKey key, std::uint64_t offset) {
  assert(source.size() == destination.size());
  mask(source.data(), destination.data(), source.size(), key, offset);
}

}  // namespace ws
