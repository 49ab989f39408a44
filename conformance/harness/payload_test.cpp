#include "conformance/harness/payload.hpp"

#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"

namespace ws::conformance {
namespace {

TEST(Payload, ExpandsPatternsCutToLength) {
  EXPECT_EQ(expand(repeat("abc", 7)), testing::bytes_of("abcabca"));
  EXPECT_EQ(expand(repeat("abc", 2)), testing::bytes_of("ab"));
  EXPECT_TRUE(expand(text("")).empty());
  EXPECT_EQ(expand(hex("00 ff")), testing::bytes("00 ff"));
}

TEST(Payload, ComparesBytesNotDescriptions) {
  EXPECT_EQ(repeat("ab", 4), text("abab"));
  EXPECT_EQ(repeat("ab", 4), repeat("abab", 4));
  EXPECT_NE(repeat("ab", 4), repeat("ab", 5));
  EXPECT_NE(repeat("ab", 4), text("abax"));
  EXPECT_NE(text("abax"), repeat("ab", 4));
  EXPECT_EQ(text(""), repeat("x", 0));
}

TEST(Payload, ComparesWithoutExpanding) {
  EXPECT_TRUE(equals(repeat("abc", 5), "abcab"));
  EXPECT_FALSE(equals(repeat("abc", 5), "abcaX"));
  EXPECT_FALSE(equals(repeat("abc", 5), "abca"));
  EXPECT_TRUE(equals(text(""), ""));
}

TEST(Payload, SlicesAndJoins) {
  EXPECT_EQ(slice(repeat("abc", 9), 2, 3), text("cab"));
  EXPECT_EQ(join({text("a"), repeat("bc", 3)}), text("abcb"));
}

TEST(Payload, SlicesAtEveryPhase) {
  const std::string whole = "abcabcabcabcabcabcab";
  for (std::size_t offset = 0; offset <= whole.size(); ++offset) {
    for (std::size_t length = 0; offset + length <= whole.size(); ++length) {
      EXPECT_EQ(slice(repeat("abc", whole.size()), offset, length).pattern.str(),
                whole.substr(offset, length))
          << offset << ", " << length;
    }
  }
}

TEST(Payload, EqualPatternsOfAPoolAreOne) {
  Payload one = text("the same");
  Payload other = text("the same");
  Payload third = text("another");
  ASSERT_NE(one.pattern.str().data(), other.pattern.str().data());
  TextPool pool;
  for (Payload* payload : {&one, &other, &third}) pool.share(payload->pattern);
  EXPECT_EQ(one.pattern.str().data(), other.pattern.str().data());
  EXPECT_EQ(other, text("the same"));
  EXPECT_EQ(third, text("another"));
}

TEST(Payload, BytesOfAPeerAreEscaped) {
  EXPECT_EQ(escape_bytes("HTTP/1.1 101"), "HTTP/1.1 101");
  EXPECT_EQ(escape_bytes("\x8a\x06\x1b[31m\xc3\xa4\x7f"), "\\x8a\\x06\\x1b[31m\\xc3\\xa4\\x7f");
}

TEST(Payload, DescribesItselfForPeople) {
  EXPECT_EQ(describe(text("Hello")), "\"Hello\"");
  EXPECT_EQ(describe(hex("00ff")), "0x00ff");
  EXPECT_EQ(describe(repeat("x", 100)), '"' + std::string(60, 'x') + "\" .. (100 bytes)");
}

}  // namespace
}  // namespace ws::conformance
