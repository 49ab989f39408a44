#include "impl/transport/session.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <new>
#include <type_traits>
#include <utility>

#include "impl/handshake/uri.hpp"
#include "impl/transport/connect_line.hpp"
#include "impl/transport/random.hpp"

namespace ws {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kMaxWrite = std::size_t{256} * 1024;       // bytes of one write
constexpr int kMaxWritesAtOnce = 4;                              // until others have their turn
constexpr std::size_t kMaxKeptOutput = std::size_t{256} * 1024;  // bytes that a thread keeps

std::string name_of(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace

/// What a client has until it is connected.
struct Session::Dial {
  tcp::resolver resolver;
  tcp::resolver::results_type addresses{};
  tcp::resolver::results_type::iterator next{};
  std::string reasons{};  // why the addresses so far did not do
};

struct Session::Tls {
  TlsLayer layer;
  std::vector<std::byte> records{};  // on their way to the kernel
  std::size_t sent = 0;              // bytes of them
  std::size_t plaintext = 0;         // bytes of the queue's front that are in them
  bool is_ending = false;            // close_notify is among them
};

/// What was read, but may be answered only when the peer has taken earlier answers.
struct Session::Unread {
  std::vector<std::byte> bytes{};             // plaintext
  std::optional<TransportFailure> failure{};  // of TLS, behind the bytes
};

/// What most sessions have not, or only when they end.
struct Session::Rare {
  std::unique_ptr<Dial> dial{};                  // while a client connects
  std::unique_ptr<PlaceInLine> place_in_line{};  // until the opening handshake is over
  std::unique_ptr<Unread> unread{};              // while answers are to be taken first
  std::optional<TransportFailure> failure{};
  std::optional<Closed> closed{};  // until the transport has ended
};

/// Memory that a session needs only while it works; a thread has some of it for all.
struct Session::Scratch {
  std::unique_ptr<std::vector<std::byte>> read_buffer{};
  std::vector<Event> events{};
  std::vector<Event> delivered{};
  std::vector<std::byte> output{};
};

/// The thread's scratch memory. Who asks while another has it, from a handler that runs the
/// context, gets some of its own.
class Session::ScratchLease {
 public:
  ScratchLease() : scratch_(std::exchange(kept(), nullptr)) {
    if (!scratch_) scratch_ = std::make_unique<Scratch>();
  }
  ~ScratchLease() {
    scratch_->events.clear();
    scratch_->delivered.clear();
    scratch_->output.clear();
    if (scratch_->output.capacity() > kMaxKeptOutput) scratch_->output = {};
    kept() = std::move(scratch_);
  }
  ScratchLease(const ScratchLease&) = delete;
  ScratchLease& operator=(const ScratchLease&) = delete;

  Scratch& operator*() const { return *scratch_; }
  Scratch* operator->() const { return scratch_.get(); }

  static std::unique_ptr<Scratch>& kept() {
    thread_local std::unique_ptr<Scratch> kept;
    return kept;
  }

 private:
  std::unique_ptr<Scratch> scratch_;
};

/// The buffer of a read. Asio asks for it when it calls the kernel: once at the beginning, when
/// there is mostly nothing yet, and again when the socket is readable. Only then there is a large
/// one, so that an idle connection has none. Where Asio asks only at the beginning, reads begin
/// small.
class Session::ReadPlace {
 public:
  // NOLINTBEGIN(readability-identifier-naming): Asio's names
  using value_type = asio::mutable_buffer;
  using const_iterator = const asio::mutable_buffer*;
  // NOLINTEND(readability-identifier-naming)

  explicit ReadPlace(Session& session) : session_(&session) {}

  const_iterator begin() const {
    if (beginning() == session_ || !take_buffer()) {
      place() = asio::buffer(session_->small_buffer_, session_->common_->transport.read_size);
    } else {
      place() = asio::buffer(*session_->read_buffer_);
    }
    return &place();
  }
  const_iterator end() const { return &place() + 1; }

  /// Of the session whose read this thread begins; others may already serve it.
  static const Session*& beginning() {
    thread_local const Session* session = nullptr;
    return session;
  }

  /// Returns: false if there is no memory for the session's buffer.
  bool take_buffer() const {
    auto& buffer = session_->read_buffer_;
    const std::size_t size = session_->common_->transport.read_size;
    if (buffer) return true;  // the kernel had nothing the last time, after all
    auto& kept = ScratchLease::kept();
    if (kept && kept->read_buffer && kept->read_buffer->size() == size) {
      buffer = std::move(kept->read_buffer);
      return true;
    }
    try {
      buffer = std::make_unique<std::vector<std::byte>>(size);
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  /// Gives the session's buffer back.
  static void return_buffer(Session& session) {
    auto buffer = std::move(session.read_buffer_);
    auto& kept = ScratchLease::kept();
    if (kept && buffer && !kept->read_buffer) kept->read_buffer = std::move(buffer);
  }

 private:
  /// Used as soon as it is known.
  static asio::mutable_buffer& place() {
    thread_local asio::mutable_buffer place;
    return place;
  }

  Session* session_;
};

/// Calls `work` with what an operation of the session came to. If Asio has no memory to do so it
/// destroys the operation, and this with it, which ends the session. So does a context that goes
/// away, and then nothing is to be called.
template <typename Work>
class Session::Handler {
 public:
  Handler(std::shared_ptr<Session> session, Work work)
      : session_(std::move(session)), work_(std::move(work)) {}
  Handler(Handler&&) noexcept = default;
  Handler& operator=(Handler&&) = delete;
  ~Handler() {
    if (session_) session_->lose();
  }

  template <typename... Results>
  void operator()(Results&&... results) {
    const auto session = std::move(session_);
    session->guard([&] { work_(*session, std::forward<Results>(results)...); });
  }

 private:
  std::shared_ptr<Session> session_;
  [[no_unique_address]] Work work_;
};

/// While what was read is handled, the connection has scratch memory, and what is sent is an
/// answer.
class Session::Answering {
 public:
  Answering(Session& session, Scratch& scratch) : session_(session), scratch_(scratch) {
    session_.collect_output();
    session_.answering_ = true;
    session_.connection_.take_output(scratch_.output);
    session_.connection_.take_events(scratch_.events);
  }
  ~Answering() {
    session_.answering_ = false;
    session_.connection_.take_output(scratch_.output);
    session_.connection_.take_events(scratch_.events);
  }
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;

 private:
  Session& session_;
  Scratch& scratch_;
};

template <typename Work>
Session::Handler<Work> Session::handler(Work work) {
  return {shared_from_this(), std::move(work)};
}

std::shared_ptr<Session> Session::accept(Socket socket, std::shared_ptr<const Common> common) {
  auto settings = common->server;
  auto session = std::make_shared<Session>(Private{}, std::move(socket), std::move(settings),
                                           std::move(common));
  session->peer_name_ = name_of(session->socket_);
  if (const auto& tls = session->common_->tls) {
    session->tls_ = std::make_unique<Tls>(TlsLayer(*tls, ""));
  }
  asio::post(session->executor(), [session] {
    session->guard([&] {
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
  const Uri uri = settings.offer.uri;
  if (!uri.secure) {
    tls = nullptr;
  } else if (!tls) {
    tls = std::make_shared<const TlsContext>(TlsClientSettings{});
  }
  auto common = std::make_shared<const Common>(
      Common{.transport = transport, .tls = std::move(tls), .handler = std::move(handler)});
  auto session = std::make_shared<Session>(Private{}, Socket(executor), std::move(settings),
                                           std::move(common));
  session->peer_name_ = uri.host + ":" + std::to_string(uri.port);
  if (const auto& context = session->common_->tls) {
    session->tls_ = std::make_unique<Tls>(TlsLayer(*context, uri.host));
  }
  session->rare().dial = std::make_unique<Dial>(tcp::resolver(executor));
  session->enter(Phase::opening);
  session->rare_->dial->resolver.async_resolve(
      uri.host, std::to_string(uri.port),
      session->handler([host = uri.host](Session& self, const error_code& error,
                                         tcp::resolver::results_type addresses) {
        if (self.phase_ >= Phase::ending) return;
        if (error) {
          self.end_with({.kind = FailureKind::resolve,
                         .text = "cannot resolve " + host + ": " + error.message()});
          return;
        }
        Dial& dial = *self.rare_->dial;
        dial.addresses = std::move(addresses);
        dial.next = dial.addresses.begin();
        self.dial_next();
      }));
  return session;
}

template <typename Settings>
Session::Session(Private /*unused*/, Socket socket, Settings settings,
                 std::shared_ptr<const Common> common)
    : Deadline(socket.get_executor()),
      socket_(std::move(socket)),
      common_(std::move(common)),
      connection_(std::move(settings)) {}

Session::~Session() {
  cancel_deadline();
  if (common_ && common_->forget) common_->forget(*this);
}

Session::Rare& Session::rare() {
  if (!rare_) rare_ = std::make_unique<Rare>();
  return *rare_;
}

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
  if (common_ && queued_bytes() > common_->transport.queue_limit) {
    return std::unexpected(SendError::queue_full);
  }
  return after_send(application_bytes, send);
}

template <typename Send>
SendResult Session::after_send(std::size_t application_bytes, const Send& send) {
  try {
    const SendResult result = send();
    if (result) uncollected_bytes_ += application_bytes;
    if (!in_turn_) {
      collect_output();
      request_turn();
    }
    return result;
  } catch (const std::bad_alloc&) {
    // The handler is not called from here: what reads and writes sees the end of the socket. A
    // client that has no stream yet does neither.
    give_up();
    if (!started_) lose();
    throw;
  }
}

void Session::cut() {
  asio::post(executor(), [self = shared_from_this()] { self->finish(); });
}

std::size_t Session::queued_bytes() const {
  return waiting_bytes() + connection_.output_size() + (tls_ ? tls_->layer.output_size() : 0);
}

/// Only answers count against a peer that does not read. A peer may stop reading just because we
/// do not, and if both sides waited so for the other to read what they send of their own accord,
/// both would wait for ever.
std::size_t Session::unread_answers() const {
  return (queue_ ? queue_->answer_bytes() : 0) + (answering_ ? connection_.output_size() : 0) +
         (tls_ ? tls_->layer.output_size() : 0);
}

void Session::collect_output() {
  if (connection_.output_size() == 0) return;
  if (!queue_) queue_ = std::make_unique<SendQueue>();
  queue_->append(
      connection_.take_output(),
      {.application_bytes = std::exchange(uncollected_bytes_, 0), .is_answer = answering_});
  if (write_error_ != 0) drop_output();
}

std::span<const std::byte> Session::front_of_queue() {
  return queue_ ? queue_->front(kMaxWrite) : std::span<const std::byte>();
}

void Session::remove_from_queue(std::size_t size) {
  if (!queue_) return;
  queue_->remove(size);
  if (queue_->empty()) queue_ = nullptr;
}

// Events ------------------------------------------------------------------------------------------

void Session::request_turn() {
  if (in_turn_ || turn_requested_) return;
  asio::post(executor(), [self = shared_from_this()] {
    self->turn_requested_ = false;
    self->guard([&] { self->turn(); });
  });
  turn_requested_ = true;
}

void Session::turn() {
  deliver_events();
  collect_output();
  update_phase();
  flush();
}

void Session::deliver_events() {
  for (auto events = connection_.take_events(); !events.empty();
       events = connection_.take_events()) {
    for (Event& event : events) deliver(event);
  }
}

void Session::deliver(Event& event) {
  if (auto* closed = std::get_if<Closed>(&event)) {
    rare().closed = std::move(*closed);
    return;
  }
  if (!common_ || !common_->handler) return;
  struct InTurn {
    bool& flag;
    explicit InTurn(bool& in_turn) : flag(in_turn) { flag = true; }
    ~InTurn() { flag = false; }
  } const in_turn(in_turn_);
  if (!answering_ || !std::holds_alternative<Opened>(event)) {
    common_->handler(*this, event);
    return;
  }
  // A handler's first messages are its own idea.
  collect_output();
  answering_ = false;
  common_->handler(*this, event);
  collect_output();
  answering_ = true;
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
  if (phase_ == Phase::ended || (phase_ == phase && phase != Phase::opening)) return;
  phase_ = phase;
  if (phase != Phase::opening && rare_) rare_->place_in_line = nullptr;
  if (phase == Phase::ended) {
    cancel_deadline();
    return;
  }
  set_timer(limit_of(phase));
  if (phase != Phase::ending) return;
  if (!started_) {
    cut();
    return;
  }
  tell_of_room();
  flush();
}

std::chrono::milliseconds Session::limit_of(Phase phase) const {
  const Timeouts& timeouts = common_->transport.timeouts;
  switch (phase) {
    case Phase::opening:
      return timeouts.opening_handshake;
    case Phase::closing:
    case Phase::awaiting_end:
      return timeouts.closing_handshake;
    case Phase::ending:
      return timeouts.drop;
    case Phase::open:
      return timeouts.idle;
    case Phase::ended:
      break;
  }
  return {};  // none
}

// The stream --------------------------------------------------------------------------------------

void Session::start() {
  if (phase_ >= Phase::ending) return;
  started_ = true;
  error_code error;
  socket_.set_option(tcp::no_delay(true), error);
  socket_.non_blocking(true, error);
  if (error) {
    peer_has_ended(error);
    return;
  }
  collect_output();
  flush();
  await_input();
}

void Session::dial_next() {
  Dial& dial = *rare_->dial;
  if (dial.next == dial.addresses.end()) {
    end_with({.kind = FailureKind::connect,
              .text = "cannot connect to " + peer_name_ + " (" + dial.reasons + ")"});
    return;
  }
  error_code ignored;
  socket_.close(ignored);  // what is left of the address before
  if (!common_->transport.connects_one_by_one) {
    connect_socket();
    return;
  }
  auto& place = rare_->place_in_line;
  if (!place) place = std::make_unique<PlaceInLine>(executor());
  if (place->take(dial.next->endpoint())) {
    connect_socket();
    return;
  }
  place->async_wait(handler([](Session& self, const error_code&) {
    if (self.phase_ < Phase::ending) self.connect_socket();
  }));
}

/// Connects to the address that is next.
void Session::connect_socket() {
  socket_.async_connect(
      rare_->dial->next->endpoint(), handler([](Session& self, const error_code& error) {
        if (self.phase_ >= Phase::ending) return;
        if (!error) {
          self.rare_->dial = nullptr;
          self.start();
          return;
        }
        Dial& failed = *self.rare_->dial;
        failed.reasons += (failed.reasons.empty() ? "" : "; ") +
                          failed.next->endpoint().address().to_string() + ": " + error.message();
        ++failed.next;
        self.dial_next();
      }));
}

void Session::await_input() {
  struct Beginning {
    explicit Beginning(const Session* session) { ReadPlace::beginning() = session; }
    ~Beginning() { ReadPlace::beginning() = nullptr; }
    Beginning(const Beginning&) = delete;
    Beginning& operator=(const Beginning&) = delete;
  } const beginning(this);
  socket_.async_read_some(ReadPlace(*this),
                          handler([](Session& self, const error_code& error, std::size_t size) {
                            self.handle_read(error, size);
                            ReadPlace::return_buffer(self);
                          }));
}

void Session::handle_read(error_code error, std::size_t size) {
  if (phase_ == Phase::ended) return;
  if (error) {
    peer_has_ended(error);
    return;
  }
  note_activity();
  const bool is_small = !read_buffer_;
  std::span<std::byte> read = is_small ? std::span<std::byte>(small_buffer_) : *read_buffer_;
  read = read.first(size);
  if (is_small && size == small_buffer_.size()) {
    read = read_more(read, error);
  }
  // Once the transport is ending, what still comes is only read so that closing does not reset.
  if (phase_ != Phase::ending) take_read(read);
  if (error && phase_ != Phase::ended) {
    peer_has_ended(error);
  } else {
    go_on();
  }
}

/// Reads what is behind the bytes of the small buffer. Returns: both.
std::span<std::byte> Session::read_more(std::span<std::byte> first, error_code& error) {
  if (common_->transport.read_size <= first.size() || !ReadPlace(*this).take_buffer()) return first;
  std::ranges::copy(first, read_buffer_->begin());
  const std::span<std::byte> rest = std::span(*read_buffer_).subspan(first.size());
  const std::size_t size = socket_.read_some(asio::buffer(rest.data(), rest.size()), error);
  if (error == asio::error::would_block || error == asio::error::interrupted) error = {};
  return std::span(*read_buffer_).first(first.size() + size);
}

void Session::take_read(std::span<const std::byte> read) {
  if (!tls_) {
    take_plaintext(read);
    return;
  }
  std::vector<std::byte> plaintext;
  const auto received = tls_->layer.receive(read, plaintext);
  flush();
  take_plaintext(plaintext);
  if (received || phase_ >= Phase::ending) return;
  const auto& error = received.error();
  TransportFailure failure{
      .kind = error.certificate_refused ? FailureKind::certificate : FailureKind::tls,
      .text = "TLS: " + error.text};
  if (rare_ && rare_->unread) {
    rare_->unread->failure = std::move(failure);
  } else {
    end_with(std::move(failure));
  }
}

/// Hands `rest` to the connection and delivers its events one by one, so that an answer goes before
/// a later frame can end the connection. The answers are written together.
void Session::take_plaintext(std::span<const std::byte> rest) {
  if (rest.empty() || phase_ >= Phase::ending) return;
  const ScratchLease scratch;
  const Answering answering(*this, *scratch);
  while (!rest.empty() && phase_ < Phase::ending) {
    rest = connection_.receive(rest);
    for (connection_.take_events(scratch->delivered); !scratch->delivered.empty();
         connection_.take_events(scratch->delivered)) {
      for (Event& event : scratch->delivered) deliver(event);
      scratch->delivered.clear();
    }
    if (phase_ != Phase::open || connection_.state() != ConnectionState::open) {
      collect_output();
      update_phase();
    }
    if (rest.empty() || phase_ >= Phase::ending ||
        unread_answers() <= common_->transport.high_water) {
      continue;
    }
    write_answers(*scratch);
    if (phase_ >= Phase::ending || unread_answers() <= common_->transport.high_water) continue;
    auto unread = std::make_unique<Unread>();
    unread->bytes.assign(rest.begin(), rest.end());
    rare().unread = std::move(unread);
    waits_for_room_ = true;
    return;
  }
  write_answers(*scratch);
}

/// What comes after a read.
void Session::go_on() {
  if (phase_ == Phase::ended || waits_for_room_) return;
  if (phase_ < Phase::ending && unread_answers() > common_->transport.high_water) {
    waits_for_room_ = true;
  } else if (tls_ && tls_->layer.peer_ended()) {
    peer_has_ended({});
  } else {
    await_input();
  }
}

void Session::tell_of_room() {
  if (!waits_for_room_) return;
  if (unread_answers() > common_->transport.low_water && phase_ < Phase::ending) return;
  waits_for_room_ = false;
  asio::post(executor(), handler([](Session& self) { self.resume(); }));
}

void Session::resume() {
  if (const auto unread = rare_ ? std::move(rare_->unread) : nullptr) {
    take_plaintext(unread->bytes);
    if (rare_->unread) {
      rare_->unread->failure = std::move(unread->failure);
    } else if (unread->failure && phase_ < Phase::ending) {
      end_with(std::move(*unread->failure));
    }
  }
  go_on();
}

/// Writes the answers to what was just read, in the connection's output, with one call and without
/// the queue if nothing waits there.
void Session::write_answers(Scratch& scratch) {
  if (tls_ || queue_ || !may_write() || connection_.output_size() == 0) {
    collect_output();
    flush();
    return;
  }
  std::vector<std::byte>& output = scratch.output;
  output.clear();
  connection_.take_output(output);
  error_code error;
  const std::size_t size = write_at_once(output, error);
  if (size == output.size()) {
    uncollected_bytes_ = 0;
  } else {
    queue_ = std::make_unique<SendQueue>();
    queue_->append(output, {.application_bytes = std::exchange(uncollected_bytes_, 0),
                            .is_answer = answering_});
    written(queue_->front(size).size());
    if (error) {
      stop_writing(error);
    } else {
      await_writing(front_of_queue());
    }
  }
  output.clear();
  connection_.take_output(output);
}

bool Session::may_write() const {
  return started_ && phase_ != Phase::ended && !is_writing_ && write_error_ == 0 && !sending_ended_;
}

/// Writes what goes out, and waits if the kernel takes no more.
void Session::flush() {
  if (!may_write()) return;
  for (int writes = 0;; ++writes) {
    const std::span<const std::byte> bytes = next_to_write();
    if (bytes.empty()) {
      if (phase_ != Phase::ending) return;
      if (!tls_ || tls_->is_ending) break;
      tls_->is_ending = true;
      tls_->layer.end();
      continue;
    }
    if (writes == kMaxWritesAtOnce) {
      await_writing(bytes);
      return;
    }
    error_code error;
    const std::size_t size = write_at_once(bytes, error);
    if (size > 0) written(size);
    if (error) {
      stop_writing(error);
      return;
    }
    if (size < bytes.size()) {
      await_writing(bytes.subspan(size));
      return;
    }
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  sending_ended_ = true;
  if (peer_ended_) finish();
}

/// Returns: how many of `bytes` the kernel took; `error` is set if it will take no more at all.
std::size_t Session::write_at_once(std::span<const std::byte> bytes, error_code& error) {
  std::size_t size = 0;
  do {
    size = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  } while (error == asio::error::interrupted);
  if (error == asio::error::would_block) error = {};
  return size;
}

/// What the kernel is to get next: output that waits, encrypted if need be. Stays where it is until
/// written() has counted all of it.
std::span<const std::byte> Session::next_to_write() {
  if (!tls_) return front_of_queue();
  if (tls_->records.empty()) {
    if (tls_->layer.is_open() && !tls_->is_ending) {
      const auto plaintext = front_of_queue();
      if (!plaintext.empty()) tls_->layer.send(plaintext);
      tls_->plaintext = plaintext.size();
    }
    tls_->records = tls_->layer.take_output();
  }
  return std::span(tls_->records).subspan(tls_->sent);
}

void Session::await_writing(std::span<const std::byte> bytes) {
  is_writing_ = true;
  socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()),
                           handler([](Session& self, const error_code& error, std::size_t size) {
                             self.is_writing_ = false;
                             if (self.phase_ == Phase::ended) return;
                             if (error) {
                               self.stop_writing(error);
                               return;
                             }
                             self.written(size);
                             self.flush();
                           }));
}

/// Counts what the kernel took of next_to_write().
void Session::written(std::size_t size) {
  if (!tls_) {
    remove_from_queue(size);
  } else {
    tls_->sent += size;
    if (tls_->sent == tls_->records.size()) {
      remove_from_queue(std::exchange(tls_->plaintext, 0));
      tls_->records = {};
      tls_->sent = 0;
    }
  }
  // With the kernel's buffer full, it takes more only as the peer does.
  if (queue_ || (tls_ && !tls_->records.empty())) note_activity();
  extend_deadline();
  tell_of_room();
}

void Session::note_activity() {
  last_activity_ = std::chrono::steady_clock::now();
  awaiting_pong_ = false;
}

void Session::stop_writing(const error_code& error) {
  // What the peer sent before it went is still there to be read.
  write_error_ = error.value();
  drop_output();
  tell_of_room();
  if (peer_ended_) {
    finish();
  } else {
    set_timer(common_->transport.timeouts.drop);
  }
}

void Session::drop_output() {
  if (queue_) lost_bytes_ += queue_->application_bytes();
  queue_ = nullptr;
}

void Session::peer_has_ended(const error_code& error) {
  peer_ended_ = true;
  const bool was_expected = phase_ >= Phase::awaiting_end;
  // Of a reset, the kernel tells whoever asks first, and the other one of an end.
  const error_code cause =
      write_error_ != 0 ? error_code(write_error_, boost::system::system_category()) : error;
  if (cause && cause != asio::error::eof) {
    if (!was_expected && !failure()) {
      fail(FailureKind::lost, "connection lost: " + cause.message());
    }
    finish();
    return;
  }
  if (tls_ && !tls_->layer.peer_ended() && !was_expected) {
    fail(FailureKind::truncated, "TLS ended without close_notify");
  }
  connection_.receive_end();
  turn();
  enter(Phase::ending);
  if (sending_ended_) finish();
}

const std::optional<TransportFailure>& Session::failure() const {
  static const std::optional<TransportFailure> kNone;
  static const std::optional<TransportFailure> kOutOfMemory(
      {.kind = FailureKind::out_of_memory, .text = "out of memory"});
  if (is_out_of_memory_) return kOutOfMemory;
  return rare_ ? rare_->failure : kNone;
}

void Session::fail(FailureKind kind, std::string text) {
  rare().failure = {.kind = kind, .text = std::move(text)};
}

void Session::end_with(TransportFailure failure) {
  fail(failure.kind, std::move(failure.text));
  connection_.receive_end();
  turn();
  enter(Phase::ending);  // so that TLS can still send its alert
}

void Session::finish() {
  if (phase_ == Phase::ended) return;
  enter(Phase::ended);
  error_code ignored;
  socket_.close(ignored);
  drop_output();
  try {
    connection_.receive_end();
    deliver_events();
    if (rare_ && rare_->dial) rare_->dial->resolver.cancel();
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
    // The last event is told all the same.
  }
  const auto common = std::exchange(common_, {});
  Event closed = rare_ && rare_->closed ? std::move(*rare_->closed) : Closed{};
  try {
    if (common->handler) common->handler(*this, closed);
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
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

/// Asio has destroyed an operation for lack of memory, or since the context goes away. Only in the
/// first case something is still to be called, so it is the deadline that ends the session.
void Session::lose() noexcept {
  is_lost_ = true;
  expire_now(hold_deadline());  // as the operation may have been all that held it
}

void Session::end_without_memory() {
  give_up();
  finish();
}

/// Closes the socket, without taking memory.
void Session::give_up() {
  if (phase_ == Phase::ended) return;
  is_out_of_memory_ = true;
  error_code ignored;
  socket_.close(ignored);
}

// Timers ------------------------------------------------------------------------------------------

/// Calls handle_timer after `limit`, if that is not 0, in place of what was set before. Something
/// is always set, so that lose() has something to bring forward.
void Session::set_timer(std::chrono::milliseconds limit) {
  set_deadline(limit.count() == 0 ? Clock::time_point::max() : Clock::now() + limit);
}

std::shared_ptr<Deadline> Session::hold_deadline() {
  auto self = weak_from_this().lock();
  if (!self) return nullptr;
  Deadline* const deadline = this;
  return {std::move(self), deadline};
}

void Session::pass_deadline(Clock::time_point time) {
  asio::post(executor(), [self = shared_from_this(), time] {
    if (self->is_lost_) self->end_without_memory();
    // Since this was due, another may have been set.
    if (self->phase_ == Phase::ended || self->deadline() != time) return;
    self->guard([&] { self->handle_timer(); });
  });
}

/// A peer that still takes what was queued before our Close has not had the time to answer it.
void Session::extend_deadline() {
  if (phase_ > Phase::open && phase_ < Phase::ended) set_timer(limit_of(phase_));
}

void Session::handle_timer() {
  if (phase_ == Phase::open && write_error_ == 0) {
    handle_idleness();
  } else {
    handle_deadline();
  }
}

void Session::handle_deadline() {
  switch (phase_) {
    case Phase::opening:
      fail(FailureKind::timed_out, rare().place_in_line && !socket_.is_open()
                                       ? "others took too long to connect to the same address"
                                       : "the opening handshake took too long");
      connection_.fail_handshake(HandshakeError::timed_out);
      turn();
      // Nothing can be said to a peer before there is a stream to it.
      if (!socket_.is_open() || connection_.role() == Role::client ||
          (tls_ && !tls_->layer.is_open())) {
        finish();
      }
      break;
    case Phase::closing:
      fail(FailureKind::timed_out, "the closing handshake took too long");
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

void Session::handle_idleness() {
  const auto idle = common_->transport.timeouts.idle;
  const auto silence = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - last_activity_);
  if (silence < idle) {
    set_timer(idle - silence);
  } else if (!awaiting_pong_) {
    awaiting_pong_ = true;
    // Whatever comes back counts, so the Ping needs no payload.
    set_timer(idle);
    if (connection_.send_ping({})) turn();
  } else {
    fail(FailureKind::timed_out, "the peer does not answer");
    connection_.fail(Violation::peer_unresponsive);
    turn();
  }
}

}  // namespace ws
