// Changes the inputs of the targets that read frames: their settings as bytes, and what follows as
// frames. The engines call it through engine_hooks.cpp and afl_mutator.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/mutator/frame_mutator.hpp"

namespace ws::fuzz {

/// How an input of a target begins.
enum class Layout { frame_decoder, connection, beast_frames };

/// The bytes of settings, and of a head, in front of the frames.
std::size_t settings_size(Layout layout, std::span<const std::byte> input);

/// Changes the first `size` bytes of `buffer`, frames in every other call or, for the decoder, in
/// one of eight.
///
/// Returns: the size of the changed input, at most the buffer's.
std::size_t mutate_input(Layout layout, std::span<std::byte> buffer, std::size_t size,
                         std::uint64_t seed, const MutateBytes& mutate_bytes);

/// Writes to `buffer` the settings of `first` and frames of both.
///
/// Returns: the size of the input, at most the buffer's; 0 for doing nothing, as often as
/// mutate_input leaves frames alone.
std::size_t cross_over_inputs(Layout layout, std::span<const std::byte> first,
                              std::span<const std::byte> second, std::span<std::byte> buffer,
                              std::uint64_t seed);

}  // namespace ws::fuzz
