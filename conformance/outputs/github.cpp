#include <nlohmann/json.hpp>

#include "conformance/outputs/formats.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

std::string escape(std::string_view text, bool is_property) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '%':
        escaped += "%25";
        break;
      case '\r':
        escaped += "%0D";
        break;
      case '\n':
        escaped += "%0A";
        break;
      case ':':
        escaped += is_property ? "%3A" : ":";
        break;
      case ',':
        escaped += is_property ? "%2C" : ",";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string format_github(const nlohmann::json& run) {
  std::string text;
  for (const std::string& id : case_ids(run)) {
    const auto& entry = run.at("cases").at(id);
    const std::string_view outcome = outcome_of(entry);
    if (outcome != "failed" && outcome != "missing" && outcome != "unexpected_pass") continue;
    std::string message = outcome == "unexpected_pass"
                              ? "passed, though the baseline expects it to fail"
                              : entry.value("reason", "the case was not played");
    if (entry.contains("source")) message += " [" + entry.at("source").get<std::string>() + "]";
    text += "::error title=" +
            escape("wsproof " + id + " " + entry.at("title").get<std::string>(), true) +
            "::" + escape(message, false) + "\n";
  }
  const auto& totals = run.at("totals");
  text += "::notice title=wsproof::" + std::to_string(totals.at("passed").get<int>()) + " of " +
          std::to_string(totals.at("cases").get<int>()) + " cases passed\n";
  return text;
}

}  // namespace ws::conformance
