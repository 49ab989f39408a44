// echo_server: sends every message back as it came, as text or binary.
#include <CLI/CLI.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <list>
#include <thread>

#include "impl/apps/control.hpp"
#include "impl/apps/echo.hpp"
#include "impl/apps/options.hpp"
#include "impl/transport/run.hpp"
#include "impl/transport/server.hpp"

namespace {

struct Options {
  ws::apps::CommonOptions common{};
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool tls = false;
  ws::TlsServerSettings tls_files{};
  std::vector<std::string> subprotocols{};
  std::vector<std::string> origins{};
  std::size_t max_connections = 0;
  std::size_t threads = 1;
  double stop_timeout = 10;  // seconds
  bool verbose = false;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("--host", options.host,
                 "IP address or name to listen on; '::' takes IPv4 and IPv6 from everywhere")
      ->type_name("HOST")
      ->capture_default_str();
  app.add_option("--port", options.port, "TCP port; 0: a free one, printed when ready")
      ->check(ws::apps::whole_number(0, 65'535))
      ->type_name("PORT")
      ->capture_default_str();
  auto* cert = app.add_option("--cert", options.tls_files.certificate_file,
                              "PEM file with the certificate and those between it and its CA")
                   ->check(CLI::ExistingFile)
                   ->type_name("FILE");
  auto* key = app.add_option("--key", options.tls_files.key_file, "PEM file with the private key")
                  ->check(CLI::ExistingFile)
                  ->type_name("FILE");
  auto* tls = app.add_flag("--tls", options.tls, "Serve wss: TLS 1.2 and up");
  tls->needs(cert)->needs(key);
  cert->needs(tls);
  key->needs(tls);
  app.add_option("--subprotocol", options.subprotocols, "A subprotocol to agree to; repeatable")
      ->type_name("NAME");
  app.add_option("--origin", options.origins,
                 "An origin to allow, such as https://example.com; repeatable; without it all are")
      ->type_name("ORIGIN");
  app.add_option("--max-connections", options.max_connections,
                 "At the same time; those beyond are answered with 503; 0: no limit")
      ->check(ws::apps::whole_number(0, 1'000'000))
      ->type_name("COUNT")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads to share the connections out among")
      ->check(ws::apps::whole_number(1, 256))
      ->type_name("COUNT")
      ->capture_default_str();
  app.add_option("--stop-timeout", options.stop_timeout,
                 "Seconds that connections get to close after SIGTERM or SIGINT")
      ->check(ws::apps::seconds())
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_flag("--verbose", options.verbose, "Report the end of each connection on standard error");
  ws::apps::add_common_options(app, options.common);
}

int serve(const Options& options) {
  std::list<boost::asio::io_context> contexts;
  std::vector<boost::asio::any_io_executor> executors;
  std::list<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards;
  for (std::size_t thread = 0; thread < options.threads; ++thread) {
    auto& context = contexts.emplace_back(1);
    executors.emplace_back(context.get_executor());
    guards.emplace_back(context.get_executor());
  }

  ws::Server server(executors,
                    {.host = options.host,
                     .port = options.port,
                     .max_connections = options.max_connections,
                     .tls = options.tls ? std::optional(options.tls_files) : std::nullopt,
                     .websocket = {.connection = ws::apps::connection_settings(options.common),
                                   .subprotocols = options.subprotocols,
                                   .allowed_origins = options.origins},
                     .transport = ws::apps::transport_settings(options.common)},
                    [verbose = options.verbose, control = options.common.control](
                        ws::Session& session, ws::Event& event) {
                      const auto* message = std::get_if<ws::MessageReceived>(&event);
                      if (message != nullptr && !(control && ws::apps::obey(session, *message)))
                        ws::apps::echo(session, *message);
                      const auto* closed = std::get_if<ws::Closed>(&event);
                      if (closed == nullptr || !verbose) return;
                      // In one piece, since threads share the stream.
                      std::cerr << session.peer_name() + ": " +
                                       ws::apps::describe_end(session, *closed) + "\n";
                    });

  boost::asio::signal_set signals(executors.front(), SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code& error, int /*signal*/) {
    if (error) return;
    signals.clear();  // the next one ends the program at once
    server.stop(ws::apps::to_milliseconds(options.stop_timeout), [&] { guards.clear(); });
  });

  server.start();
  std::cout << "listening on " << server.url() << std::endl;

  std::list<std::jthread> threads;
  for (auto context = std::next(contexts.begin()); context != contexts.end(); ++context) {
    threads.emplace_back([&running = *context] { ws::run(running); });
  }
  ws::run(contexts.front());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Sends every WebSocket message back. Prints one line, \"listening on URL\", when ready.\n"
      "SIGTERM and SIGINT stop it gracefully: every connection is closed with 1001.\n"
      "Exit status: 0 stopped, 1 could not start, 2 bad usage.\n");
  Options options;
  add_options(app, options);
  if (const auto status = ws::apps::parse_command_line(app, argc, argv)) return *status;
  try {
    return serve(options);
  } catch (const std::exception& error) {
    std::cerr << "echo_server: " << error.what() << "\n";
    return 1;
  }
}
