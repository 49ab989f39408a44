#include "conformance/oracle/utf8.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "impl/testing/bytes.hpp"

namespace ws::oracle {
namespace {

using testing::bytes;

TEST(OracleUtf8, NamesTheFirstImpossibleByte) {
  const struct {
    std::string_view hex;
    std::size_t index;
  } kBroken[] = {
      {"80", 0},          {"61 bf", 1},       {"c0 80", 0},       {"c1 bf", 0},
      {"c2 41", 1},       {"e0 9f bf", 1},    {"e1 80 41", 2},    {"ed a0 80", 1},
      {"f0 8f bf bf", 1}, {"f4 90 80 80", 1}, {"f5 80 80 80", 0}, {"f8 88 80 80 80", 0},
      {"fe", 0},          {"ff", 0},          {"f1 80 80 c0", 3}, {"ce ba e1 bd b9 f4 90", 6},
  };
  for (const auto& [hex, index] : kBroken) {
    EXPECT_EQ(find_first_impossible_byte(bytes(hex)), index) << hex;
    EXPECT_FALSE(is_valid_utf8(bytes(hex))) << hex;
  }
}

TEST(OracleUtf8, TakesTheBoundariesOfEachLength) {
  for (const std::string_view hex :
       {"", "00", "7f", "c2 80", "df bf", "e0 a0 80", "ed 9f bf", "ee 80 80", "ef bf bf",
        "f0 90 80 80", "f4 8f bf bf", "ce ba e1 bd b9 cf 83 ce bc ce b5"}) {
    EXPECT_TRUE(is_valid_utf8(bytes(hex))) << hex;
    EXPECT_EQ(find_first_impossible_byte(bytes(hex)), std::nullopt) << hex;
  }
}

TEST(OracleUtf8, KnowsATextThatCouldStillBecomeValid) {
  for (const std::string_view hex : {"c2", "e0 a0", "ed 9f", "f0 90 80", "61 f4 8f bf"}) {
    EXPECT_EQ(find_first_impossible_byte(bytes(hex)), std::nullopt) << hex;
    EXPECT_FALSE(is_valid_utf8(bytes(hex))) << hex;
  }
}

TEST(OracleUtf8, TakesExactlyTheScalarValuesAmongTwoAndThreeByteSequences) {
  std::size_t valid = 0;
  for (unsigned lead = 0xc0; lead <= 0xff; ++lead) {
    for (unsigned second = 0x80; second <= 0xbf; ++second) {
      const std::vector pair{static_cast<std::byte>(lead), static_cast<std::byte>(second)};
      if (is_valid_utf8(pair)) ++valid;
      for (unsigned third = 0x80; third <= 0xbf; ++third) {
        if (is_valid_utf8(std::vector{pair[0], pair[1], static_cast<std::byte>(third)})) ++valid;
      }
    }
  }
  EXPECT_EQ(valid, (0x800U - 0x80U) + (0x1'0000U - 0x800U - 0x800U));
}

}  // namespace
}  // namespace ws::oracle
