// The kill matrix as files: JSON, a table for people, and the list of what nothing catches.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conformance/mutants/kill_matrix.hpp"

namespace ws::conformance::mutants {

/// One line each.
std::string describe(const Row& row);
std::string describe(const Alarm& alarm);

std::string format_json(const KillMatrix& matrix);

/// What the original suite says about the same faults, by "ID ROLE": the cases that catch it.
struct OriginalKills {
  std::string suite{};  ///< with its versions; empty: it was not run
  std::map<std::string, std::vector<std::string>> caught_by{};
};

/// Reads what autobahn_kills.py wrote. A file that is not there gives nothing.
OriginalKills read_original(const std::string& path);

/// Markdown, with the original suite's result beside ours.
std::string format_table(const KillMatrix& matrix, const OriginalKills& original);

/// Why nothing catches a fault, by "ID ROLE".
using Uncaught = std::map<std::string, std::string>;

/// The reason of what is to be done.
inline constexpr std::string_view kNoCaseYet = "no case yet";

/// "ID ROLE", as in the list.
std::string key_of(const Row& row);

/// Reads the list: lines of "ID ROLE: REASON". A file that is not there is an empty list.
Uncaught read_uncaught(const std::string& path);

/// The list for `matrix`, with the reasons that `before` gives.
std::string format_uncaught(const KillMatrix& matrix, const Uncaught& before);

}  // namespace ws::conformance::mutants
