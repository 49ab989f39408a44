#include "conformance/mutants/connection.hpp"

#include <algorithm>
#include <cstdlib>

namespace ws::conformance::mutants {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::chrono::seconds kLinger(2);
constexpr std::chrono::milliseconds kEndComes(500);
constexpr std::chrono::seconds kPatienceOfFaults(2);  // with a peer that does not read

}  // namespace

Connection::Connection(std::unique_ptr<Stream> stream, std::unique_ptr<FaultyEndpoint> endpoint,
                       Role role, Switches& switches)
    : stream_(std::move(stream)),
      endpoint_(std::move(endpoint)),
      role_(role),
      switches_(switches),
      queue_(switches) {
  endpoint_->start();
  take_output();
}

bool Connection::wants_read() {
  if (keeps_tcp_ || ignores_end_) return false;
  if (peer_finished_) return false;
  return finished_ || queue_.has_room() || has("tr-spins-behind-end-of-peer") ||
         has("own-tr-end-does-not-wait");
}

bool Connection::wants_write() const {
  return !finished_ && !waits_for_output_ &&
         (stream_->wants_write() || (is_secure_ && !queue_.empty()));
}

/// Faults that are called again and again without having anything to do.
bool Connection::spins() const {
  if (finished_ || !is_secure_) return false;
  if (queue_.empty()) return was_blocked_ && has("tr-polls-for-room-ever-after");
  if (peer_finished_) return has("tr-spins-behind-end-of-peer");
  return queue_.is_full() && has("own-tr-spins-while-full");
}

std::optional<Clock::time_point> Connection::deadline() const {
  if (spins()) return Clock::now();
  if (linger_until_) return linger_until_;
  if (blocked_since_ && has("own-tr-slow-reader-dropped")) {
    return *blocked_since_ + kPatienceOfFaults;
  }
  if (!queue_.empty() && has("tr-idle-counts-reads-alone"))
    return last_read_at_ + kPatienceOfFaults;
  if (const auto next = endpoint_->next_deadline()) return begin_ + *next;
  return std::nullopt;
}

Time Connection::now() const { return std::chrono::duration_cast<Time>(Clock::now() - begin_); }

void Connection::step() {
  if (!is_secure_) {
    switch (stream_->handshake()) {
      case Stream::Result::done:
        is_secure_ = true;
        break;
      case Stream::Result::would_block:
        pass_time();
        return;
      case Stream::Result::ended:
      case Stream::Result::broken:
        has_failed_handshake_ = stream_->has_begun_handshake();
        is_over_ = true;
        return;
    }
  }
  if (linger_until_ && Clock::now() >= *linger_until_) {
    is_over_ = true;
    return;
  }
  if (blocked_since_ && Clock::now() >= *blocked_since_ + kPatienceOfFaults &&
      has("own-tr-slow-reader-dropped")) {
    is_over_ = true;
    return;
  }
  if (!queue_.empty() && Clock::now() >= last_read_at_ + kPatienceOfFaults &&
      has("tr-idle-counts-reads-alone")) {
    is_over_ = true;
    return;
  }
  pass_time();
  read_some();
  send_output();
}

void Connection::send_output() {
  if (!is_secure_ || is_over_) return;
  take_output();
  write_some();
  if (endpoint_->drop() != Drop::none) end();
}

void Connection::pass_time() {
  const auto next = endpoint_->next_deadline();
  if (next && *next <= now()) endpoint_->pass_time(now());
  take_output();
}

