// What the options say of clients: where they come to, how they are started, how TLS is spoken with
// them; and the clients that come or are started.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "conformance/cli/client_run.hpp"
#include "conformance/cli/options.hpp"
#include "conformance/endpoints/certificates.hpp"
#include "conformance/endpoints/client_runner.hpp"
#include "conformance/endpoints/runner.hpp"

namespace ws::conformance {

struct ClientSetup {
  std::string listen{};  ///< as it was given, or is by default
  ListenAddress address{};
  RunnerSettings settings{};
  bool secure = false;
  bool spawns = false;
  bool once_for_each = false;  ///< a client is started for each play
  int processes = 1;           ///< clients that share the cases
  int jobs = 1;                ///< clients at a time, of those that are started for each play
  std::string command{};       ///< that starts one
  std::string authority{};     ///< the file of the CA that clients are to trust
  std::shared_ptr<const Certificates> made{};
};

/// Errors: what is wrong with the options.
std::expected<ClientSetup, std::string> set_up_client(const Options& options);

/// Clients that come or are started, each run with a port and a part of the cases of its own.
class ClientRuns {
 public:
  /// Throws std::system_error if it cannot listen.
  ClientRuns(const Options& options, const ClientSetup& setup);

  const std::string& url() const { return parts_.front()->url; }

  void stop();

  /// Plays the cases, shared out to all parts. Returns: why one of them could not go on.
  std::string play(const std::vector<const Case*>& cases, ResultSink& results);

 private:
  struct Part {
    Part(const Options& options, const RunnerSettings& settings, const ListenAddress& address);

    ClientRunner runner;
    std::string url;
    ClientRun run;
  };

  std::string play(Part& part, const std::vector<const Case*>& cases, ResultSink& results) const;

  std::string command_;
  int jobs_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace ws::conformance
