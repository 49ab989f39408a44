// What an opening handshake agreed on.
#pragma once

#include <string>

namespace ws::conformance::mutants {

/// How one side compresses (RFC 7692 section 7.1).
struct Deflation {
  int window_bits = 15;
  bool no_context_takeover = false;
  bool all_agreed = false;  ///< all four parameters of the extension
};

struct Agreement {
  bool deflate = false;
  bool kills = false;  ///< by a fault
  bool ends = false;   ///< by a fault, at once
  bool raw = false;    ///< by a fault, compressed frames are taken for plain ones
  Deflation client{};  ///< of what the client sends
  Deflation server{};
  std::string subprotocol{};  ///< empty: none
};

}  // namespace ws::conformance::mutants
