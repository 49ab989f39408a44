#include "conformance/mutants/explored_faults.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "conformance/explorer/case_maker.hpp"
#include "conformance/explorer/generator.hpp"
#include "conformance/harness/explain.hpp"
#include "conformance/harness/plays.hpp"
#include "conformance/mutants/kill_matrix.hpp"
#include "conformance/mutants/piped_endpoint.hpp"

namespace ws::conformance::mutants {
namespace {

constexpr const char* kHost = "127.0.0.1:9001";

PlayResult play(const Case& test, Role role, std::optional<FaultId> fault, FaultSet& consulted) {
  return play_once(test, {.role = peer_of(role), .host = kHost}, [&] {
    return std::make_unique<WatchedEndpoint>(
        FaultySettings{.role = role, .fault = fault, .seed = 1, .host = kHost}, consulted);
  });
}

bool is_passed(const GradedVerdict& graded) {
  return graded.verdict == Verdict::pass || graded.verdict == Verdict::informational;
}

}  // namespace

Exploration explore_faults(const ExploredSettings& settings) {
  Exploration exploration;
  for (const Role role : settings.roles) {
    std::vector<Explored> faults;
    for (const FaultId fault : faults_of(role, settings.faults)) {
      faults.push_back({.fault = fault, .role = role});
    }
    explorer::Coverage coverage;
    for (std::uint64_t run = 0; run < settings.runs; ++run) {
      const explorer::Script script =
          explorer::make_script(settings.seed, run, peer_of(role), {}, coverage);
      const Case test = *explorer::make_case(script, peer_of(role), "explored");
      FaultSet consulted;
      const PlayResult right = play(test, role, std::nullopt, consulted);
      ++exploration.verdicts[right.graded.verdict];
      if (right.graded.verdict != Verdict::pass && right.graded.verdict != Verdict::informational) {
        exploration.alarms.push_back(
            {.run = run, .role = role, .verdict = right.graded, .script = explain_case(test)});
        continue;
      }
      for (Explored& fault : faults) {
        // A run in which nothing asked about the fault is the right endpoint's.
        if (fault.is_found || !consulted.test(fault.fault.index())) continue;
        ++fault.asked;
        FaultSet unused;
        const PlayResult played = play(test, role, fault.fault, unused);
        if (is_passed(played.graded)) continue;
        fault.is_found = true;
        fault.run = run;
        fault.verdict = played.graded.verdict;
      }
    }
    exploration.situations += coverage.size();
    std::ranges::move(faults, std::back_inserter(exploration.faults));
  }
  return exploration;
}

}  // namespace ws::conformance::mutants
