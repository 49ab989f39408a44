// What a connection is told before it starts: limits, subprotocols, extensions, and the source of
// masking keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "impl/deflate/negotiation.hpp"
#include "impl/handshake/client_handshake.hpp"
#include "impl/handshake/http_head.hpp"
#include "impl/handshake/server_handshake.hpp"
#include "impl/wire/masking.hpp"

namespace ws {

/// What a peer may make us hold. Each is checked before memory is taken (RFC 6455 section 10.4).
struct Limits {
  std::uint64_t max_frame_size = 64 * 1024 * 1024;  ///< payload bytes of one frame
  std::size_t max_message_size = 64 * 1024 * 1024;  ///< bytes, after decompression
  std::size_t max_fragments = 128 * 1024;           ///< frames of one message
  HeadLimits head{};                                ///< of the opening handshake
};

/// What both roles have in common.
struct ConnectionSettings {
  Limits limits{};
  std::optional<DeflateSettings> deflate{};  ///< absent: permessage-deflate is not negotiated
  std::size_t fragment_size = 0;  ///< payload bytes; longer messages go out in fragments; 0: never
};

struct ServerSettings {
  ConnectionSettings connection{};
  std::vector<std::string> subprotocols{};     ///< that we speak, in any order
  std::vector<std::string> allowed_origins{};  ///< compared in any letter case; empty: every origin
  Fields response_fields{};                    ///< added to each 101 response
  /// Asked about each valid request; an answer refuses it, such as with 401 or a redirect.
  std::function<std::optional<Refusal>(const OpeningRequest&)> refuse{};
};

/// Gives a fresh, unpredictable masking key for each frame (section 5.3).
using MaskingKeySource = std::function<MaskingKey()>;

struct ClientSettings {
  ConnectionSettings connection{};
  OpeningOffer offer{};  ///< its extensions are made from `connection.deflate`
  MaskingKeySource masking_keys{};
};

}  // namespace ws
