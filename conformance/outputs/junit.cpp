#include <cstdio>
#include <nlohmann/json.hpp>

#include "conformance/outputs/formats.hpp"
#include "conformance/outputs/markup.hpp"
#include "conformance/outputs/run.hpp"
#include "conformance/outputs/sections.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

/// Text for an attribute or an element. XML 1.0 has no control characters but tab and line ends.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const std::string_view entity = c == '\n' ? "&#10;" : entity_of(c);
    if (!entity.empty()) {
      escaped += entity;
    } else {
      escaped += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
    }
  }
  return escaped;
}

std::string seconds(const json& milliseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f",
                milliseconds.is_null() ? 0.0 : milliseconds.get<double>() / 1000);
  return text;
}

struct Suite {
  std::string cases{};
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
  double milliseconds = 0;
};

void add(Suite& suite, const std::string& id, const json& entry, const std::string& class_name) {
  const std::string_view outcome = outcome_of(entry);
  const std::string reason = entry.value("reason", "");
  const std::string source = entry.value("source", "");
  std::string verdicts = describe_verdicts(entry);
  std::string inside;
  if (outcome == "expected_failure" || outcome == "unsupported") {
    ++suite.skipped;
    const std::string why =
        outcome == "unsupported" ? reason : entry.at("baseline").value("reason", "");
    inside = "      <skipped message=\"" + escape(why) + "\"/>\n";
  } else if (outcome == "unexpected_pass") {
    ++suite.failures;
    inside =
        "      <failure type=\"unexpected_pass\" message=\"the baseline expects this case to "
        "fail, and it passed: take it out\"/>\n";
  } else if (outcome == "missing" || entry.at("verdict") == "harness_error") {
    ++suite.errors;
    inside = "      <error type=\"" + std::string(outcome) + "\" message=\"" +
             escape(reason.empty() ? "the case was not played" : reason) + "\"/>\n";
  } else if (outcome == "failed") {
    ++suite.failures;
    inside = "      <failure type=\"" + escape(entry.at("verdict").get<std::string>()) +
             "\" message=\"" + escape(reason) + "\">" + escape(verdicts) +
             (source.empty() ? "" : escape("\n" + source)) + "</failure>\n";
  }
  if (const std::string output = entry.value("endpoint_output", ""); !output.empty()) {
    inside += "      <system-out>" + escape(output) + "</system-out>\n";
  }
  ++suite.tests;
  if (!entry.at("duration_ms").is_null()) {
    suite.milliseconds += entry.at("duration_ms").get<double>();
  }
  suite.cases += "    <testcase classname=\"" + escape(class_name) + "\" name=\"" +
                 escape(id + " " + entry.at("title").get<std::string>()) + "\" time=\"" +
                 seconds(entry.at("duration_ms")) + "\"" +
                 (inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n");
}

std::string counts(const Suite& suite) {
  return " tests=\"" + std::to_string(suite.tests) + "\" failures=\"" +
         std::to_string(suite.failures) + "\" errors=\"" + std::to_string(suite.errors) +
         "\" skipped=\"" + std::to_string(suite.skipped) + "\"";
}

}  // namespace

std::string format_junit(const json& run) {
  const std::string name = run.at("implementation").at("name").get<std::string>() + " as " +
                           run.at("implementation").at("role").get<std::string>();
  // Without the fraction and the Z: the schema's timestamp has neither.
  const std::string started = run.at("started").get<std::string>().substr(0, 19);
  Suite all;
  std::string suites;
  for (const auto& [section, ids] : by_section(run)) {
    Suite suite;
    for (const std::string& id : ids) {
      add(suite, id, run.at("cases").at(id), "wsproof." + section);
    }
    suites += "  <testsuite name=\"" + escape(name + ", section " + section) + "\"" +
              counts(suite) + " time=\"" + seconds(suite.milliseconds) + "\" timestamp=\"" +
              started + "\" hostname=\"localhost\">\n" + suite.cases + "  </testsuite>\n";
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
    all.skipped += suite.skipped;
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"" + escape(name) + "\"" +
         counts(all) + " time=\"" + seconds(run.at("duration_ms")) + "\">\n" + suites +
         "</testsuites>\n";
}

}  // namespace ws::conformance
