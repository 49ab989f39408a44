#include "conformance/outputs/diff.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

/// How good a verdict is; the best is the highest. Unsupported and informational say nothing bad.
int worth(const json& entry) {
  const std::string verdict = entry.at("verdict");
  const bool known = verdict == "pass" || verdict == "OK" || verdict == "informational" ||
                     verdict == "INFORMATIONAL";
  int value = known                                                    ? 4
              : verdict == "non_strict" || verdict == "NON-STRICT"     ? 3
              : verdict == "unsupported" || verdict == "UNIMPLEMENTED" ? 2
              : verdict == "MISSING"                                   ? 0
                                                                       : 1;
  // A case that counts as failed is below each that does not.
  return entry.at("passed").get<bool>() ? value + 10 : value;
}

}  // namespace

Difference compare_runs(const json& before, const json& after) {
  Difference difference;
  std::map<std::string, std::string> groups;
  std::vector<std::string> ids = case_ids(before);
  for (const std::string& id : case_ids(after)) {
    if (!before.at("cases").contains(id)) ids.push_back(id);
  }
  std::ranges::sort(ids, comes_before);
  for (const std::string& id : ids) {
    const auto old_entry = before.at("cases").find(id);
    const auto new_entry = after.at("cases").find(id);
    if (old_entry == before.at("cases").end()) {
      ++difference.added;
      groups["new"] += "  " + id + " " + describe_verdicts(*new_entry) + "\n";
      continue;
    }
    if (new_entry == after.at("cases").end()) {
      ++difference.gone;
      groups["gone"] += "  " + id + " was " + describe_verdicts(*old_entry) + "\n";
      continue;
    }
    const std::string was = describe_verdicts(*old_entry);
    const std::string is = describe_verdicts(*new_entry);
    const int change = worth(*new_entry) - worth(*old_entry);
    if (change == 0 && was == is) continue;
    const char* group = change > 0 ? "better" : change < 0 ? "worse" : "changed";
    ++(change > 0 ? difference.better : change < 0 ? difference.worse : difference.changed);
    std::string line = "  " + id + " " + was + " -> " + is;
    if (change < 0 && new_entry->contains("reason")) {
      line += ": " + new_entry->at("reason").get<std::string>();
    }
    groups[group] += line + "\n";
  }
  for (const char* name : {"worse", "better", "changed", "new", "gone"}) {
    if (const auto found = groups.find(name); found != groups.end()) {
      difference.text += std::string(name) + "\n" + found->second;
    }
  }
  return difference;
}

}  // namespace ws::conformance
