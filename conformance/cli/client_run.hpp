// A run against clients: those that come, or those that are started here, with their crashes,
// hangs and sanitizer reports tied to the case that caused them.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "conformance/cli/options.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/endpoints/process.hpp"
#include "conformance/endpoints/socket_runner.hpp"

namespace ws::conformance {

class ClientRun {
 public:
  /// `url` is where `runner` listens.
  ClientRun(const Options& options, ClientRunner& runner, std::string url);

  /// Serves clients that come by themselves, until one has asked for reports.
  void serve(const std::vector<const Case*>& cases, Results& results);

  /// Starts `command`, with {url} for the URL and {agent} for the name, and serves it. It is to
  /// speak Autobahn's protocol. After a crash it is started again for what is left. With {case_url}
  /// in it, it is started once for each case and has to run that one.
  ///
  /// Returns: why the run could not go on; empty if it went through.
  std::string spawn(const std::string& command, const std::vector<const Case*>& cases,
                    Results& results);

  /// Ends the run soon; may be called from any thread.
  void stop();

 private:
  void take_name(const std::string& agent, Results& results) const;
  std::string spawn_once_for_each(const std::string& command, const std::vector<const Case*>& cases,
                                  Results& results);

  const Options& options_;
  ClientRunner& runner_;
  std::string url_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace ws::conformance
