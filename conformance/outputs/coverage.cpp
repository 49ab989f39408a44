#include "conformance/outputs/coverage.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "conformance/harness/oracles.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kLevels{"MUST", "MUST NOT", "SHOULD", "SHOULD NOT"};

/// Worst last. What an endpoint does not support counts only where there is nothing else.
constexpr std::array<std::string_view, 6> kVerdicts{"unsupported", "pass", "informational",
                                                    "non_strict",  "fail", "harness_error"};

std::vector<std::string> roles_of(const Requirement& statement) {
  if (statement.role == "both") return {"server", "client"};
  return {statement.role};
}

bool binds(const Requirement& statement, std::string_view role) {
  return statement.role == "both" || statement.role == role;
}

/// Removes the role that a check looks at, or both.
void tick(Coverage& coverage, std::optional<Role> endpoint) {
  std::erase_if(coverage.unchecked, [&](const std::string& role) {
    return role != "intermediary" &&
           (!endpoint || role == (*endpoint == Role::server ? "server" : "client"));
  });
}

/// Ids by what they have in common but for the last number: "23.6.1 to 23.6.51" as "23.6.* (51)".
std::string format_cases(const std::vector<std::string>& ids) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const std::string& id : ids) {
    std::string group = id.substr(0, id.rfind('.'));
    if (groups.empty() || groups.back().first != group) groups.emplace_back(std::move(group), 0);
    groups.back().second.push_back(id);
  }
  std::string text;
  for (const auto& [group, members] : groups) {
    if (!text.empty()) text += ", ";
    text += members.size() == 1 ? members.front()
                                : group + ".* (" + std::to_string(members.size()) + ")";
  }
  return text;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(separator)) + part;
  return text;
}

