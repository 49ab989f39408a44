#include "conformance/harness/prepared_messages.hpp"

#include <gtest/gtest.h>

namespace ws::conformance {
namespace {

/// All payloads of a loop, as they are sent.
std::vector<std::string> send(const EchoLoop& loop, const Direction& direction) {
  PreparedMessages messages(loop, direction);
  std::vector<std::string> payloads;
  for (int i = 0; i < loop.count; ++i) {
    const auto offset = static_cast<std::size_t>(i) * loop.units;
    payloads.emplace_back(messages.compress(Data::of(*loop.data).slice(offset, loop.units)));
  }
  return payloads;
}

std::vector<std::string> compress(const EchoLoop& loop, const Direction& direction) {
  Compressor compressor(direction);
  std::vector<std::string> payloads;
  for (int i = 0; i < loop.count; ++i) {
    const auto offset = static_cast<std::size_t>(i) * loop.units;
    payloads.emplace_back(compressor.compress(Data::of(*loop.data).slice(offset, loop.units)));
  }
  return payloads;
}

TEST(PreparedMessages, AreTheSameForEachCaseThatSendsThem) {
  for (const DataSet set : {DataSet::json, DataSet::image}) {
    for (const Direction direction :
         {Direction{}, Direction{.window_bits = 9}, Direction{.no_context_takeover = true}}) {
      const EchoLoop loop{.count = 5, .data = set, .units = 30'000};
      const std::vector<std::string> expected = compress(loop, direction);
      EXPECT_EQ(send(loop, direction), expected);
      EXPECT_EQ(send(loop, direction), expected);
    }
  }
}

TEST(PreparedMessages, AreTakenFromACaseThatSentAllOfThem) {
  const EchoLoop loop{.count = 3, .data = DataSet::json, .units = 20'001};
  const std::vector<std::string> expected = compress(loop, {});
  {
    PreparedMessages begun(loop, {});
    begun.compress(Data::of(*loop.data).slice(0, loop.units));
    // Nothing is taken from one that goes on, or ended early.
    EXPECT_EQ(PreparedMessages(loop, {}).compress("else"), Compressor({}).compress("else"));
  }
  EXPECT_EQ(PreparedMessages(loop, {}).compress("else"), Compressor({}).compress("else"));
  send(loop, {});
  PreparedMessages again(loop, {});
  for (const std::string& payload : expected) EXPECT_EQ(again.compress("not looked at"), payload);
}

TEST(PreparedMessages, OfCasesThatEndEarlyTakeNoRoom) {
  const EchoLoop loop{.count = 3, .data = DataSet::json, .units = 4'000'003};
  const std::string first(Data::of(*loop.data).slice(0, loop.units));
  const std::size_t size =
      compress({.count = 1, .data = loop.data, .units = loop.units}, {}).front().size();
  // Three times what is kept in all.
  for (std::size_t taken = 0; taken < 3 * PreparedMessages::kMaxKept; taken += size) {
    PreparedMessages(loop, {}).compress(first);
  }
  const std::vector<std::string> expected = send(loop, {});
  PreparedMessages again(loop, {});
  for (const std::string& payload : expected) EXPECT_EQ(again.compress("not looked at"), payload);
}

TEST(PreparedMessages, AreForgottenWhenThatIsAskedFor) {
  const EchoLoop loop{.count = 3, .data = DataSet::json, .units = 20'011};
  const std::vector<std::string> expected = send(loop, {});
  PreparedMessages before(loop, {});
  PreparedMessages::forget();
  EXPECT_EQ(before.compress("not looked at"), expected.front());
  EXPECT_EQ(PreparedMessages(loop, {}).compress("else"), Compressor({}).compress("else"));
}

TEST(PreparedMessages, AreNotKeptWhereTheyAreAboutAsLongAsTheirData) {
  const EchoLoop loop{.count = 3, .data = DataSet::image, .units = 20'002};
  send(loop, {});
  EXPECT_EQ(PreparedMessages(loop, {}).compress("else"), Compressor({}).compress("else"));
}

}  // namespace
}  // namespace ws::conformance
