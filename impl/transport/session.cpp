#include "impl/transport/session.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <new>
#include <utility>

#include "impl/handshake/uri.hpp"
#include "impl/transport/awaitable.hpp"
#include "impl/transport/random.hpp"

namespace ws {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kMaxWrite = std::size_t{256} * 1024;  // bytes of one write

std::string name_of(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace

/// What comes after a coroutine of the session. Asio calls it when the coroutine has returned or
/// thrown; but where it has no memory for an operation, it destroys the coroutine, and this with
/// it. So does a context that goes away, and then no handler is to run: hence the timer.
class Session::CoroutineEnd {
 public:
  explicit CoroutineEnd(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  CoroutineEnd(CoroutineEnd&&) = default;
  CoroutineEnd& operator=(CoroutineEnd&&) = delete;
  ~CoroutineEnd() {
    if (session_) session_->loss_.cancel();
  }

  void operator()(const std::exception_ptr& failure) {
    const auto session = std::move(session_);
    session->guard([&] {
      if (failure) std::rethrow_exception(failure);
    });
  }

 private:
  std::shared_ptr<Session> session_;
};

/// Drops the output when a coroutine ends, in whatever way.
class Session::OutputDrop {
 public:
  explicit OutputDrop(Session& session) : session_(session) {}
  ~OutputDrop() { session_.drop_output(); }
  OutputDrop(const OutputDrop&) = delete;
  OutputDrop& operator=(const OutputDrop&) = delete;

 private:
  Session& session_;
};

std::shared_ptr<Session> Session::accept(Socket socket, ServerSettings settings,
                                         TransportSettings transport,
                                         std::shared_ptr<const TlsContext> tls,
                                         EventHandler handler) {
  auto session = std::make_shared<Session>(Private{}, std::move(socket), std::move(settings),
                                           transport, std::move(tls), std::move(handler));
  session->peer_name_ = name_of(session->socket_);
  if (session->tls_context_) session->tls_.emplace(*session->tls_context_, "");
  asio::post(session->executor_, [session] {
    session->guard([&] {
      session->watch_loss();
      session->enter(Phase::opening);
      session->start();
    });
  });
  return session;
}

std::shared_ptr<Session> Session::connect(const asio::any_io_executor& executor,
                                          ClientSettings settings, TransportSettings transport,
                                          std::shared_ptr<const TlsContext> tls,
                                          EventHandler handler) {
  settings.offer.nonce = random_nonce();
  settings.masking_keys = random_masking_key;
  Uri uri = settings.offer.uri;
  if (!uri.secure) {
    tls = nullptr;
  } else if (!tls) {
    tls = std::make_shared<const TlsContext>(TlsClientSettings{});
  }
  auto session = std::make_shared<Session>(Private{}, Socket(executor), std::move(settings),
                                           transport, std::move(tls), std::move(handler));
  session->peer_name_ = uri.host + ":" + std::to_string(uri.port);
  if (session->tls_context_) session->tls_.emplace(*session->tls_context_, uri.host);
  session->enter(Phase::opening);
  session->watch_loss();
  asio::co_spawn(session->executor_, session->dial(std::move(uri)), CoroutineEnd(session));
  return session;
}

template <typename Settings>
Session::Session(Private /*unused*/, Socket socket, Settings settings, TransportSettings transport,
                 std::shared_ptr<const TlsContext> tls, EventHandler handler)
    : executor_(socket.get_executor()),
      socket_(std::move(socket)),
      resolver_(executor_),
      settings_(transport),
      tls_context_(std::move(tls)),
      connection_(std::move(settings)),
      handler_(std::move(handler)),
      output_ready_(executor_),
      room_in_queue_(executor_),
      deadline_(executor_),
      idleness_(executor_),
      loss_(executor_) {}

// Sending -----------------------------------------------------------------------------------------

SendResult Session::send_text(std::string_view text) {
  return send(text.size(), [&] { return connection_.send_text(text); });
}

SendResult Session::send_binary(std::span<const std::byte> data) {
  return send(data.size(), [&] { return connection_.send_binary(data); });
}

SendResult Session::send_ping(std::span<const std::byte> payload) {
  return send(0, [&] { return connection_.send_ping(payload); });
}

SendResult Session::send_pong(std::span<const std::byte> payload) {
  return send(0, [&] { return connection_.send_pong(payload); });
}

SendResult Session::send_fragment(Opcode type, std::span<const std::byte> fragment, bool fin) {
  return send(fragment.size(), [&] { return connection_.send_fragment(type, fragment, fin); });
}

SendResult Session::close(std::optional<CloseCode> code, std::string_view reason) {
  return after_send(0, [&] { return connection_.close(code, reason); });
}

template <typename Send>
SendResult Session::send(std::size_t application_bytes, const Send& send) {
  if (queued_bytes() > settings_.queue_limit) return std::unexpected(SendError::queue_full);
  return after_send(application_bytes, send);
}

template <typename Send>
SendResult Session::after_send(std::size_t application_bytes, const Send& send) {
  try {
    const SendResult result = send();
    collect_output(result ? application_bytes : 0);
    request_turn();
    return result;
  } catch (const std::bad_alloc&) {
    // The handler is not called from here: what reads and writes sees the end of the socket.
    give_up();
    throw;
  }
}

void Session::cut() {
  asio::post(executor_, [self = shared_from_this()] { self->finish(); });
}

std::size_t Session::queued_bytes() const {
  return queue_.size() + (tls_ ? tls_->output_size() : 0);
}

/// Only answers count against a peer that does not read. A peer may stop reading just because we
/// do not, and if both sides waited so for the other to read what they send of their own accord,
/// both would wait for ever.
std::size_t Session::unread_answers() const {
  return queue_.answer_bytes() + (tls_ ? tls_->output_size() : 0);
}

void Session::collect_output(std::size_t application_bytes) {
  auto output = connection_.take_output();
  queue_.append(std::move(output),
                {.application_bytes = application_bytes, .is_answer = answering_});
  if (write_error_) drop_output();
}

// Events ------------------------------------------------------------------------------------------

void Session::request_turn() {
  if (in_turn_ || turn_requested_) return;
  asio::post(executor_, [self = shared_from_this()] {
    self->turn_requested_ = false;
    self->guard([&] { self->turn(); });
  });
  turn_requested_ = true;
}

void Session::turn() {
  deliver_events();
  collect_output();
  update_phase();
  output_ready_.notify();
}

void Session::deliver_events() {
  struct InTurn {
    bool& flag;
    explicit InTurn(bool& in_turn) : flag(in_turn) { flag = true; }
    ~InTurn() { flag = false; }
  } const in_turn(in_turn_);
  for (auto events = connection_.take_events(); !events.empty();
       events = connection_.take_events()) {
    for (Event& event : events) {
      if (auto* closed = std::get_if<Closed>(&event)) {
        closed_ = std::move(*closed);
      } else if (handler_) {
        // A handler's first messages are its own idea.
        const bool is_opened = std::holds_alternative<Opened>(event);
        const bool was_answering = std::exchange(answering_, answering_ && !is_opened);
        handler_(*this, event);
        answering_ = was_answering;
      }
    }
  }
}

void Session::update_phase() {
  if (phase_ >= Phase::ending) return;
  switch (connection_.transport_wish()) {
    case TransportWish::end:
      enter(Phase::ending);
      break;
    case TransportWish::await_peer_end:
      enter(peer_ended_ ? Phase::ending : Phase::awaiting_end);
      break;
    case TransportWish::keep:
      if (connection_.state() == ConnectionState::open) enter(Phase::open);
      if (connection_.state() == ConnectionState::closing) enter(Phase::closing);
      break;
  }
}

void Session::enter(Phase phase) {
  if (phase_ == phase && phase != Phase::opening) return;
  phase_ = phase;
  set_deadline(limit_of(phase));
  if (phase == Phase::open) watch_idleness(settings_.timeouts.idle);
  if (phase > Phase::open) idleness_.cancel();
  if (phase == Phase::ending) {
    room_in_queue_.notify();
    output_ready_.notify();
    if (!started_) cut();
  }
}

std::chrono::milliseconds Session::limit_of(Phase phase) const {
  switch (phase) {
    case Phase::opening:
      return settings_.timeouts.opening_handshake;
    case Phase::closing:
    case Phase::awaiting_end:
      return settings_.timeouts.closing_handshake;
    case Phase::ending:
      return settings_.timeouts.drop;
    case Phase::open:
    case Phase::ended:
      break;
  }
  return {};  // none
}

// The stream --------------------------------------------------------------------------------------

void Session::start() {
  if (phase_ >= Phase::ending) return;
  started_ = true;
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  collect_output();
  asio::co_spawn(executor_, read_loop(), CoroutineEnd(shared_from_this()));
  asio::co_spawn(executor_, write_loop(), CoroutineEnd(shared_from_this()));
}

asio::awaitable<void> Session::dial(Uri uri) {
  const auto [error, addresses] =
      co_await resolver_.async_resolve(uri.host, std::to_string(uri.port), kAwaitable);
  if (phase_ >= Phase::ending) co_return;
  if (error) {
    end_with({.kind = FailureKind::resolve,
              .text = "cannot resolve " + uri.host + ": " + error.message()});
    co_return;
  }
  std::string reasons;
  for (const auto& address : addresses) {
    error_code ignored;
    socket_.close(ignored);  // what is left of the address before
    const auto [failure] = co_await socket_.async_connect(address.endpoint(), kAwaitable);
    if (phase_ >= Phase::ending) co_return;
    if (!failure) {
      start();
      co_return;
    }
    reasons += (reasons.empty() ? "" : "; ") + address.endpoint().address().to_string() + ": " +
               failure.message();
  }
  end_with({.kind = FailureKind::connect,
            .text = "cannot connect to " + peer_name_ + " (" + reasons + ")"});
}

asio::awaitable<void> Session::read_loop() {
  std::vector<std::byte> buffer(settings_.read_size);
  while (phase_ != Phase::ended) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(buffer), kAwaitable);
    if (phase_ == Phase::ended) co_return;
    if (error) {
      peer_has_ended(error);
      co_return;
    }
    note_activity();
    // Once the transport is ending, what still comes is only read so that closing does not reset.
    if (phase_ == Phase::ending) continue;
    co_await receive(std::span(buffer).first(size));
    if (phase_ < Phase::ending) co_await await_room();
    if (tls_ && tls_->peer_ended() && phase_ != Phase::ended) {
      peer_has_ended({});
      co_return;
    }
  }
}

asio::awaitable<void> Session::receive(std::span<const std::byte> read) {
  if (!tls_) {
    co_await receive_plaintext(read);
    co_return;
  }
  std::vector<std::byte> plaintext;
  const auto received = tls_->receive(read, plaintext);
  output_ready_.notify();
  co_await receive_plaintext(plaintext);
  if (!received && phase_ < Phase::ending) {
    const auto& error = received.error();
    end_with({.kind = error.certificate_refused ? FailureKind::certificate : FailureKind::tls,
              .text = "TLS: " + error.text});
  }
}

asio::awaitable<void> Session::receive_plaintext(std::span<const std::byte> rest) {
  while (!rest.empty() && phase_ < Phase::ending) {
    answering_ = true;
    rest = connection_.receive(rest);
    turn();
    answering_ = false;
    if (!rest.empty()) co_await await_room();
  }
}

asio::awaitable<void> Session::await_room() {
  if (unread_answers() <= settings_.high_water) co_return;
  while (unread_answers() > settings_.low_water && phase_ < Phase::ending) {
    co_await room_in_queue_.wait();
  }
}

asio::awaitable<void> Session::write_loop() {
  const OutputDrop at_end(*this);  // not sooner: a write may still have had it in its hands
  while (phase_ != Phase::ended) {
    const auto plaintext =
        tls_ && !tls_->is_open() ? std::span<const std::byte>() : queue_.front(kMaxWrite);
    if (tls_) {
      if (!plaintext.empty()) tls_->send(plaintext);
      const std::vector<std::byte> records = tls_->take_output();
      if (!records.empty()) {
        if (!co_await write(records)) co_return;
        queue_.remove(plaintext.size());
        tell_of_room();
        continue;
      }
    } else if (!plaintext.empty()) {
      if (!co_await write(plaintext)) co_return;
      continue;
    }
    if (phase_ == Phase::ending) {
      if (!co_await end_sending()) co_return;
      if (peer_ended_) finish();
      co_return;
    }
    co_await output_ready_.wait();
  }
}

asio::awaitable<bool> Session::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto [error, size] =
        co_await socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), kAwaitable);
    if (phase_ == Phase::ended) co_return false;
    if (error) {
      stop_writing(error);
      co_return false;
    }
    bytes = bytes.subspan(size);
    if (!tls_) queue_.remove(size);
    // With the kernel's buffer full, it takes more only as the peer does.
    if (!bytes.empty() || !queue_.empty()) note_activity();
    extend_deadline();
    tell_of_room();
  }
  co_return true;
}

