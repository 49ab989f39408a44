#include "conformance/mutants/kill_matrix.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "conformance/cases/catalogue.hpp"
#include "conformance/harness/endpoint.hpp"
#include "conformance/harness/plays.hpp"
#include "conformance/harness/same_offers.hpp"
#include "conformance/mutants/leftovers.hpp"
#include "conformance/mutants/piped_endpoint.hpp"

namespace ws::conformance::mutants {
namespace {

/// Best first.
int rank(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::informational:
    case Verdict::unsupported:  // no run fails by it
      return 0;
    case Verdict::non_strict:
      return 1;
    case Verdict::fail:
    case Verdict::harness_error:
      break;
  }
  return 2;
}

/// 0: short; 1: a thousand messages; 2: megabytes.
int length_of(const Case& test) {
  if (test.reply) return test.reply->length > std::uint64_t{64} * 1024 ? 2 : 0;
  if (test.loop) return test.loop->units > 16 ? 2 : 1;
  return 0;
}

struct Played {
  GradedVerdict verdict{};
  FaultSet consulted{};
  TakenOffers taken{};
};

/// The endpoint's limit where a case is about that: small, so that it can be passed quickly.
constexpr MessageLimits kLimits = kShownLimits;

Played play(const Case& test, Role role, std::optional<FaultId> fault) {
  FaultSet consulted;
  std::vector<PlayResult> plays;
  FaultySettings settings{.role = role, .fault = fault, .host = "127.0.0.1:9001"};
  if (test.for_limits) settings.max_message = kLimits.message;
  for (const Segmentation segmentation : segmentations_of(test)) {
    // What connections have in common shows where there are several.
    if (!test.earlier.empty() || !test.beside.empty()) {
      settings.leftovers = std::make_shared<Leftovers>();
    }
    plays.push_back(play_once(
        test, {.role = peer_of(role), .host = "127.0.0.1:9001", .segmentation = segmentation}, [&] {
          ++settings.seed;
          return std::make_unique<WatchedEndpoint>(settings, consulted);
        }));
  }
  return {combine(test, plays), consulted, taken_offers(plays.front().transcript)};
}

/// Whether it is by its needs or by what it negotiates.
bool depends_on(const Case& test, Need need) {
  const bool deflates = test.negotiation || (test.dialogue && test.dialogue->deflate);
  return needs(test, need) || (need == Need::deflate && deflates);
}

/// Whether it is for clients that offer less than the right one does, and shows only their faults.
bool is_for_lesser_offers(const Case& test) {
  return std::ranges::find(test.tags, "lesser-offers") != test.tags.end();
}

bool is_playable(const Case& test, const MatrixSettings& settings) {
  const bool is_wanted =
      settings.cases.empty() || std::ranges::find(settings.cases, test.id) != settings.cases.end();
  return is_wanted && !is_for_programs(test) &&
         std::ranges::none_of(settings.without, [&](Need need) { return depends_on(test, need); });
}

std::vector<const Case*> cases_for(const MatrixSettings& settings) {
  const int longest = settings.heavy ? 2 : 1;
  std::vector<const Case*> all;
  // A fault that is caught early need not be played in the long ones.
  for (int length = 0; length <= longest; ++length) {
    for (const Case& test : catalogue()) {
      if (length_of(test) == length && is_playable(test, settings)) all.push_back(&test);
    }
  }
  return all;
}

/// A play in which a faulty endpoint called a message too big.
struct TooBig {
  const Case* test = nullptr;
  std::size_t row = 0;
  GradedVerdict verdict{};
};

/// What was played in one role of the cases that only a whole run tells about.
using Run = std::map<std::string_view, Played>;

/// The ids of those cases.
std::set<std::string_view> compared_cases() {
  std::set<std::string_view> ids;
  for (const Case& test : catalogue()) {
    if (test.same_offers.empty()) continue;
    ids.insert(test.id);
    ids.insert(test.same_offers.begin(), test.same_offers.end());
  }
  return ids;
}

/// The verdict of a case in the run of a faulty endpoint, where what is not in `faulty` is as in
/// the right one's.
std::optional<GradedVerdict> compare(const Case& test, const Run& right, const Run& faulty) {
  const auto find = [&](std::string_view id) -> const Played* {
    for (const Run* run : {&faulty, &right}) {
      if (const auto found = run->find(id); found != run->end()) return &found->second;
    }
    return nullptr;
  };
  const Played* own = find(test.id);
  if (own == nullptr) return std::nullopt;
  return compare_same_offers(test, own->verdict, own->taken, [&](std::string_view id) {
    const Played* played = find(id);
    return played == nullptr ? nullptr : &played->taken;
  });
}

bool is_known(const Row& row, std::string_view test) {
  return std::ranges::find(row.kills, test, &Kill::test) != row.kills.end();
}

}  // namespace

