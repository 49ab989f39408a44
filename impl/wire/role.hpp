// The two sides of a connection (RFC 6455 section 1.2).
#pragma once

namespace ws {

enum class Role { client, server };

/// The other side.
constexpr Role peer_of(Role role) { return role == Role::client ? Role::server : Role::client; }

}  // namespace ws
