// wsproof_mutant: an echo server or client over sockets, right, or with one fault.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <string>
#include <sys/resource.h>

#include "conformance/mutants/service.hpp"

namespace ws::conformance::mutants {
namespace {

std::string_view to_string(Side side) {
  switch (side) {
    case Side::server:
      return "server";
    case Side::client:
      return "client";
    case Side::both:
      break;
  }
  return "both";
}

int run(int argc, char** argv) {
  ServiceSettings settings;
  std::string role;
  std::string fault;
  std::string url;
  std::string agent;
  std::string host = "localhost";
  std::uint16_t port = 0;
  bool list = false;
  CLI::App app("An echo endpoint with one deliberate fault, or none.", "wsproof_mutant");
  app.add_flag("--list", list, "List the faults: id, role, what it does");
  app.add_option("--role", role, "What it is")->check(CLI::IsMember({"server", "client"}));
  app.add_option("--fault", fault, "Id of its fault; default: none");
  app.add_option("--listen", host, "Name or address that a server listens on")
      ->capture_default_str();
  app.add_option("--port", port, "Of a server; 0 takes a free one")->capture_default_str();
  app.add_option("--url", url,
                 "ws or wss URL that a client goes to; without a path it asks for "
                 "every case in Autobahn's way");
  app.add_option("--agent", agent, "A client's name for itself; default: the fault");
  app.add_option("--max-message", settings.max_message, "Bytes; beyond them 1009")
      ->capture_default_str();
  app.add_option("--origin", settings.policy.origin,
                 "The only one that a server takes, or that of a client's page");
  app.add_option("--missing", settings.policy.missing, "A path that a server does not have");
  app.add_option("--tls-certificate", settings.certificate, "PEM file; makes a server speak TLS");
  app.add_option("--tls-key", settings.key, "PEM file");
  app.add_option("--tls-ca", settings.authorities, "PEM file of what a client trusts");
  CLI11_PARSE(app, argc, argv);

  if (list) {
    for (const Fault& each : kFaults) {
      std::cout << each.id << '\t' << to_string(each.side) << '\t' << each.behaviour << '\n';
    }
    return 0;
  }
  if (!fault.empty()) {
    settings.fault = FaultId::find(fault);
    if (!settings.fault) {
      std::cerr << "wsproof_mutant: \"" << fault << "\" is no fault; --list shows them all\n";
      return 2;
    }
  }
  // Some faults end in abort().
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // TLS writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    if (role == "server") {
      serve(host, port, settings);
      return 0;
    }
    const auto target = parse_url(url, settings.fault);
    if (role != "client" || !target) {
      std::cerr << "wsproof_mutant: --role server, or --role client with --url\n";
      return 2;
    }
    return run_client(*target, agent.empty() ? (fault.empty() ? "right" : fault) : agent, settings);
  } catch (const std::exception& error) {
    std::cerr << "wsproof_mutant: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace
}  // namespace ws::conformance::mutants

int main(int argc, char** argv) { return ws::conformance::mutants::run(argc, argv); }
