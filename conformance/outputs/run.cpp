#include "conformance/outputs/run.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "conformance/harness/run_file.hpp"

namespace ws::conformance {

using nlohmann::json;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the number at the front of `text`, without leading zeros.
std::string_view take_number(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  std::string_view number = text.substr(0, size);
  text.remove_prefix(size);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return number;
}

}  // namespace

bool comes_before(std::string_view left, std::string_view right) {
  while (!left.empty() && !right.empty()) {
    if (is_digit(left.front()) && is_digit(right.front())) {
      const std::string_view one = take_number(left);
      const std::string_view other = take_number(right);
      if (one.size() != other.size()) return one.size() < other.size();
      if (one != other) return one < other;
      continue;
    }
    if (left.front() != right.front()) return left.front() < right.front();
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  return left.empty() && !right.empty();
}

std::vector<std::string> case_ids(const json& run) {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : run.at("cases").items()) ids.push_back(id);
  std::ranges::sort(ids, comes_before);
  return ids;
}

std::string_view outcome_of(const json& entry) {
  if (entry.value("unexpected_pass", false)) return "unexpected_pass";
  const std::string verdict = entry.at("verdict");
  const bool unsupported = verdict == "unsupported" || verdict == "UNIMPLEMENTED";
  if (entry.at("passed").get<bool>()) {
    if (unsupported) return "unsupported";
    if (verdict == "non_strict" || verdict == "NON-STRICT") return "non_strict";
    if (verdict == "informational" || verdict == "INFORMATIONAL") return "informational";
    return "ok";
  }
  if (entry.contains("baseline")) return "expected_failure";
  if (verdict == "MISSING") return "missing";
  return unsupported ? "unsupported" : "failed";
}

std::string describe_verdicts(const json& entry) {
  std::string text = entry.at("verdict");
  if (!entry.at("close_verdict").is_null()) {
    text += ", " + entry.at("close_verdict").get<std::string>();
  }
  if (const auto compatible = entry.find("compatible"); compatible != entry.end()) {
    text += "; Autobahn: " + compatible->at("behavior").get<std::string>() + ", " +
            compatible->at("behavior_close").get<std::string>();
  }
  return text;
}

namespace {

json parse_file(const std::filesystem::path& path, const json::parser_callback_t& callback) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError("\"" + path.string() + "\" cannot be read");
  json value = json::parse(file, callback, false);
  if (value.is_discarded()) throw InputError("\"" + path.string() + "\" is not JSON");
  return value;
}

}  // namespace

json read_json(const std::filesystem::path& path) { return parse_file(path, nullptr); }

json read_run(const std::filesystem::path& path) {
  constexpr int kInRun = 1;
  constexpr int kEntry = 2;  // within the run and its cases
  bool in_cases = false;
  const auto pack_entries = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth == kInRun && event == json::parse_event_t::key) in_cases = parsed == "cases";
    if (depth == kEntry && event == json::parse_event_t::object_end && in_cases) {
      pack_details(parsed);
    }
    return true;
  };
  json run = parse_file(path, pack_entries);
  const auto complain = [&](const std::string& what) {
    throw InputError("\"" + path.string() + "\" is no run file: " + what +
                     "; write one with --json");
  };
  if (!run.is_object() || run.value("format", json()) != "wsproof-run") {
    complain(R"(it has no "format": "wsproof-run")");
  }
  if (run.value("version", json()) != 1) complain("its version is not 1");
  for (const char* member : {"implementation", "suite", "totals", "cases", "selection"}) {
    if (!run.value(member, json()).is_object()) complain(std::string(member) + " is missing");
  }
  for (const char* member : {"id", "status", "started"}) {
    if (!run.value(member, json()).is_string()) complain(std::string(member) + " is missing");
  }
  for (const auto& [id, entry] : run["cases"].items()) {
    const bool usable = entry.is_object() && entry.value("verdict", json()).is_string() &&
                        entry.contains("close_verdict") && entry.contains("duration_ms") &&
                        entry.value("passed", json()).is_boolean() &&
                        entry.value("title", json()).is_string();
    if (!usable) complain("the case \"" + id + "\" has no verdict");
  }
  return run;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  write_file(path, [&](std::ostream& file) {
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
  });
}

void write_file(const std::filesystem::path& path,
                const std::function<void(std::ostream&)>& write) {
  const auto complain = [&] { throw InputError("\"" + path.string() + "\" cannot be written"); };
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  // A pipe or a device, such as /dev/stdout, cannot be replaced.
  const auto kind = std::filesystem::status(path, error).type();
  const bool in_place =
      kind != std::filesystem::file_type::not_found && kind != std::filesystem::file_type::regular;
  const std::filesystem::path part =
      in_place ? path
               : std::filesystem::path(path.string() + "." + std::to_string(getpid()) + ".part");
  std::ofstream file(part, std::ios::binary);
  write(file);
  file.close();
  if (!file) {
    if (!in_place) std::filesystem::remove(part, error);
    complain();
  }
  if (!in_place) {
    std::filesystem::rename(part, path, error);
    if (error) complain();
  }
}

}  // namespace ws::conformance
