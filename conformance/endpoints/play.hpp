// One connection: a player on a stream, until it is over.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/endpoints/stream.hpp"
#include "conformance/harness/case.hpp"
#include "conformance/harness/player.hpp"
#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// Does what players ask for and the play cannot do by itself, and calls back, now or later.
using OnErrand =
    std::function<void(const Errand& errand, std::function<void(const ErrandReport&)> done)>;

class Play : public std::enable_shared_from_this<Play> {
 public:
  using OnOver = std::function<void(Transcript)>;

  /// `stream` is open. `limit` is the longest that it may take; `test` has to stay until then.
  Play(std::shared_ptr<Stream> stream, const Case& test, const PlayerSettings& settings, Time limit,
       OnOver on_over, OnErrand on_errand);

  /// `received` was read already.
  void start(std::string_view received = {});

 private:
  Time now() const;
  void read();
  void step();
  void half_close();
  void run_errand();
  ErrandReport act(TlsAct::Kind kind);
  void await_standstill(const Standstill& standstill, Time until, std::function<void()> done);
  void write();
  void wait();
  void finish();

  std::shared_ptr<Stream> stream_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer look_;  // at what comes while nothing is read
  std::unique_ptr<Player> player_;
  Time limit_;
  OnOver on_over_;
  OnErrand on_errand_;
  std::chrono::steady_clock::time_point begin_{};
  std::deque<std::string> writes_;
  bool writing_ = false;
  bool reading_ = false;
  bool ended_ = false;  // the peer's side
  bool half_closed_ = false;
  bool runs_errand_ = false;
  std::size_t unread_ = 0;  // at the last look
  Time still_since_{};      // when it was last another
  Time next_read_{};
  bool over_ = false;
};

/// The longest that a case can take by its own timers.
Time longest(const Case& test);

}  // namespace ws::conformance
