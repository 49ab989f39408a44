// Frames read from the whole stream at once (RFC 6455 sections 5.1 to 5.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "conformance/oracle/raw_frame.hpp"
#include "impl/wire/opcode.hpp"
#include "impl/wire/role.hpp"

namespace ws::oracle {

/// A rule that a stream breaks.
struct BrokenRule {
  std::string_view rule{};   ///< as the project calls it, such as "reserved_bit_set"
  std::size_t position = 0;  ///< index of the first byte that shows it

  bool operator==(const BrokenRule&) const = default;
};

struct Frame {
  bool fin = true;
  bool rsv1 = false;
  Opcode opcode = Opcode::text;
  std::optional<MaskingKey> masking_key{};
  std::uint64_t announced_length = 0;  ///< bytes
  std::vector<std::byte> payload{};    ///< unmasked; short if the stream ends inside the frame
  std::size_t begin = 0;               ///< index of the frame's first byte
  std::size_t payload_begin = 0;       ///< index of the payload's first byte

  bool is_whole() const { return payload.size() == announced_length; }
  bool operator==(const Frame&) const = default;
};

struct FrameSettings {
  Role sender = Role::client;
  bool rsv1_defined = false;  ///< on the first frame of a message
  std::uint64_t max_frame_size = std::numeric_limits<std::uint64_t>::max();  ///< payload bytes
};

struct FrameList {
  std::vector<Frame> frames{};         ///< whole ones; the last may lack the end of its payload
  std::optional<BrokenRule> broken{};  ///< by the header that follows them
  bool ends_inside_header = false;
};

/// Reads frames until the first broken rule or the end of `stream`.
FrameList decode_frames(std::span<const std::byte> stream, const FrameSettings& settings);

}  // namespace ws::oracle