void Connection::read_some() {
  while (wants_read()) {
    std::string bytes;
    // A small buffer leaves bytes of a large record inside TLS.
    const bool stalls = has("tls-pending-stall");
    const auto result = stream_->read(bytes, stalls ? 4096 : kReadSize);
    if (bytes.size() == 1 && stream_->is_secure() && has("own-tls-small-records-refused")) {
      is_over_ = true;
      return;
    }
    if (!bytes.empty()) last_read_at_ = Clock::now();
    if (!finished_ && !bytes.empty()) {
      last_read_ = endpoint_->is_opened() ? bytes : std::string();
      endpoint_->receive(now(), std::as_bytes(std::span(bytes)));
      if (endpoint_->has_crashed()) std::abort();
      if (stream_->is_secure() && endpoint_->is_inside_header() &&
          has("tls-header-across-records")) {
        ignores_end_ = true;
        return;
      }
      // The end follows the last bytes in a segment of its own, so it may be late.
      if (!stream_->is_secure() && has("own-tr-end-drops-answers") &&
          stream_->ends_soon(kEndComes)) {
        endpoint_->take_output();
      }
      take_output();
    }
    switch (result) {
      case Stream::Result::done:
        if (stream_->has_pending() && !stalls) continue;
        return;
      case Stream::Result::would_block:
        return;
      case Stream::Result::ended:
        if (!finished_ && endpoint_->is_inside_header() && has("tr-eof-busy-loop")) return;
        if (!finished_ && stream_->is_secure() && has("own-tls-notify-ignored")) {
          ignores_end_ = true;
          return;
        }
        if (!finished_ && endpoint_->is_opened() && endpoint_->drop() == Drop::none &&
            (has("tr-end-ignored") ||
             (endpoint_->is_inside_frame() && has("tr-end-inside-frame-ignored")))) {
          ignores_end_ = true;
          return;
        }
        if (!finished_ && endpoint_->is_opened() && !last_read_.empty() &&
            has("tr-end-delivers-again")) {
          endpoint_->receive(now(), std::as_bytes(std::span(last_read_)));
          take_output();
        }
        if (!queue_.empty() && was_blocked_ && has("own-tr-end-drops-waiting")) queue_.clear();
        peer_finished_ = true;
        if (finished_) is_over_ = true;
        endpoint_->end();
        return;
      case Stream::Result::broken:
        if (!queue_.empty() && has("tr-write-zero-loop")) return;
        if (!finished_ && stream_->is_secure() && has("own-tls-cut-not-seen")) {
          ignores_end_ = true;
          return;
        }
        was_reset_idle_ = queue_.empty() && endpoint_->is_opened();
        peer_finished_ = true;
        is_over_ = true;
        return;
    }
  }
}

void Connection::take_output() {
  const std::string output = endpoint_->take_output();
  if (!output.empty()) waits_for_output_ = false;
  queue_.put_output(output);
  if (queue_.met_full_socket() && has("tr-message-meets-full-socket-ends")) is_over_ = true;
}

void Connection::write_some() {
  // Not all at once: what the peer sends meanwhile is to be read in time.
  constexpr int kMostWrites = 8;
  if (waits_for_output_) return;
  for (int i = 0; i < kMostWrites && !finished_ && !queue_.empty(); ++i) {
    if (was_blocked_ && stream_->is_secure() && queue_.is_last_piece() &&
        has("tls-last-write-waits")) {
      was_blocked_ = false;
      waits_for_output_ = true;
      return;
    }
    std::size_t written = 0;
    switch (stream_->write(queue_.front(), written)) {
      case Stream::Result::done:
        if (written < queue_.front().size() && has("tr-partial-write-lost")) {
          written = queue_.front().size();
        }
        if (written < queue_.front().size() && has("tr-partial-write-again")) {
          written = 0;
        }
        queue_.pop(written);
        blocked_since_.reset();
        continue;
      case Stream::Result::would_block:
        was_blocked_ = true;
        if (!blocked_since_) blocked_since_ = Clock::now();
        queue_.see_block();
        return;
      case Stream::Result::ended:
      case Stream::Result::broken:
        if (has("tr-write-zero-loop")) return;  // and tries again for ever
        is_over_ = true;
        return;
    }
  }
}

/// The endpoint ends the connection once everything is written.
void Connection::end() {
  if (endpoint_->drop() == Drop::abort) {
    stream_->reset_on_close();
    is_over_ = true;
    return;
  }
  if (!queue_.empty() && !finished_ && !linger_until_ && has("own-tr-end-does-not-wait")) {
    linger_until_ = Clock::now() + kLinger;
  }
  if (!queue_.empty() || finished_) return;
  if (queue_.waited_with_close() && role_ == Role::server && has("tr-close-under-load-keeps-tcp")) {
    return;
  }
  if (endpoint_->is_opened() && has("cl-rst-unread")) {
    is_over_ = true;
    return;
  }
  if (role_ == Role::server && endpoint_->is_opened()) {
    if (stream_->is_secure() && has("tls-tcp-left-open")) {
      stream_->finish(false);
      finished_ = true;
      keeps_tcp_ = true;
      return;
    }
  }
  stream_->finish();
  finished_ = true;
  if (peer_finished_) {
    is_over_ = true;
    return;
  }
  // Reads on, so that the kernel does not answer unread bytes by a reset that could overtake ours.
  linger_until_ = Clock::now() + kLinger;
}

}  // namespace ws::conformance::mutants
