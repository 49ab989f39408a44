#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "conformance/cli/client_run.hpp"
#include "conformance/cli/endpoint_commands.hpp"
#include "conformance/cli/kept_options.hpp"
#include "conformance/cli/limited_cases.hpp"
#include "conformance/cli/profile.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/cli/rounds.hpp"
#include "conformance/endpoints/certificates.hpp"
#include "conformance/endpoints/client_runner.hpp"
#include "conformance/endpoints/schedule.hpp"

namespace ws::conformance {
namespace {

/// Clients that come or are started, each run with a port and a part of the cases of its own.
class ClientRuns {
 public:
  /// Throws std::system_error if it cannot listen.
  ClientRuns(const Options& options, const RunnerSettings& settings, const ListenAddress& address,
             int count, const std::vector<const Case*>& cases) {
    for (std::vector<const Case*>& share : share_out(cases, count)) {
      auto& part = parts_.emplace_back(std::make_unique<Part>(
          options, Part::with_watch(settings, !options.spawn.empty()), address));
      part->cases = std::move(share);
    }
  }

  const std::string& url() const { return parts_.front()->url; }

  void stop() {
    for (const auto& part : parts_) part->run.stop();
  }

  /// Plays all parts side by side. Returns: why one of them could not go on.
  std::string play(const std::string& command, int jobs, Results& results) {
    std::vector<std::string> reasons(parts_.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      threads.emplace_back([&, i] { reasons[i] = play(*parts_[i], command, jobs, results); });
    }
    for (std::thread& thread : threads) thread.join();
    const auto first = std::ranges::find_if(reasons, [](const auto& why) { return !why.empty(); });
    return first == reasons.end() ? "" : *first;
  }

 private:
  struct Part {
    Part(const Options& options, const RunnerSettings& settings, const ListenAddress& address)
        : runner(address, settings),
          url(url_of(address, runner.port(), settings.tls != nullptr)),
          run(options, runner, url, settings.watch) {}

    /// Each process is watched by itself.
    static RunnerSettings with_watch(RunnerSettings settings, bool spawns) {
      if (spawns) settings.watch = std::make_shared<ResourceWatch>();
      return settings;
    }

    /// Where a client of this machine connects to.
    static std::string url_of(const ListenAddress& address, std::uint16_t port, bool secure) {
      const std::string scheme = secure ? "wss" : "ws";
      // As npm's ws has it.
      if (!address.path.empty()) return scheme + "+unix:" + address.path + ":/";
      std::string host = address.host;
      if (host == "0.0.0.0") host = "127.0.0.1";
      if (host == "::") host = "::1";
      if (host.contains(':')) host = "[" + host + "]";
      return scheme + "://" + host + ":" + std::to_string(port) + "/";
    }

    ClientRunner runner;
    std::string url;
    ClientRun run;
    std::vector<const Case*> cases{};
  };

  static std::string play(Part& part, const std::string& command, int jobs, Results& results) {
    if (command.empty()) return part.run.serve(part.cases, results);
    if (command.contains("{case_url}")) {
      return part.run.spawn_for_each_play(command, jobs, part.cases, results);
    }
    return part.run.spawn(command, part.cases, results);
  }