std::vector<FaultId> faults_of(Role role, const std::vector<FaultId>& among) {
  std::vector<FaultId> faults;
  for (std::size_t i = 0; i < std::size(kFaults); ++i) {
    const Side side = kFaults[i].side;
    const bool applies = side == Side::both || (side == Side::server) == (role == Role::server);
    const bool wanted = among.empty() || std::ranges::any_of(among, [i](FaultId other) {
                          return other.index() == i;
                        });
    if (applies && wanted) faults.push_back(FaultId::at(i));
  }
  return faults;
}

KillMatrix play_matrix(const MatrixSettings& settings) {
  KillMatrix matrix;
  const auto cases = cases_for(settings);
  const auto compared = compared_cases();
  std::set<std::string_view> played;
  for (const Role role : settings.roles) {
    std::vector<Row> rows;
    Run right_run;
    std::vector<Run> faulty_runs;
    std::vector<SizeRecord> faulty_sizes;
    std::vector<TooBig> too_big;
    for (const FaultId fault : faults_of(role, settings.faults)) {
      rows.push_back({.fault = fault, .role = role});
    }
    faulty_runs.resize(rows.size());
    faulty_sizes.resize(rows.size());
    for (const Case* test : cases) {
      if (!is_for(*test, role)) continue;
      played.insert(test->id);
      const auto whole = complete(*test);
      const Played right = play(*whole, role, std::nullopt);
      const bool may_be_left_out =
          right.verdict.verdict == Verdict::unsupported && is_for_lesser_offers(*whole);
      if (right.verdict.verdict != Verdict::pass &&
          right.verdict.verdict != Verdict::informational && !may_be_left_out) {
        matrix.alarms.push_back({test->id, role, right.verdict});
      }
      const bool is_compared = compared.contains(test->id);
      if (is_compared) right_run.emplace(test->id, right);
      for (Row& row : rows) {
        const auto index = static_cast<std::size_t>(&row - rows.data());
        // A run in which nothing asked about the fault is the right endpoint's.
        if (!right.consulted.test(row.fault.index())) {
          faulty_sizes[index].add(test->id, right.verdict.sizes);
          continue;
        }
        row.asked.push_back(test->id);
        if (settings.first_only && !row.kills.empty() &&
            row.kills.back().verdict == Verdict::fail) {
          continue;
        }
        const Played faulty = play(*whole, role, row.fault);
        if (is_compared) {
          faulty_runs[index].emplace(test->id, faulty);
        }
        const GradedVerdict& graded = faulty.verdict;
        faulty_sizes[index].add(test->id, graded.sizes);
        if (graded.sizes.refused != 0) too_big.push_back({test, index, graded});
        // A fault that stops the harness is a fault of the harness.
        if (graded.verdict == Verdict::harness_error) {
          matrix.alarms.push_back({test->id, role, graded, row.fault});
        } else if (rank(graded.verdict) > rank(right.verdict.verdict)) {
          row.kills.push_back({test->id, graded.verdict});
        }
      }
    }
    for (const Case* test : cases) {
      if (test->same_offers.empty() || !is_for(*test, role)) continue;
      if (const auto other = compare(*test, right_run, {})) {
        matrix.alarms.push_back({test->id, role, *other});
      }
      for (std::size_t i = 0; i < rows.size(); ++i) {
        // What was left out once the fault was caught is not known.
        const bool is_partial = settings.first_only && !rows[i].kills.empty();
        if (is_partial || is_known(rows[i], test->id)) continue;
        if (const auto other = compare(*test, right_run, faulty_runs[i])) {
          rows[i].kills.push_back({test->id, other->verdict});
        }
      }
    }
    for (const auto& [test, index, verdict] : too_big) {
      const auto other = faulty_sizes[index].compare(verdict);
      if (other && !is_known(rows[index], test->id)) {
        rows[index].kills.push_back({test->id, other->verdict});
      }
    }
    std::ranges::move(rows, std::back_inserter(matrix.rows));
  }
  matrix.cases = played.size();
  return matrix;
}

}  // namespace ws::conformance::mutants
