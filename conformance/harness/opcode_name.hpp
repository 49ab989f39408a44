// What frames are called where people read of them.
#pragma once

#include <string>

#include "impl/wire/opcode.hpp"

namespace ws::conformance {

/// Such as "text", "Ping" or, for a reserved one, "opcode 3".
std::string name_of(Opcode opcode);

}  // namespace ws::conformance
