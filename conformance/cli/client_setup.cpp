#include "conformance/cli/client_setup.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

#include "conformance/cli/rounds.hpp"
#include "conformance/endpoints/process.hpp"
#include "conformance/endpoints/schedule.hpp"

namespace ws::conformance {
namespace {

/// Each process is watched by itself.
RunnerSettings with_watch(RunnerSettings settings, bool spawns) {
  if (spawns) settings.watch = std::make_shared<ResourceWatch>();
  return settings;
}

/// Where a client of this machine connects to.
std::string url_of(const ListenAddress& address, std::uint16_t port, bool secure) {
  const std::string scheme = secure ? "wss" : "ws";
  // As npm's ws has it.
  if (!address.path.empty()) return scheme + "+unix:" + address.path + ":/";
  std::string host = address.host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.contains(':')) host = "[" + host + "]";
  return scheme + "://" + host + ":" + std::to_string(port) + "/";
}

}  // namespace

std::expected<ClientSetup, std::string> set_up_client(const Options& options) {
  const auto wrong = [](std::string what) { return std::unexpected(std::move(what)); };
  ClientSetup setup{.spawns = !options.spawn.empty()};
  if (setup.spawns && !options.spawn.contains("{url}") && !options.spawn.contains("{case_url}")) {
    return wrong("--spawn: \"" + options.spawn +
                 "\" has neither {url} nor {case_url}, which stand for where to connect");
  }
  // A client that is started here is told the port.
  setup.listen = !options.listen.empty() ? options.listen
                 : !setup.spawns         ? "9001"
                 // A name, so that a client has one to tell by TLS.
                 : options.tls ? "localhost:0"
                               : "0";
  const auto address = parse_listen(setup.listen);
  if (!address) {
    return wrong("--listen: \"" + setup.listen +
                 "\" is no [HOST:]PORT, such as 9001, localhost:9001 or [::1]:9001, nor " +
                 "unix:FILE");
  }
  setup.address = *address;
  setup.once_for_each = options.spawn.contains("{case_url}");
  setup.jobs = options.jobs > 0 ? options.jobs : processor_cores();
  const int processes = options.jobs > 0 ? options.jobs : 1;
  if (setup.spawns && !setup.once_for_each) setup.processes = processes;
  if (setup.processes > 1 && (address->port != 0 || !address->path.empty())) {
    return wrong("--jobs " + std::to_string(processes) + ": each client needs a port of its " +
                 "own, and --listen names one; leave it out or give port 0");
  }
  if (options.certificate.empty() != options.key.empty()) {
    return wrong("--certificate and --key go together");
  }
  setup.secure = options.tls || !options.certificate.empty();
  setup.settings = runner_settings(options);
  // What is started here is watched as a process.
  if (!setup.spawns && options.idle_timeout > 0) {
    setup.settings.silence_limit = time_of(options.idle_timeout);
  }
  setup.authority = options.certificate;
  if (setup.secure) {
    if (options.certificate.empty()) {
      setup.made = std::make_shared<const Certificates>(std::vector{address->host});
      setup.authority = setup.made->authority();
      if (setup.spawns) setup.settings.certificates = setup.made;
    }
    try {
      setup.settings.tls = std::make_shared<const TlsContext>(TlsServerSettings{
          .certificate_file = setup.made ? setup.made->certificate() : options.certificate,
          .key_file = setup.made ? setup.made->key() : options.key});
    } catch (const std::runtime_error& error) {
      return wrong("--certificate: " + std::string(error.what()));
    }
    if (options.wire_tap) tap_keys(*setup.settings.tls, *options.wire_tap);
  } else if (options.spawn.contains("{ca}")) {
    return wrong("--spawn: \"" + options.spawn + "\" has {ca}, which there is with --tls alone");
  }
  setup.command = replace_name(options.spawn, "ca", quote(setup.authority));
  return setup;
}

ClientRuns::Part::Part(const Options& options, const RunnerSettings& settings,
                       const ListenAddress& address)
    : runner(address, settings),
      url(url_of(address, runner.port(), settings.tls != nullptr)),
      run(options, runner, url, settings.watch) {}

ClientRuns::ClientRuns(const Options& options, const ClientSetup& setup)
    : command_(setup.command), jobs_(setup.jobs) {
  for (int i = 0; i < setup.processes; ++i) {
    parts_.push_back(
        std::make_unique<Part>(options, with_watch(setup.settings, setup.spawns), setup.address));
  }
}

void ClientRuns::stop() {
  for (const auto& part : parts_) part->run.stop();
}

std::string ClientRuns::play(const std::vector<const Case*>& cases, ResultSink& results) {
  const auto shares = share_out(cases, static_cast<int>(parts_.size()));
  std::vector<std::string> reasons(shares.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    threads.emplace_back([&, i] { reasons[i] = play(*parts_[i], shares[i], results); });
  }
  for (std::thread& thread : threads) thread.join();
  const auto first = std::ranges::find_if(reasons, [](const auto& why) { return !why.empty(); });
  return first == reasons.end() ? "" : *first;
}

std::string ClientRuns::play(Part& part, const std::vector<const Case*>& cases,
                             ResultSink& results) const {
  if (command_.empty()) return part.run.serve(cases, results);
  if (command_.contains("{case_url}")) {
    return part.run.spawn_for_each_play(command_, jobs_, cases, results);
  }
  return part.run.spawn(command_, cases, results);
}

}  // namespace ws::conformance
