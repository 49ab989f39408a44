#include "conformance/outputs/merge.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "conformance/harness/run_file.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

std::string shard_of(const json& run) { return run.at("selection").value("shard", ""); }

/// The id of the whole run, whose part `run` is.
std::string whole_id(const json& run) {
  std::string id = run.at("id");
  return id.substr(0, id.size() - shard_of(run).size() - 1);
}

json merge(const std::vector<json>& parts) {
  json whole = parts.front();
  whole["id"] = whole_id(whole);
  whole["selection"].erase("shard");
  double duration = 0;
  int status = 0;
  for (const json& part : parts) {
    whole["cases"].update(part.at("cases"));
    duration += part.at("duration_ms").get<double>();
    const int other = part.at("exit_status");
    if (other > status) {
      status = other;
      whole["reason"] = part.at("reason");
    }
  }
  whole["duration_ms"] = duration;
  count_totals(whole);
  set_status(whole, status);
  return whole;
}

}  // namespace

std::vector<json> merge_shards(const std::vector<json>& runs) {
  std::vector<json> merged;
  std::set<std::string> done;
  for (const json& run : runs) {
    const std::string shard = shard_of(run);
    if (shard.empty()) {
      merged.push_back(run);
      continue;
    }
    const std::string id = whole_id(run);
    if (!done.insert(id).second) continue;
    std::vector<json> parts;
    std::set<std::string> shards;
    for (const json& other : runs) {
      if (shard_of(other).empty() || whole_id(other) != id) continue;
      if (!shards.insert(shard_of(other)).second) {
        throw InputError("part " + shard_of(other) + " of the run \"" + id + "\" is there twice");
      }
      parts.push_back(other);
    }
    const std::string count = shard.substr(shard.find('/') + 1);
    if (std::to_string(parts.size()) != count) {
      throw InputError("the run \"" + id + "\" has " + count + " parts, and " +
                       std::to_string(parts.size()) + " of them are here; give them all");
    }
    merged.push_back(merge(parts));
  }
  return merged;
}

void make_ids_unique(std::vector<json>& runs) {
  std::set<std::string> taken;
  for (json& run : runs) {
    const std::string id = run.at("id");
    std::string unique = id;
    for (int number = 2; !taken.insert(unique).second; ++number) {
      unique = id + "-" + std::to_string(number);
    }
    run["id"] = unique;
  }
}

}  // namespace ws::conformance
