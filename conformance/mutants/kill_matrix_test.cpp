// Faults are caught, but for those listed, and the right endpoint passes every case.
#include "conformance/mutants/kill_matrix.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

#include "conformance/mutants/kill_files.hpp"

namespace ws::conformance::mutants {
namespace {

TEST(FaultTable, NamesEachFaultOnceAndSaysWhatItDoes) {
  std::set<std::string_view> ids;
  for (const Fault& fault : kFaults) {
    EXPECT_TRUE(ids.insert(fault.id).second) << fault.id;
    EXPECT_FALSE(fault.behaviour.empty()) << fault.id;
    EXPECT_FALSE(fault.source.empty()) << fault.id;
    EXPECT_EQ(fault.id.starts_with("own-"), fault.reports.empty()) << fault.id;
  }
}

class EachRole : public ::testing::TestWithParam<Role> {};

INSTANTIATE_TEST_SUITE_P(KillMatrix, EachRole, ::testing::Values(Role::server, Role::client),
                         [](const auto& test) {
                           return test.param == Role::server ? "Server" : "Client";
                         });

TEST_P(EachRole, HasACaseForEachFaultOfASampleAndNoFalseAlarm) {
  // All of them take minutes; wsproof_kills plays the whole matrix.
  constexpr std::size_t kEvery = 40;
  std::vector<FaultId> sample;
  for (std::size_t i = 0; i < std::size(kFaults); i += kEvery) sample.push_back(FaultId::at(i));
  const KillMatrix matrix =
      play_matrix({.first_only = true, .faults = sample, .roles = {GetParam()}});
  for (const Alarm& alarm : matrix.alarms) ADD_FAILURE() << describe(alarm);
  Uncaught listed = read_uncaught(WSPROOF_UNCAUGHT);
  std::erase_if(listed, [](const auto& line) {
    return line.first.ends_with(GetParam() == Role::server ? " client" : " server");
  });
  for (const Row& row : matrix.rows) {
    const auto line = listed.find(key_of(row));
    const bool is_listed = line != listed.end();
    // A reason that a case has refuted is wrong; a case that was only missing may come any time.
    const bool is_refuted = is_listed && line->second != kNoCaseYet;
    if (is_listed) listed.erase(line);
    if (row.kills.empty()) {
      EXPECT_TRUE(is_listed) << key_of(row) << " is caught by nothing";
    } else {
      EXPECT_FALSE(is_refuted) << describe(row) << " catches it: wsproof_kills --uncaught FILE";
    }
  }
}

/// Which faults are caught in a server, by their order in the table.
std::vector<bool> play(const std::vector<FaultId>& faults, const std::vector<Need>& without) {
  const KillMatrix matrix = play_matrix({.faults = faults,
                                         .cases = {"20.8.2", "34.1.1"},
                                         .roles = {Role::server},
                                         .without = without});
  for (const Alarm& alarm : matrix.alarms) ADD_FAILURE() << describe(alarm);
  std::vector<bool> caught;
  for (const Row& row : matrix.rows) caught.push_back(!row.kills.empty());
  return caught;
}

TEST(KillMatrix, LeavesOutWhatAnEndpointCannotDoAndWaitsForNothingForEver) {
  // With the first, the second request of 20.8.2 has no answer.
  const std::vector<FaultId> faults{*FaultId::find("own-hs-srv-error-keeps-open"),
                                    *FaultId::find("lm-at-limit-refused")};
  EXPECT_EQ(play(faults, {}), std::vector<bool>({true, true}));
  EXPECT_EQ(play(faults, {Need::message_limit}), std::vector<bool>({true, false}));
}

}  // namespace
}  // namespace ws::conformance::mutants
