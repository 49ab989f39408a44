#include "conformance/outputs/causes.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

constexpr std::size_t kManyFailures = 10;
constexpr std::size_t kMostCauses = 8;  // that are shown
constexpr std::size_t kMostCases = 4;   // of each

/// The text with each of its numbers as a zero.
std::string without_numbers(const std::string& text) {
  std::string found;
  bool in_number = false;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit) found += c;
    if (is_digit && !in_number) found += '0';
    in_number = is_digit;
  }
  return found;
}

}  // namespace

std::vector<Cause> find_causes(const json& run) {
  std::vector<Cause> causes;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (const std::string& id : case_ids(run)) {
    const json& result = run.at("cases").at(id);
    if (result.at("passed").get<bool>() || result.contains("baseline")) continue;
    if (result.value("verdict", "") == "MISSING") continue;  // not played
    Cause cause{.reason = result.value("reason", ""), .source = result.value("source", "")};
    if (result.value("verdict", "") == "pass") {
      cause.reason = "only Autobahn calls it failed: " + cause.reason;
    }
    const auto [place, is_new] =
        places.try_emplace({without_numbers(cause.reason), cause.source}, causes.size());
    if (is_new) causes.push_back(std::move(cause));
    causes[place->second].cases.push_back(id);
  }
  std::multimap<std::size_t, Cause, std::greater<>> most_first;  // equal ones stay as they are
  for (Cause& cause : causes) most_first.emplace(cause.cases.size(), std::move(cause));
  causes.clear();
  for (auto& [count, cause] : most_first) causes.push_back(std::move(cause));
  return causes;
}

std::string describe_causes(const json& run) {
  const std::vector<Cause> causes = find_causes(run);
  std::size_t failures = 0;
  for (const Cause& cause : causes) failures += cause.cases.size();
  if (failures < kManyFailures) return {};
  std::string text;
  std::size_t shown = 0;
  for (const Cause& cause : causes) {
    if (cause.cases.size() < 2 || shown == kMostCauses) break;
    ++shown;
    text += "    " + std::to_string(cause.cases.size()) + " cases: " + cause.reason;
    if (!cause.source.empty()) text += " [" + cause.source + "]";
    for (std::size_t i = 0; i < std::min(cause.cases.size(), kMostCases); ++i) {
      text += (i == 0 ? ": " : ", ") + cause.cases[i];
    }
    if (cause.cases.size() > kMostCases) text += ", ..";
    text += '\n';
  }
  return text.empty() ? text : "what failures have in common:\n" + text;
}

}  // namespace ws::conformance