void Session::tell_of_room() {
  if (unread_answers() <= settings_.low_water) room_in_queue_.notify();
}

asio::awaitable<bool> Session::end_sending() {
  if (tls_) {
    tls_->end();
    const std::vector<std::byte> close_notify = tls_->take_output();
    if (!co_await write(close_notify)) co_return false;
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  sending_ended_ = true;
  co_return true;
}

void Session::note_activity() {
  last_activity_ = std::chrono::steady_clock::now();
  awaiting_pong_ = false;
}

void Session::stop_writing(const error_code& error) {
  // What the peer sent before it went is still there to be read.
  write_error_ = error;
  drop_output();
  room_in_queue_.notify();
  if (peer_ended_) {
    finish();
  } else {
    set_deadline(settings_.timeouts.drop);
  }
}

void Session::drop_output() {
  lost_bytes_ += queue_.application_bytes();
  queue_.clear();
}

void Session::peer_has_ended(const error_code& error) {
  peer_ended_ = true;
  const bool was_expected = phase_ >= Phase::awaiting_end;
  // Of a reset, the kernel tells whoever asks first, and the other one of an end.
  const error_code& cause = write_error_ ? write_error_ : error;
  if (cause && cause != asio::error::eof) {
    if (!was_expected && !failure_) {
      failure_ = {.kind = FailureKind::lost, .text = "connection lost: " + cause.message()};
    }
    finish();
    return;
  }
  if (tls_ && !tls_->peer_ended() && !was_expected) {
    failure_ = {.kind = FailureKind::truncated, .text = "TLS ended without close_notify"};
  }
  connection_.receive_end();
  turn();
  enter(Phase::ending);
  if (sending_ended_) finish();
}

void Session::end_with(TransportFailure failure) {
  failure_ = std::move(failure);
  connection_.receive_end();
  turn();
  enter(Phase::ending);  // so that TLS can still send its alert
}

void Session::finish() {
  if (phase_ == Phase::ended) return;
  enter(Phase::ended);
  error_code ignored;
  socket_.close(ignored);
  output_ready_.notify();
  room_in_queue_.notify();
  loss_.cancel();
  try {
    connection_.receive_end();
    deliver_events();
    resolver_.cancel();
  } catch (const std::bad_alloc&) {
    // The last event is told all the same.
  }
  const EventHandler handler = std::exchange(handler_, {});
  Event closed = closed_ ? std::move(*closed_) : Closed{};
  try {
    if (handler) handler(*this, closed);
  } catch (const std::bad_alloc&) {
    // Of the handler's own; there is no session left that this could end.
  }
}

// Memory ------------------------------------------------------------------------------------------

/// Runs what the executor calls.
template <typename Work>
void Session::guard(const Work& work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    end_without_memory();
  }
}

