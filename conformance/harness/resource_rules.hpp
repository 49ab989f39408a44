// What an endpoint's processes use, judged: by what its peer made it do, never by an absolute time,
// since machines are slow and busy.
#pragma once

#include <optional>
#include <vector>

#include "conformance/harness/dialogue.hpp"
#include "conformance/harness/finding.hpp"
#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// What `rules` make of the samples of a dialogue (events of the kind `measured`). `flooded` is the
/// end of its flood, if it has one. A rule whose samples are not there is passed over.
std::vector<Finding> check_resources(const std::vector<ResourceRule>& rules,
                                     const std::vector<DialogueEvent>& samples,
                                     const std::optional<DialogueEvent>& flooded);

}  // namespace ws::conformance
