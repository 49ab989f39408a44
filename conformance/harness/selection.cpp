#include "conformance/harness/selection.hpp"

#include <algorithm>

namespace ws::conformance {
namespace {

bool matches_glob(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t skip = 0; skip <= text.size(); ++skip) {
    if (matches_glob(rest, text.substr(skip))) return true;
  }
  return false;
}

}  // namespace

bool selects(std::string_view pattern, std::string_view id) {
  if (matches_glob(pattern, id)) return true;
  // "6.1" means 6.1.1, but not 6.10.1.
  return id.starts_with(pattern) && id.substr(pattern.size()).starts_with('.');
}

Selection select(const std::vector<Case>& all, const std::vector<std::string>& included,
                 const std::vector<std::string>& excluded) {
  Selection selection;
  const auto any = [](const std::vector<std::string>& patterns, const Case& test) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return selects(pattern, test.id); });
  };
  for (const Case& test : all) {
    if ((included.empty() || any(included, test)) && !any(excluded, test)) {
      selection.cases.push_back(&test);
    }
  }
  for (const auto* patterns : {&included, &excluded}) {
    for (const std::string& pattern : *patterns) {
      const bool used =
          std::ranges::any_of(all, [&](const Case& test) { return selects(pattern, test.id); });
      if (!used) selection.unused.push_back(pattern);
    }
  }
  return selection;
}

}  // namespace ws::conformance
