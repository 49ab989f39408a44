#include "impl/testing/bytes.hpp"

#include <gtest/gtest.h>

namespace ws::testing {
namespace {

TEST(Bytes, ReadsHexWithWhiteSpaceAnywhere) {
  const std::vector expected{std::byte{0x81}, std::byte{0x05}, std::byte{0xff}};
  EXPECT_EQ(bytes("81 05 ff"), expected);
  EXPECT_EQ(bytes("8105\nff"), expected);
  EXPECT_EQ(bytes(""), std::vector<std::byte>{});
}

TEST(Bytes, OfTextAndBackKeepsEveryByte) {
  const std::string text("a\0\xff", 3);
  EXPECT_EQ(bytes_of(text), bytes("61 00 ff"));
  EXPECT_EQ(text_of(bytes_of(text)), text);
}

}  // namespace
}  // namespace ws::testing
