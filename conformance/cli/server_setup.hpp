// What the options say of a server: where it is, how it is started, how TLS is spoken with it.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "conformance/cli/options.hpp"
#include "conformance/endpoints/certificates.hpp"
#include "conformance/endpoints/runner.hpp"
#include "conformance/endpoints/target.hpp"
#include "conformance/endpoints/temporary_directory.hpp"

namespace ws::conformance {

struct ServerSetup {
  Target target{};
  RunnerSettings settings{};
  std::optional<std::string> command{};  ///< with {port}; nothing: the server is there already
  std::string shown{};                   ///< the URL or the command, as the options have it

  // What the command names.
  std::optional<Certificates> certificates{};
  std::optional<TemporaryDirectory> directory{};  ///< of the socket
};

/// Errors: what is wrong with the options.
std::expected<std::unique_ptr<ServerSetup>, std::string> set_up_server(const Options& options);

}  // namespace ws::conformance
