// What the two sides agreed on for permessage-deflate (RFC 7692 section 7.1).
#pragma once

#include "impl/wire/role.hpp"

namespace ws {

inline constexpr int kMinWindowBits = 8;
inline constexpr int kMaxWindowBits = 15;

/// The parameters of one direction: how `sender` compresses.
struct DirectionParameters {
  bool no_context_takeover = false;
  int max_window_bits = kMaxWindowBits;  ///< base-2 logarithm of the LZ77 window, 8 to 15

  bool operator==(const DirectionParameters&) const = default;
};

struct DeflateParameters {
  DirectionParameters server{};  ///< server_no_context_takeover, server_max_window_bits
  DirectionParameters client{};  ///< client_no_context_takeover, client_max_window_bits

  const DirectionParameters& of(Role sender) const {
    return sender == Role::server ? server : client;
  }
  bool operator==(const DeflateParameters&) const = default;
};

}  // namespace ws
