#include "conformance/endpoints/play.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <iterator>
#include <utility>
#include <variant>

namespace ws::conformance {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;

Play::Play(std::shared_ptr<Stream> stream, const Case& test, const PlayerSettings& settings,
           Time limit, OnOver on_over)
    : stream_(std::move(stream)),
      timer_(stream_->executor()),
      player_(make_player(test, settings)),
      limit_(limit),
      on_over_(std::move(on_over)) {}

void Play::start(std::string_view received) {
  begin_ = Clock::now();
  player_->start(now());
  if (!received.empty()) player_->receive(now(), std::as_bytes(std::span(received)));
  step();
}

Time Play::now() const { return std::chrono::duration_cast<Time>(Clock::now() - begin_); }

void Play::read() {
  if (reading_ || ended_ || !player_->reads()) return;
  reading_ = true;
  stream_->read([self = shared_from_this()](error_code error, std::span<const std::byte> read) {
    self->reading_ = false;
    if (error) {
      self->ended_ = true;
      self->player_->end(self->now(), error == boost::asio::error::eof ? EndCause::peer_finished
                                                                       : EndCause::peer_reset);
    } else {
      self->player_->receive(self->now(), read);
    }
    self->step();
  });
}

/// Does what the player wants after each thing that happened.
void Play::step() {
  if (over_) return;
  std::ranges::move(player_->take_writes(), std::back_inserter(writes_));
  if (player_->is_over() && (player_->drop() == Drop::abort || writes_.empty())) {
    if (!writing_ || player_->drop() == Drop::abort) return finish();
  }
  write();
  half_close();
  read();
  wait();
}

void Play::half_close() {
  if (half_closed_ || writing_ || !writes_.empty() || !player_->wants_half_close()) return;
  half_closed_ = true;
  stream_->half_close();
}

void Play::write() {
  if (writing_ || writes_.empty()) return;
  writing_ = true;
  stream_->write(writes_.front(), [self = shared_from_this()](error_code error) {
    self->writing_ = false;
    self->writes_.pop_front();
    // The peer's end shows in the read; what is left cannot be sent.
    if (error) self->writes_.clear();
    self->step();
  });
}

void Play::wait() {
  if (player_->is_over()) return;
  const Time deadline = std::min(player_->next_deadline().value_or(limit_), limit_);
  timer_.expires_at(begin_ + deadline);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (error || self->over_) return;
    const Time at = self->now();
    self->player_->pass_time(at);
    if (at >= self->limit_ && !self->player_->is_over()) self->player_->end(at, EndCause::none);
    self->step();
  });
}

void Play::finish() {
  over_ = true;
  timer_.cancel();
  if (player_->drop() == Drop::abort) {
    stream_->abort();
  } else {
    stream_->finish();
  }
  on_over_(player_->take_transcript());
}

Time longest(const Case& test) {
  Time sum{};
  for (const Step& step : test.script) {
    if (const auto* pause = std::get_if<Pause>(&step)) sum += pause->length;
  }
  if (test.timer) sum += test.timer->after;
  if (test.dialogue) {
    for (const DialogueStep& step : test.dialogue->steps) {
      if (const auto* expect = std::get_if<Expect>(&step)) sum += expect->within;
      if (const auto* rest = std::get_if<Rest>(&step)) sum += rest->length;
    }
  }
  return sum;
}

}  // namespace ws::conformance
