// A run against clients: those that come, or those that are started here, with their crashes,
// hangs and sanitizer reports tied to the case that caused them.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "conformance/cli/options.hpp"
#include "conformance/cli/result_sink.hpp"
#include "conformance/endpoints/client_runner.hpp"
#include "conformance/endpoints/process.hpp"

namespace ws::conformance {

/// What `options` say of a client's name, which goes where a command has {agent}.
std::string agent_of(const Options& options);

class ClientRun {
 public:
  /// `url` is where `runner` listens; `watch` looks at clients that are started here, and may be
  /// null.
  ClientRun(const Options& options, ClientRunner& runner, std::string url,
            std::shared_ptr<ResourceWatch> watch);

  /// Serves clients that come by themselves, until one has asked for reports.
  ///
  /// Returns: why the run could not go on; empty if it went through.
  std::string serve(const std::vector<const Case*>& cases, ResultSink& results);

  /// Starts `command`, with {url} for the URL and {agent} for the name, and serves it. It is to
  /// speak Autobahn's protocol. After a crash it is started again for what is left.
  ///
  /// Returns: as `serve`.
  std::string spawn(const std::string& command, const std::vector<const Case*>& cases,
                    ResultSink& results);

  /// Starts `command` for each play of each case, `jobs` at a time, with {case_url} for the URL to
  /// connect to and nothing more: the client only has to echo.
  ///
  /// Returns: as `serve`.
  std::string spawn_for_each_play(const std::string& command, int jobs,
                                  const std::vector<const Case*>& cases, ResultSink& results);

  /// Ends the run soon; may be called from any thread.
  void stop();

 private:
  /// Why a request of the client was not served, as the end of a sentence; empty: none.
  std::string refusal() const;
  const Options& options_;
  ClientRunner& runner_;
  std::string url_;
  std::shared_ptr<ResourceWatch> watch_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace ws::conformance
