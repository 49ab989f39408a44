#include "impl/transport/connect_line.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

namespace ws {
namespace {

using boost::asio::ip::tcp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

tcp::endpoint address(const char* text, boost::asio::ip::port_type port = 80) {
  return {boost::asio::ip::make_address(text), port};
}

class PlaceInLineTest : public ::testing::Test {
 protected:
  /// Puts a new place into the line at `where`. Its number is in `first_` once it stands first.
  std::unique_ptr<PlaceInLine> take(const tcp::endpoint& where = address("192.0.2.1")) {
    auto place = std::make_unique<PlaceInLine>(context_.get_executor());
    take(*place, next_++, where);
    return place;
  }

  void take(PlaceInLine& place, int number, const tcp::endpoint& where) {
    if (place.take(where)) {
      first_.push_back(number);
    } else {
      place.async_wait([this, number](const auto&) { first_.push_back(number); });
    }
  }

  /// What stands first since the last call.
  std::vector<int> take_first() {
    context_.restart();
    context_.poll();
    return std::exchange(first_, {});
  }

  bool is_empty() { return boost::asio::use_service<ConnectLines>(context_).empty(); }

  boost::asio::io_context context_{1};
  std::vector<int> first_;
  int next_ = 0;
};

TEST_F(PlaceInLineTest, StandsFirstWhenThoseBeforeItHaveLeft) {
  auto a = take();
  auto b = take();
  auto c = take();
  EXPECT_THAT(first_, ElementsAre(0));
  EXPECT_THAT(take_first(), ElementsAre(0));
  a = nullptr;
  EXPECT_THAT(first_, IsEmpty());  // nobody is called from the inside
  EXPECT_THAT(take_first(), ElementsAre(1));
  b = nullptr;
  EXPECT_THAT(take_first(), ElementsAre(2));
  c = nullptr;
  EXPECT_TRUE(is_empty());
}

TEST_F(PlaceInLineTest, MayBeGivenUpBeforeItStandsFirst) {
  auto a = take();
  auto b = take();
  auto c = take();
  EXPECT_THAT(take_first(), ElementsAre(0));
  b = nullptr;
  EXPECT_THAT(take_first(), ElementsAre(1));  // its wait has ended, and it is no more
  a = nullptr;
  EXPECT_THAT(take_first(), ElementsAre(2));
}

TEST_F(PlaceInLineTest, MayBeGivenUpBetweenItsTurnAndTheCall) {
  auto a = take();
  auto b = take();
  auto c = take();
  a = nullptr;
  b = nullptr;
  EXPECT_THAT(take_first(), ElementsAre(0, 1, 2));
}

TEST_F(PlaceInLineTest, StandsFirstThoughItWaitsOnlyAfterItsTurnHasCome) {
  auto a = take();
  PlaceInLine b(context_.get_executor());
  EXPECT_FALSE(b.take(address("192.0.2.1")));
  a = nullptr;
  b.async_wait([this](const auto&) { first_.push_back(1); });
  EXPECT_THAT(take_first(), ElementsAre(0, 1));
}

TEST_F(PlaceInLineTest, IsForOneAddressAndPort) {
  const auto a = take(address("192.0.2.1"));
  const auto b = take(address("192.0.2.2"));
  const auto c = take(address("192.0.2.1", 443));
  const auto d = take(address("2001:db8::1"));
  const auto e = take(address("::ffff:192.0.2.1"));  // the same as the first
  EXPECT_THAT(take_first(), ElementsAre(0, 1, 2, 3));
}

TEST_F(PlaceInLineTest, CanBeTakenAnewElsewhere) {
  const auto a = take(address("192.0.2.1"));
  const auto b = take(address("192.0.2.1"));
  const auto c = take(address("192.0.2.2"));
  EXPECT_THAT(take_first(), ElementsAre(0, 2));
  take(*a, 3, address("192.0.2.2"));
  EXPECT_THAT(take_first(), ElementsAre(1));
  take(*c, 4, address("192.0.2.2"));  // behind the one that waits there
  EXPECT_THAT(take_first(), ElementsAre(3));
}

TEST_F(PlaceInLineTest, KeepsTheContextWhileItWaits) {
  auto a = take();
  const auto b = take();
  context_.run_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(context_.stopped());
  a = nullptr;
  context_.run_for(std::chrono::seconds(10));
  EXPECT_TRUE(context_.stopped());
}

TEST_F(PlaceInLineTest, LetsThousandsGoOneByOne) {
  constexpr int kPlaces = 10'000;
  std::vector<std::unique_ptr<PlaceInLine>> places(kPlaces);
  std::vector<int> called;
  const auto leave = [&](int number) {
    called.push_back(number);
    places[static_cast<std::size_t>(number)] = nullptr;
  };
  for (int number = 0; number < kPlaces; ++number) {
    auto& place = places[static_cast<std::size_t>(number)];
    place = std::make_unique<PlaceInLine>(context_.get_executor());
    const bool is_first = place->take(address("192.0.2.1"));
    EXPECT_EQ(is_first, number == 0);
    if (!is_first) place->async_wait([&leave, number](const auto&) { leave(number); });
  }
  leave(0);
  context_.run();
  std::vector<int> in_order(kPlaces);
  std::iota(in_order.begin(), in_order.end(), 0);
  EXPECT_EQ(called, in_order);
  EXPECT_TRUE(is_empty());
}

TEST(PlaceInLineLifetime, EndsWithTheContext) {
  const auto ended = std::make_shared<int>();
  {
    boost::asio::io_context context(1);
    const auto make = [&] {
      return std::make_shared<PlaceInLine>(boost::asio::any_io_executor(context.get_executor()));
    };
    const auto first = make();
    EXPECT_TRUE(first->take(address("192.0.2.1")));
    for (int i = 0; i < 3; ++i) {
      const auto place = make();
      EXPECT_FALSE(place->take(address("192.0.2.1")));
      place->async_wait([place, ended](const auto&) { ADD_FAILURE() << "is called"; });
    }
    EXPECT_EQ(ended.use_count(), 4);
  }
  EXPECT_EQ(ended.use_count(), 1);
}

/// Stands in line again and again, and sees that nobody else stands first meanwhile.
class Runner : public std::enable_shared_from_this<Runner> {
 public:
  Runner(boost::asio::io_context& context, std::atomic<int>& first, int rounds)
      : executor_(boost::asio::make_strand(context)), first_(first), rounds_(rounds) {}

