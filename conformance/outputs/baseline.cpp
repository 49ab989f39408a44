#include "conformance/outputs/baseline.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "conformance/harness/run_file.hpp"
#include "conformance/harness/selection.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

constexpr std::string_view kShape =
    R"({"format": "wsproof-baseline", "version": 1, "cases": {"9.1.1": "why it fails"}})";

bool means_any(std::string_view pattern, const std::vector<std::string>& ids) {
  return std::ranges::any_of(ids, [&](const std::string& id) { return selects(pattern, id); });
}

/// Entries as text, one on a line, so that a change of one is a change of one line.
std::string format(const std::vector<BaselineEntry>& entries) {
  std::string text = "{\n \"format\": \"wsproof-baseline\",\n \"version\": 1,\n \"cases\": {";
  bool first = true;
  for (const BaselineEntry& entry : entries) {
    json value = json(entry.reason);
    if (!entry.verdict.empty() || entry.unsteady) value = {{"reason", entry.reason}};
    if (!entry.verdict.empty()) value["verdict"] = entry.verdict;
    if (entry.unsteady) value["unsteady"] = true;
    text += (first ? "\n  " : ",\n  ") + json(entry.pattern).dump() + ": " +
            value.dump(-1, ' ', false, json::error_handler_t::replace);
    first = false;
  }
  return text + (first ? "}\n}\n" : "\n }\n}\n");
}

const BaselineEntry* find_entry(const std::vector<BaselineEntry>& baseline, std::string_view id) {
  const auto found = std::ranges::find_if(
      baseline, [&](const BaselineEntry& entry) { return selects(entry.pattern, id); });
  return found == baseline.end() ? nullptr : &*found;
}

}  // namespace

