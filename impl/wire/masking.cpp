#include "impl/wire/masking.hpp"

#include <bit>
#include <cassert>
#include <cstring>

namespace ws {
namespace {

/// The key as it lies over eight payload bytes from `offset` on.
std::uint64_t spread_key(const MaskingKey& key, std::uint64_t offset) {
  std::array<std::byte, 8> spread{};
  for (std::size_t i = 0; i < spread.size(); ++i) spread[i] = key[(offset + i) % key.size()];
  return std::bit_cast<std::uint64_t>(spread);
}

}  // namespace

void apply_mask(std::span<std::byte> payload, MaskingKey key, std::uint64_t offset) {
  const std::uint64_t word_key = spread_key(key, offset);
  std::size_t i = 0;
  for (; i + sizeof word_key <= payload.size(); i += sizeof word_key) {
    std::uint64_t word = 0;
    std::memcpy(&word, &payload[i], sizeof word);
    word ^= word_key;
    std::memcpy(&payload[i], &word, sizeof word);
  }
  for (; i < payload.size(); ++i) payload[i] ^= key[(offset + i) % key.size()];
}

void copy_masked(std::span<const std::byte> source, std::span<std::byte> destination,
                 MaskingKey key, std::uint64_t offset) {
  assert(source.size() == destination.size());
  const std::uint64_t word_key = spread_key(key, offset);
  std::size_t i = 0;
  for (; i + sizeof word_key <= source.size(); i += sizeof word_key) {
    std::uint64_t word = 0;
    std::memcpy(&word, &source[i], sizeof word);
    word ^= word_key;
    std::memcpy(&destination[i], &word, sizeof word);
  }
  for (; i < source.size(); ++i) destination[i] = source[i] ^ key[(offset + i) % key.size()];
}

}  // namespace ws
