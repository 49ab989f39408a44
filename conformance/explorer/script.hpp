// What one connection is sent, without what must come of it: the explorer makes scripts, changes
// them to find the shortest, and has the model (model.hpp) say what they deserve.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "conformance/harness/compression.hpp"
#include "conformance/harness/dialogue.hpp"
#include "conformance/oracle/inflater.hpp"

namespace ws::conformance::explorer {

/// Waits for everything that has to come by now. Without it, what follows goes out in the same
/// write as what was before.
struct Await {};

using Act = std::variant<PutFrame, Await, Rest, HalfClose, Reset>;

/// permessage-deflate as a script needs it.
struct Deflate {
  Negotiation negotiation{};
  /// How the script's own messages are compressed; every agreement that may come of the
  /// negotiation allows it, unless `needs_context_takeover` makes it unsupported.
  oracle::Deflation ours{};
  bool needs_context_takeover = false;
  bool has_final_blocks = false;  ///< with BFINAL, which few senders ever set
};

struct Script {
  std::optional<Deflate> deflate{};
  /// So many frames at the beginning stand in the same write as the head. A server is bound to
  /// read them, or to refuse the request. Behind a response everything goes out at once anyway.
  std::size_t early = 0;
  std::vector<Act> acts{};
};

/// The same for the same script, in every build.
std::uint64_t digest_of(const Script& script);

}  // namespace ws::conformance::explorer
