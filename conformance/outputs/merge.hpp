// Parts of a run put together.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace ws::conformance {

/// Runs with the parts of one run (--shard) as one; the others as they are, in the order given.
///
/// Errors: InputError if a part is missing or was given twice.
std::vector<nlohmann::json> merge_shards(const std::vector<nlohmann::json>& runs);

/// Numbers runs that share an id, such as those of two days, from the second on.
void make_ids_unique(std::vector<nlohmann::json>& runs);

}  // namespace ws::conformance
