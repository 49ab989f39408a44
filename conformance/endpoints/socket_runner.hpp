// Plays cases over TCP, several at a time: against a server that listens, or with clients that
// come and ask for them in Autobahn's way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/harness/player.hpp"
#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// One case, played and judged.
struct CaseResult {
  const Case* test = nullptr;
  std::string agent{};  ///< the client's name for itself; empty for servers
  std::optional<CompatibleVerdict> compatible{};  ///< none for cases that Autobahn does not have
  GradedVerdict graded{};
  Transcript transcript{};
  std::string endpoint_output{};  ///< what it wrote meanwhile, if it was started here
};

using OnResult = std::function<void(CaseResult)>;

struct RunnerSettings {
  int jobs = 1;                                ///< cases at a time, against servers
  Time case_limit = std::chrono::seconds(60);  ///< beyond what a case's own timers take
  std::uint64_t seed = 0;                      ///< of keys and masks; each case's id is mixed in
  std::optional<Time> silence_limit{};         ///< without any client, after which its run ends
};

/// A ws URL, taken apart.
struct Target {
  std::string host{};
  std::uint16_t port = 0;
  std::string resource = "/";
};

/// Returns: nothing unless `url` is a ws URL. (No TLS yet.)
std::optional<Target> parse_target(std::string_view url);

class ServerRunner {
 public:
  ServerRunner(Target target, RunnerSettings settings);
  ~ServerRunner();

  /// Whether the server accepts a connection now.
  bool is_ready();

  /// Plays `cases` and reports each as it ends, in any order. Returns when all have, or after
  /// `stop`.
  void run(const std::vector<const Case*>& cases, const OnResult& on_result);

  /// Ends `run` soon; may be called from any thread.
  void stop();

  /// How many cases `run` began, in the order that they were given in.
  std::size_t begun() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a run with clients tells, on the thread that runs it.
struct ClientEvents {
  OnResult on_result{};
  /// A client asks for reports; `shutdown`: and for an end. True ends the run.
  std::function<bool(const std::string& agent, bool shutdown)> on_update{};
  /// A client asked for this play. May be empty.
  std::function<void(const Case& test, Segmentation segmentation)> on_begin{};
};

/// Speaks Autobahn's protocol for clients: /getCaseCount, /getCaseInfo, /runCase, /getCaseStatus,
/// /updateReports and /stopServer.
class ClientRunner {
 public:
  /// Listens on `port`, 0 for any free one, of each address of `host`, a name or an address.
  ///
  /// Throws std::system_error.
  ClientRunner(const std::string& host, std::uint16_t port, RunnerSettings settings);
  ~ClientRunner();

  std::uint16_t port() const;

  /// Serves until `stop`, until `on_update` returns true, or until no client was there for the
  /// limit of the settings. A case is asked for by number or id; by id each request gets the next
  /// of its segmentations, or the one that the query names.
  ///
  /// Returns: false if it was for the limit.
  bool run(const std::vector<const Case*>& cases, const ClientEvents& events);

  /// Ends `run` soon; may be called from any thread.
  void stop();

  /// Ends `run` once no connection is left: the client is gone.
  void stop_when_idle();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ws::conformance
