// Explores an endpoint: makes scripts, has them played, and makes findings of what fails: shrunk,
// replayed, told apart by their causes. It does no I/O: whoever owns it plays its cases.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/explorer/case_file.hpp"
#include "conformance/explorer/coverage.hpp"
#include "conformance/explorer/generator.hpp"
#include "conformance/explorer/script.hpp"
#include "conformance/harness/case.hpp"
#include "conformance/harness/judge.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::explorer {

/// What was found, once, however often it was seen.
struct Discovery {
  std::string id{};                   ///< such as "found-1-3"
  std::string cause{};                ///< the rule that the script breaks, or "legal"
  std::string symptom{};              ///< what the endpoint did
  std::vector<std::string> shapes{};  ///< of the shortest script
  std::uint64_t count = 1;            ///< scripts that showed it
  std::uint64_t number = 0;           ///< of the first of them
  int replays = 0;
  int failed_replays = 0;  ///< less than `replays`: it does not always show
};

/// What is remembered from one run to the next.
struct Memory {
  std::uint64_t seed = 0;
  Role harness = Role::client;
  std::uint64_t next = 0;  ///< number of the script to come
  Coverage coverage{};
  Abilities abilities{};
  std::vector<Discovery> found{};
};

std::string format_memory(const Memory& memory);

/// Errors: CaseFileError.
Memory parse_memory(std::string_view text);

struct ExplorerSettings {
  std::size_t batch = 32;  ///< scripts that are played side by side or one after the other
  int replays = 3;
  bool non_strict_counts = false;  ///< a SHOULD missed is a finding too
  std::string endpoint{};          ///< for the files
};

/// How the owner of the endpoint plays cases. Cases that were not played have no verdict. `alone`:
/// one after the other, with nothing beside them.
using PlayCases = std::function<std::vector<std::optional<GradedVerdict>>(
    const std::vector<Case>& cases, bool alone)>;

class Explorer {
 public:
  struct Events {
    PlayCases play{};
    /// A finding, with the file that shows it.
    std::function<void(const Discovery& found, const CaseFile& file)> on_found{};
    /// True: no more is to be played.
    std::function<bool()> is_stopped{};
  };

  Explorer(ExplorerSettings settings, Memory memory, Events events);

  /// Makes and plays a batch of at most `most` scripts, and looks into what failed.
  void run_batch(std::uint64_t most);

  const Memory& memory() const { return memory_; }

  /// Scripts of this run that had a verdict.
  std::uint64_t played() const { return played_; }

 private:
  struct Made {
    Script script{};
    std::uint64_t number = 0;
    std::optional<GradedVerdict> graded{};
    std::string cause{};
  };

  bool is_failure(const GradedVerdict& graded) const;
  std::optional<Case> case_of(const Script& script, std::uint64_t number) const;
  void learn(const Made& made);
  void look_into(const Made& made);
  Discovery* find_known(const Made& made);
  Script shrink(const Made& made);
  int replay(const std::vector<Case>& cases);
  void report(Discovery found, std::vector<Case> cases, const GradedVerdict& graded);
  bool stopped() const { return events_.is_stopped && events_.is_stopped(); }

  ExplorerSettings settings_;
  Memory memory_;
  Events events_;
  std::deque<Made> history_;  // the scripts before
  std::uint64_t played_ = 0;
  struct Tally {
    std::uint64_t supported = 0;
    std::uint64_t unsupported = 0;
  };
  Tally with_context_;
  Tally without_context_;
};

/// What an endpoint did wrong, without what differs from script to script.
std::string symptom_of(const GradedVerdict& graded);

}  // namespace ws::conformance::explorer
