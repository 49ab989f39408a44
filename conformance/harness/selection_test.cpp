#include "conformance/harness/selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ws::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Selects, TakesIdsSectionsAndGlobs) {
  EXPECT_TRUE(selects("6.1.1", "6.1.1"));
  EXPECT_TRUE(selects("6.1", "6.1.1"));
  EXPECT_TRUE(selects("6", "6.1.1"));
  EXPECT_FALSE(selects("6.1", "6.10.1"));
  EXPECT_FALSE(selects("6.1.1", "6.1.10"));
  EXPECT_TRUE(selects("*", "6.1.1"));
  EXPECT_TRUE(selects("6.*.1", "6.10.1"));
  EXPECT_FALSE(selects("6.*.1", "6.10.2"));
  EXPECT_TRUE(selects("*.1*", "7.1.6"));
}

TEST(Select, IncludesExcludesAndNamesPatternsThatMeanNothing) {
  std::vector<Case> all(3);
  all[0].id = "1.1";
  all[1].id = "1.2";
  all[2].id = "2.1";
  EXPECT_THAT(select(all, {}, {}).cases, ElementsAre(&all[0], &all[1], &all[2]));
  EXPECT_THAT(select(all, {"1"}, {"1.2"}).cases, ElementsAre(&all[0]));
  EXPECT_THAT(select(all, {"1"}, {"1.2"}).unused, IsEmpty());
  EXPECT_THAT(select(all, {"3", "1"}, {"9.*"}).unused, ElementsAre("3", "9.*"));
}

}  // namespace
}  // namespace ws::conformance
