// Sec-WebSocket-Accept from its definition (RFC 6455 section 4.2.2; FIPS 180-4; RFC 4648).
#pragma once

#include <string>
#include <string_view>

namespace ws::oracle {

/// The accept field's value for the key as it was sent.
std::string compute_accept(std::string_view key);

}  // namespace ws::oracle
