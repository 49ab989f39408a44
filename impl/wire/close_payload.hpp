// The payload of a Close frame: close code and close reason (RFC 6455 sections 5.5.1 and 7.4).
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "impl/wire/close_code.hpp"
#include "impl/wire/violation.hpp"

namespace ws {

inline constexpr std::size_t kMaxCloseReason = 123;  // bytes: 125 less the code (section 5.5)

struct ClosePayload {
  std::optional<CloseCode> code{};  ///< absent for an empty payload
  std::string reason{};             ///< UTF-8, at most 123 bytes

  bool operator==(const ClosePayload&) const = default;
};

/// Decodes and checks the whole payload of a Close frame.
///
/// Errors: close_payload_of_one_byte, illegal_close_code, close_reason_not_utf8, in that order.
std::expected<ClosePayload, Violation> decode_close_payload(std::span<const std::byte> payload);

/// Encodes code and reason; nothing without a code.
///
/// Requires: a reason only with a code; valid UTF-8 of at most 123 bytes.
std::vector<std::byte> encode_close_payload(const ClosePayload& payload);

}  // namespace ws
