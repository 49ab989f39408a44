// Which case catches which fault: the whole catalogue against the faulty endpoint, in virtual time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/mutants/switches.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::mutants {

/// A case that gives an endpoint with the fault a worse verdict than the right one.
struct Kill {
  std::string_view test{};
  Verdict verdict = Verdict::fail;
};

/// One fault in one role.
struct Row {
  FaultId fault = FaultId::at(0);
  Role role = Role::server;
  std::vector<Kill> kills{};              ///< in the order of the catalogue
  std::vector<std::string_view> asked{};  ///< all cases in which it could show
};

/// What the right endpoint does not pass, or stops the harness.
struct Alarm {
  std::string_view test{};
  Role role = Role::server;
  GradedVerdict verdict{};
  std::optional<FaultId> fault{};  ///< nothing: the right endpoint
};

struct KillMatrix {
  std::vector<Row> rows{};
  std::vector<Alarm> alarms{};
  std::size_t cases = 0;  ///< played, in one role or both
};

struct MatrixSettings {
  bool heavy = false;                ///< with cases that move megabytes, too
  bool first_only = false;           ///< stop looking at a fault once a case fails by it
  std::vector<FaultId> faults{};     ///< empty: all
  std::vector<std::string> cases{};  ///< ids; empty: all
  std::vector<Role> roles{Role::server, Role::client};
  std::vector<Need> without{};  ///< leave out the cases that need one of these
};

KillMatrix play_matrix(const MatrixSettings& settings);

/// The faults that an endpoint of this role can have, in their order; of `among` unless it is
/// empty.
std::vector<FaultId> faults_of(Role role, const std::vector<FaultId>& among);

}  // namespace ws::conformance::mutants
