// The compressor of level 1, where the build has ISA-L.
#pragma once

#include <memory>

#include "impl/deflate/message_deflater.hpp"

namespace ws {

/// A stream whose matches reach back as far as the window that was agreed, also one of 8 bits.
/// Throws std::bad_alloc.
std::unique_ptr<MessageDeflater::Stream> make_isal_stream(DirectionParameters parameters);

}  // namespace ws
