#include <nlohmann/json.hpp>

#include "conformance/outputs/formats.hpp"

namespace ws::conformance {

std::string format_badge(const nlohmann::json& run) {
  const auto& totals = run.at("totals");
  const bool passed = run.at("status") == "passed";
  const bool complete = passed || run.at("status") == "failed";
  const std::string right = complete ? std::to_string(totals.at("passed").get<int>()) + "/" +
                                           std::to_string(totals.at("cases").get<int>())
                                     : "incomplete";
  const std::string left = "WebSocket";
  const std::string color = passed ? "#2e7d32" : complete ? "#c62828" : "#757575";
  // 11 px Verdana is about 7 px a character wide.
  const auto width = [](const std::string& text) { return static_cast<int>(text.size()) * 7 + 10; };
  const int left_width = width(left);
  const int all = left_width + width(right);
  const auto number = [](int value) { return std::to_string(value); };
  return R"(<svg xmlns="http://www.w3.org/2000/svg" width=")" + number(all) +
         R"(" height="20" role="img" aria-label=")" + left + ": " + right + R"("><title>)" + left +
         ": " + right + R"(</title><rect width=")" + number(all) +
         R"(" height="20" rx="3" fill="#424242"/><path d="M)" + number(left_width) + " 0h" +
         number(all - left_width - 3) + "a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H" + number(left_width) +
         R"(z" fill=")" + color +
         R"("/><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" )"
         R"(font-size="11"><text x=")" +
         number(left_width / 2) + R"(" y="14">)" + left + R"(</text><text x=")" +
         number((left_width + all) / 2) + R"(" y="14">)" + right + "</text></g></svg>\n";
}

}  // namespace ws::conformance