std::vector<BaselineEntry> read_baseline(const std::filesystem::path& path,
                                         const std::vector<std::string>& known_ids) {
  const json content = read_json(path);
  const auto complain = [&](const std::string& what) {
    throw InputError("baseline \"" + path.string() + "\": " + what);
  };
  const bool usable =
      content.is_object() && content.value("format", json()) == "wsproof-baseline" &&
      content.value("version", json()) == 1 && content.value("cases", json()).is_object();
  if (!usable) complain("is no baseline of version 1; write " + std::string(kShape));
  std::vector<BaselineEntry> entries;
  for (const auto& [pattern, value] : content.at("cases").items()) {
    if (!means_any(pattern, known_ids)) {
      complain("\"" + pattern + "\" names no case; give an id, a section or a glob such as 12.1.*");
    }
    BaselineEntry entry{.pattern = pattern};
    if (value.is_string()) {
      entry.reason = value;
    } else if (value.is_object() && value.value("reason", json()).is_string()) {
      entry.reason = value.at("reason");
      const json verdict = value.value("verdict", json(""));
      if (!verdict.is_string()) complain("\"" + pattern + "\": verdict is no text");
      entry.verdict = verdict;
      const json unsteady = value.value("unsteady", json(false));
      if (!unsteady.is_boolean())
        complain("\"" + pattern + "\": unsteady is neither true nor false");
      entry.unsteady = unsteady;
    }
    if (entry.reason.find_first_not_of(" \t\n") == std::string::npos) {
      complain("\"" + pattern + "\" has no reason; write in a sentence why it does not pass");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool is_known(const std::vector<BaselineEntry>& baseline, std::string_view id,
              std::string_view verdict) {
  const BaselineEntry* expected = find_entry(baseline, id);
  return expected != nullptr && (expected->verdict.empty() || expected->verdict == verdict);
}

void apply_baseline(json& run, const std::vector<BaselineEntry>& baseline) {
  for (auto& [id, entry] : run["cases"].items()) {
    const BaselineEntry* expected = find_entry(baseline, id);
    if (expected == nullptr) continue;
    const bool passed = entry["passed"];
    if (passed && expected->unsteady) continue;
    if (!passed && !is_known(baseline, id, entry["verdict"].get<std::string>())) continue;
    entry["baseline"] = {{"reason", expected->reason}};
    if (passed) entry["unexpected_pass"] = true;
  }
  count_totals(run);
}

std::string update_baseline(const json& run, const std::vector<BaselineEntry>& old) {
  std::vector<BaselineEntry> entries;
  for (const BaselineEntry& entry : old) {
    // What this run did not play stays as it is.
    const bool played = std::ranges::any_of(
        case_ids(run), [&](const std::string& id) { return selects(entry.pattern, id); });
    if (!played) entries.push_back(entry);
  }
  for (const std::string& id : case_ids(run)) {
    const json& entry = run.at("cases").at(id);
    const BaselineEntry* known = find_entry(old, id);
    const bool is_unsteady = known != nullptr && known->unsteady;
    if (entry.at("passed").get<bool>()) {
      if (is_unsteady) {
        entries.push_back(*known);
        entries.back().pattern = id;
      }
      continue;
    }
    if (entry.at("verdict") == "MISSING") continue;
    entries.push_back(
        {.pattern = id,
         .verdict = entry.at("verdict"),
         .reason = known != nullptr ? known->reason
                                    : "seen " + run.at("started").get<std::string>().substr(0, 10) +
                                          ": " + entry.value("reason", describe_verdicts(entry)),
         .unsteady = is_unsteady});
  }
  return format(entries);
}

std::string import_baseline(const std::filesystem::path& path, std::string_view agent,
                            const std::vector<std::string>& known_ids) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream buffer;
  buffer << file.rdbuf();
  if (!file) throw InputError("\"" + path.string() + "\" cannot be read");
  const json content = json::parse(buffer.str(), nullptr, false, true);

  std::vector<BaselineEntry> entries;
  const auto exclude = [&](const std::string& pattern) {
    if (!means_any(pattern, known_ids)) {
      throw InputError("\"" + path.string() + "\": \"" + pattern +
                       "\" names no case; give an id, a section or a glob such as 12.1.*");
    }
    entries.push_back({.pattern = pattern, .reason = "excluded in " + path.filename().string()});
  };
  const auto exclude_all = [&](const json& list) {
    for (const json& pattern : list) {
      if (!pattern.is_string()) {
        throw InputError("\"" + path.string() + "\": the list of cases holds " + pattern.dump() +
                         ", which is no text");
      }
      exclude(pattern);
    }
  };
  if (content.is_discarded()) {
    std::string line;
    while (std::getline(buffer, line)) {
      line.resize(std::min(line.find('#'), line.size()));
      std::istringstream words(line);
      for (std::string word; words >> word;) exclude(word);
    }
  } else if (content.is_array()) {
    exclude_all(content);
  } else if (content.is_object() && content.contains("exclude-cases")) {
    exclude_all(content.at("exclude-cases"));
  } else if (content.is_object() && !content.empty()) {
    if (agent.empty() && content.size() > 1) {
      std::string names;
      for (const auto& [name, unused] : content.items())
        names += (names.empty() ? "" : ", ") + name;
      throw InputError("\"" + path.string() + "\" has several agents (" + names +
                       "); name one with --name");
    }
    const auto found = agent.empty() ? content.begin() : content.find(std::string(agent));
    if (found == content.end()) {
      throw InputError("\"" + path.string() + "\" has no agent \"" + std::string(agent) + "\"");
    }
    for (const auto& [id, result] : found->items()) {
      const std::string behavior = result.value("behavior", "");
      const std::string close = result.value("behaviorClose", "");
      if (behavior.empty()) {
        throw InputError("\"" + path.string() + "\" is no index.json of Autobahn: \"" + id +
                         "\" has no behavior");
      }
      const bool good = behavior == "OK" || behavior == "NON-STRICT" ||
                        behavior == "INFORMATIONAL" || behavior == "UNIMPLEMENTED";
      if (good && (close == "OK" || close == "INFORMATIONAL")) continue;
      if (means_any(id, known_ids)) {
        entries.push_back({.pattern = id, .reason = "Autobahn: " + behavior + ", " + close});
      }
    }
    std::ranges::sort(entries, comes_before, &BaselineEntry::pattern);
  } else {
    throw InputError("\"" + path.string() +
                     "\" is neither a list of cases, nor a spec file, nor an index.json");
  }
  return format(entries);
}

}  // namespace ws::conformance
