// Connections that a client was told to open at once, and whether it opens them one by one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/endpoints/stream.hpp"
#include "conformance/harness/errand.hpp"

namespace ws::conformance {

/// What the target of each of them has, behind that of the connection on which the client was told.
inline constexpr std::string_view kVisit = "&visit=";

/// Takes the connections that `Visitors` waits for. Each is left without an answer for a while, and
/// then opened and closed; the next has to come after that.
class Reception : public std::enable_shared_from_this<Reception> {
 public:
  using OnDone = std::function<void(const ErrandReport&)>;

  /// `target` is that of the connection on which the client was told.
  Reception(const boost::asio::any_io_executor& executor, const Visitors& wanted,
            std::string target, OnDone on_done);

  /// Waits; `on_done` is called when all have come, or no more do.
  void start();

  bool is_over() const { return on_done_ == nullptr; }

  /// Whether a request for `target` is for this.
  bool awaits(std::string_view target) const;

  /// A connection whose request has come, with this key.
  void receive(std::shared_ptr<Stream> stream, const std::string& key);

  /// Nobody waits for it any more.
  void abandon();

 private:
  struct Visitor {
    std::shared_ptr<Stream> stream{};
    std::string key{};
  };

  void wait_for_next();
  void hold();
  void answer();
  void finish();

  boost::asio::steady_timer timer_;
  Visitors wanted_;
  std::string target_;
  OnDone on_done_;
  std::deque<Visitor> waiting_{};  // the first is the one that gets its answer next
  int served_ = 0;
  bool overlapped_ = false;
};

}  // namespace ws::conformance
