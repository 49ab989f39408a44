// Lets one coroutine wait until another, on the same executor, tells it to look again.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "impl/transport/awaitable.hpp"

namespace ws {

/// Remembers nothing: whoever waits checks first whether it has to, without a `co_await` between.
class Signal {
 public:
  explicit Signal(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Waits for the next call of notify. One coroutine at a time.
  boost::asio::awaitable<void> wait() {
    timer_.expires_at(boost::asio::steady_timer::time_point::max());
    co_await timer_.async_wait(kAwaitable);
  }

  void notify() { timer_.cancel(); }

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace ws
