// Every rule that a peer can break once the opening handshake is done, with the close code that the
// answer carries and the place in the RFC.
#pragma once

#include <span>
#include <string_view>

#include "impl/wire/close_code.hpp"

namespace ws {

enum class Violation {
  // One frame header (sections 5.1, 5.2 and 5.5).
  reserved_bit_set,
  reserved_opcode,
  fragmented_control_frame,
  control_payload_too_long,
  unmasked_client_frame,
  masked_server_frame,
  non_minimal_length,
  length_top_bit_set,
  // Frames in order (section 5.4).
  continuation_without_message,
  data_frame_inside_message,
  // Contents (sections 5.5.1, 7.4 and 8.1; RFC 7692 section 7.2.2).
  close_payload_of_one_byte,
  illegal_close_code,
  close_reason_not_utf8,
  text_not_utf8,
  bad_deflate_data,
  // Limits of ours (section 10.4).
  frame_too_big,
  message_too_big,
  too_many_fragments,
  // Time (section 7.2.2 leaves it to the endpoint).
  peer_unresponsive,
};

/// One row of the table of violations.
struct ViolationInfo {
  Violation violation{};
  std::string_view name{};  ///< the enumerator's name
  CloseCode close_code = CloseCode::protocol_error;
  std::string_view source{};  ///< such as "RFC 6455 5.2"
  std::string_view text{};    ///< one sentence; also the close reason, so at most 123 bytes
};

/// The whole table, in the order of the enumerators.
std::span<const ViolationInfo> violations();

/// The row of `violation`.
const ViolationInfo& describe(Violation violation);

}  // namespace ws
