#include "conformance/cli/test_wsproof.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp

namespace ws::conformance {

TestDirectory::TestDirectory() {
  std::string pattern = std::filesystem::temp_directory_path() / "wsproof-test-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory");
  directory_ = pattern;
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string TestDirectory::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name)) << text;
  return path(name);
}

std::string TestDirectory::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(path(name)).rdbuf();
  return text.str();
}

Outcome run_wsproof(const std::vector<std::string>& arguments) {
  testing::Program program(WSPROOF_PROGRAM, arguments);
  const auto status = program.wait();
  return {.status = status, .output = program.output(), .errors = program.errors()};
}

std::string right_server() { return std::string(WSPROOF_MUTANT) + " --role server --port {port}"; }

std::string right_client() {
  return std::string(WSPROOF_MUTANT) + " --role client --url {url} --agent {agent}";
}

}  // namespace ws::conformance
