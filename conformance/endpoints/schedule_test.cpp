#include "conformance/endpoints/schedule.hpp"

#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace ws::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class ScheduleTest : public ::testing::Test {
 protected:
  const Case* add(Case test) {
    test.number = static_cast<int>(cases_.size()) + 1;
    cases_.push_back(std::move(test));
    return &cases_.back();
  }
  const Case* add_plain() { return add({.dialogue = Dialogue{}}); }
  const Case* add_resting(int length) {
    return add({.dialogue = Dialogue{.steps = {Rest{milliseconds(length)}}}});
  }
  const Case* add_loop() { return add({.loop = EchoLoop{}}); }

 private:
  std::deque<Case> cases_;
};

TEST_F(ScheduleTest, RestsWhereSilenceIsRight) {
  const Case script{.script = {Pause{.length = milliseconds(3)}, Pause{.length = milliseconds(4)}},
                    .timer = Timer{.after = milliseconds(1000)}};
  EXPECT_EQ(resting_time(script), milliseconds(7));
  const Reaction silence{.kind = Reaction::Kind::silence};
  const Reaction bad_silence{.grade = Grade::fail, .kind = Reaction::Kind::silence};
  const Case dialogue{.dialogue = Dialogue{.steps = {
                                               Rest{milliseconds(1)},
                                               Expect{{silence}, milliseconds(20)},
                                               Expect{{bad_silence}, milliseconds(300)},
                                               Expect{{bad_silence}, milliseconds(9000)},
                                           }}};
  EXPECT_EQ(resting_time(dialogue), milliseconds(1021));
}

TEST_F(ScheduleTest, BeginsWithWhatTakesLongest) {
  const Case* plain = add_plain();
  const Case* other = add_plain();
  const Case* resting = add_resting(500);
  const Case* loop = add_loop();
  EXPECT_THAT(longest_first({plain, other, resting, loop}),
              ElementsAre(loop, resting, plain, other));
}

TEST_F(ScheduleTest, PutsLoopsOverTheSameMessagesApart) {
  const auto add_data = [&](DataSet data, std::size_t units) {
    return add({.loop = EchoLoop{.data = data, .units = units}});
  };
  const Case* first = add_data(DataSet::json, 100);
  const Case* second = add_data(DataSet::json, 100);
  const Case* third = add_data(DataSet::json, 100);
  const Case* longer = add_data(DataSet::json, 200);
  const Case* image = add_data(DataSet::image, 100);
  const Case* other = add_data(DataSet::image, 100);
  EXPECT_THAT(longest_first({first, second, third, longer, image, other}),
              ElementsAre(first, longer, image, second, other, third));
}

TEST(Schedule, KnowsWhatIsLarge) {
  const auto sends = [](std::uint64_t length) {
    return Case{.script = {SendFrame{.frame = {.payload = text("small")}},
                           SendMessage{.payload = repeat("x", length)}}};
  };
  EXPECT_TRUE(is_large(sends(std::uint64_t{4} * 1024 * 1024)));
  EXPECT_FALSE(is_large(sends(std::uint64_t{1024} * 1024)));
  EXPECT_TRUE(is_large(Case{.script = {SendFrame{.frame = {.payload = repeat("x", 3'000'000)}}}}));
}

TEST_F(ScheduleTest, SharesWaitsOut) {
  const Case* first = add_resting(500);
  const Case* second = add_resting(500);
  const Case* third = add_resting(900);
  EXPECT_THAT(share_out({first, second, third}, 2),
              ElementsAre(ElementsAre(third), ElementsAre(first, second)));
  EXPECT_THAT(share_out({first, second, third}, 1), ElementsAre(ElementsAre(first, second, third)));
  EXPECT_THAT(share_out({first, second}, 9), SizeIs(2));
  EXPECT_THAT(share_out({}, 3), ElementsAre(SizeIs(0)));
}

TEST_F(ScheduleTest, PutsACaseBehindOneThatGoesOnAlone) {
  const Case* first = add_resting(500);
  const Case* reset = add({.dialogue = Dialogue{.steps = {Abandon{}, Rest{milliseconds(400)}}}});
  const Case* behind = add_plain();
  const Case* other = add_plain();
  EXPECT_THAT(share_out({first, reset, behind, other}, 3),
              ElementsAre(ElementsAre(first), ElementsAre(reset, behind), ElementsAre(other)));
  EXPECT_THAT(share_out({first, reset}, 2), ElementsAre(ElementsAre(first), ElementsAre(reset)));
}

TEST_F(ScheduleTest, LeavesLoopsToAFew) {
  const Case* plain = add_plain();
  const Case* loop = add_loop();
  const Case* other = add_loop();
  const Case* third = add_loop();
  EXPECT_THAT(share_out({plain, loop, other, third}, 4),
              ElementsAre(ElementsAre(loop, third), ElementsAre(other), ElementsAre(plain)));
  EXPECT_THAT(share_out({plain, loop, other}, 2),
              ElementsAre(ElementsAre(loop, other), ElementsAre(plain)));
  EXPECT_THAT(share_out({plain, loop, other}, 1), ElementsAre(ElementsAre(plain, loop, other)));
  EXPECT_THAT(share_out({loop, other}, 3), SizeIs(2));
}

}  // namespace
}  // namespace ws::conformance
