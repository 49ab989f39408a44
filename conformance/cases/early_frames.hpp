// Frames as bytes, for what comes in one write with a head.
#pragma once

#include <string>
#include <string_view>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// A frame of `role` with the length in its shortest form, in bytes. A client masks with `key`,
/// which has four bytes.
inline std::string frame_in_bytes(Role role, unsigned first_byte, std::string_view payload,
                                  std::string_view key = "k3Y!") {
  const bool masks = role == Role::client;
  const std::size_t size = payload.size();
  std::string bytes{static_cast<char>(first_byte)};
  const unsigned mask_bit = masks ? 0x80U : 0U;
  const std::size_t more = size < 126 ? 0 : size <= 0xffff ? 2 : 8;  // bytes of the length
  const std::size_t form = more == 0 ? size : more == 2 ? 126U : 127U;
  bytes += static_cast<char>(mask_bit | form);
  for (std::size_t i = more; i > 0; --i) bytes += static_cast<char>(size >> 8U * (i - 1) & 0xffU);
  if (masks) bytes += key;
  for (std::size_t i = 0; i < size; ++i) {
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
