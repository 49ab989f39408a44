// Close codes: the complete registry of 0 to 65535 (RFC 6455 sections 7.4 and 11.7, and IANA's
// WebSocket Close Code Number Registry).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ws {

/// The registered close codes. Any other 16-bit value can be held, since a peer can send it.
enum class CloseCode : std::uint16_t {
  normal_closure = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  reserved_1004 = 1004,
  no_status_received = 1005,
  abnormal_closure = 1006,
  invalid_payload_data = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  mandatory_extension = 1010,
  internal_error = 1011,
  service_restart = 1012,
  try_again_later = 1013,
  bad_gateway = 1014,
  tls_handshake = 1015,
};

/// Who may put a close code into a Close frame.
enum class CloseCodeSender {
  nobody,       ///< never on the wire: reserved, or only for use inside an API
  client,       ///< clients alone (1010)
  server,       ///< servers alone (1011, 1012, 1013, 1014)
  both,         ///< either side
  application,  ///< either side, chosen by a framework or an application (3000 to 4999)
};

/// One row of the registry: a single code, or a range with one meaning.
struct CloseCodeInfo {
  std::uint16_t first = 0;  ///< first code of the row
  std::uint16_t last = 0;   ///< last code of the row, inclusive
  std::string_view name{};  ///< the enumerator's name, or the range's
  std::string_view meaning{};
  CloseCodeSender sender = CloseCodeSender::nobody;
  std::string_view source{};  ///< where it is defined, such as "RFC 6455 7.4.1"
};

/// Every row, ascending, without gaps from 0 to 65535.
std::span<const CloseCodeInfo> close_code_registry();

/// The row that `code` falls into.
const CloseCodeInfo& describe(CloseCode code);

/// True if a Close frame with this code is legal on the wire, whoever of the two sends it:
/// 1000 to 1003, 1007 to 1014, and 3000 to 4999 (section 7.4).
bool may_be_sent(CloseCode code);

/// True if an application may pass `code` to close, as the WHATWG standard rules it for browsers:
/// 1000 and 3000 to 4999.
bool may_be_chosen_by_application(CloseCode code);

}  // namespace ws
