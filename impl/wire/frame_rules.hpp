// Rules that one frame header keeps or breaks on its own (RFC 6455 sections 5.1, 5.2 and 5.5).
#pragma once

#include <cstdint>
#include <expected>

#include "impl/wire/frame_header.hpp"
#include "impl/wire/role.hpp"
#include "impl/wire/violation.hpp"

namespace ws {

inline constexpr std::uint64_t kMaxControlPayload = 125;  // bytes (section 5.5)

/// Checks reserved bits, the opcode, the limits on control frames, and masking, in that order.
///
/// `sender` is the side that sent the frame. `rsv1_defined` says whether an agreed extension
/// gives RSV1 a meaning on the first frame of a message (RFC 7692 section 6); on every other frame
/// RSV1 stays forbidden. The result for the header from peek_frame_header is the same as for the
/// whole one.
/// Errors: the first rule broken.
std::expected<void, Violation> check_frame_header(const FrameHeader& header, Role sender,
                                                  bool rsv1_defined);

}  // namespace ws
