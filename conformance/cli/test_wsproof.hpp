// Runs the program itself, for the tests of this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/endpoints/temporary_directory.hpp"
#include "impl/apps/test_program.hpp"

namespace ws::conformance {

/// Files of a test.
class TestFiles {
 public:
  std::string path(const std::string& name) const { return directory_.path(name); }
  std::string read(const std::string& name) const;

  /// Returns: its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  TemporaryDirectory directory_;
};

/// What became of a run.
struct ProgramEnd {
  std::optional<int> status{};
  std::string output{};
  std::string errors{};
};

/// Runs wsproof to its end.
ProgramEnd run_wsproof(const std::vector<std::string>& arguments);

/// The commands of a right server and of a right client, with {port} and {url}, and with TLS.
std::string right_server();
std::string right_client();
std::string secure_server();
std::string secure_client();

}  // namespace ws::conformance
