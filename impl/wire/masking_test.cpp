// Masking in every variant, at every phase, alignment and length, against section 5.3's own
// formula.
#include "impl/wire/masking.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <span>
#include <vector>

#include "impl/testing/bytes.hpp"
#include "impl/wire/kernels/test_variants.hpp"

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

class Masking : public testing::ForEachVariant {};
INSTANTIATE_TEST_SUITE_P(Each, Masking, testing::every_variant(), testing::name_of_variant);

// Up to several vectors of 64 bytes, in loops of four: every length, and beyond it those around the
// ends of a loop.
std::vector<std::size_t> sizes_of_several_vectors() {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size < 280; ++size) sizes.push_back(size);
  for (std::size_t size = 280; size < 1100; size += 67) sizes.push_back(size);
  return sizes;
}

TEST_P(Masking, FollowsTheFormulaAtEveryPhaseLengthAndAlignment) {
  constexpr std::size_t kWidest = 64;
  for (const std::size_t size : sizes_of_several_vectors()) {
    for (std::uint64_t offset = 0; offset < 4; ++offset) {
      const auto payload = payload_of(size);
      const auto masked = mask_by_formula(payload, offset);
      for (std::size_t alignment = 0; alignment < kWidest; ++alignment) {
        std::vector<std::byte> expected(alignment + size + kWidest, std::byte{0xee});
        auto in_place = expected;
        auto copied = expected;
        std::ranges::copy(masked, expected.begin() + static_cast<std::ptrdiff_t>(alignment));
        std::ranges::copy(payload, in_place.begin() + static_cast<std::ptrdiff_t>(alignment));
        apply_mask(std::span(in_place).subspan(alignment, size), kKey, offset);
        copy_masked(payload, std::span(copied).subspan(alignment, size), kKey, offset);
        ASSERT_TRUE(in_place == expected && copied == expected)
            << "offset " << offset << ", size " << size << ", alignment " << alignment;
      }
    }
  }
}

TEST(ApplyMask, MasksTheExampleOfSection5Point7) {
  auto payload = bytes_of("Hello");
  apply_mask(payload, kKey);
  EXPECT_EQ(payload, bytes("7f 9f 4d 51 58"));
  apply_mask(payload, kKey);
  EXPECT_EQ(payload, bytes_of("Hello"));
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
    for (std::size_t size = 0; size < 200; ++size) {
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
