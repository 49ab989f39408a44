// Frames that may break any rule of RFC 6455 section 5.2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "impl/wire/opcode.hpp"

namespace ws::oracle {

using MaskingKey = std::array<std::byte, 4>;

/// Masks `payload` or unmasks it, which is the same (RFC 6455 section 5.3).
void mask(std::span<std::byte> payload, MaskingKey key);

enum class LengthForm { shortest, bits7, bits16, bits64 };

/// A frame as it is to stand on the wire, right or wrong.
struct RawFrame {
  bool fin = true;
  bool rsv1 = false;
  bool rsv2 = false;
  bool rsv3 = false;
  Opcode opcode = Opcode::text;             ///< any value of 0x0 to 0xf
  std::optional<MaskingKey> masking_key{};  ///< sets MASK and masks the payload
  std::vector<std::byte> payload{};         ///< unmasked
  LengthForm length_form = LengthForm::shortest;
  std::optional<std::uint64_t> announced_length{};  ///< instead of the payload's, bytes
};

/// The bytes of `frame`. A length that its form has no room for loses its upper bits.
std::vector<std::byte> encode(const RawFrame& frame);

}  // namespace ws::oracle