  void start() {
    boost::asio::post(executor_, [self = shared_from_this()] { self->stand(); });
  }

 private:
  void stand() {
    if (rounds_-- == 0) return;
    place_ = std::make_unique<PlaceInLine>(executor_);
    if (place_->take(address("192.0.2.1"))) {
      be_first();
    } else {
      place_->async_wait([self = shared_from_this()](const auto&) { self->be_first(); });
    }
  }

  void be_first() {
    EXPECT_EQ(first_.fetch_add(1), 0);
    boost::asio::post(executor_, [self = shared_from_this()] {
      self->first_.fetch_sub(1);
      self->place_ = nullptr;
      self->stand();
    });
  }

  boost::asio::any_io_executor executor_;
  std::atomic<int>& first_;
  int rounds_;
  std::unique_ptr<PlaceInLine> place_;
};

TEST(PlaceInLineThreads, StandFirstOneAtATime) {
  boost::asio::io_context context;
  std::atomic<int> first = 0;
  for (int i = 0; i < 8; ++i) std::make_shared<Runner>(context, first, 200)->start();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back([&] { context.run(); });
  }
  EXPECT_EQ(first, 0);
  EXPECT_TRUE(boost::asio::use_service<ConnectLines>(context).empty());
}

}  // namespace
}  // namespace ws
