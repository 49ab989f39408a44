// Runs the program itself, for the tests of this folder.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "impl/apps/test_program.hpp"

namespace ws::conformance {

/// A directory that goes away with it.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  std::string path(const std::string& name) const { return directory_ / name; }

  /// Writes a file. Returns: its path.
  std::string write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path directory_;
};

/// What became of a run.
struct Outcome {
  std::optional<int> status{};
  std::string output{};
  std::string errors{};
};

/// Runs wsproof to its end.
Outcome run_wsproof(const std::vector<std::string>& arguments);

/// The commands of a right server and of a right client, with {port} and {url}.
std::string right_server();
std::string right_client();

}  // namespace ws::conformance
