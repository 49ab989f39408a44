// wsproof_load: the load of one measurement. bench/load.py starts servers, and this beside them.
#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/load/echo_load.hpp"
#include "bench/load/hostile_load.hpp"
#include "bench/load/idle_load.hpp"

namespace {

const std::map<std::string, ws::bench::Protocol> kProtocols{
    {"websocket", ws::bench::Protocol::websocket}, {"raw", ws::bench::Protocol::raw}};
const std::map<std::string, ws::bench::Hostility> kHostilities{
    {"trickles-head", ws::bench::Hostility::trickles_head},
    {"byte-per-second", ws::bench::Hostility::byte_per_second},
    {"never-reads", ws::bench::Hostility::never_reads}};

std::uint32_t at_part(const std::vector<std::uint32_t>& sorted, double part) {
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

nlohmann::json describe(const ws::bench::EchoResult& result) {
  nlohmann::json described{{"messages", result.messages},
                           {"seconds", result.seconds},
                           {"server_seconds", result.server_seconds},
                           {"client_seconds", result.client_seconds}};
  if (!result.round_trips.empty()) {
    described["p50"] = at_part(result.round_trips, 0.5) / 1e9;  // seconds
    described["p99"] = at_part(result.round_trips, 0.99) / 1e9;
  }
  return described;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Loads an echo server on 127.0.0.1, and says what came of it on standard output.");
  app.require_subcommand(1);

  ws::bench::EchoLoad echo;
  std::size_t warm_up = 50;
  std::size_t time = 250;
  auto* echo_command = app.add_subcommand("echo", "Messages and their echoes; the answer is JSON");
  echo_command->add_option("--port", echo.port)->required();
  echo_command->add_option("--protocol", echo.protocol)->transform(CLI::Transformer(kProtocols));
  echo_command->add_option("--connections", echo.connections)->check(CLI::PositiveNumber);
  echo_command->add_option("--size", echo.size, "Bytes of a message");
  echo_command->add_option("--depth", echo.depth, "Messages outstanding on each connection")
      ->check(CLI::PositiveNumber);
  echo_command->add_option("--warm-up", warm_up, "Milliseconds");
  echo_command->add_option("--time", time, "Milliseconds");
  echo_command->add_option("--server", echo.server, "Process whose CPU time is measured");

  ws::bench::IdleLoad idle;
  auto* idle_command =
      app.add_subcommand("idle", "Connections; lines on standard input say how many, or \"echo\"");
  idle_command->add_option("--port", idle.port)->required();
  idle_command->add_option("--protocol", idle.protocol)->transform(CLI::Transformer(kProtocols));
  idle_command->add_option("--first", idle.first, "Number of the first connection");

  ws::bench::HostileLoad hostile;
  auto* hostile_command =
      app.add_subcommand("hostile", "Slow or greedy peers, until standard input ends");
  hostile_command->add_option("--port", hostile.port)->required();
  hostile_command->add_option("--kind", hostile.hostility)
      ->required()
      ->transform(CLI::Transformer(kHostilities));
  hostile_command->add_option("--peers", hostile.peers);

  CLI11_PARSE(app, argc, argv);
  try {
    if (echo_command->parsed()) {
      echo.warm_up = std::chrono::milliseconds(warm_up);
      echo.time = std::chrono::milliseconds(time);
      std::cout << describe(ws::bench::run_echo(echo)) << "\n";
    } else if (idle_command->parsed()) {
      ws::bench::hold_idle(idle, std::cin, std::cout);
    } else {
      ws::bench::be_hostile(hostile, std::cout);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "wsproof_load: " << error.what() << "\n";
    return 1;
  }
}
