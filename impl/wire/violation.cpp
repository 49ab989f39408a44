#include "impl/wire/violation.hpp"

#include <array>
#include <cstddef>

namespace ws {
namespace {

using enum CloseCode;

constexpr auto kViolations = std::to_array<ViolationInfo>({
    {Violation::reserved_bit_set, "reserved_bit_set", protocol_error, "RFC 6455 5.2",
     "a reserved bit is set that no agreed extension defines on this frame"},
    {Violation::reserved_opcode, "reserved_opcode", protocol_error, "RFC 6455 5.2",
     "the opcode is reserved"},
    {Violation::fragmented_control_frame, "fragmented_control_frame", protocol_error,
     "RFC 6455 5.5", "a control frame is fragmented"},
    {Violation::control_payload_too_long, "control_payload_too_long", protocol_error,
     "RFC 6455 5.5", "the payload of a control frame is longer than 125 bytes"},
    {Violation::unmasked_client_frame, "unmasked_client_frame", protocol_error, "RFC 6455 5.1",
     "a frame from the client is not masked"},
    {Violation::masked_server_frame, "masked_server_frame", protocol_error, "RFC 6455 5.1",
     "a frame from the server is masked"},
    {Violation::non_minimal_length, "non_minimal_length", protocol_error, "RFC 6455 5.2",
     "the payload length is not in its shortest form"},
    {Violation::length_top_bit_set, "length_top_bit_set", protocol_error, "RFC 6455 5.2",
     "the most significant bit of a 64-bit payload length is set"},
    {Violation::continuation_without_message, "continuation_without_message", protocol_error,
     "RFC 6455 5.4", "a continuation frame has no message to continue"},
    {Violation::data_frame_inside_message, "data_frame_inside_message", protocol_error,
     "RFC 6455 5.4", "a new message starts inside a fragmented one"},
    {Violation::close_payload_of_one_byte, "close_payload_of_one_byte", protocol_error,
     "RFC 6455 5.5.1", "a Close frame has a payload of one byte"},
    {Violation::illegal_close_code, "illegal_close_code", protocol_error, "RFC 6455 7.4",
     "a Close frame has a code that may not be sent"},
    {Violation::close_reason_not_utf8, "close_reason_not_utf8", invalid_payload_data,
     "RFC 6455 5.5.1", "a close reason is not valid UTF-8"},
    {Violation::text_not_utf8, "text_not_utf8", invalid_payload_data, "RFC 6455 8.1",
     "a text message is not valid UTF-8"},
    {Violation::bad_deflate_data, "bad_deflate_data", invalid_payload_data, "RFC 7692 7.2.2",
     "a compressed message cannot be decompressed"},
    {Violation::frame_too_big, "frame_too_big", message_too_big, "RFC 6455 10.4",
     "a frame is bigger than the limit"},
    {Violation::message_too_big, "message_too_big", message_too_big, "RFC 6455 10.4",
     "a message is bigger than the limit"},
    {Violation::too_many_fragments, "too_many_fragments", message_too_big, "RFC 6455 10.4",
     "a message has more fragments than the limit"},
    {Violation::peer_unresponsive, "peer_unresponsive", policy_violation, "RFC 6455 5.5.2",
     "nothing came back in time"},
});

}  // namespace

std::span<const ViolationInfo> violations() { return kViolations; }

const ViolationInfo& describe(Violation violation) {
  return kViolations[static_cast<std::size_t>(violation)];
}

}  // namespace ws
