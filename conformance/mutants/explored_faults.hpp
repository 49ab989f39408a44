// Which faults the explorer finds, of those that the cases find: scripts of chance against the
// faulty endpoint, in virtual time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "conformance/harness/judge.hpp"
#include "conformance/mutants/switches.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::mutants {

struct ExploredSettings {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1000;      ///< scripts for each role
  std::vector<FaultId> faults{};  ///< empty: all
  std::vector<Role> roles{Role::server, Role::client};
};

/// One fault in one role, and the script that found it first.
struct Explored {
  FaultId fault = FaultId::at(0);
  Role role = Role::server;
  bool is_found = false;
  std::uint64_t run = 0;
  std::uint64_t asked = 0;  ///< scripts in which it could show
  Verdict verdict = Verdict::fail;
};

/// The right endpoint did not pass a script.
struct ExploredAlarm {
  std::uint64_t run = 0;
  Role role = Role::server;
  GradedVerdict verdict{};
  std::string script{};  ///< explained
};

struct Exploration {
  std::vector<Explored> faults{};
  std::vector<ExploredAlarm> alarms{};
  std::map<Verdict, std::uint64_t> verdicts{};  ///< of the right endpoint
  std::size_t situations = 0;                   ///< of the model that were tried
};

Exploration explore_faults(const ExploredSettings& settings);

}  // namespace ws::conformance::mutants
