// UTF-8 validation: every code point, every short sequence, and the byte at which it fails.
#include "impl/wire/utf8.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <span>
#include <string_view>
#include <vector>

#include "conformance/oracle/utf8.hpp"
#include "impl/testing/bytes.hpp"
#include "impl/testing/split.hpp"
#include "impl/wire/kernels/test_variants.hpp"

namespace ws {
namespace {

using ::ws::testing::bytes;
using ::ws::testing::for_each_split;

/// The bits of `code_point` in `length` bytes, whether or not that is its form.
std::vector<std::byte> encode(std::uint32_t code_point, unsigned length) {
  if (length == 1) return {static_cast<std::byte>(code_point)};
  constexpr unsigned kLead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  std::vector<std::byte> encoded(length);
  for (unsigned i = length - 1; i > 0; --i, code_point >>= 6U) {
    encoded[i] = static_cast<std::byte>(0x80U | (code_point & 0x3fU));
  }
  encoded[0] = static_cast<std::byte>(kLead[length] | code_point);
  return encoded;
}

unsigned shortest_length(std::uint32_t code_point) {
  if (code_point < 0x80) return 1;
  if (code_point < 0x800) return 2;
  return code_point < 0x1'0000 ? 3 : 4;
}

std::uint64_t count_accepted(std::span<const std::byte> text) {
  Utf8Validator validator;
  validator.feed(text);
  return validator.accepted_bytes();
}

TEST(Utf8, HasEveryCodePointButTheSurrogates) {
  for (std::uint32_t code_point = 0; code_point <= 0x10'ffff; ++code_point) {
    const bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    ASSERT_EQ(is_valid_utf8(encode(code_point, shortest_length(code_point))), !is_surrogate)
        << std::hex << code_point;
  }
}

TEST(Utf8, HasNoCodePointInMoreBytesThanItNeeds) {
  for (std::uint32_t code_point = 0; code_point < 0x1'0000; ++code_point) {
    for (unsigned length = shortest_length(code_point) + 1; length <= 4; ++length) {
      ASSERT_FALSE(is_valid_utf8(encode(code_point, length))) << std::hex << code_point;
    }
  }
}

TEST(Utf8, EndsAtTheLastCodePoint) {
  EXPECT_TRUE(is_valid_utf8(bytes("f4 8f bf bf")));
  EXPECT_FALSE(is_valid_utf8(bytes("f4 90 80 80")));
}

TEST(Utf8, AgreesWithTheOracleOnAllTextsOfUpToTwoBytesAndWhatFollowsThem) {
  // The bytes at which a rule of RFC 3629 changes its mind.
  constexpr unsigned kEdges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
                                 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfe, 0xff};
  const auto check = [](std::span<const std::byte> text) {
    const auto impossible = oracle::find_first_impossible_byte(text);
    ASSERT_EQ(count_accepted(text), impossible.value_or(text.size()))
        << ::testing::PrintToString(text);
    ASSERT_EQ(is_valid_utf8(text), oracle::is_valid_utf8(text)) << ::testing::PrintToString(text);
  };
  for (unsigned first = 0; first < 256; ++first) {
    check(std::array{static_cast<std::byte>(first)});
    for (unsigned second = 0; second < 256; ++second) {
      check(std::array{static_cast<std::byte>(first), static_cast<std::byte>(second)});
      for (const unsigned third : kEdges) {
        check(std::array{static_cast<std::byte>(first), static_cast<std::byte>(second),
                         static_cast<std::byte>(third)});
        if (HasFatalFailure()) return;
      }
    }
  }
}

/// Where a text fails, whole and in two pieces, is where the oracle says.
void expect_oracle_agrees(std::span<const std::byte> text, std::size_t cut) {
  const auto impossible = oracle::find_first_impossible_byte(text);
  const bool is_valid = oracle::is_valid_utf8(text);
  ASSERT_EQ(count_accepted(text), impossible.value_or(text.size()))
      << ::testing::PrintToString(text);
  ASSERT_EQ(is_valid_utf8(text), is_valid) << ::testing::PrintToString(text);
  Utf8Validator in_two;
  in_two.feed(text.first(cut));
  in_two.feed(text.subspan(cut));
  ASSERT_EQ(in_two.accepted_bytes(), impossible.value_or(text.size()))
      << "cut at " << cut << ": " << ::testing::PrintToString(text);
  ASSERT_EQ(in_two.is_complete(), is_valid);
}

class Utf8Kernel : public testing::ForEachVariant {};
INSTANTIATE_TEST_SUITE_P(Each, Utf8Kernel, testing::every_variant(), testing::name_of_variant);

/// Texts in which a rule is kept or broken by a hair.
constexpr std::string_view kSequences[] = {"c2 80",
                                           "df bf",
                                           "e0 a0 80",
                                           "ec bf bf",
                                           "ed 80 80",
                                           "ed 9f bf",
                                           "ee 80 80",
                                           "f0 90 80 80",
                                           "f3 bf bf bf",
                                           "f4 8f bf bf",  // whole; from here on broken
                                           "80",
                                           "bf",
                                           "c0 80",
                                           "c1 bf",
                                           "e0 80 80",
                                           "e0 9f bf",
                                           "ed a0 80",
                                           "ed bf bf",
                                           "f0 80 80 80",
                                           "f0 8f bf bf",
                                           "f4 90 80 80",
                                           "f5 80 80 80",
                                           "f8 88 80 80 80",
                                           "ff",
                                           "c3",
                                           "e2 82",
                                           "f0 9f 98",
                                           "c3 c3 80",
                                           "e2 e2 82 ac",
                                           "e2 82 e2 82 ac",
                                           "f0 9f f0 9f 98 80",
                                           "f0 9f 98 c3 80",
                                           "e2 82 ac ac",
                                           "f0 9f 98 80 80",
                                           "c3 a9 a9"};

TEST_P(Utf8Kernel, AgreesWithTheOracleOnASequenceAtEveryPlaceOfSeveralVectors) {
  for (const std::string_view sequence_text : kSequences) {
    const auto sequence = bytes(sequence_text);
    for (const std::string_view filler_text : {"61", "e3 81 82", "61 c3 a9 f0 9f 98 80"}) {
      const auto filler = bytes(filler_text);
      std::vector<std::byte> text;
      for (std::size_t place = 0; place < 300; ++place) {
        // Filler, the sequence, and as much filler again as makes the ends of vectors wander.
        text.assign(place % filler.size(), std::byte{'b'});
        while (text.size() < place) text.insert(text.end(), filler.begin(), filler.end());
        const std::size_t cut = text.size();
        text.insert(text.end(), sequence.begin(), sequence.end());
        for (std::size_t i = 0; i < place % 7 * 13; ++i) {
          text.insert(text.end(), filler.begin(), filler.end());
        }
        expect_oracle_agrees(text, cut + place % (sequence.size() + 1));
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(Utf8Kernel, AgreesWithTheOracleOnShortTextsOfEveryLengthWithASequenceNearTheirEnd) {
  for (const std::string_view sequence_text : kSequences) {
    const auto sequence = bytes(sequence_text);
    for (std::size_t before = 0; before < 140; ++before) {
      for (std::size_t behind = 0; behind < 4; ++behind) {
        std::vector<std::byte> text(before % 3, std::byte{'b'});
        const auto filler = bytes("e3 81 82");
        while (text.size() < before) text.insert(text.end(), filler.begin(), filler.end());
        text.insert(text.end(), sequence.begin(), sequence.end());
        text.insert(text.end(), behind, std::byte{'c'});
        expect_oracle_agrees(text, before / 2);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(Utf8Kernel, AgreesWithTheOracleOnEveryTextOfFourBytesAtTheEdges) {
  constexpr unsigned kEdges[] = {0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                 0xc1, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5};
  constexpr std::size_t kCount = std::size(kEdges);
  std::vector<std::byte> text(150, std::byte{'a'});
  for (std::size_t i = 0; i < kCount * kCount * kCount * kCount; ++i) {
    // Across the ends of vectors of 64 bytes, and with them of all others, in turn.
    const std::size_t place = 60 + i % 5;
    std::ranges::fill(std::span(text).subspan(60, 8), std::byte{'a'});
    for (std::size_t j = 0, rest = i; j < 4; ++j, rest /= kCount) {
      text[place + j] = static_cast<std::byte>(kEdges[rest % kCount]);
    }
    // What is not ASCII is looked at by the oracle, which is slow, and the byte behind it.
    const auto impossible = oracle::find_first_impossible_byte(std::span(text).subspan(place, 5));
    ASSERT_EQ(count_accepted(text), impossible ? place + *impossible : text.size())
        << ::testing::PrintToString(text);
  }
}

TEST_P(Utf8Kernel, AgreesWithTheOracleOnLongTextsOfEveryKind) {
  std::uint32_t random = 1;
  const auto next = [&random](std::uint32_t limit) {
    random = random * 1'664'525U + 1'013'904'223U;
    return (random >> 8U) % limit;
  };
  for (int i = 0; i < 1000; ++i) {
    std::vector<std::byte> text;
    const std::uint32_t size = next(2000);
    const std::uint32_t broken_part = next(3) == 0 ? 1 + next(200) : 0;
    bool is_ascii_run = false;
    while (text.size() < size) {
      if (next(40) == 0) is_ascii_run = !is_ascii_run;
      const bool is_broken = broken_part != 0 && next(broken_part * 10) == 0;
      const auto more = is_broken      ? bytes(kSequences[next(std::size(kSequences))])
                        : is_ascii_run ? bytes("61 62 63 64 65 66 67 68 69 6a 6b 6c")
                                       : bytes(kSequences[next(10)]);
      text.insert(text.end(), more.begin(), more.end());
    }
    if (next(4) == 1 && !text.empty()) text.pop_back();
    expect_oracle_agrees(text, text.empty() ? 0 : next(static_cast<std::uint32_t>(text.size())));
    if (HasFatalFailure()) return;
  }
}

TEST(Utf8Validator, FailsAtTheFirstByteThatNoTextCanHaveThere) {
  struct Broken {
    std::string_view text{};
    std::uint64_t accepted = 0;
  };
  for (const Broken& broken : {
           Broken{"80", 0},              // a continuation byte
           Broken{"c0 80", 0},           // overlong, in two bytes
           Broken{"c1 bf", 0},           //
           Broken{"c3 28", 1},           // a sequence cut by ASCII
           Broken{"e0 9f bf", 1},        // overlong, in three
           Broken{"ed a0 80", 1},        // a surrogate
           Broken{"e2 82 28", 2},        //
           Broken{"f0 8f bf bf", 1},     // overlong, in four
           Broken{"f4 90 80 80", 1},     // beyond U+10FFFF
           Broken{"f0 9f 98 e2", 3},     //
           Broken{"f5 80 80 80", 0},     // no such lead byte
           Broken{"f8 88 80 80 80", 0},  // five bytes
           Broken{"fe", 0},              //
           Broken{"ff", 0},              //
           Broken{"ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64", 12},  // "kosme", surrogate
       }) {
    SCOPED_TRACE(broken.text);
    const auto stream = bytes(broken.text);
    for_each_split(stream, [&](const ws::testing::Reads& reads) {
      Utf8Validator validator;
      std::uint64_t end = 0;
      for (const auto read : reads) {
        end += read.size();
        EXPECT_EQ(validator.feed(read), end <= broken.accepted);
      }
      EXPECT_EQ(validator.accepted_bytes(), broken.accepted);
      EXPECT_FALSE(validator.is_complete());
    });
  }
}

TEST(Utf8Validator, TakesATextInEverySplit) {
  const std::string_view text = "0123456789 κόσμε 漢字かな 😀🙂 \xf4\x8f\xbf\xbf the end";
  for_each_split(std::as_bytes(std::span(text)), [&](const ws::testing::Reads& reads) {
    Utf8Validator validator;
    for (const auto read : reads) EXPECT_TRUE(validator.feed(read));
    EXPECT_TRUE(validator.is_complete());
    EXPECT_EQ(validator.accepted_bytes(), text.size());
  });
}

TEST(Utf8Validator, IsIncompleteInsideASequence) {
  for (const std::string_view text : {"c3", "e2", "e2 82", "f0", "f0 9f", "f0 9f 98"}) {
    SCOPED_TRACE(text);
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed(bytes(text)));
    EXPECT_FALSE(validator.is_complete());
    EXPECT_FALSE(is_valid_utf8(bytes(text)));
  }
}

TEST(Utf8Validator, FindsABadByteAtEveryPlaceAmongAscii) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t bad = 0; bad < size; ++bad) {
      std::vector<std::byte> text(size, std::byte{'a'});
      text[bad] = std::byte{0x80};
      ASSERT_EQ(count_accepted(text), bad) << "of " << size;
    }
  }
}

TEST(Utf8Validator, StaysBrokenUntilItStartsOver) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed(bytes("61 ff")));
  EXPECT_FALSE(validator.feed(bytes("61")));
  EXPECT_FALSE(validator.feed({}));
  EXPECT_EQ(validator.accepted_bytes(), 1U);
  validator.reset();
  EXPECT_TRUE(validator.is_complete());
  EXPECT_TRUE(validator.feed(bytes("61")));
  EXPECT_EQ(validator.accepted_bytes(), 1U);
}

TEST(Utf8, IsValidIfEmpty) {
  EXPECT_TRUE(is_valid_utf8({}));
  EXPECT_TRUE(Utf8Validator().feed({}));
}

}  // namespace
}  // namespace ws
