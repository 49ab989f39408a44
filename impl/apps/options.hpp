// Command line options that echo_server and echo_client share.
#pragma once

#include <CLI/App.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "impl/connection/settings.hpp"
#include "impl/transport/transport_settings.hpp"

namespace ws::apps {

struct CommonOptions {
  bool control = false;
  bool no_deflate = false;
  DeflateSettings deflate{};
  Limits limits{};
  std::size_t fragment_size = 0;
  double handshake_timeout = 10;  // seconds, all four
  double idle_timeout = 60;
  double close_timeout = 5;
  double drop_timeout = 2;
};

/// Adds the options to `app`, which writes into `options` when it parses.
void add_common_options(CLI::App& app, CommonOptions& options);

/// Accepts whole numbers from `least` to `most`.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);

/// Accepts seconds, with or without a fraction, from 0 to a day.
CLI::Validator seconds();

ConnectionSettings connection_settings(const CommonOptions& options);
TransportSettings transport_settings(const CommonOptions& options);

std::chrono::milliseconds to_milliseconds(double seconds);

inline constexpr int kExitUsage = 2;

/// Parses the command line. Returns: nothing if the program is to go on; otherwise the status to
/// exit with, 0 after --help and 2 after a mistake, which is then explained on standard error.
std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv);

}  // namespace ws::apps
