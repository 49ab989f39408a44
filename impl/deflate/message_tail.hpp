#pragma once

#include <cstddef>

namespace ws {

/// Bytes 00 00 ff ff of the empty stored block that ends a message, which are not sent (RFC 7692
/// section 7.2.1).
inline constexpr std::size_t kTailSize = 4;

}  // namespace ws
