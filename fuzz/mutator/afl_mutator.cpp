// The same mutator as a library for AFL++ (AFL_CUSTOM_MUTATOR_LIBRARY). WSPROOF_FUZZ_LAYOUT in the
// environment names the layout.
#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "fuzz/mutator/input_mutator.hpp"

namespace ws::fuzz {
namespace {

struct Mutator {
  Layout layout = Layout::connection;
  Chance chance{1};
  std::vector<std::byte> buffer{};  // borrowed by afl-fuzz until the next call
};

/// AFL++ changes bytes by itself, beside this; a payload gets a simple change here.
std::size_t mutate_payload(std::span<std::byte> buffer, std::size_t size, Chance& chance) {
  switch (chance.below(3)) {
    case 0:
      if (size < buffer.size()) buffer[size++] = static_cast<std::byte>(chance.below(256));
      break;
    case 1:
      if (size > 0) --size;
      break;
    default:
      if (size > 0) buffer[chance.below(size)] = static_cast<std::byte>(chance.below(256));
  }
  return size;
}

Layout layout_from_environment() {
  const char* value = std::getenv("WSPROOF_FUZZ_LAYOUT");
  const std::string_view name = value == nullptr ? "" : value;
  if (name == "frame_decoder") return Layout::frame_decoder;
  return name == "beast_frames" ? Layout::beast_frames : Layout::connection;
}

}  // namespace

extern "C" void* afl_custom_init(void* /*afl*/, unsigned seed) {
  return new Mutator{.layout = layout_from_environment(), .chance = Chance(seed)};
}

extern "C" void afl_custom_deinit(Mutator* mutator) { delete mutator; }

extern "C" std::size_t afl_custom_fuzz(Mutator* mutator, std::uint8_t* data, std::size_t size,
                                       std::uint8_t** out, std::uint8_t* other,
                                       std::size_t other_size, std::size_t max_size) {
  auto& [layout, chance, buffer] = *mutator;
  const auto input = std::as_bytes(std::span(data, size)).first(std::min(size, max_size));
  const auto mutate = [&chance](std::span<std::byte> bytes, std::size_t used) {
    return mutate_payload(bytes, used, chance);
  };
  buffer.assign(max_size, std::byte{0});
  std::size_t changed = 0;
  if (other != nullptr && chance.below(4) == 0) {
    changed = cross_over_inputs(layout, input, std::as_bytes(std::span(other, other_size)), buffer,
                                chance.below(1U << 31U));
  }
  if (changed == 0) {
    std::ranges::copy(input, buffer.begin());
    changed = mutate_input(layout, buffer, input.size(), chance.below(1U << 31U), mutate);
  }
  *out = reinterpret_cast<std::uint8_t*>(buffer.data());
  return changed;
}

}  // namespace ws::fuzz
