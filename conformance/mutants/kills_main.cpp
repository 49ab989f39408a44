// wsproof_kills: plays every case against every fault, and writes who catches whom.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "conformance/mutants/explored_faults.hpp"
#include "conformance/mutants/kill_files.hpp"
#include "conformance/mutants/kill_matrix.hpp"

namespace ws::conformance::mutants {
namespace {

const std::map<std::string, Need> kNeeds{
    {"deflate", Need::deflate},
    {"control", Need::control},
    {"subprotocol", Need::subprotocol},
    {"message-limit", Need::message_limit},
};

bool write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream file(path);
  file << text;
  if (file.flush()) return true;
  std::cerr << "wsproof_kills: cannot write \"" << path << "\"\n";
  return false;
}

/// The scripts of wsproof explore in place of the cases. Returns: the exit status.
int explore(const ExploredSettings& settings) {
  const auto begin = std::chrono::steady_clock::now();
  const Exploration found = explore_faults(settings);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::size_t count = 0;
  for (const Explored& fault : found.faults) {
    if (fault.is_found) ++count;
    std::cout << kFaults[fault.fault.index()].id
              << (fault.role == Role::server ? " server: " : " client: ")
              << (fault.is_found ? "found in run " + std::to_string(fault.run)
                                 : "not found in " + std::to_string(fault.asked) + " runs")
              << '\n';
  }
  for (const ExploredAlarm& alarm : found.alarms) {
    std::cout << "FALSE ALARM in run " << alarm.run
              << (alarm.role == Role::server ? ", server: " : ", client: ")
              << to_string(alarm.verdict.verdict) << ": " << alarm.verdict.reason << '\n'
              << alarm.script << '\n';
  }
  std::printf("%zu of %zu faults by role found, %zu false alarms, %zu situations, %.1f s\n", count,
              found.faults.size(), found.alarms.size(), found.situations, took.count());
  return found.alarms.empty() ? 0 : 1;
}

int run(int argc, char** argv) {
  MatrixSettings settings;
  ExploredSettings explored{.runs = 0};
  std::vector<std::string> faults;
  std::string json;
  std::string table;
  std::string original;
  std::string uncaught;
  CLI::App app("Plays the catalogue against faulty endpoints, in virtual time.", "wsproof_kills");
  app.add_option("FAULT", faults, "Ids; default: all");
  app.add_flag("--heavy", settings.heavy, "With the cases that move megabytes");
  app.add_flag("--first", settings.first_only, "Stop at the first case that fails by a fault");
  app.add_option("--without", settings.without,
                 "Leave out the cases that need this, as against an endpoint that cannot do it: "
                 "deflate, control, subprotocol, message-limit")
      ->transform(CLI::CheckedTransformer(kNeeds))
      ->option_text("NEED ...");
  app.add_option("--json", json, "Write the matrix as JSON");
  app.add_option("--table", table, "Write the matrix as Markdown");
  app.add_option("--autobahn", original, "What autobahn_kills.py wrote, for the table");
  app.add_option("--uncaught", uncaught,
                 "Bring this list of faults that nothing catches up to date; reasons stay");
  app.add_option("--explore", explored.runs,
                 "Play so many scripts of wsproof explore in each role in place of the cases");
  app.add_option("--seed", explored.seed, "Of these scripts")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  for (const std::string& id : faults) {
    const auto fault = FaultId::find(id);
    if (!fault) {
      std::cerr << "wsproof_kills: \"" << id << "\" is no fault\n";
      return 2;
    }
    settings.faults.push_back(*fault);
  }

  if (explored.runs != 0) {
    explored.faults = settings.faults;
    return explore(explored);
  }

  const auto begin = std::chrono::steady_clock::now();
  const KillMatrix matrix = play_matrix(settings);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::size_t not_caught = 0;
  for (const Row& row : matrix.rows) {
    if (row.kills.empty()) ++not_caught;
    std::cout << describe(row) << '\n';
  }
  for (const Alarm& alarm : matrix.alarms) std::cout << describe(alarm) << '\n';
  std::printf("%zu faults by role, %zu not caught, %zu false alarms, %zu cases, %.1f s\n",
              matrix.rows.size(), not_caught, matrix.alarms.size(), matrix.cases, took.count());
  bool written = write_file(json, format_json(matrix)) &&
                 write_file(table, format_table(matrix, read_original(original)));
  if (!uncaught.empty()) {
    written = write_file(uncaught, format_uncaught(matrix, read_uncaught(uncaught))) && written;
  }
  if (!written) return 4;
  return matrix.alarms.empty() ? 0 : 1;
}

}  // namespace
}  // namespace ws::conformance::mutants

int main(int argc, char** argv) { return ws::conformance::mutants::run(argc, argv); }
