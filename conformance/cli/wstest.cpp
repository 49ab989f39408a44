#include "conformance/cli/wstest.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "conformance/cli/endpoint_commands.hpp"
#include "conformance/cli/options.hpp"
#include "conformance/cli/results.hpp"
#include "conformance/cli/rounds.hpp"
#include "conformance/cli/wstest_spec.hpp"
#include "conformance/endpoints/certificates.hpp"
#include "conformance/endpoints/client_runner.hpp"
#include "conformance/endpoints/target.hpp"
#include "conformance/harness/opening_fields.hpp"
#include "conformance/harness/run_file.hpp"
#include "conformance/outputs/autobahn_report.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

void apply(const WstestTimeouts& timeouts, Options& options) {
  const auto limit = [](std::optional<double> seconds) {
    constexpr double kDay = 24.0 * 60 * 60;
    return seconds == 0.0 ? std::optional(kDay) : seconds;
  };
  options.open_timeout = limit(timeouts.open);
  options.close_timeout = limit(timeouts.close);
  options.drop_timeout = limit(timeouts.drop);
}

/// The Server field of a response of the run, which names a server without a name in the spec.
std::string server_field_of(const json& run) {
  for (const auto& [id, entry] : run.at("cases").items()) {
    const json handshake = unpack_details(entry).value("handshake", json::object());
    const json head = handshake.is_object() ? handshake.value("response", json()) : json();
    if (!head.is_string()) continue;
    const auto servers = values_of(fields_of(head.get_ref<const std::string&>()), "server");
    if (!servers.empty() && !servers.front().empty()) return servers.front();
  }
  return "UnknownServer";
}

/// Takes out of a run what Autobahn's reports do not have: what was not played, or not to be.
void keep_reported(const WstestSpec& spec, const std::string& agent, json& run) {
  json& cases = run.at("cases");
  for (const std::string& id : case_ids(run)) {
    if (is_excluded(spec, agent, id) || cases.at(id).at("verdict") == "MISSING") cases.erase(id);
  }
}

int run_fuzzingclient(const WstestSpec& spec) {
  std::vector<json> runs;
  int worst = kPassed;
  for (const WstestServer& server : spec.servers) {
    Options options{.name = server.agent, .url = server.url, .tls_name = server.hostname};
    apply(server.timeouts, options);
    for (const Case* test : spec.cases) {
      // Without a name it is known only afterwards.
      if (server.agent.empty() || !is_excluded(spec, server.agent, test->id)) {
        options.cases.push_back(test->id);
      }
    }
    if (options.cases.empty()) continue;
    json run;
    const int status = test_server(options, &run);
    if (status != kFailed) worst = std::max(worst, status);
    if (run.is_null()) continue;  // its URL is none
    std::string agent = server.agent.empty() ? server_field_of(run) : server.agent;
    keep_reported(spec, agent, run);
    run.at("implementation").at("name") = std::move(agent);
    runs.push_back(std::move(run));
    if (status == kHarnessError) break;  // interrupted
  }
  write_autobahn_report(spec.outdir, runs);
  std::cout << "reports: " << spec.outdir << '\n';
  return worst;
}

/// What clients did so far, by their names for themselves.
class Reports {
 public:
  explicit Reports(const WstestSpec& spec) : spec_(spec), started_(utc_now()) {}

  void add(CaseResult result) {
    if (is_excluded(spec_, result.agent, result.test->id)) return;
    std::cout << result.agent << ": " << result.test->id << ", "
              << to_string(result.compatible->behavior) << ", "
              << to_string(result.compatible->close) << std::endl;
    results_[result.agent][result.test->number] = std::move(result);
  }

  void write() const {
    std::vector<json> runs;
    for (const auto& [agent, results] : results_) {
      const RunInfo info{.name = agent, .role = Role::client, .started = started_};
      json cases = json::object();
      for (const auto& [number, result] : results) {
        cases[result.test->id] = make_case(info, {.test = result.test,
                                                  .transcript = &result.transcript,
                                                  .compatible = result.compatible,
                                                  .graded = result.graded});
      }
      runs.push_back(make_run(info, std::move(cases)));
    }
    write_autobahn_report(spec_.outdir, runs);
    std::cout << "reports: " << spec_.outdir << std::endl;
  }

 private:
  const WstestSpec& spec_;
  std::string started_;
  std::map<std::string, std::map<int, CaseResult>> results_;
};

int run_fuzzingserver(const WstestSpec& spec) {
  const auto target = parse_target(spec.url);
  if (!target || !target->path.empty() || target->resource != "/") {
    return complain("\"" + spec.url + "\" is no URL to listen on; ws://127.0.0.1:9001 is");
  }
  Options options;
  apply(spec.timeouts, options);
  RunnerSettings settings = runner_settings(options);
  std::optional<Certificates> made;
  if (target->secure) {
    if (spec.certificate.empty()) made.emplace(std::vector{target->host});
    try {
      settings.tls = std::make_shared<const TlsContext>(
          TlsServerSettings{.certificate_file = made ? made->certificate() : spec.certificate,
                            .key_file = made ? made->key() : spec.key});
    } catch (const std::runtime_error& error) {
      return complain(error.what());
    }
  }
  std::optional<ClientRunner> runner;
  // As wstest does, on all interfaces, whatever the URL names.
  for (const std::string host : {"::", "0.0.0.0"}) {
    try {
      runner.emplace(ListenAddress{.host = host, .port = target->port}, settings);
      break;
    } catch (const std::system_error& error) {
      if (host == "0.0.0.0") {
        return complain("cannot listen on port " + std::to_string(target->port) + ": " +
                        error.code().message());
      }
    }
  }
  std::cout << "listening on port " << runner->port() << ", " << std::to_string(spec.cases.size())
            << " cases";
  if (made) std::cout << ", clients can trust " << made->authority();
  std::cout << std::endl;
  Reports reports(spec);
  {
    const Stopper stopper([&] { runner->stop(); }, 0);
    runner->run(
        spec.cases,
        {.on_result = [&](CaseResult result) { reports.add(std::move(result)); },
         .on_update =
             [&](const std::string&, bool shutdown) {
               if (!shutdown) reports.write();
               return shutdown;
             },
         .on_trouble =
             [](const std::string& what) { std::cerr << "wsproof: " << what << std::endl; }});
  }
  reports.write();
  return kPassed;
}

}  // namespace

int run_wstest(const WstestOptions& options) {
  std::filesystem::path path = options.spec;
  if (path.empty()) {
    path = options.mode + ".json";
    if (!std::filesystem::exists(path)) {
      write_file(path, wstest_template(options.mode));
      std::cout << "wrote " << path.string() << '\n';
    }
  }
  const WstestSpec spec = read_wstest_spec(path, options.mode, options.url);
  for (const std::string& member : spec.without_effect) {
    std::cerr << "wsproof: \"" << path.string() << "\": " << member << " has no effect here\n";
  }
  return options.mode == "fuzzingclient" ? run_fuzzingclient(spec) : run_fuzzingserver(spec);
}

}  // namespace ws::conformance
