// Frames as bytes, for what comes in one write with a head.
#pragma once

#include <string>
#include <string_view>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// A frame of `role`, in bytes, shorter than 64 KiB.
inline std::string frame_in_bytes(Role role, unsigned first_byte, std::string_view payload) {
  const bool masks = role == Role::client;
  const std::size_t size = payload.size();
  std::string bytes{static_cast<char>(first_byte)};
  const unsigned mask_bit = masks ? 0x80U : 0U;
  bytes += static_cast<char>(mask_bit | (size < 126 ? size : 126U));
  if (size > 125) {
    bytes += static_cast<char>(size / 256);
    bytes += static_cast<char>(size % 256);
  }
  constexpr std::string_view kKey = "k3Y!";
  if (masks) bytes += kKey;
  for (std::size_t i = 0; i < size; ++i) {
    bytes += masks ? static_cast<char>(payload[i] ^ kKey[i % 4]) : payload[i];
  }
  return bytes;
}

}  // namespace ws::conformance
