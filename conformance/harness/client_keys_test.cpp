#include "conformance/harness/client_keys.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "conformance/harness/opening_fields.hpp"

namespace ws::conformance {
namespace {

std::string request_with(const std::string& key) {
  return "GET / HTTP/1.1\r\nSec-WebSocket-Key: " + key + "\r\n\r\n";
}

TEST(KeyRecord, FindsNothingInRandomKeys) {
  std::mt19937_64 random(1);
  KeyRecord record;
  for (int i = 0; i < 200; ++i) record.add("1.1.1", request_with(random_key(random)));
  EXPECT_FALSE(record.judge());
}

TEST(KeyRecord, FindsBitsThatNeverChange) {
  std::mt19937_64 random(1);
  KeyRecord record;
  for (int i = 0; i < 64; ++i) {
    std::string key = random_key(random);
    key[8] = 'Q';  // byte 6 begins with 0100, as in a version 4 UUID
    EXPECT_FALSE(record.judge()) << i;
    record.add("1.1.1", request_with(key));
  }
  const auto verdict = record.judge();
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->verdict, Verdict::non_strict);
}

TEST(KeyRecord, FindsAKeyThatComesAgain) {
  std::mt19937_64 random(1);
  KeyRecord record;
  const std::string request = request_with(random_key(random));
  record.add("1.1.1", request);
  record.add("1.1.1", request_with(random_key(random)));
  EXPECT_FALSE(record.judge());
  record.add("1.1.2", request);
  const auto verdict = record.judge();
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->verdict, Verdict::fail);
  EXPECT_TRUE(verdict->reason.contains("1.1.1 and 1.1.2")) << verdict->reason;
}

TEST(KeyRecord, FindsMaskingKeysThatComeAgain) {
  std::mt19937_64 random(1);
  KeyRecord record;
  const auto add = [&](const std::vector<std::string>& masks) {
    record.add("1.1.1", request_with(random_key(random)), masks);
  };
  add({"abcd", "efgh", "ijkl"});
  add({"abcd"});
  add({"abcd", "ijkl"});
  add({"efgh", "abcd"});
  EXPECT_FALSE(record.judge());
  add({"abcd", "efgh"});
  const auto verdict = record.judge();
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->verdict, Verdict::fail);
}

TEST(KeyRecord, PassesOverWhatIsNoKey) {
  KeyRecord record;
  for (int i = 0; i < 100; ++i) record.add("1.1.1", request_with("AAAA"));
  EXPECT_FALSE(record.judge());
}

}  // namespace
}  // namespace ws::conformance
