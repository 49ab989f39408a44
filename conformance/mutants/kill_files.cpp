#include "conformance/mutants/kill_files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ranges>
#include <sstream>
#include <vector>

namespace ws::conformance::mutants {
namespace {

std::string name_of(Role role) { return role == Role::server ? "server" : "client"; }

const Fault& fault_of(const Row& row) { return kFaults[row.fault.index()]; }

std::string name_of(Layer layer) {
  switch (layer) {
    case Layer::handshake:
      return "opening handshake";
    case Layer::negotiation:
      return "negotiation";
    case Layer::framing:
      return "framing";
    case Layer::masking:
      return "masking";
    case Layer::fragmentation:
      return "fragmentation";
    case Layer::utf8:
      return "UTF-8";
    case Layer::control:
      return "control frames";
    case Layer::close:
      return "closing";
    case Layer::deflate:
      return "compression";
    case Layer::limits:
      return "limits";
    case Layer::transport:
      return "transport";
    case Layer::tls:
      return "TLS";
    case Layer::connections:
      return "connections and each other";
  }
  return {};
}

bool fails(const Kill& kill) { return kill.verdict == Verdict::fail; }

/// The first few, those that fail before all others, and how many more there are.
std::string list_kills(const Row& row, std::size_t most) {
  std::vector<Kill> kills;
  std::ranges::copy_if(row.kills, std::back_inserter(kills), fails);
  std::ranges::remove_copy_if(row.kills, std::back_inserter(kills), fails);
  std::string list;
  for (const Kill& kill : kills | std::views::take(most)) {
    list += (list.empty() ? "" : ", ") + std::string(kill.test);
    if (!fails(kill)) list += " (" + std::string(to_string(kill.verdict)) + ")";
  }
  if (kills.size() > most) list += " and " + std::to_string(kills.size() - most) + " more";
  return list.empty() ? "**nothing**" : list;
}

}  // namespace

std::string key_of(const Row& row) {
  return std::string(fault_of(row).id) + " " + name_of(row.role);
}

std::string describe(const Row& row) { return key_of(row) + ": " + list_kills(row, 5); }

std::string describe(const Alarm& alarm) {
  const std::string fault =
      alarm.fault ? " with " + std::string(kFaults[alarm.fault->index()].id) : "";
  return "false alarm: " + std::string(alarm.test) + " as " + name_of(alarm.role) + fault + ": " +
         std::string(to_string(alarm.verdict.verdict)) + ", " + alarm.verdict.reason;
}

std::string format_json(const KillMatrix& matrix) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Row& row : matrix.rows) {
    nlohmann::ordered_json kills = nlohmann::ordered_json::object();
    for (const Kill& kill : row.kills) kills[std::string(kill.test)] = to_string(kill.verdict);
    const Fault& fault = fault_of(row);
    rows.push_back({{"fault", fault.id},
                    {"role", name_of(row.role)},
                    {"layer", name_of(fault.layer)},
                    {"behaviour", fault.behaviour},
                    {"source", fault.source},
                    {"reports", fault.reports},
                    {"needs", fault.needs},
                    {"could_show_in", row.asked},
                    {"caught_by", kills}});
  }
  const nlohmann::ordered_json file = {{"cases", matrix.cases}, {"faults", rows}};
  return file.dump(1) + "\n";
}

OriginalKills read_original(const std::string& path) {
  OriginalKills original;
  std::ifstream file(path);
  if (!file) return original;
  const auto json = nlohmann::ordered_json::parse(file);  // cases are in their order there
  const auto& suite = json.at("suite");
  original.suite = suite.at("engine").get<std::string>() + " " +
                   suite.at("version").get<std::string>() + " with " +
                   suite.at("library").get<std::string>() + " on " +
                   suite.at("python").get<std::string>();
  for (const auto& [key, result] : json.at("faults").items()) {
    auto& cases = original.caught_by[key];
    for (const auto& [test, verdicts] : result.at("caught_by").items()) cases.push_back(test);
    if (result.at("played") == 0) cases.emplace_back("no case opens");
  }
  return original;
}

namespace {

std::string describe_original(const Row& row, const OriginalKills& original) {
  const auto found = original.caught_by.find(key_of(row));
  if (found == original.caught_by.end()) return "not run";
  return found->second.empty() ? "nothing" : found->second.front();
}

}  // namespace

std::string format_table(const KillMatrix& matrix, const OriginalKills& original) {
  std::size_t caught = 0;
  std::size_t failed = 0;
  std::size_t run = 0;
  std::size_t caught_by_original = 0;
  for (const Row& row : matrix.rows) {
    if (!row.kills.empty()) ++caught;
    if (std::ranges::any_of(row.kills, fails)) ++failed;
    const auto found = original.caught_by.find(key_of(row));
    if (found == original.caught_by.end()) continue;
    ++run;
    if (!found->second.empty()) ++caught_by_original;
  }
  std::ostringstream text;
  text << "# Which case catches which fault\n\n"
       << "Written by `wsproof_kills --table`; do not edit. Each endpoint has one fault of\n"
       << "`fault_table.hpp`; a case catches it if its verdict is worse than that of the right\n"
       << "endpoint: `fail` where nothing else is said.\n\n"
       << caught << " of " << matrix.rows.size() << " faults (counted by role) are caught by "
       << matrix.cases << " cases,\n"
       << failed << " of them by a `fail`.\n";
  if (!original.suite.empty()) {
    text << "\nThe original suite (" << original.suite
         << "; sections 1 to 7 and 10, 12.1.1 and 13.1.1)\ncatches " << caught_by_original
         << " of the " << run << " that it was run on; the last column has its first case.\n";
  }
  for (const Role role : {Role::server, Role::client}) {
    text << "\n## " << (role == Role::server ? "Servers" : "Clients") << "\n";
    std::optional<Layer> layer;
    for (const Row& row : matrix.rows) {
      if (row.role != role) continue;
      const Fault& fault = fault_of(row);
      if (layer != fault.layer) {
        layer = fault.layer;
        text << "\n### " << name_of(*layer) << "\n\n"
             << "| fault | what it does | caught by | Autobahn |\n|---|---|---|---|\n";
      }
      text << "| `" << fault.id << "` | " << fault.behaviour << " | " << list_kills(row, 4) << " | "
           << describe_original(row, original) << " |\n";
    }
  }
  return text.str();
}

Uncaught read_uncaught(const std::string& path) {
  Uncaught reasons;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with('#') || colon == std::string::npos) continue;
    reasons[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return reasons;
}

std::string format_uncaught(const KillMatrix& matrix, const Uncaught& before) {
  std::string text =
      "# Faults that no case catches, and why. wsproof_kills --uncaught brings the list up to "
      "date.\n";
  for (const Row& row : matrix.rows) {
    if (!row.kills.empty()) continue;
    const auto known = before.find(key_of(row));
    text += key_of(row) + ": " + (known == before.end() ? std::string(kNoCaseYet) : known->second) +
            "\n";
  }
  return text;
}

}  // namespace ws::conformance::mutants
