// Frame opcodes (RFC 6455 sections 5.2 and 11.8).
#pragma once

#include <cstdint>

namespace ws {

/// A frame's opcode. Values outside the enumerators, 0x3 to 0x7 and 0xb to 0xf, are reserved but
/// can be held, since a peer can send them.
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

/// True for 0x8 to 0xf, reserved control opcodes included (section 5.5).
constexpr bool is_control(Opcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0x8U) != 0; }

/// True for the opcodes that start a message: text and binary (section 5.6).
constexpr bool is_data(Opcode opcode) { return opcode == Opcode::text || opcode == Opcode::binary; }

/// True for 0x3 to 0x7 and 0xb to 0xf (section 5.2).
constexpr bool is_reserved(Opcode opcode) {
  const auto value = static_cast<std::uint8_t>(opcode);
  return (value >= 0x3U && value <= 0x7U) || value >= 0xbU;
}

}  // namespace ws
