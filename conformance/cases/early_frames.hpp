// Frames as bytes, for what comes in one write with a head.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// A masking key that leaves a payload as it is.
inline constexpr std::string_view kNoMask("\0\0\0\0", 4);

/// The header of a frame of `role` with a payload of `size` bytes, that length in its shortest
/// form. A client's has `key`, which has four bytes.
inline std::string header_in_bytes(Role role, unsigned first_byte, std::uint64_t size,
                                   std::string_view key) {
  const bool masks = role == Role::client;
  std::string bytes{static_cast<char>(first_byte)};
  const unsigned mask_bit = masks ? 0x80U : 0U;
  const std::size_t more = size < 126 ? 0 : size <= 0xffff ? 2 : 8;  // bytes of the length
  const std::uint64_t form = more == 0 ? size : more == 2 ? 126U : 127U;
  bytes += static_cast<char>(mask_bit | form);
  for (std::size_t i = more; i > 0; --i) bytes += static_cast<char>(size >> 8U * (i - 1) & 0xffU);
  if (masks) bytes += key;
  return bytes;
}

/// A frame of `role` in bytes, as `header_in_bytes` has it. A client masks with `key`.
inline std::string frame_in_bytes(Role role, unsigned first_byte, std::string_view payload,
                                  std::string_view key = "k3Y!") {
  const bool masks = role == Role::client;
  std::string bytes = header_in_bytes(role, first_byte, payload.size(), key);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += masks ? static_cast<char>(payload[i] ^ key[i % 4]) : payload[i];
  }
  return bytes;
}

/// A client has to wait for the answer (RFC 6455 4.1), so it may be told off. To lose its bytes
/// breaks no rule either, but gives the frames behind them another meaning.
inline void let_refuse_early(Dialogue& dialogue) {
  dialogue.sends_too_early = true;
  for (const auto kind : {Reaction::Kind::refused, Reaction::Kind::end}) {
    dialogue.answer.any.push_back(
        {.kind = kind, .why = "the server refuses a request with bytes behind it"});
  }
}

}  // namespace ws::conformance
