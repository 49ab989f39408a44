// Plays cases with clients that come and ask for them in Autobahn's way.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conformance/endpoints/runner.hpp"
#include "conformance/harness/case.hpp"
#include "conformance/harness/player.hpp"

namespace ws::conformance {

/// Where to listen: on a port, or on a Unix socket.
struct ListenAddress {
  std::string host = "127.0.0.1";  ///< a name or an address, IPv6 without brackets
  std::uint16_t port = 0;          ///< 0: any that is free
  std::string path{};              ///< of a Unix socket, instead

  bool operator==(const ListenAddress&) const = default;
};

/// What a run with clients tells, on the thread that runs it.
struct ClientEvents {
  OnResult on_result{};
  /// A client asks for reports; `shutdown`: and for an end. True ends the run.
  std::function<bool(const std::string& agent, bool shutdown)> on_update{};
  /// A client asked for this play. May be empty.
  std::function<void(const Case& test, Segmentation segmentation)> on_begin{};
  /// A client could not be served, and why. May be empty.
  std::function<void(const std::string& what)> on_trouble{};
};

/// Speaks Autobahn's protocol for clients: /getCaseCount, /getCaseInfo, /runCase, /getCaseStatus,
/// /updateReports and /stopServer.
class ClientRunner {
 public:
  /// Listens on each address that the host has. With TLS in the settings clients have to speak it.
  ///
  /// Throws std::system_error.
  ClientRunner(const ListenAddress& address, RunnerSettings settings);
  ~ClientRunner();

  /// 0 for a Unix socket.
  std::uint16_t port() const;

  /// Serves until `stop`, until `on_update` returns true, or until no client was there for the
  /// limit of the settings. A case is asked for by number or id; by id each request gets the next
  /// of its segmentations, or the one that the query names.
  ///
  /// Returns: false if it was for the limit.
  bool run(const std::vector<const Case*>& cases, const ClientEvents& events);

  /// The next client comes for this play. May be called from any thread. Cases that want TLS in
  /// their own way have to be known before a request names them; where nobody calls this, clients
  /// are taken to go through the cases in order, as they did before.
  void expect(const Case& test, Segmentation segmentation);

  /// Ends `run` soon; may be called from any thread.
  void stop();

  /// Why the latest request of a run could not be served, with its first line, for people; empty:
  /// there was none.
  const std::string& refusal() const;

  /// Returns: the number of the next `run`, before it, for `stop_when_idle`.
  int announce_run();

  /// Ends the run of that number once no connection is left: the client is gone, maybe before the
  /// run has begun. A run that comes later is not meant.
  void stop_when_idle(int run);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ws::conformance
