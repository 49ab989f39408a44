// bufferutil, the masking addon of the ws package of npm, without Node.js.
#pragma once

#include <cstddef>

namespace ws::bench {

/// Masks in place.
void mask_with_bufferutil(std::byte* payload, std::size_t size, const std::byte* key);

}  // namespace ws::bench
