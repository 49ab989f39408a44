#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "conformance/cli/endpoint_commands.hpp"
#include "conformance/cli/kept_options.hpp"
#include "conformance/cli/limited_cases.hpp"
#include "conformance/cli/profile.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/cli/rounds.hpp"
#include "conformance/cli/server_run.hpp"
#include "conformance/endpoints/certificates.hpp"
#include "conformance/endpoints/target.hpp"
#include "conformance/endpoints/temporary_directory.hpp"
#include "conformance/harness/message_limits.hpp"

namespace ws::conformance {
namespace {

/// What the command of a server names: where to listen, and files for TLS.
struct Spawned {
  std::string command{};
  std::optional<Certificates> certificates{};
  std::optional<TemporaryDirectory> directory{};  // of the socket
};

}  // namespace

int test_server(const Options& options, nlohmann::json* run_file) {
  const bool spawns = !options.spawn.empty();
  if (options.url.empty() && !spawns) {
    return complain("server needs a URL, such as ws://127.0.0.1:9001/, or --spawn COMMAND");
  }
  const bool on_socket = options.spawn.contains("{socket}");
  if (spawns && !on_socket && !options.spawn.contains("{port}")) {
    return complain("--spawn: \"" + options.spawn +
                    "\" has no {port}, which stands for the port to listen on, nor {socket} for " +
                    "the file of a Unix socket");
  }
  Spawned spawned{.command = options.spawn};
  std::string url = options.url;
  if (url.empty()) url = on_socket ? "unix:{socket}" : "ws://127.0.0.1:{port}/";
  std::string shown_url = url;
  if (spawns) {
    if (on_socket) {
      spawned.directory.emplace();
      const std::string path = spawned.directory->path("socket");
      spawned.command = replace_name(spawned.command, "socket", quote(path));
      url = replace_name(url, "socket", path);
    }
    url = replace_name(url, "port", "1");
  }
  auto target = parse_target(url);
  if (!target || (on_socket && target->path.empty())) {
    return complain("\"" + shown_url +
                    "\" is no URL of a server; ws://HOST:PORT/PATH, wss://.. and unix:FILE are");
  }
  if (!options.ca.empty() && !target->secure) {
    return complain("--ca: \"" + shown_url + "\" has no certificate; a wss URL has");
  }
  target->tls_name = options.tls_name;
  RunnerSettings settings = runner_settings(options);
  if (target->secure) {
    try {
      settings.tls = std::make_shared<const TlsContext>(TlsClientSettings{
          .ca_file = options.ca, .insecure = options.ca.empty() && options.tls_name.empty()});
    } catch (const std::runtime_error& error) {
      return complain("--ca: " + std::string(error.what()));
    }
    if (options.wire_tap) tap_keys(*settings.tls, *options.wire_tap);
    if (spawns) {
      const Certificates& made = spawned.certificates.emplace(std::vector{target->host});
      for (const auto& [name, path] :
           {std::pair{"certificate", made.certificate()}, std::pair{"key", made.key()},
            std::pair{"ca", made.authority()}}) {
        spawned.command = replace_name(spawned.command, name, quote(path));
      }
    }
  }
  ProfiledCases cases = apply_profile(options.profile,
                                      {.role = Role::server,
                                       .secure = target->secure,
                                       .spawned = spawns,
                                       .has_origins = !options.origin.empty(),
                                       .has_missing = !options.missing.empty()},
                                      selected(options, Role::server));
  LimitedCases limited(cases);
  ServerRun run(options, settings, *target, spawns ? std::optional(spawned.command) : std::nullopt);
  Results results(options, cases.all,
                  {.name = options.name.empty() ? "server" : options.name,
                   .role = Role::server,
                   .target = spawns ? options.spawn : shown_url,
                   .tls = target->secure,
                   .options = keep_options(options),
                   .reproduce = "wsproof server" + options_to_reproduce(options)});
  results.stop_on_failure([&] { run.stop(); });
  const Stopper stopper([&] { run.stop(); }, options.run_timeout);
  bool started = false;
  std::optional<LimitedCases::Fitted> fitted;
  int limited_jobs = 0;
  const int status = play_rounds(options, results, stopper, [&] {
    for (const CaseResult& result : cases.unsupported) results.add(result);
    std::string why = started ? "" : run.start();
    started = true;
    if (why.empty()) why = run.run(cases.played, results);
    // Last, since what a limit is found out with may be too much for the server.
    if (why.empty() && !limited.empty() && !stopper.interrupted() && !stopper.out_of_time()) {
      if (!fitted) {
        const auto told = told_limits(options);
        const auto limits = told ? told : run.find_limits();
        fitted = limited.fit(limits);
        limited_jobs = limits && limits->frame > kLightLimit ? 1 : 0;
      }
      for (const CaseResult& result : fitted->unsupported) results.add(result);
      why = run.run(fitted->played, results, limited_jobs);
    }
    results.info().endpoint_output = run.output();
    return why;
  });
  if (run_file != nullptr) *run_file = results.run();
  return status;
}

}  // namespace ws::conformance
