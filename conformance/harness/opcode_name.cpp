#include "conformance/harness/opcode_name.hpp"

namespace ws::conformance {

std::string name_of(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
      return "continuation";
    case Opcode::text:
      return "text";
    case Opcode::binary:
      return "binary";
    case Opcode::close:
      return "Close";
    case Opcode::ping:
      return "Ping";
    case Opcode::pong:
      return "Pong";
  }
  return "opcode " + std::to_string(static_cast<int>(opcode));
}

}  // namespace ws::conformance
