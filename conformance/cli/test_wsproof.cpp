#include "conformance/cli/test_wsproof.hpp"

#include <chrono>
#include <fstream>
#include <sstream>

namespace ws::conformance {

std::string TestFiles::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name)) << text;
  return path(name);
}

std::string TestFiles::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(path(name)).rdbuf();
  return text.str();
}

ProgramEnd run_wsproof(const std::vector<std::string>& arguments) {
  testing::Program program(WSPROOF_PROGRAM, arguments);
  // Only a hang takes so long: cases that measure take many seconds on a busy machine.
  const auto status = program.wait(std::chrono::minutes(3));
  return {.status = status, .output = program.output(), .errors = program.errors()};
}

std::string right_server() { return std::string(WSPROOF_MUTANT) + " --role server --port {port}"; }

std::string right_client() {
  return std::string(WSPROOF_MUTANT) + " --role client --url {url} --agent {agent}";
}

std::string secure_server() {
  return right_server() + " --tls-certificate {certificate} --tls-key {key}";
}

std::string secure_client() { return right_client() + " --tls-ca {ca}"; }

}  // namespace ws::conformance
