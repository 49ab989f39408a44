#include "conformance/endpoints/play.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <iterator>
#include <span>
#include <utility>
#include <variant>

namespace ws::conformance {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;

Play::Play(std::shared_ptr<Stream> stream, const Case& test, const PlayerSettings& settings,
           Time limit, OnOver on_over, OnErrand on_errand)
    : stream_(std::move(stream)),
      timer_(stream_->executor()),
      look_(stream_->executor()),
      player_(make_player(test, settings)),
      limit_(limit),
      on_over_(std::move(on_over)),
      on_errand_(std::move(on_errand)) {
  if (!test.dialogue) return;
  if (test.dialogue->tls) stream_->set_record_size(test.dialogue->tls->record);
  for (const DialogueStep& step : test.dialogue->steps) {
    if (std::holds_alternative<TlsAct>(step)) stream_->watch_tcp();
    if (const auto* reading = std::get_if<Reading>(&step); reading && !reading->on) {
      stream_->keep_window_small();
    }
  }
}

void Play::start(std::string_view received) {
  begin_ = Clock::now();
  player_->start(now());
  if (!received.empty()) player_->receive(now(), std::as_bytes(std::span(received)));
  step();
}

Time Play::now() const { return std::chrono::duration_cast<Time>(Clock::now() - begin_); }

void Play::read() {
  if (reading_ || ended_ || !player_->reads() || now() < next_read_) return;
  reading_ = true;
  const auto [piece, pause] = player_->read_pace();
  stream_->read(
      [self = shared_from_this()](error_code error, std::span<const std::byte> read) {
        self->reading_ = false;
        if (error) {
          self->ended_ = true;
          self->player_->end(self->now(), error == boost::asio::error::eof ? EndCause::peer_finished
                                                                           : EndCause::peer_reset);
        } else {
          self->player_->receive(self->now(), read);
        }
        self->step();
      },
      piece);
  if (pause.count() != 0) next_read_ = now() + pause;
}

/// Does what the player wants after each thing that happened.
void Play::step() {
  if (over_) return;
  run_errand();
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

void Play::run_errand() {
  const Errand* errand = player_->errand();
  if (errand == nullptr || runs_errand_) return;
  const auto* tls = std::get_if<TlsAct>(errand);
  if (tls != nullptr && (writing_ || !writes_.empty())) return;
  runs_errand_ = true;
  const auto done = [self = shared_from_this()](const ErrandReport& report) {
    if (self->over_) return;
    self->runs_errand_ = false;
    self->player_->report(self->now(), report);
    self->step();
  };
  if (tls != nullptr) return done(act(tls->kind));
  if (std::holds_alternative<Abandon>(*errand)) {
    stream_->abort();
    ended_ = true;
    writing_ = false;  // nothing tells the end of a write that was cut off
    writes_.clear();
    return done({});
  }
  if (const auto* standstill = std::get_if<Standstill>(errand)) {
    unread_ = 0;
    return await_standstill(*standstill, now() + standstill->longest, [done] { done({}); });
  }
  on_errand_(*errand, done);
}

/// Nothing tells what comes to a socket that is not read, so it is looked at now and then.
void Play::await_standstill(const Standstill& standstill, Time until, std::function<void()> done) {
  constexpr std::chrono::milliseconds kBetweenLooks(5);
  if (over_) return;
  const std::size_t unread = stream_->unread();
  if (std::exchange(unread_, unread) != unread) still_since_ = now();
  const bool is_still = unread != 0 && now() - still_since_ >= standstill.still;
  if (is_still || now() >= until || ended_ || stream_->has_ended()) return done();
  look_.expires_after(kBetweenLooks);
  look_.async_wait([self = shared_from_this(), standstill, until, done = std::move(done)](auto) {
    self->await_standstill(standstill, until, done);
  });
}

ErrandReport Play::act(TlsAct::Kind kind) {
  if (!stream_->is_secure()) return {.lacking = "TLS"};
  switch (kind) {
    case TlsAct::Kind::cut:
      stream_->half_close();
      return {};
    case TlsAct::Kind::notify:
      stream_->end_tls();
      return {};
    case TlsAct::Kind::update_keys:
      return {.lacking = stream_->update_keys() ? "" : "TLS 1.3"};
    case TlsAct::Kind::renegotiate:
      return {.lacking = stream_->renegotiate() ? "" : "TLS 1.2"};
  }
  return {};
}

void Play::write() {
  if (writing_ || writes_.empty()) return;
  writing_ = true;
  stream_->write(writes_.front(), [self = shared_from_this()](error_code error) {
    self->writing_ = false;
    const std::size_t size = self->writes_.front().size();
    self->writes_.pop_front();
    if (!error) self->player_->written(self->now(), size);
    // The peer's end shows in the read; what is left cannot be sent.
    if (error) self->writes_.clear();
    self->step();
  });
}

void Play::wait() {
  if (player_->is_over()) return;
  Time deadline = std::min(player_->next_deadline().value_or(limit_), limit_);
  if (!reading_ && next_read_ > now()) deadline = std::min(deadline, next_read_);
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
  look_.cancel();
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
      if (const auto* flood = std::get_if<Flood>(&step)) sum += flood->longest;
      if (const auto* standstill = std::get_if<Standstill>(&step)) sum += standstill->longest;
      if (std::holds_alternative<Crowd>(step)) sum += std::chrono::seconds(30);
    }
  }
  return sum;
}

}  // namespace ws::conformance
