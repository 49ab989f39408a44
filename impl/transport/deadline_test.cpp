#include "impl/transport/deadline.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace ws {
namespace {

using namespace std::chrono_literals;
using Clock = Deadline::Clock;

/// Writes its number into a log when its time has come.
class Owner : public Deadline, public std::enable_shared_from_this<Owner> {
 public:
  Owner(const boost::asio::any_io_executor& executor, int number, std::vector<int>& log)
      : Deadline(executor), number_(number), log_(log) {}
  ~Owner() override { cancel_deadline(); }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;

  using Deadline::cancel_deadline;
  using Deadline::deadline;
  using Deadline::expire_now;
  using Deadline::set_deadline;

  int failures_left = 0;

 private:
  std::shared_ptr<Deadline> hold_deadline() override { return weak_from_this().lock(); }
  void pass_deadline(Clock::time_point time) override {
    EXPECT_EQ(time, deadline());
    if (failures_left-- > 0) throw std::bad_alloc();
    log_.push_back(number_);
  }

  int number_;
  std::vector<int>& log_;
};

class DeadlineTest : public ::testing::Test {
 protected:
  std::shared_ptr<Owner> make() {
    return std::make_shared<Owner>(context_.get_executor(), next_++, log_);
  }

  boost::asio::io_context context_{1};
  std::vector<int> log_;
  int next_ = 0;
};

TEST_F(DeadlineTest, CallsThoseWhoseTimeHasComeInOrderAndThenNobody) {
  std::mt19937 chance(1);
  const auto start = Clock::now();
  std::vector<std::shared_ptr<Owner>> owners;
  std::vector<std::pair<Clock::time_point, int>> expected;
  for (int i = 0; i < 300; ++i) {
    owners.push_back(make());
    owners.back()->set_deadline(start + std::chrono::microseconds(chance() % 20'000));
  }
  for (int i = 0; i < 300; ++i) {
    Owner& owner = *owners[static_cast<std::size_t>(i)];
    if (i % 3 == 0) owner.set_deadline(start + std::chrono::microseconds(chance() % 20'000));
    if (i % 5 == 0) {
      owner.cancel_deadline();
    } else {
      expected.emplace_back(owner.deadline(), i);
    }
  }
  std::ranges::stable_sort(expected, {}, &std::pair<Clock::time_point, int>::first);
  context_.run();  // ends, as nobody waits any more
  ASSERT_EQ(log_.size(), expected.size());
  std::vector<Clock::time_point> times;
  for (const int number : log_)
    times.push_back(owners[static_cast<std::size_t>(number)]->deadline());
  EXPECT_TRUE(std::ranges::is_sorted(times));
}

TEST_F(DeadlineTest, KeepsTheContextUntilItIsCancelledOrItsOwnerGoes) {
  auto first = make();
  auto second = make();
  first->set_deadline(Clock::time_point::max());
  second->set_deadline(Clock::now() + 1h);
  context_.run_for(5ms);
  EXPECT_FALSE(context_.stopped());
  first->cancel_deadline();
  second = nullptr;
  context_.run_for(10s);
  EXPECT_TRUE(context_.stopped());
  EXPECT_TRUE(log_.empty());
}

TEST_F(DeadlineTest, ThatIsEarlierThanAllIsNotWaitedForLonger) {
  auto late = make();
  auto early = make();
  late->set_deadline(Clock::now() + 1h);
  early->set_deadline(Clock::now() + 1ms);
  while (log_.empty()) ASSERT_NE(context_.run_one_for(10s), 0U);
  EXPECT_THAT(log_, ::testing::ElementsAre(1));
}

TEST_F(DeadlineTest, ExpiresNowIfItIsSet) {
  auto set = make();
  auto unset = make();
  set->set_deadline(Clock::time_point::max());
  set->expire_now(set);
  unset->expire_now(unset);
  set = nullptr;  // held until it is called
  context_.run();
  EXPECT_THAT(log_, ::testing::ElementsAre(0));
}

TEST_F(DeadlineTest, IsCalledAgainWhereThereWasNoMemory) {
  auto owner = make();
  auto other = make();
  owner->failures_left = 2;
  owner->set_deadline(Clock::now());
  other->set_deadline(Clock::now());
  context_.run();
  EXPECT_THAT(log_, ::testing::ElementsAre(1, 0));
}

TEST_F(DeadlineTest, CanBeSetByTheOwnerThatIsCalled) {
  auto owner = make();
  owner->set_deadline(Clock::now());
  while (log_.empty()) ASSERT_NE(context_.run_one_for(10s), 0U);
  owner->set_deadline(Clock::now() + 1ms);
  context_.restart();
  context_.run();
  EXPECT_EQ(log_.size(), 2U);
}

TEST(DeadlineLifetime, EndsWithTheContext) {
  std::vector<int> log;
  boost::asio::io_context context(1);
  auto owner = std::make_shared<Owner>(context.get_executor(), 0, log);
  owner->set_deadline(Clock::now() + 1h);
  boost::asio::post(context, [owner = std::move(owner)] {});  // never run
}

TEST(DeadlineLifetime, OfAnOwnerThatIsHeldEndsWithTheContext) {
  std::vector<int> log;
  std::weak_ptr<Owner> watched;
  {
    boost::asio::io_context context(1);
    auto owner = std::make_shared<Owner>(context.get_executor(), 0, log);
    watched = owner;
    owner->set_deadline(Clock::now() + 1h);
    owner->expire_now(owner);
  }
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(log.empty());
}

}  // namespace
}  // namespace ws
