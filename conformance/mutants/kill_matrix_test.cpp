// Every fault is caught, and the right endpoint passes every case.
#include "conformance/mutants/kill_matrix.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

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

TEST(KillMatrix, HasACaseForEachFaultButThoseListedAndNoFalseAlarm) {
  const KillMatrix matrix = play_matrix({.first_only = true});
  for (const Alarm& alarm : matrix.alarms) ADD_FAILURE() << describe(alarm);
  Uncaught listed = read_uncaught(WSPROOF_UNCAUGHT);
  for (const Row& row : matrix.rows) {
    const bool is_listed = listed.erase(key_of(row)) != 0;
    if (row.kills.empty()) {
      EXPECT_TRUE(is_listed) << key_of(row) << " is caught by nothing";
    } else {
      EXPECT_FALSE(is_listed) << describe(row) << " catches it: wsproof_kills --uncaught FILE";
    }
  }
  for (const auto& [key, reason] : listed) ADD_FAILURE() << key << " is no fault any more";
}

}  // namespace
}  // namespace ws::conformance::mutants
