#include <algorithm>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>

#include "conformance/cli/client_setup.hpp"
#include "conformance/cli/endpoint_commands.hpp"
#include "conformance/cli/kept_options.hpp"
#include "conformance/cli/limited_cases.hpp"
#include "conformance/cli/profile.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/cli/rounds.hpp"
#include "conformance/endpoints/client_runner.hpp"

namespace ws::conformance {
namespace {

/// Whether `host` is a name, which goes into a TLS handshake; an address does not (RFC 6066).
bool is_name(const std::string& host) {
  return host.find_first_not_of("0123456789.") != std::string::npos && !host.contains(':');
}

}  // namespace

int test_client(const Options& options, nlohmann::json* run_file) {
  auto setup = set_up_client(options);
  if (!setup) return complain(setup.error());
  const bool spawns = setup->spawns;
  const bool secure = setup->secure;
  const ListenAddress* address = &setup->address;
  ProfiledCases cases = apply_profile(options.profile,
                                      {.role = Role::client,
                                       .secure = secure,
                                       .spawned = spawns,
                                       .has_origins = !options.origin.empty(),
                                       .knows_authority = options.spawn.contains("{ca}"),
                                       .foresees_clients = setup->settings.certificates != nullptr,
                                       .has_name = address->path.empty() && is_name(address->host),
                                       .takes_any_url = setup->once_for_each},
                                      selected(options, Role::client));
  LimitedCases limited(cases);
  auto fitted = limited.fit(told_limits(options));
  std::ranges::move(fitted.played, std::back_inserter(cases.played));
  std::ranges::move(fitted.unsupported, std::back_inserter(cases.unsupported));
  setup->settings.patience = std::make_shared<Patience>();
  std::optional<ClientRuns> runs;
  try {
    runs.emplace(options, *setup);
  } catch (const std::system_error& error) {
    return complain("--listen: cannot listen on \"" + setup->listen +
                    "\": " + error.code().message());
  }
  if (!spawns) {
    std::cout << "listening on " << runs->url() << ", for clients that speak Autobahn's protocol";
    if (secure) std::cout << " and trust " << setup->authority;
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
  const int status = play_rounds(options, results, stopper, [&] {
    for (const CaseResult& result : cases.unsupported) results.add(result);
    const std::string why = runs->play(cases.played, results);
    tell_waits_cut(*setup->settings.patience, results);
    return why;
  });
  if (run_file != nullptr) *run_file = results.run();
  return status;
}

}  // namespace ws::conformance
