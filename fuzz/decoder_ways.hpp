// The ways to ask a decoder for what it has decoded.
#pragma once

#include <cstddef>
#include <expected>
#include <span>

#include "impl/wire/frame_decoder.hpp"

namespace ws::fuzz {

enum class Way {
  each,  ///< FrameDecoder::next, part by part
  all,   ///< FrameDecoder::decode, as a connection does
};

/// Gets a part, and where `decode_in` was told to hand it to. Returns: whether to go on.
using TakePart = bool (*)(const void* taker, const FramePart& part);

/// Hands the parts of `input` to `take` until that returns false or `input` is used up. Errors: the
/// first rule broken.
///
/// In a source of its own: of the decoder some is in its header, and what judges is compiled
/// without what watches the judged.
std::expected<void, Violation> decode_in(Way way, FrameDecoder& decoder,
                                         std::span<const std::byte>& input, TakePart take,
                                         const void* taker);

}  // namespace ws::fuzz
