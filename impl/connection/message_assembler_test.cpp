#include "impl/connection/message_assembler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "impl/deflate/message_deflater.hpp"
#include "impl/testing/bytes.hpp"

namespace ws {
namespace {

using testing::bytes_of;

/// A whole unmasked frame as one part.
struct WholeFrame {
  Opcode opcode;
  bool fin;
  std::string payload;
  bool rsv1 = false;
};

std::expected<std::optional<MessageReceived>, Violation> take(MessageAssembler& assembler,
                                                              const WholeFrame& frame) {
  const auto payload = bytes_of(frame.payload);
  return assembler.take({.header = {.fin = frame.fin,
                                    .rsv1 = frame.rsv1,
                                    .opcode = frame.opcode,
                                    .payload_length = payload.size()},
                         .payload = payload,
                         .is_first = true,
                         .is_last = true});
}

std::string deflated(std::string_view message) {
  std::vector<std::byte> output;
  MessageDeflater({}, 6, 8).deflate(std::as_bytes(std::span(message)), true, output);
  return testing::text_of(output);
}

MessageAssembler assembler_with(Limits limits, bool deflate = false) {
  return {limits, deflate ? std::optional<MessageInflater>(DirectionParameters{}) : std::nullopt};
}

TEST(MessageAssembler, JoinsFragments) {
  auto assembler = assembler_with({});
  EXPECT_EQ(take(assembler, {Opcode::text, false, "He"}).value(), std::nullopt);
  EXPECT_TRUE(assembler.is_inside_message());
  EXPECT_EQ(take(assembler, {Opcode::continuation, false, ""}).value(), std::nullopt);
  EXPECT_EQ(take(assembler, {Opcode::continuation, true, "llo"}).value(),
            (MessageReceived{Opcode::text, bytes_of("Hello")}));
  EXPECT_FALSE(assembler.is_inside_message());
  EXPECT_EQ(take(assembler, {Opcode::binary, true, ""}).value(),
            (MessageReceived{Opcode::binary, {}}));
}

TEST(MessageAssembler, UnmasksAtTheOffsetOfEachPart) {
  auto assembler = assembler_with({});
  auto masked = bytes_of("Hello");
  const MaskingKey key{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  apply_mask(masked, key);
  FramePart part{.header = {.opcode = Opcode::text, .masking_key = key, .payload_length = 5},
                 .payload = std::span(masked).first(3),
                 .is_first = true};
  EXPECT_EQ(assembler.take(part).value(), std::nullopt);
  part = {
      .header = part.header, .payload = std::span(masked).subspan(3), .offset = 3, .is_last = true};
  EXPECT_EQ(assembler.take(part).value(), (MessageReceived{Opcode::text, bytes_of("Hello")}));
}

TEST(MessageAssembler, RefusesFramesOutOfOrder) {
  auto assembler = assembler_with({});
  EXPECT_EQ(take(assembler, {Opcode::continuation, true, ""}),
            std::unexpected(Violation::continuation_without_message));

  assembler = assembler_with({});
  ASSERT_TRUE(take(assembler, {Opcode::text, false, ""}));
  EXPECT_EQ(take(assembler, {Opcode::binary, true, ""}),
            std::unexpected(Violation::data_frame_inside_message));
}

TEST(MessageAssembler, KeepsItsLimits) {
  const Limits limits{.max_message_size = 5, .max_fragments = 3};
  auto assembler = assembler_with(limits);
  EXPECT_TRUE(take(assembler, {Opcode::binary, true, "12345"}));
  EXPECT_EQ(take(assembler, {Opcode::binary, true, "123456"}),
            std::unexpected(Violation::message_too_big));

  assembler = assembler_with(limits);
  ASSERT_TRUE(take(assembler, {Opcode::binary, false, "123"}));
  EXPECT_EQ(take(assembler, {Opcode::continuation, true, "456"}),
            std::unexpected(Violation::message_too_big));

  assembler = assembler_with(limits);
  ASSERT_TRUE(take(assembler, {Opcode::binary, false, ""}));
  ASSERT_TRUE(take(assembler, {Opcode::continuation, false, ""}));
  ASSERT_TRUE(take(assembler, {Opcode::continuation, true, ""}));
  ASSERT_TRUE(take(assembler, {Opcode::binary, false, ""}));
  ASSERT_TRUE(take(assembler, {Opcode::continuation, false, ""}));
  ASSERT_TRUE(take(assembler, {Opcode::continuation, false, ""}));
  EXPECT_EQ(take(assembler, {Opcode::continuation, true, ""}),
            std::unexpected(Violation::too_many_fragments));
}

TEST(MessageAssembler, RefusesAnAnnouncedLengthBeforeThePayloadIsThere) {
  auto assembler = assembler_with({.max_message_size = 1000});
  EXPECT_EQ(assembler.take(
                {.header = {.opcode = Opcode::binary, .payload_length = 1001}, .is_first = true}),
            std::unexpected(Violation::message_too_big));
}

TEST(MessageAssembler, FailsAtTheFirstImpossibleByteOfAText) {
  auto assembler = assembler_with({});
  ASSERT_TRUE(take(assembler, {Opcode::text, false, "\xce\xba\xe1\xbd\xb9\xf4"}));
  EXPECT_EQ(assembler.take(
                {.header = {.fin = false, .opcode = Opcode::continuation, .payload_length = 100},
                 .payload = testing::bytes("90"),
                 .is_first = true}),
            std::unexpected(Violation::text_not_utf8));
}

TEST(MessageAssembler, TakesASequenceCutByFragmentsButNotByTheEnd) {
  auto assembler = assembler_with({});
  ASSERT_TRUE(take(assembler, {Opcode::text, false, "\xe2\x82"}));
  EXPECT_TRUE(take(assembler, {Opcode::continuation, true, "\xac"}));
  EXPECT_EQ(take(assembler, {Opcode::text, true, "\xe2\x82"}),
            std::unexpected(Violation::text_not_utf8));
}

TEST(MessageAssembler, DoesNotLookIntoBinaryMessages) {
  auto assembler = assembler_with({});
  EXPECT_TRUE(take(assembler, {Opcode::binary, true, "\xff"}));
}

TEST(MessageAssembler, InflatesCompressedMessagesAndLeavesOthers) {
  auto assembler = assembler_with({}, true);
  const std::string compressed = deflated("Hello");
  ASSERT_TRUE(take(assembler, {Opcode::text, false, compressed.substr(0, 3), true}));
  EXPECT_EQ(take(assembler, {Opcode::continuation, true, compressed.substr(3)}).value(),
            (MessageReceived{Opcode::text, bytes_of("Hello")}));
  EXPECT_EQ(take(assembler, {Opcode::text, true, "plain"}).value(),
            (MessageReceived{Opcode::text, bytes_of("plain")}));
  EXPECT_EQ(take(assembler, {Opcode::text, true, std::string(1, '\0'), true}).value(),
            (MessageReceived{Opcode::text, {}}));
}

TEST(MessageAssembler, ChecksWhatComesOutOfCompression) {
  const std::string text = deflated("\xff");
  auto assembler = assembler_with({}, true);
  EXPECT_EQ(take(assembler, {Opcode::text, true, text, true}),
            std::unexpected(Violation::text_not_utf8));

  assembler = assembler_with({}, true);
  EXPECT_EQ(take(assembler, {Opcode::binary, true, "\xff\xff\xff", true}),
            std::unexpected(Violation::bad_deflate_data));

  assembler = assembler_with({.max_message_size = 10'000}, true);
  EXPECT_TRUE(take(assembler, {Opcode::binary, true, deflated(std::string(10'000, 'x')), true}));
  EXPECT_EQ(take(assembler, {Opcode::binary, true, deflated(std::string(10'001, 'x')), true}),
            std::unexpected(Violation::message_too_big));
}

TEST(MessageAssembler, NamesBadTextBeforeTheBadDataThatFollowsIt) {
  // Fixed codes for the byte ff, then one that stands for nothing.
  auto assembler = assembler_with({}, true);
  EXPECT_EQ(take(assembler, {Opcode::text, true, "\xfa\x3f\x06", true}),
            std::unexpected(Violation::text_not_utf8));
  assembler = assembler_with({}, true);
  EXPECT_EQ(take(assembler, {Opcode::binary, true, "\xfa\x3f\x06", true}),
            std::unexpected(Violation::bad_deflate_data));
}

}  // namespace
}  // namespace ws
