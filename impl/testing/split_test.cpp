#include "impl/testing/split.hpp"

#include <set>

#include "impl/testing/bytes.hpp"

namespace ws::testing {
namespace {

std::vector<std::byte> join(const Reads& reads) {
  std::vector<std::byte> joined;
  for (const auto read : reads) joined.insert(joined.end(), read.begin(), read.end());
  return joined;
}

TEST(ForEachSplit, CutsWholeThenByteByByteThenAtEveryPlace) {
  const auto stream = bytes("01 02 03 04");
  std::vector<std::vector<std::size_t>> sizes;
  for_each_split(stream, [&](const Reads& reads) {
    EXPECT_EQ(join(reads), stream);
    auto& row = sizes.emplace_back();
    for (const auto read : reads) row.push_back(read.size());
  });
  EXPECT_EQ(sizes,
            (std::vector<std::vector<std::size_t>>{{4}, {1, 1, 1, 1}, {1, 3}, {2, 2}, {3, 1}}));
}

TEST(ForEachSplit, CutsALongStreamAtABoundedNumberOfPlaces) {
  const std::vector<std::byte> stream(100'000);
  std::set<std::size_t> cuts;
  for_each_split(stream, [&](const Reads& reads) {
    if (reads.size() == 2) cuts.insert(reads[0].size());
  });
  EXPECT_GT(cuts.size(), 900U);
  EXPECT_LE(cuts.size(), 1000U);
}

TEST(ForEachSplit, GivesAnEmptyStreamAsOneEmptyReadAndAsNone) {
  std::vector<std::size_t> counts;
  for_each_split({}, [&](const Reads& reads) { counts.push_back(reads.size()); });
  EXPECT_EQ(counts, (std::vector<std::size_t>{1, 0}));
}

}  // namespace
}  // namespace ws::testing
