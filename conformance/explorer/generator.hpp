// Scripts of chance: a weighted grammar of what a peer may send, and at most one thing at the end
// that it may not. Of several moves that could come next, that is made which was tried least in the
// state that the model is in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conformance/explorer/contents.hpp"
#include "conformance/explorer/coverage.hpp"
#include "conformance/explorer/model.hpp"
#include "conformance/explorer/script.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::explorer {

/// What is known of the endpoint.
struct Abilities {
  bool deflate = true;
  bool context_takeover = true;
};

/// The script of that number. What was tried before, `coverage`, has a part in it, and grows by it.
Script make_script(std::uint64_t seed, std::uint64_t number, Role harness,
                   const Abilities& abilities, Coverage& coverage);

}  // namespace ws::conformance::explorer
