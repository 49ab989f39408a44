// Clients connect to one address and port one by one: "There MUST be no more than one connection in
// a CONNECTING state" (section 4.1).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <map>
#include <mutex>
#include <utility>

namespace ws {

class PlaceInLine;

/// The lines of a context, one for each address and port. A service of it, so that there is no
/// global state: clients of different contexts do not wait for each other.
class ConnectLines : public boost::asio::execution_context::service {
 public:
  // NOLINTNEXTLINE(readability-identifier-naming): Asio's name
  using key_type = ConnectLines;
  static inline boost::asio::execution_context::id id;

  explicit ConnectLines(boost::asio::execution_context& context);

  /// True if nobody stands in any line.
  bool empty() const;

 private:
  friend class PlaceInLine;

  using Line = boost::intrusive::list<PlaceInLine, boost::intrusive::constant_time_size<false>>;
  using Lines = std::map<boost::asio::ip::tcp::endpoint, Line>;

  void shutdown() override {}  // those who wait are operations of the context, which ends them

  mutable std::mutex mutex_;
  Lines lines_;  // none is empty; who stands first in one may connect
};

/// Where a client stands among those that connect to the same address and port. Destroying it lets
/// the next one go, if it stood first. Of the size of the line, no call costs more than a
/// logarithm.
///
/// To be used on the executor, as a socket is; those in one line may have executors of their own.
class PlaceInLine : public boost::intrusive::list_base_hook<> {
 public:
  explicit PlaceInLine(const boost::asio::any_io_executor& executor);
  PlaceInLine(const PlaceInLine&) = delete;
  PlaceInLine& operator=(const PlaceInLine&) = delete;
  ~PlaceInLine();

  /// Leaves the line that it stands in, and goes to the end of that to `address`. An IPv4 address
  /// in IPv6 form is the same as without.
  ///
  /// Returns: true if it stands first; if not, call async_wait. Throws std::bad_alloc, and stands
  /// in no line then. Requires: no async_wait that has not ended.
  [[nodiscard]] bool take(const boost::asio::ip::tcp::endpoint& address);

  /// Calls `handler`, with an error code that says nothing, once this stands first, or is
  /// destroyed. Never from inside a call of this class. Throws std::bad_alloc, and stands in line
  /// as before.
  template <typename Handler>
  void async_wait(Handler handler) {
    const std::lock_guard lock(lines_->mutex_);
    timer_.async_wait(std::move(handler));
  }

 private:
  // Both with the mutex held.
  void leave() noexcept;
  void let_go();

  ConnectLines* lines_;
  // Expired once this stands first. With it, letting the next one go takes no memory.
  boost::asio::steady_timer timer_;
  ConnectLines::Lines::iterator line_{};  // while it stands in one
};

}  // namespace ws