std::string format_reasons(const Coverage& coverage) {
  std::vector<std::string> reasons;
  for (const Exemption& exemption : coverage.reasons) {
    reasons.push_back((exemption.role.empty() ? "" : exemption.role + ": ") + exemption.reason);
  }
  return join(reasons, " ");
}

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\|*_<>`").contains(c)) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string format_counts(const std::vector<Coverage>& coverage) {
  std::string text =
      "| level | on the wire | checked | not checked, with a reason |\n|---|--:|--:|--:|\n";
  for (const std::string_view level : kLevels) {
    const CoverageCount count = count_coverage(coverage, level);
    text += "| " + std::string(level) + " | " + std::to_string(count.all) + " | " +
            std::to_string(count.covered) + " | " + std::to_string(count.all - count.covered) +
            " |\n";
  }
  return text;
}

}  // namespace

std::vector<Coverage> find_coverage(const std::vector<Case>& cases) {
  std::vector<Coverage> all;
  std::map<std::string_view, std::size_t> index;
  for (const Requirement& statement : requirements()) {
    index.emplace(statement.id, all.size());
    all.push_back({.statement = &statement, .unchecked = roles_of(statement)});
  }
  for (const Case& test : cases) {
    for (const std::string& id : test.checks) {
      const auto found = index.find(id);
      if (found == index.end()) continue;
      Coverage& coverage = all[found->second];
      coverage.cases.push_back(test.id);
      // What is only noted is no check.
      if (test.special != Special::informational) tick(coverage, test.only_for);
    }
  }
  for (const OracleRule& rule : oracle_rules()) {
    for (const std::string& id : rule.statements) {
      const auto found = index.find(id);
      if (found == index.end()) continue;
      all[found->second].rules.push_back(std::string(rule.oracle) + ": " + std::string(rule.name));
      tick(all[found->second], rule.endpoint);
    }
  }
  for (const Exemption& exemption : exemptions()) {
    const auto found = index.find(exemption.id);
    if (found != index.end()) all[found->second].reasons.push_back(exemption);
  }
  return all;
}

bool is_explained(const Coverage& coverage) {
  return std::ranges::all_of(coverage.unchecked, [&](const std::string& role) {
    return std::ranges::any_of(coverage.reasons, [&](const Exemption& exemption) {
      return exemption.role.empty() || exemption.role == role;
    });
  });
}

CoverageCount count_coverage(const std::vector<Coverage>& coverage, std::string_view level) {
  CoverageCount count;
  for (const Coverage& entry : coverage) {
    if (entry.statement->level != level || entry.statement->testable != "wire") continue;
    if (entry.statement->role == "intermediary") continue;  // which is no endpoint
    ++count.all;
    if (is_covered(entry)) ++count.covered;
  }
  return count;
}

StatementResults::StatementResults(const json& run) : role_(run.at("implementation").at("role")) {
  for (const json& entry : run.at("cases")) {
    const auto& verdict = entry.at("verdict").get_ref<const std::string&>();
    const auto at =
        static_cast<std::size_t>(std::ranges::find(kVerdicts, verdict) - kVerdicts.begin());
    if (at == kVerdicts.size()) continue;
    was_played_ = was_played_ || verdict != "unsupported";
    const auto take = [&](const json& statement) {
      std::size_t& worst = worst_.emplace(statement, at).first->second;
      worst = std::max(worst, at);
    };
    // A verdict that comes from a rule says nothing of what the case is about.
    if (const auto breaks = entry.find("breaks"); breaks != entry.end()) {
      take(*breaks);
      continue;
    }
    if (const auto checks = entry.find("requirements"); checks != entry.end()) {
      std::ranges::for_each(*checks, take);
    }
  }
}

std::string StatementResults::of(const Coverage& coverage) const {
  if (!binds(*coverage.statement, role_)) return {};
  if (const auto worst = worst_.find(coverage.statement->id); worst != worst_.end()) {
    return std::string(kVerdicts[worst->second]);
  }
  return !coverage.rules.empty() && was_played_ ? "pass" : "";
}

std::string format_coverage(const std::vector<Coverage>& coverage) {
  std::string text;
  for (const Coverage& entry : coverage) {
    text += entry.statement->id + '\t' + entry.statement->level + '\t';
    std::vector<std::string> checks;
    if (!entry.cases.empty()) checks.push_back(format_cases(entry.cases));
    if (!entry.rules.empty()) checks.push_back(join(entry.rules, ", "));
    if (!entry.reasons.empty()) checks.push_back("not checked: " + format_reasons(entry));
    text += join(checks, "; ") + '\n';
  }
  return text;
}

std::string format_coverage_markdown(const std::vector<Coverage>& coverage, const json& run) {
  const CoverageCount must = count_coverage(coverage, "MUST");
  const CoverageCount must_not = count_coverage(coverage, "MUST NOT");
  std::optional<StatementResults> results;
  if (!run.is_null()) results.emplace(run);
  std::string text =
      "# Coverage of the RFCs\n\n"
      "Made by `wsproof coverage --markdown`; a test compares it with the catalogue.\n\n"
      "**" +
      std::to_string(must.covered + must_not.covered) + " of " +
      std::to_string(must.all + must_not.all) +
      "** statements with MUST or MUST NOT that can be seen on the wire are checked by a case or "
      "by "
      "a rule that every case checks, for each role that they bind; those that bind "
      "intermediaries alone are not counted. A statement that is not checked has its reason in "
      "the table.\n\n" +
      format_counts(coverage);
  if (results) {
    const json& implementation = run.at("implementation");
    text += "\nResults are those of " + escape(implementation.at("name").get<std::string>()) +
            " as a " + implementation.at("role").get<std::string>() +
            ": the worst of the cases that check the statement.\n";
  }
  text +=
      "\nCases are grouped: 23.6.* (51) are 51 cases. A rule in italics is checked in every case "
      "([`harness/oracles.cpp`](harness/oracles.cpp)).\n";
  std::string document;
  for (const Coverage& entry : coverage) {
    const Requirement& statement = *entry.statement;
    const std::string rfc = statement.id.substr(0, statement.id.find('-'));
    if (rfc != document) {
      document = rfc;
      text += "\n## RFC " + rfc.substr(3) + "\n\n| statement | level | role | text | checked by |" +
              (results ? " result |" : "") + "\n|---|---|---|---|---|" + (results ? "---|" : "") +
              "\n";
    }
    std::vector<std::string> checks;
    if (!entry.cases.empty()) checks.push_back(escape(format_cases(entry.cases)));
    for (const std::string& rule : entry.rules) checks.push_back("*" + escape(rule) + "*");
    if (!entry.reasons.empty()) checks.push_back("not checked: " + escape(format_reasons(entry)));
    text += "| " + statement.id.substr(rfc.size() + 1) + " | " + statement.level + " | " +
            statement.role + " | " + escape(statement.text) + " | " + join(checks, "; ") + " |";
    if (results) text += " " + escape(results->of(entry)) + " |";
    text += "\n";
  }
  return text;
}

}  // namespace ws::conformance
