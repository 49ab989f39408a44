#include "impl/wire/close_payload.hpp"

#include <algorithm>
#include <cassert>

#include "impl/wire/utf8.hpp"

namespace ws {

std::expected<ClosePayload, Violation> decode_close_payload(std::span<const std::byte> payload) {
  ClosePayload decoded;
  if (payload.empty()) return decoded;
  if (payload.size() == 1) return std::unexpected(Violation::close_payload_of_one_byte);

  decoded.code = static_cast<CloseCode>(std::to_integer<unsigned>(payload[0]) << 8U |
                                        std::to_integer<unsigned>(payload[1]));
  if (!may_be_sent(*decoded.code)) return std::unexpected(Violation::illegal_close_code);

  const auto reason = payload.subspan(2);
  if (!is_valid_utf8(reason)) return std::unexpected(Violation::close_reason_not_utf8);
  decoded.reason.resize(reason.size());
  std::ranges::transform(reason, decoded.reason.begin(),
                         [](std::byte byte) { return static_cast<char>(byte); });
  return decoded;
}

std::vector<std::byte> encode_close_payload(const ClosePayload& payload) {
  assert(payload.code || payload.reason.empty());
  assert(payload.reason.size() <= kMaxCloseReason);
  if (!payload.code) return {};
  const auto code = static_cast<unsigned>(*payload.code);
  std::vector<std::byte> encoded{static_cast<std::byte>(code >> 8U), static_cast<std::byte>(code)};
  const auto reason = std::as_bytes(std::span(payload.reason));
  encoded.insert(encoded.end(), reason.begin(), reason.end());
  return encoded;
}

}  // namespace ws
