#include "conformance/outputs/requirements.hpp"

#include <nlohmann/json.hpp>

namespace ws::conformance {

using nlohmann::json;

const std::vector<Requirement>& requirements() {
  static const std::vector<Requirement> kAll = [] {
    std::vector<Requirement> all;
    for (const json& entry : json::parse(requirement_files::kRequirements)) {
      all.push_back({.id = entry.at("id"),
                     .section = entry.at("section"),
                     .level = entry.at("level"),
                     .role = entry.at("role"),
                     .text = entry.at("text"),
                     .testable = entry.at("testable")});
    }
    return all;
  }();
  return kAll;
}

const std::vector<Exemption>& exemptions() {
  static const std::vector<Exemption> kAll = [] {
    std::vector<Exemption> all;
    for (const json& entry : json::parse(requirement_files::kUncovered)) {
      all.push_back(
          {.id = entry.at("id"), .role = entry.value("role", ""), .reason = entry.at("reason")});
    }
    return all;
  }();
  return kAll;
}

}  // namespace ws::conformance
