// What a whole stream of frames says to its receiver: messages, control frames, and the first
// broken rule (RFC 6455 sections 5.4, 5.5, 7.4 and 8.1; RFC 7692).
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "conformance/oracle/frames.hpp"
#include "conformance/oracle/inflater.hpp"
#include "impl/wire/opcode.hpp"
#include "impl/wire/role.hpp"

namespace ws::oracle {

struct ReceiverSettings {
  Role sender = Role::client;
  std::optional<Deflation> deflation{};  ///< present if permessage-deflate was agreed on
  std::uint64_t max_frame_size = std::numeric_limits<std::uint64_t>::max();  ///< payload bytes
  std::size_t max_message_size = std::numeric_limits<std::size_t>::max();    ///< decompressed
  std::size_t max_fragments = std::numeric_limits<std::size_t>::max();       ///< of one message
};

/// A message (text or binary), or a control frame.
struct Received {
  Opcode opcode = Opcode::text;
  std::vector<std::byte> payload{};  ///< unmasked, decompressed

  bool operator==(const Received&) const = default;
};

struct Reception {
  std::vector<Received> received{};  ///< a Close frame is the last
  std::optional<BrokenRule> broken{};
  bool ends_inside_frame = false;
  std::size_t end = 0;  ///< index after the last byte looked at; after a Close, nothing is
};

/// Reads `stream` up to the first broken rule, the end of the first Close frame, or its end.
///
/// A rule that the payload breaks has the position of the frame's last byte received, not that of
/// the byte at fault.
Reception read_messages(std::span<const std::byte> stream, const ReceiverSettings& settings);

}  // namespace ws::oracle
