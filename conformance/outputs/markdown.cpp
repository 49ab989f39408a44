#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/outputs/formats.hpp"
#include "conformance/outputs/run.hpp"
#include "conformance/outputs/sections.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxListed = 200;  // a job's summary may have 1 MiB

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]<>#|~").contains(c)) escaped += '\\';
    escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return escaped;
}

}  // namespace

std::string format_markdown(const json& run) {
  const json& implementation = run.at("implementation");
  const json& totals = run.at("totals");
  const auto number = [&](const char* name) { return std::to_string(totals.at(name).get<int>()); };
  std::string text = "## wsproof: " + escape(implementation.at("name").get<std::string>());
  if (implementation.at("version").is_string()) {
    text += " " + escape(implementation.at("version").get<std::string>());
  }
  text += " as " + implementation.at("role").get<std::string>() + "\n\n";
  const std::string status = run.at("status");
  text += "**" +
          std::string(status == "passed"   ? "Passed"
                      : status == "failed" ? "Failed"
                                           : status) +
          "**: " + number("passed") + " of " + number("cases") + " cases passed";
  if (totals.at("expected_failures") != 0) {
    text += ", " + number("expected_failures") + " known to fail";
  }
  if (totals.at("unexpected_passes") != 0) {
    text += ", " + number("unexpected_passes") + " passed unexpectedly";
  }
  text += ".\n";
  if (run.at("reason").is_string())
    text += "\n" + escape(run.at("reason").get<std::string>()) + "\n";

  text +=
      "\n| Section | Cases | Pass | Non-strict | Informational | Unsupported | Failed |\n"
      "|---|--:|--:|--:|--:|--:|--:|\n";
  for (const auto& [section, ids] : by_section(run)) {
    std::map<std::string_view, int> counts;
    for (const std::string& id : ids) ++counts[outcome_of(run.at("cases").at(id))];
    const int good = counts["ok"] + counts["unexpected_pass"];
    const int bad = counts["failed"] + counts["missing"] + counts["expected_failure"];
    text += "| " + section + " | " + std::to_string(ids.size());
    for (const int count :
         {good, counts["non_strict"], counts["informational"], counts["unsupported"], bad}) {
      text += " | " + (count == 0 ? std::string() : std::to_string(count));
    }
    text += " |\n";
  }

  std::string list;
  std::size_t listed = 0;
  std::size_t left_out = 0;
  for (const std::string& id : case_ids(run)) {
    const json& entry = run.at("cases").at(id);
    const std::string_view outcome = outcome_of(entry);
    if (outcome != "failed" && outcome != "missing" && outcome != "unexpected_pass") continue;
    if (++listed > kMaxListed) {
      ++left_out;
      continue;
    }
    list += "| " + id + " | " + escape(entry.at("title").get<std::string>()) + " | " +
            escape(describe_verdicts(entry)) + " | " +
            escape(outcome == "unexpected_pass" ? "passed, though the baseline expects it to fail"
                                                : entry.value("reason", "not played")) +
            " | " + escape(entry.value("source", "")) + " |\n";
  }
  if (!list.empty()) {
    text += "\n| Case | | Verdict | Reason | Source |\n|---|---|---|---|---|\n" + list;
    if (left_out > 0) text += "\nand " + std::to_string(left_out) + " more.\n";
  }
  return text;
}

}  // namespace ws::conformance
