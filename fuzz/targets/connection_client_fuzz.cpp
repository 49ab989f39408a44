// Any bytes from a server, cut into reads anywhere: the same events and output, both as the oracle
// has them, and no wire rule broken.
#include "fuzz/connection_checks.hpp"

namespace ws::fuzz {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_connection({data, size}, Role::client);
  return 0;
}

}  // namespace ws::fuzz
