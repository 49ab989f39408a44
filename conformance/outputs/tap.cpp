#include <nlohmann/json.hpp>

#include "conformance/outputs/formats.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

/// A description or directive: # starts a directive, and a line is a line.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '#' || c == '\\') escaped += '\\';
    escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return escaped;
}

/// A string of YAML, whatever bytes are in it.
std::string quote(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string format_tap(const nlohmann::json& run) {
  const auto ids = case_ids(run);
  std::string text = "TAP version 13\n1.." + std::to_string(ids.size()) + "\n";
  int number = 0;
  for (const std::string& id : ids) {
    const auto& entry = run.at("cases").at(id);
    const std::string_view outcome = outcome_of(entry);
    const bool good = outcome != "failed" && outcome != "missing" &&
                      outcome != "expected_failure" && outcome != "unexpected_pass";
    text += (good ? "ok " : "not ok ") + std::to_string(++number) + " - " +
            escape(id + " " + entry.at("title").get<std::string>());
    if (outcome == "unsupported") text += " # SKIP " + escape(entry.value("reason", ""));
    if (outcome == "expected_failure") {
      text += " # TODO " + escape(entry.at("baseline").value("reason", ""));
    }
    text += '\n';
    if (!good) {
      const std::string reason = outcome == "unexpected_pass"
                                     ? "passed, though the baseline expects it to fail"
                                     : entry.value("reason", "the case was not played");
      text += "  ---\n  verdict: " + quote(describe_verdicts(entry)) +
              "\n  reason: " + quote(reason) + "\n";
      if (entry.contains("source")) text += "  source: " + quote(entry.at("source")) + "\n";
      text += "  ...\n";
    }
  }
  return text;
}

}  // namespace ws::conformance
