// What a client that opens a connection sends, for the tests of players.
#pragma once

#include <string_view>

namespace ws::conformance {

/// The key is that of the example in RFC 6455 section 1.3.
inline constexpr std::string_view kOpeningRequest =
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

}  // namespace ws::conformance
