// Scripts as cases, which every runner plays.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "conformance/explorer/model.hpp"
#include "conformance/explorer/script.hpp"
#include "conformance/harness/case.hpp"

namespace ws::conformance::explorer {

/// The case of a script; nothing if it makes no sense. `harness` sends it. Its keys and cuts follow
/// from the harness's seed and `number`, which is 0 in a case that stands alone.
std::optional<Case> make_case(const Script& script, Role harness, std::string id, int number = 0);

}  // namespace ws::conformance::explorer
