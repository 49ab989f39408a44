#include "conformance/cli/server_setup.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

#include "conformance/cli/rounds.hpp"
#include "conformance/endpoints/process.hpp"

namespace ws::conformance {

std::expected<std::unique_ptr<ServerSetup>, std::string> set_up_server(const Options& options) {
  const auto wrong = [](std::string what) { return std::unexpected(std::move(what)); };
  auto setup = std::make_unique<ServerSetup>();
  const bool spawns = !options.spawn.empty();
  if (options.url.empty() && !spawns) {
    return wrong("server needs a URL, such as ws://127.0.0.1:9001/, or --spawn COMMAND");
  }
  const bool on_socket = options.spawn.contains("{socket}");
  if (spawns && !on_socket && !options.spawn.contains("{port}")) {
    return wrong("--spawn: \"" + options.spawn +
                 "\" has no {port}, which stands for the port to listen on, nor {socket} for " +
                 "the file of a Unix socket");
  }
  std::string url = options.url;
  if (url.empty()) url = on_socket ? "unix:{socket}" : "ws://127.0.0.1:{port}/";
  const std::string shown_url = url;
  setup->shown = spawns ? options.spawn : shown_url;
  if (spawns) {
    std::string& command = setup->command.emplace(options.spawn);
    if (on_socket) {
      setup->directory.emplace();
      const std::string path = setup->directory->path("socket");
      command = replace_name(command, "socket", quote(path));
      url = replace_name(url, "socket", path);
    }
    url = replace_name(url, "port", "1");
  }
  const auto target = parse_target(url);
  if (!target || (on_socket && target->path.empty())) {
    return wrong("\"" + shown_url +
                 "\" is no URL of a server; ws://HOST:PORT/PATH, wss://.. and unix:FILE are");
  }
  if (!options.ca.empty() && !target->secure) {
    return wrong("--ca: \"" + shown_url + "\" has no certificate; a wss URL has");
  }
  setup->target = *target;
  setup->target.tls_name = options.tls_name;
  setup->settings = runner_settings(options);
  if (!target->secure) return setup;
  try {
    setup->settings.tls = std::make_shared<const TlsContext>(TlsClientSettings{
        .ca_file = options.ca, .insecure = options.ca.empty() && options.tls_name.empty()});
  } catch (const std::runtime_error& error) {
    return wrong("--ca: " + std::string(error.what()));
  }
  if (options.wire_tap) tap_keys(*setup->settings.tls, *options.wire_tap);
  if (spawns) {
    const Certificates& made = setup->certificates.emplace(std::vector{target->host});
    for (const auto& [name, path] :
         {std::pair{"certificate", made.certificate()}, std::pair{"key", made.key()},
          std::pair{"ca", made.authority()}}) {
      setup->command = replace_name(*setup->command, name, quote(path));
    }
  }
  return setup;
}

}  // namespace ws::conformance