  std::vector<std::unique_ptr<Part>> parts_;
};

/// Whether `host` is a name, which goes into a TLS handshake; an address does not (RFC 6066).
bool is_name(const std::string& host) {
  return host.find_first_not_of("0123456789.") != std::string::npos && !host.contains(':');
}

}  // namespace

int test_client(const Options& options, nlohmann::json* run_file) {
  if (!options.spawn.empty() && !options.spawn.contains("{url}") &&
      !options.spawn.contains("{case_url}")) {
    return complain("--spawn: \"" + options.spawn +
                    "\" has neither {url} nor {case_url}, which stand for where to connect");
  }
  // A client that is started here is told the port.
  const std::string listen = !options.listen.empty() ? options.listen
                             : options.spawn.empty() ? "9001"
                             // A name, so that a client has one to tell by TLS.
                             : options.tls ? "localhost:0"
                                           : "0";
  const auto address = parse_listen(listen);
  if (!address) {
    return complain("--listen: \"" + listen +
                    "\" is no [HOST:]PORT, such as 9001, localhost:9001 or [::1]:9001, nor " +
                    "unix:FILE");
  }
  const bool spawns = !options.spawn.empty();
  const bool once_for_each = options.spawn.contains("{case_url}");
  const int processes = options.jobs > 0 ? options.jobs : 1;
  if (spawns && !once_for_each && processes > 1 && (address->port != 0 || !address->path.empty())) {
    return complain("--jobs " + std::to_string(processes) + ": each client needs a port of its " +
                    "own, and --listen names one; leave it out or give port 0");
  }
  if (options.certificate.empty() != options.key.empty()) {
    return complain("--certificate and --key go together");
  }
  const bool secure = options.tls || !options.certificate.empty();
  RunnerSettings settings = runner_settings(options);
  // What is started here is watched as a process.
  if (!spawns && options.idle_timeout > 0) settings.silence_limit = time_of(options.idle_timeout);
  std::shared_ptr<const Certificates> made;
  std::string authority = options.certificate;
  if (secure) {
    if (options.certificate.empty()) {
      made = std::make_shared<const Certificates>(std::vector{address->host});
      authority = made->authority();
      if (spawns) settings.certificates = made;
    }
    try {
      settings.tls = std::make_shared<const TlsContext>(
          TlsServerSettings{.certificate_file = made ? made->certificate() : options.certificate,
                            .key_file = made ? made->key() : options.key});
    } catch (const std::runtime_error& error) {
      return complain("--certificate: " + std::string(error.what()));
    }
    if (options.wire_tap) tap_keys(*settings.tls, *options.wire_tap);
  } else if (options.spawn.contains("{ca}")) {
    return complain("--spawn: \"" + options.spawn + "\" has {ca}, which there is with --tls alone");
  }
  const std::string command = replace_name(options.spawn, "ca", quote(authority));
  ProfiledCases cases = apply_profile(options.profile,
                                      {.role = Role::client,
                                       .secure = secure,
                                       .spawned = spawns,
                                       .has_origins = !options.origin.empty(),
                                       .knows_authority = options.spawn.contains("{ca}"),
                                       .foresees_clients = settings.certificates != nullptr,
                                       .has_name = address->path.empty() && is_name(address->host),
                                       .takes_any_url = once_for_each},
                                      selected(options, Role::client));
  LimitedCases limited(cases);
  auto fitted = limited.fit(told_limits(options));
  std::ranges::move(fitted.played, std::back_inserter(cases.played));
  std::ranges::move(fitted.unsupported, std::back_inserter(cases.unsupported));
  std::optional<ClientRuns> runs;
  try {
    runs.emplace(options, settings, *address, spawns && !once_for_each ? processes : 1,
                 cases.played);
  } catch (const std::system_error& error) {
    return complain("--listen: cannot listen on \"" + listen + "\": " + error.code().message());
  }
  if (!spawns) {
    std::cout << "listening on " << runs->url() << ", for clients that speak Autobahn's protocol";
    if (secure) std::cout << " and trust " << authority;
    std::cout << std::endl;
  }
  Results results(options, cases.all,
                  {.name = options.name.empty() ? "client" : options.name,
                   .role = Role::client,
                   .target = spawns ? options.spawn : "client of " + runs->url(),
                   .tls = secure,
                   .options = keep_options(options),
                   .reproduce = "wsproof client" + options_to_reproduce(options)});
  results.stop_on_failure([&] { runs->stop(); });
  const Stopper stopper([&] { runs->stop(); }, options.run_timeout);
  const int jobs = options.jobs > 0 ? options.jobs : processor_cores();
  const int status = play_rounds(options, results, stopper, [&] {
    for (const CaseResult& result : cases.unsupported) results.add(result);
    return runs->play(command, jobs, results);
  });
  if (run_file != nullptr) *run_file = results.run();
  return status;
}

}  // namespace ws::conformance