/// Takes now what it needs to end the session when a coroutine was destroyed for lack of memory.
void Session::watch_loss() {
  loss_.expires_at(asio::steady_timer::time_point::max());
  loss_.async_wait([self = shared_from_this()](const error_code&) { self->end_without_memory(); });
}

void Session::end_without_memory() {
  give_up();
  finish();
}

/// Closes the socket, without taking memory.
void Session::give_up() {
  if (phase_ == Phase::ended) return;
  failure_ = {.kind = FailureKind::out_of_memory, .text = "out of memory"};
  error_code ignored;
  socket_.close(ignored);
}

// Timers ------------------------------------------------------------------------------------------

void Session::set_deadline(std::chrono::milliseconds limit) {
  deadline_.cancel();
  if (limit.count() == 0) return;
  deadline_.expires_after(limit);
  deadline_.async_wait([self = shared_from_this(), phase = phase_](const error_code& error) {
    if (error || self->phase_ != phase) return;
    // Since this was due, it may have been extended.
    if (self->deadline_.expiry() > std::chrono::steady_clock::now()) return;
    self->guard([&] { self->handle_deadline(); });
  });
}

/// A peer that still takes what was queued before our Close has not had the time to answer it.
void Session::extend_deadline() {
  if (phase_ > Phase::open && phase_ < Phase::ended) set_deadline(limit_of(phase_));
}

