// The scans of a head, in every variant, beside the character classes of the RFCs.
#include "impl/handshake/head_scan.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

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

struct Line {
  std::size_t start = 0;
  std::size_t token_size = 0;
  std::size_t size = 0;

  bool operator==(const Line&) const = default;
};

std::vector<Line> scan(std::string_view text, std::size_t room = kMaxScannedLines) {
  std::vector<ScannedLine> scanned(room);
  scanned.resize(scan_lines(text, scanned));
  std::vector<Line> lines;
  for (const auto& [start, token_size, size] : scanned) lines.push_back({start, token_size, size});
  return lines;
}

/// The same, byte by byte.
std::vector<Line> scan_slowly(std::string_view text, std::size_t room = kMaxScannedLines) {
  std::vector<Line> lines;
  Line line;
  bool in_token = true;
  for (std::size_t i = 0; i < text.size() && lines.size() < room; ++i) {
    if (text.substr(i).starts_with("\r\n")) {
      line.size = i - line.start;
      lines.push_back(line);
      if (line.size == 0) break;
      line = {.start = i + 2};
      in_token = true;
      ++i;
      continue;
    }
    if (is_control_character(text[i])) break;
    in_token = in_token && is_tchar(static_cast<unsigned char>(text[i]));
    if (in_token) ++line.token_size;
  }
  return lines;
}

TEST_P(HeadScan, FindsLinesOfEveryLengthAtEveryPlace) {
  for (std::size_t before = 0; before < 70; ++before) {
    for (std::size_t name = 0; name < 70; ++name) {
      for (const std::size_t value : {0U, 1U, 31U, 63U, 64U, 65U, 130U, 200U}) {
        const std::string text = std::string(before, 'a') + ":\r\n" + std::string(name, 'n') + ":" +
                                 std::string(value, '(') + "\r\n\r\nrest";
        ASSERT_EQ(scan(text), scan_slowly(text)) << before << " " << name << " " << value;
      }
    }
  }
}

TEST_P(HeadScan, StopsWhereTheTextEnds) {
  std::string text;
  for (std::size_t i = 0; i < 20; ++i) text += std::string(i * 3, 'x') + ": \xc3\xa4\ty\r\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string part = text.substr(0, size);  // of its own, so that a sanitizer knows its end
    ASSERT_EQ(scan(part), scan_slowly(part)) << size;
  }
}

TEST_P(HeadScan, StopsAtEachByteThatNoLineHas) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < 140; ++place) {
      std::string text =
          "a: b\r\n" + std::string(60, 'c') + ":\r\nd\r\n" + std::string(60, 'e') + "\r\n\r\n";
      text[place % text.size()] = static_cast<char>(byte);
      ASSERT_EQ(scan(text), scan_slowly(text)) << byte << " at " << place;
    }
  }
}

TEST_P(HeadScan, TakesNoCarriageReturnAndLineFeedApart) {
  for (std::size_t before = 0; before < 130; ++before) {
    for (const std::string_view end :
         {"\r", "\n", "\r\r\n", "\r\n\n", "\n\r\n", "\rx\n", "\r\n\r"}) {
      const std::string text = "a\r\n" + std::string(before, 'b') + std::string(end);
      ASSERT_EQ(scan(text), scan_slowly(text)) << before;
      ASSERT_EQ(scan(text + "c\r\n"), scan_slowly(text + "c\r\n")) << before;
    }
  }
}

TEST_P(HeadScan, FindsNoMoreLinesThanThereIsRoomFor) {
  std::string text;
  for (std::size_t i = 0; i < 2 * kMaxScannedLines; ++i) text += "x\r\n";
  for (std::size_t room = 0; room <= kMaxScannedLines; ++room) {
    EXPECT_EQ(scan(text, room), scan_slowly(text, room));
    EXPECT_EQ(scan(text, room).size(), room);
  }
  EXPECT_EQ(scan(std::string(300, '\r')), std::vector<Line>());
}

}  // namespace
}  // namespace ws
