// What an opening handshake agreed on.
#pragma once

#include <string>

namespace ws::conformance::mutants {

/// How one side compresses (RFC 7692 section 7.1).
struct Deflation {
  int window_bits = 15;
  bool no_context_takeover = false;
};

struct Agreement {
  bool deflate = false;
  Deflation client{};  ///< of what the client sends
  Deflation server{};
  std::string subprotocol{};  ///< empty: none
};

}  // namespace ws::conformance::mutants
