#pragma once

#include <array>
#include <cstddef>

namespace ws {

/// The end of the empty stored block that ends a message, which is not sent (RFC 7692 section
/// 7.2.1).
inline constexpr std::array kTail{std::byte{0x00}, std::byte{0x00}, std::byte{0xff},
                                  std::byte{0xff}};

}  // namespace ws
