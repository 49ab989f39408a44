// Two hundred and fifty scripts find two thirds of the faults that frames, messages and text can
// have, and none in the right endpoint.
#include "conformance/mutants/explored_faults.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace ws::conformance::mutants {
namespace {

bool is_of_frames(const Explored& fault) {
  switch (kFaults[fault.fault.index()].layer) {
    case Layer::framing:
    case Layer::masking:
    case Layer::fragmentation:
    case Layer::utf8:
    case Layer::control:
    case Layer::deflate:
      return true;
    default:
      return false;
  }
}

class ExplorerInRole : public ::testing::TestWithParam<Role> {};

INSTANTIATE_TEST_SUITE_P(Explorer, ExplorerInRole, ::testing::Values(Role::server, Role::client),
                         [](const auto& test) {
                           return test.param == Role::server ? "Server" : "Client";
                         });

TEST_P(ExplorerInRole, FindsMostFaultsOfASampleAndGivesNoFalseAlarm) {
  constexpr std::size_t kEvery = 5;
  ExploredSettings settings{.seed = 1, .runs = 250, .roles = {GetParam()}};
  for (std::size_t i = 0; i < std::size(kFaults); i += kEvery) {
    settings.faults.push_back(FaultId::at(i));
  }
  const Exploration exploration = explore_faults(settings);
  for (const ExploredAlarm& alarm : exploration.alarms) {
    ADD_FAILURE() << "run " << alarm.run << ": " << alarm.verdict.reason << '\n' << alarm.script;
  }
  const auto all = std::ranges::count_if(exploration.faults, is_of_frames);
  const auto found = std::ranges::count_if(exploration.faults, [](const Explored& fault) {
    return is_of_frames(fault) && fault.is_found;
  });
  EXPECT_GT(found * 3, all * 2) << found << " of " << all;
}

}  // namespace
}  // namespace ws::conformance::mutants
