#include "impl/transport/random.hpp"

#include <gtest/gtest.h>
#include <set>
#include <thread>
#include <vector>

namespace ws {
namespace {

TEST(RandomMaskingKey, IsAnotherOneForEachFrame) {
  // Among 5000 keys, two are alike with probability 0.003; five pairs never happen by chance.
  std::set<MaskingKey> keys;
  for (int i = 0; i < 5000; ++i) keys.insert(random_masking_key());
  EXPECT_GT(keys.size(), 4995U);
}

TEST(RandomMaskingKey, UsesEveryValueOfEveryByte) {
  std::vector<std::set<std::byte>> values(4);
  for (int i = 0; i < 20'000; ++i) {
    const MaskingKey key = random_masking_key();
    for (std::size_t position = 0; position < key.size(); ++position) {
      values[position].insert(key[position]);
    }
  }
  for (const auto& seen : values) EXPECT_EQ(seen.size(), 256U);
}

TEST(RandomNonce, IsNeverTheSameAlsoInAnotherThread) {
  std::set<Nonce> nonces;
  for (int i = 0; i < 1000; ++i) nonces.insert(random_nonce());
  std::set<Nonce> others;
  std::jthread([&others] {
    for (int i = 0; i < 1000; ++i) others.insert(random_nonce());
  }).join();
  nonces.merge(others);
  EXPECT_EQ(nonces.size(), 2000U);
}

}  // namespace
}  // namespace ws
