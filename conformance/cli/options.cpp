#include "conformance/cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "conformance/cases/catalogue.hpp"
#include "conformance/explorer/case_file.hpp"
#include "conformance/harness/selection.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

/// Whether `test` is left out of a quick run: what moves gigabytes, waits for seconds or has the
/// machine to itself.
bool takes_long(const Case& test) {
  constexpr auto kSections = std::to_array<std::string_view>({"9", "12", "13"});
  return test.alone || std::ranges::find(test.tags, kSlow) != test.tags.end() ||
         std::ranges::any_of(kSections,
                             [&](std::string_view section) { return selects(section, test.id); });
}

}  // namespace

Time time_of(double seconds) {
  return std::chrono::duration_cast<Time>(std::chrono::duration<double>(seconds));
}

std::string format_seconds(double seconds) {
  std::ostringstream text;
  text << seconds << " s";
  return text.str();
}

std::optional<ListenAddress> parse_listen(std::string_view text) {
  ListenAddress address;
  if (constexpr std::string_view kUnix = "unix:"; text.starts_with(kUnix)) {
    address.path = text.substr(kUnix.size());
    if (address.path.empty()) return std::nullopt;
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    const bool has_brackets = host.starts_with('[') && host.ends_with(']');
    if (has_brackets) host = host.substr(1, host.size() - 2);
    if (host.empty() || host.contains(':') != has_brackets) return std::nullopt;
    address.host = host;
    text = text.substr(colon + 1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), address.port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return address;
}

Shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  Shard shard;
  const char* end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  const bool has_slash = index.ptr != end && *index.ptr == '/';
  const auto count = std::from_chars(has_slash ? index.ptr + 1 : end, end, shard.count);
  if (!has_slash || count.ptr != end || count.ec != std::errc() || index.ec != std::errc() ||
      shard.index < 1 || shard.index > shard.count) {
    throw CLI::ValidationError("--shard",
                               "\"" + text + "\" is no part of a run; 1/4 is the first of four");
  }
  return shard;
}

const std::vector<Case>& known_cases(const Options& options) {
  if (options.case_file.empty()) return catalogue();
  // Whoever has a case points to it, so files are kept.
  static std::map<std::string, std::vector<Case>> files;
  const auto found = files.find(options.case_file);
  if (found != files.end()) return found->second;
  std::ifstream file(options.case_file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw InputError("--case-file: cannot read \"" + options.case_file + "\"");
  try {
    return files[options.case_file] = explorer::parse_case_file(text).cases;
  } catch (const explorer::CaseFileError& error) {
    throw InputError("--case-file: \"" + options.case_file + "\": " + error.what());
  }
}

const Case* find_known_case(const Options& options, std::string_view id) {
  const std::vector<Case>& all = known_cases(options);
  const auto found = std::ranges::find(all, id, &Case::id);
  return found == all.end() ? nullptr : &*found;
}

std::vector<const Case*> selected(const Options& options, std::optional<Role> endpoint) {
  Selection selection = select(known_cases(options), options.cases, options.excluded);
  if (!selection.unused.empty()) {
    throw CLI::ValidationError("\"" + selection.unused.front() +
                               "\" means no case; wsproof list shows them all");
  }
  std::set<std::string> known;
  for (const Case& test : known_cases(options)) known.insert(test.tags.begin(), test.tags.end());
  for (const std::string& tag : options.tags) {
    if (known.contains(tag)) continue;
    std::string text;
    for (const std::string& each : known) text += (text.empty() ? "" : ", ") + each;
    throw CLI::ValidationError("--tag", "\"" + tag + "\" is the tag of no case; there are " + text);
  }
  std::erase_if(selection.cases, [&](const Case* test) {
    const bool has_tag =
        options.tags.empty() || std::ranges::any_of(test->tags, [&](const auto& tag) {
          return std::ranges::find(options.tags, tag) != options.tags.end();
        });
    const bool has_level = options.levels.empty() ||
                           std::ranges::find(options.levels, test->level) != options.levels.end();
    return !has_tag || !has_level;
  });
  std::erase_if(selection.cases, [&](const Case* test) {
    const bool is_named = std::ranges::find(options.cases, test->id) != options.cases.end();
    const auto has = [&](std::string_view tag) {
      return std::ranges::find(test->tags, tag) != test->tags.end();
    };
    if (is_named) return false;
    if (options.quick && takes_long(*test)) return true;
    return endpoint && has(kOnRequest) && std::ranges::none_of(options.tags, has);
  });
  if (endpoint) {
    std::erase_if(selection.cases, [&](const Case* test) { return !is_for(*test, *endpoint); });
  }
  std::vector<const Case*> cases;
  const Shard shard = parse_shard(options.shard);
  for (std::size_t i = 0; i < selection.cases.size(); ++i) {
    if (i % shard.count == shard.index - 1) cases.push_back(selection.cases[i]);
  }
  if (cases.empty()) throw CLI::ValidationError("no case is left to play");
  return cases;
}

}  // namespace ws::conformance
