// Masking at every phase, alignment and length against section 5.3's own formula.
#include "impl/wire/masking.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <span>
#include <vector>

#include "impl/testing/bytes.hpp"

namespace ws {
namespace {

using ::ws::testing::bytes;
using ::ws::testing::bytes_of;

constexpr MaskingKey kKey = {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

/// A payload in which every octet differs from its neighbours.
std::vector<std::byte> payload_of(std::size_t size) {
  std::vector<std::byte> payload(size);
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::byte>(i * 89 + 7);
  return payload;
}

/// "transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4)"
std::vector<std::byte> mask_by_formula(std::vector<std::byte> payload, std::uint64_t offset) {
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= kKey[(offset + i) % 4];
  return payload;
}

TEST(ApplyMask, MasksTheExampleOfSection5Point7) {
  auto payload = bytes_of("Hello");
  apply_mask(payload, kKey);
  EXPECT_EQ(payload, bytes("7f 9f 4d 51 58"));
  apply_mask(payload, kKey);
  EXPECT_EQ(payload, bytes_of("Hello"));
}

TEST(ApplyMask, FollowsTheFormulaAtEveryPhaseLengthAndAlignment) {
  for (std::uint64_t offset = 0; offset < 9; ++offset) {
    for (std::size_t size = 0; size < 70; ++size) {
      for (std::size_t alignment = 0; alignment < 8; ++alignment) {
        auto expected = mask_by_formula(payload_of(size), offset);
        expected.insert(expected.begin(), alignment, std::byte{0xee});
        expected.push_back(std::byte{0xee});

        std::vector<std::byte> buffer(alignment + size + 1, std::byte{0xee});
        const auto stretch = std::span(buffer).subspan(alignment, size);
        std::ranges::copy(payload_of(size), stretch.begin());
        apply_mask(stretch, kKey, offset);
        ASSERT_EQ(buffer, expected)
            << "offset " << offset << ", size " << size << ", alignment " << alignment;
      }
    }
  }
}

TEST(ApplyMask, GoesOnWhereAnEarlierStretchEnded) {
  const auto whole = mask_by_formula(payload_of(61), 0);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    auto payload = payload_of(whole.size());
    apply_mask(std::span(payload).first(cut), kKey);
    apply_mask(std::span(payload).subspan(cut), kKey, cut);
    ASSERT_EQ(payload, whole) << "cut at " << cut;
  }
}

TEST(ApplyMask, KeepsThePhaseAtTheLargestOffsets) {
  for (std::uint64_t before_end = 0; before_end < 20; ++before_end) {
    const std::uint64_t offset = std::numeric_limits<std::uint64_t>::max() - before_end;
    auto payload = payload_of(40);
    apply_mask(payload, kKey, offset);
    ASSERT_EQ(payload, mask_by_formula(payload_of(40), offset % 4)) << offset;
  }
}

TEST(CopyMasked, EqualsApplyMaskAndLeavesTheSourceAlone) {
  for (std::uint64_t offset = 0; offset < 5; ++offset) {
    for (std::size_t size = 0; size < 70; ++size) {
      const auto source = payload_of(size);
      std::vector<std::byte> destination(size + 1, std::byte{0xee});
      copy_masked(source, std::span(destination).first(size), kKey, offset);
      ASSERT_EQ(source, payload_of(size));
      ASSERT_EQ(destination.back(), std::byte{0xee});
      destination.pop_back();
      ASSERT_EQ(destination, mask_by_formula(source, offset)) << offset << ", " << size;
    }
  }
}

}  // namespace
}  // namespace ws
