#include "conformance/harness/taken_sizes.hpp"

#include <gtest/gtest.h>
#include <string>

#include "conformance/harness/dialogue_walk.hpp"
#include "conformance/harness/judge.hpp"

namespace ws::conformance {
namespace {

/// The verdict in place of `own` in a run in which a text of 5000 bytes came back, and a binary
/// message of 300.
std::string compare(Verdict own, const TakenSizes& sizes) {
  SizeRecord record;
  record.add("one", {.plain = {5000, 200}});
  record.add("two", {.plain = {40, 300}});
  GradedVerdict graded{.verdict = own};
  graded.sizes = sizes;
  const auto other = record.compare(graded);
  return other ? std::string(to_string(other->verdict)) + ", " + other->reason : "";
}

TEST(SizeRecord, WhatIsTooBigIsComparedWithWhatCameBack) {
  const std::string text =
      "fail, a message of 5000 bytes is too big here (1009), and one of 5000 "
      "bytes came back in one";
  EXPECT_EQ(compare(Verdict::unsupported, {.refused = 5000, .refused_plain = Opcode::text}), text);
  EXPECT_EQ(compare(Verdict::unsupported, {.refused = 5001, .refused_plain = Opcode::text}), "");
  EXPECT_EQ(compare(Verdict::unsupported, {.refused = 300, .refused_plain = Opcode::binary}),
            "fail, a message of 300 bytes is too big here (1009), and one of 300 bytes came back "
            "in two");
  EXPECT_EQ(compare(Verdict::pass, {.plain = {9000, 0}}), "") << "nothing was refused";
}

TEST(SizeRecord, OtherFormsMayHaveALimitOfTheirOwn) {
  const std::string reason =
      "non_strict, a message of 4000 bytes is too big here (1009), and one "
      "of 5000 bytes came back in one";
  EXPECT_EQ(compare(Verdict::unsupported, {.refused = 4000}), reason);
  EXPECT_EQ(compare(Verdict::informational, {.refused = 4000, .refused_plain = Opcode::binary}),
            reason);
  EXPECT_EQ(compare(Verdict::unsupported, {.refused = 5001}), "");
  EXPECT_EQ(compare(Verdict::fail, {.refused = 4000, .refused_plain = Opcode::text}), "")
      << "that says more";
}

/// The sizes of a dialogue that waits for the echo of 2000 bytes, where that is followed by 3000
/// which are refused.
TakenSizes sizes_of(const DialogueStep& first, const DialogueStep& second) {
  const auto wait = [](std::uint64_t length) {
    return Expect{.any = {{.kind = Reaction::Kind::message, .payload = repeat("x", length)}}};
  };
  const Dialogue dialogue{.steps = {first, wait(2000), second, wait(3000)}};
  DialogueWalk walk(dialogue);
  using Event = DialogueEvent::Kind;
  walk.feed({.kind = Event::waiting, .step = -1});
  walk.feed({.kind = Event::upgraded});
  walk.feed({.kind = Event::waiting, .step = 1});
  walk.feed({.kind = Event::message, .bytes = std::string(2000, 'x'), .length = 2000});
  walk.feed({.kind = Event::waiting, .step = 3});
  walk.feed({.kind = Event::close, .code = 1009});
  return walk.sizes();
}

TEST(TakenSizes, OneFrameThatIsNotCompressedIsPlain) {
  const TakenSizes sizes =
      sizes_of(PutMessage{.payload = repeat("x", 2000)}, PutFrame{.payload = repeat("x", 3000)});
  EXPECT_EQ(sizes.plain[0], 2000);
  EXPECT_EQ(sizes.plain[1], 0);
  EXPECT_EQ(sizes.refused, 3000);
  EXPECT_EQ(sizes.refused_plain, Opcode::text);
}

TEST(TakenSizes, FragmentsAndCompressedMessagesAreNot) {
  const TakenSizes sizes =
      sizes_of(PutMessage{.payload = repeat("x", 2000), .fragments = {1000}},
               PutMessage{.payload = repeat("x", 3000), .coding = PutMessage::Coding::compressed});
  EXPECT_EQ(sizes.plain[0], 0);
  EXPECT_EQ(sizes.refused, 3000);
  EXPECT_FALSE(sizes.refused_plain);
}

/// What is found if 1009 comes in place of the Pong for a Ping behind a fragment of `length` bytes.
std::string refused_at_ping(std::uint64_t length, std::uint64_t takes,
                            const std::vector<DialogueStep>& rest = {}) {
  Dialogue dialogue{
      .steps = {PutFrame{.fin = false, .payload = repeat("x", length)}, PutFrame{.opcode = 9},
                Expect{.any = {{.kind = Reaction::Kind::pong}}}},
      .takes = takes};
  dialogue.steps.insert(dialogue.steps.end(), rest.begin(), rest.end());
  DialogueWalk walk(dialogue);
  using Event = DialogueEvent::Kind;
  walk.feed({.kind = Event::waiting, .step = -1});
  walk.feed({.kind = Event::upgraded});
  walk.feed({.kind = Event::waiting, .step = 2});
  walk.feed({.kind = Event::close, .code = 1009});
  return walk.result().unsupported ? std::to_string(walk.sizes().refused) : "a fault";
}

TEST(TakenSizes, AMessageOverALimitMayBeRefusedWhereAPongIsWaitedFor) {
  EXPECT_EQ(refused_at_ping(40'000, 0), "40000");
  EXPECT_EQ(refused_at_ping(40'000, 40'000), "a fault") << "it is not over the limit";
  EXPECT_EQ(refused_at_ping(100, 0), "a fault") << "it is short";
  const Expect inflated{.any = {{.kind = Reaction::Kind::message, .payload = repeat("x", 50'000)}}};
  EXPECT_EQ(refused_at_ping(100, 0, {PutFrame{.opcode = 0}, inflated}), "50000");
}

}  // namespace
}  // namespace ws::conformance
