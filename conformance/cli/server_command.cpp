#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "conformance/cli/endpoint_commands.hpp"
#include "conformance/cli/kept_options.hpp"
#include "conformance/cli/limited_cases.hpp"
#include "conformance/cli/profile.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/cli/rounds.hpp"
#include "conformance/cli/server_run.hpp"
#include "conformance/cli/server_setup.hpp"
#include "conformance/harness/message_limits.hpp"

namespace ws::conformance {
int test_server(const Options& options, nlohmann::json* run_file) {
  const auto setup = set_up_server(options);
  if (!setup) return complain(setup.error());
  const Target& target = (*setup)->target;
  ProfiledCases cases = apply_profile(options.profile,
                                      {.role = Role::server,
                                       .secure = target.secure,
                                       .spawned = (*setup)->command.has_value(),
                                       .has_origins = !options.origin.empty(),
                                       .has_missing = !options.missing.empty()},
                                      selected(options, Role::server));
  LimitedCases limited(cases);
  RunnerSettings settings = (*setup)->settings;
  settings.patience = std::make_shared<Patience>();
  ServerRun run(options, settings, target, (*setup)->command);
  Results results(options, cases.all,
                  {.name = options.name.empty() ? "server" : options.name,
                   .role = Role::server,
                   .target = (*setup)->shown,
                   .tls = target.secure,
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
    results.keep_output(run.output());
    tell_waits_cut(*settings.patience, results);
    return why;
  });
  if (run_file != nullptr) *run_file = results.run();
  return status;
}

}  // namespace ws::conformance
