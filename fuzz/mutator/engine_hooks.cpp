// libFuzzer's hooks for a mutator of one's own, for the layout that WSPROOF_LAYOUT names. Other
// engines that take libFuzzer's targets know them too.
#include <algorithm>

#include "fuzz/mutator/input_mutator.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace ws::fuzz {
namespace {

constexpr Layout kLayout = Layout::WSPROOF_LAYOUT;

std::span<std::byte> bytes_of(std::uint8_t* data, std::size_t size) {
  return std::as_writable_bytes(std::span(data, size));
}

std::size_t mutate_as_engine_does(std::span<std::byte> buffer, std::size_t size) {
  return LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(buffer.data()), size, buffer.size());
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  return mutate_input(kLayout, bytes_of(data, max_size), size, seed, mutate_as_engine_does);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* first, std::size_t first_size,
                                                 const std::uint8_t* second,
                                                 std::size_t second_size, std::uint8_t* out,
                                                 std::size_t max_size, unsigned seed) {
  return cross_over_inputs(kLayout, std::as_bytes(std::span(first, first_size)),
                           std::as_bytes(std::span(second, second_size)), bytes_of(out, max_size),
                           seed);
}

}  // namespace ws::fuzz
