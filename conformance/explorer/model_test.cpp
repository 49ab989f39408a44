#include "conformance/explorer/model.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <variant>

#include "conformance/explorer/generator.hpp"

namespace ws::conformance::explorer {
namespace {

Act data(unsigned opcode, std::string_view payload, bool fin = true) {
  return PutFrame{.fin = fin, .opcode = opcode, .payload = text(payload)};
}

/// The kinds of reactions that pass, one word for each step that waits.
std::string awaited(const Prediction& prediction) {
  constexpr const char* kNames[] = {"upgraded", "refused", "message", "echoes", "pong",
                                    "ping",     "close",   "end",     "reset",  "silence"};
  std::string words;
  for (const DialogueStep& step : prediction.dialogue.steps) {
    const auto* expect = std::get_if<Expect>(&step);
    if (expect == nullptr) continue;
    words +=
        std::string(words.empty() ? "" : " ") + kNames[static_cast<int>(expect->any.front().kind)];
  }
  return words;
}

struct Predicted {
  std::vector<Act> acts{};
  std::string cause{};
  std::string awaited{};
};

TEST(Model, SaysWhatMustComeOfAScript) {
  PutFrame reserved{.rsv = 2, .opcode = 2};
  PutFrame unmasked{.payload = text("x"), .masking = PutFrame::Masking::reversed};
  PutFrame long_form{.payload = text("x"), .form = oracle::LengthForm::bits16};
  PutFrame endless{.opcode = 2, .payload = text("x"), .announced = 10};
  for (const Predicted& expected : {
           Predicted{{}, "legal", "message close"},
           Predicted{{data(1, "a"), Await{}, data(9, "p")}, "legal", "message pong message close"},
           // The Pong to the latest Ping will do.
           Predicted{{data(9, "1"), data(9, "2")}, "legal", "pong message close"},
           Predicted{{data(1, "a", false), data(9, "p"), data(0, "b")},
                     "legal",
                     "pong message message close"},
           Predicted{{data(1, "a", false)}, "legal", "close"},
           Predicted{{data(8, "\x03\xe8")}, "legal", "close"},
           Predicted{{reserved}, "reserved bit", "close"},
           Predicted{{data(3, "")}, "reserved opcode", "close"},
           Predicted{{unmasked}, "unmasked frame", "close"},
           Predicted{{data(0, "")}, "continuation of nothing", "close"},
           Predicted{{data(2, "", false), data(1, "")}, "message inside a message", "close"},
           Predicted{{data(9, "", false)}, "fragmented control frame", "close"},
           Predicted{{data(1, "\xff")}, "text that is not UTF-8", "close"},
           Predicted{
               {data(1, "\xff", false), data(9, "p"), Await{}}, "text that is not UTF-8", "close"},
           Predicted{{data(2, "\xff")}, "legal", "message message close"},
           Predicted{{data(1, "\xc3", false), data(0, "\xa9")}, "legal", "message message close"},
           Predicted{{data(8, "\x03")}, "Close of one byte", "close"},
           Predicted{{data(8, "\x03\xed")}, "illegal close code", "close"},
           Predicted{{long_form}, "length not in its shortest form", "close"},
           Predicted{{endless}, "frame without an end", "close"},
           Predicted{{data(1, "a"), HalfClose{}}, "legal", "message end"},
       }) {
    const auto prediction = predict({.acts = expected.acts}, Role::client);
    ASSERT_TRUE(prediction) << expected.cause;
    EXPECT_EQ(prediction->cause, expected.cause);
    EXPECT_EQ(awaited(*prediction), expected.awaited) << expected.cause;
  }
}

TEST(Model, SaysNothingWhereNoSentenceDoes) {
  const PutFrame endless{.opcode = 2, .payload = text("x"), .announced = 10};
  const PutFrame short_one{.opcode = 2, .payload = text("more"), .announced = 2};
  for (const std::vector<Act>& acts : {
           std::vector<Act>{endless, data(9, "p")},
           std::vector<Act>{short_one},
           // Whether the contents are looked at before the Close is an endpoint's choice.
           std::vector<Act>{data(1, "\xff", false), data(8, "")},
           std::vector<Act>{data(3, ""), Reset{}},
           std::vector<Act>{data(8, "\x03\xed"), data(9, "p")},
       }) {
    EXPECT_FALSE(predict({.acts = acts}, Role::client)) << acts.size();
  }
}

TEST(Model, JudgesCompressedDataByWhatHoldsForEveryMemory) {
  const auto compressed = [](std::string_view bytes) {
    return PutFrame{.rsv = 4, .payload = hex(bytes)};
  };
  Script script{.deflate = Deflate{.negotiation = {.offers = {"permessage-deflate"}},
                                   .ours = {.no_context_takeover = true}}};
  script.acts = {compressed("f2 48 cd c9 c9 07 00")};
  EXPECT_EQ(predict(script, Role::client)->cause, "legal");
  script.acts = {compressed("07 ff")};
  EXPECT_EQ(predict(script, Role::client)->cause, "bad DEFLATE data");
  // "Hello" by a reference to the message before: good for whoever has kept it.
  script.acts = {compressed("f2 48 cd c9 c9 07 00"), compressed("f2 00 11 00 00")};
  EXPECT_FALSE(predict(script, Role::client));
  script.deflate->ours.no_context_takeover = false;
  EXPECT_EQ(predict(script, Role::client)->cause, "legal");
  script.acts = {compressed("f2 48")};
  EXPECT_FALSE(predict(script, Role::client)) << "it ends inside a block";
  script.acts = {compressed("")};
  EXPECT_FALSE(predict(script, Role::client)) << "so does nothing at all, with the tail behind it";
}

TEST(Model, MasksAreForClientsAlone) {
  const PutFrame masked{.masking = PutFrame::Masking::reversed};
  EXPECT_EQ(predict({.acts = {masked}}, Role::server)->cause, "masked frame");
}

TEST(Generator, MakesTheSameOfTheSameSeedAndMemory) {
  for (const Role harness : {Role::client, Role::server}) {
    Coverage first;
    Coverage second;
    for (std::uint64_t number = 0; number < 60; ++number) {
      const Script script = make_script(5, number, harness, {}, first);
      EXPECT_EQ(digest_of(script), digest_of(make_script(5, number, harness, {}, second)));
      EXPECT_TRUE(predict(script, harness));
    }
    EXPECT_GT(first.size(), 100U);
  }
}

TEST(Generator, LeavesOutWhatAnEndpointCannotDo) {
  Coverage coverage;
  for (std::uint64_t number = 0; number < 100; ++number) {
    EXPECT_FALSE(make_script(1, number, Role::client, {.deflate = false}, coverage).deflate);
  }
}

TEST(Generator, PrefersWhatWasTriedLeast) {
  Coverage shared;
  Coverage all;
  for (std::uint64_t number = 0; number < 150; ++number) {
    make_script(1, number, Role::client, {}, shared);
    Coverage own;
    make_script(1, number, Role::client, {}, own);
    for (const auto& [situation, count] : own.counts()) all.add(situation);
  }
  EXPECT_GT(shared.size(), all.size());
}

}  // namespace
}  // namespace ws::conformance::explorer
