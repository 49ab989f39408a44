// Masking in words of eight bytes.
#include <cstring>

#include "impl/wire/kernels/masking_kernel.hpp"

namespace ws::kernels {
namespace {

std::uint64_t load(const std::byte* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

void store(std::byte* to, std::uint64_t word) { std::memcpy(to, &word, sizeof word); }

}  // namespace

void mask_portable(const std::byte* source, std::byte* destination, std::size_t size,
                   std::uint32_t key) {
  // The last word overlaps the one before, so it is loaded before that one is stored.
  const std::size_t last = size - sizeof(std::uint64_t);
  const std::uint64_t end = load(source + last) ^ double_key(advance_key(key, last));
  for (std::size_t i = 0; i < last; i += sizeof(std::uint64_t)) {
    store(destination + i, load(source + i) ^ double_key(key));
  }
  store(destination + last, end);
}

}  // namespace ws::kernels