void Session::handle_deadline() {
  switch (phase_) {
    case Phase::opening:
      failure_ = {.kind = FailureKind::timed_out, .text = "the opening handshake took too long"};
      connection_.fail_handshake(HandshakeError::timed_out);
      turn();
      // Nothing can be said to a peer before there is a stream to it.
      if (!socket_.is_open() || connection_.role() == Role::client || (tls_ && !tls_->is_open())) {
        finish();
      }
      break;
    case Phase::closing:
      failure_ = {.kind = FailureKind::timed_out, .text = "the closing handshake took too long"};
      finish();
      break;
    case Phase::open:  // after a write that failed
    case Phase::ending:
      finish();
      break;
    case Phase::awaiting_end:
      enter(Phase::ending);
      break;
    case Phase::ended:
      break;
  }
}

void Session::watch_idleness(std::chrono::milliseconds wait) {
  if (settings_.timeouts.idle.count() == 0) return;
  idleness_.expires_after(wait);
  idleness_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || self->phase_ != Phase::open) return;
    self->guard([&] { self->handle_idleness(); });
  });
}

void Session::handle_idleness() {
  const auto idle = settings_.timeouts.idle;
  const auto silence = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - last_activity_);
  if (silence < idle) {
    watch_idleness(idle - silence);
  } else if (!awaiting_pong_) {
    awaiting_pong_ = true;
    // Whatever comes back counts, so the Ping needs no payload.
    if (connection_.send_ping({})) turn();
    watch_idleness(idle);
  } else {
    failure_ = {.kind = FailureKind::timed_out, .text = "the peer does not answer"};
    connection_.fail(Violation::peer_unresponsive);
    turn();
  }
}

}  // namespace ws
