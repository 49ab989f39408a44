#include "impl/wire/frame_rules.hpp"

namespace ws {

std::expected<void, Violation> check_frame_header(const FrameHeader& header, Role sender,
                                                  bool rsv1_defined) {
  const bool rsv1_allowed = rsv1_defined && is_data(header.opcode);
  if (header.rsv2 || header.rsv3 || (header.rsv1 && !rsv1_allowed)) {
    return std::unexpected(Violation::reserved_bit_set);
  }
  if (is_reserved(header.opcode)) return std::unexpected(Violation::reserved_opcode);
  if (is_control(header.opcode)) {
    if (!header.fin) return std::unexpected(Violation::fragmented_control_frame);
    if (header.payload_length > kMaxControlPayload) {
      return std::unexpected(Violation::control_payload_too_long);
    }
  }
  if (sender == Role::client && !header.masking_key) {
    return std::unexpected(Violation::unmasked_client_frame);
  }
  if (sender == Role::server && header.masking_key) {
    return std::unexpected(Violation::masked_server_frame);
  }
  return {};
}

}  // namespace ws
