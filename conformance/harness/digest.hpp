// 64 bits that stand for a string of bytes.
#pragma once

#include <cstdint>
#include <string_view>

namespace ws::conformance {

/// FNV-1a: the same on every machine and in every version, for what is kept and for seeds.
std::uint64_t digest_of(std::string_view bytes);

/// As wyhash makes them: a good fraction of memory's speed, for payloads. Compared within one run.
std::uint64_t payload_digest_of(std::string_view bytes);

}  // namespace ws::conformance
