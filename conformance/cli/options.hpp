// What the command line says, for all commands of wsproof.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

// Exit statuses.
inline constexpr int kPassed = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kEndpointDead = 3;
inline constexpr int kHarnessError = 4;

struct Options {
  std::vector<std::string> cases{};
  std::vector<std::string> excluded{};
  std::string json{};
  std::string name{};
  std::uint64_t seed = 0;
  int jobs = 0;
  double case_timeout = 60;   ///< seconds
  double ready_timeout = 10;  ///< seconds
  bool quiet = false;
  std::string url{};
  std::string listen = "127.0.0.1:9001";
  std::string id{};
};

/// The cases that the options mean. Throws CLI::ValidationError for a pattern that means none.
std::vector<const Case*> selected(const Options& options);

}  // namespace ws::conformance
