// Which variants run here, and that one can be asked for.
#include "impl/wire/kernels/variant.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace ws::kernels {
namespace {

TEST(Variant, PortableRunsEverywhereAndTheFastestIsInUse) {
  ASSERT_FALSE(runnable_variants().empty());
  EXPECT_EQ(runnable_variants().front(), Variant::portable);
  EXPECT_TRUE(std::ranges::is_sorted(runnable_variants()));
  EXPECT_EQ(active_variant(), runnable_variants().back());
}

TEST(Variant, IsTheOneAskedFor) {
  for (const Variant variant : runnable_variants()) {
    use_variant(variant);
    EXPECT_EQ(active_variant(), variant) << name_of(variant);
  }
}

TEST(Variant, UsesNoShaInstructionsInThePortableOne) {
  use_variant(Variant::portable);
  EXPECT_FALSE(may_use_sha_instructions());
  use_variant(runnable_variants().back());
}

}  // namespace
}  // namespace ws::kernels
