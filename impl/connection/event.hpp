// What a connection reports to its caller.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "impl/deflate/deflate_parameters.hpp"
#include "impl/handshake/handshake_error.hpp"
#include "impl/handshake/http_head.hpp"
#include "impl/wire/close_code.hpp"
#include "impl/wire/close_payload.hpp"
#include "impl/wire/extension.hpp"
#include "impl/wire/opcode.hpp"
#include "impl/wire/violation.hpp"

namespace ws {

/// The opening handshake is done, and the connection open (RFC 6455 section 4.1, last paragraphs).
struct Opened {
  std::string target{};  ///< path and query of the request
  std::optional<std::string> subprotocol{};
  std::vector<Extension> extensions{};  ///< as the response has them
  std::optional<DeflateParameters> deflate{};
  Fields fields{};  ///< of the peer's head

  bool operator==(const Opened&) const = default;
};

/// The opening handshake failed; `Closed` follows when the transport has ended.
struct HandshakeFailed {
  HandshakeError error{};
  /// Client: the server's response as far as it was whole, such as a redirect or a 401.
  std::optional<ResponseHead> response{};

  bool operator==(const HandshakeFailed&) const = default;
};

/// A whole message, decompressed and, for text, valid UTF-8. Comes also after our own Close, until
/// the peer's.
struct MessageReceived {
  Opcode type = Opcode::text;  ///< text or binary
  std::vector<std::byte> payload{};

  bool operator==(const MessageReceived&) const = default;
};

/// A Ping, already answered unless the connection is closing.
struct PingReceived {
  std::vector<std::byte> payload{};

  bool operator==(const PingReceived&) const = default;
};

struct PongReceived {
  std::vector<std::byte> payload{};

  bool operator==(const PongReceived&) const = default;
};

/// The peer's Close frame, already answered unless ours went first.
struct CloseReceived {
  ClosePayload payload{};

  bool operator==(const CloseReceived&) const = default;
};

/// We failed the connection (section 7.1.7); a Close frame with the violation's code went out if
/// none had before.
struct Failed {
  Violation violation{};

  bool operator==(const Failed&) const = default;
};

/// The last event: the transport has ended (section 7.1.4).
struct Closed {
  /// The peer's code; 1005 if its Close had none; 1006 without both Close frames.
  CloseCode code = CloseCode::abnormal_closure;
  std::string reason{};
  bool clean = false;  ///< both Close frames were exchanged

  bool operator==(const Closed&) const = default;
};

using Event = std::variant<Opened, HandshakeFailed, MessageReceived, PingReceived, PongReceived,
                           CloseReceived, Failed, Closed>;

}  // namespace ws
