#include "fuzz/mutator/input_mutator.hpp"

#include <algorithm>
#include <string_view>

#include "fuzz/fuzz_input.hpp"

namespace ws::fuzz {
namespace {

/// Puts the frames behind the settings, which are in place.
std::size_t put_frames(std::span<const oracle::RawFrame> frames, std::span<std::byte> buffer,
                       std::size_t settings) {
  const auto stream = format_frames(frames, buffer.size() - settings);
  std::ranges::copy(stream, buffer.begin() + static_cast<std::ptrdiff_t>(settings));
  return settings + stream.size();
}

/// Of how many calls one changes frames. The decoder takes an input in less time than this mutator,
/// which would be most of the work there.
std::size_t turns_of(Layout layout) { return layout == Layout::frame_decoder ? 32 : 2; }

}  // namespace

std::size_t settings_size(Layout layout, std::span<const std::byte> input) {
  FuzzInput settings(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  switch (layout) {
    case Layout::frame_decoder:
      settings.take_byte();
      settings.take_cuts();
      break;
    case Layout::beast_frames:
      settings.take_bytes(2);
      break;
    case Layout::connection: {
      const bool has_own_handshake = settings.take_byte() % 2 == 1;
      settings.take_bytes(2);
      settings.take_bytes(settings.take_byte() % 8);
      settings.take_cuts();
      if (has_own_handshake) {
        const auto end = settings.rest_as_text().find("\r\n\r\n");
        settings.take_bytes(end == std::string_view::npos ? settings.rest().size() : end + 4);
      }
    }
  }
  return input.size() - settings.rest().size();
}

std::size_t mutate_input(Layout layout, std::span<std::byte> buffer, std::size_t size,
                         std::uint64_t seed, const MutateBytes& mutate_bytes) {
  Chance chance(seed);
  // Bytes as bytes are what finds the heads, the settings, and what no frame has.
  if (chance.below(turns_of(layout)) != 0) return mutate_bytes(buffer, size);
  const auto input = buffer.first(size);
  const std::size_t settings = settings_size(layout, input);
  auto frames = parse_frames(input.subspan(settings));
  const std::size_t changes = 1 + chance.below(3);
  for (std::size_t i = 0; i < changes; ++i) mutate_frames(frames, chance, mutate_bytes);
  const std::size_t changed = put_frames(frames, buffer, settings);
  if (changed > 0 && chance.below(8) == 0) return 1 + chance.below(changed);  // ends in a frame
  return changed;
}

std::size_t cross_over_inputs(Layout layout, std::span<const std::byte> first,
                              std::span<const std::byte> second, std::span<std::byte> buffer,
                              std::uint64_t seed) {
  Chance chance(seed);
  if (chance.below(turns_of(layout)) != 0) return 0;
  const std::size_t settings = std::min(settings_size(layout, first), buffer.size());
  std::ranges::copy(first.first(settings), buffer.begin());
  const auto frames =
      cross_over(parse_frames(first.subspan(settings)),
                 parse_frames(second.subspan(settings_size(layout, second))), chance);
  return put_frames(frames, buffer, settings);
}

}  // namespace ws::fuzz
