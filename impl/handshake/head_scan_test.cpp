// The scans of a head, in every variant, beside the character classes of the RFCs.
#include "impl/handshake/head_scan.hpp"

#include <gtest/gtest.h>
#include <string>

#include "impl/wire/kernels/test_variants.hpp"

namespace ws {
namespace {

class HeadScan : public testing::ForEachVariant {};
INSTANTIATE_TEST_SUITE_P(Each, HeadScan, testing::every_variant(), testing::name_of_variant);

// RFC 9110 section 5.6.2: tchar; VCHAR without delimiters.
bool is_tchar(unsigned byte) {
  const char c = static_cast<char>(byte);
  return byte > 0x20 && byte < 0x7f && !std::string_view("\"(),/:;<=>?@[\\]{}").contains(c);
}

TEST_P(HeadScan, StopsAtEachByteThatIsNotOfTheClassWhereverItIs) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
    ASSERT_EQ(is_control_character(c), is_control) << byte;
    for (std::size_t size = 1; size < 100; ++size) {
      for (std::size_t place = size < 20 ? 0 : size % 20; place < size; place += size / 20 + 1) {
        std::string text(size, 'x');
        text[place] = c;
        ASSERT_EQ(find_control_character(text), is_control ? place : size) << byte;
        ASSERT_EQ(count_token_characters(text), is_tchar(byte) ? size : place) << byte;
      }
    }
  }
}

TEST_P(HeadScan, StopsAtTheFirstOfSeveralAndLooksNoFurtherThanTheText) {
  const std::string text = std::string(37, 'a') + "\r\n: b\r" + std::string(40, 'c');
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto part = std::string_view(text).substr(0, size);
    EXPECT_EQ(find_control_character(part), std::min<std::size_t>(size, 37));
    EXPECT_EQ(count_token_characters(part), std::min<std::size_t>(size, 37));
  }
}

}  // namespace
}  // namespace ws
