#include "impl/wire/masking.hpp"

#include <bit>
#include <cassert>
#include <cstring>

#include "impl/wire/kernels/masking_kernel.hpp"

namespace ws {
namespace {

template <typename Word>
Word load(const std::byte* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// Two words that may overlap, both loaded before either is stored.
template <typename Word>
void mask_two(const std::byte* source, std::byte* destination, std::size_t size, Word front_key,
              Word end_key) {
  const std::size_t last = size - sizeof(Word);
  const Word front = load<Word>(source) ^ front_key;
  const Word end = load<Word>(source + last) ^ end_key;
  std::memcpy(destination, &front, sizeof front);
  std::memcpy(destination + last, &end, sizeof end);
}

void mask(const std::byte* source, std::byte* destination, std::size_t size,
          const MaskingKey& masking_key, std::uint64_t offset) {
  using kernels::advance_key;
  using kernels::double_key;
  const auto key = advance_key(std::bit_cast<std::uint32_t>(masking_key), offset % 4);
  if (size >= 16) return kernels::kMask(source, destination, size, key);
  if (size >= 8) {
    return mask_two(source, destination, size, double_key(key), double_key(advance_key(key, size)));
  }
  if (size >= 4) return mask_two(source, destination, size, key, advance_key(key, size));
  if (size >= 2) {
    const auto key_bytes = std::bit_cast<std::array<std::byte, 4>>(key);
    const std::byte end = source[size - 1] ^ key_bytes[size - 1];
    destination[0] = source[0] ^ key_bytes[0];
    destination[1] = source[1] ^ key_bytes[1];
    destination[size - 1] = end;
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
