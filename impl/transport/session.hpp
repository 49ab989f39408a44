// One connection on one stream, TCP or TLS: it drives a Connection as impl/README.md has it, and
// adds what the core leaves to its owner, timers and backpressure.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impl/connection/connection.hpp"
#include "impl/connection/event.hpp"
#include "impl/connection/settings.hpp"
#include "impl/transport/deadline.hpp"
#include "impl/transport/send_queue.hpp"
#include "impl/transport/tls_context.hpp"
#include "impl/transport/tls_layer.hpp"
#include "impl/transport/transport_settings.hpp"

namespace ws {

class Session;

/// Called with each event, in order, `Closed` last; never from inside a call of the session's
/// functions. It may call all of them.
using EventHandler = std::function<void(Session& session, Event& event)>;

/// All functions are to be called on the executor, which must run one handler at a time: a context
/// run by one thread, or a strand. A session keeps itself alive until it has ended.
///
/// Memory that cannot be had ends the session, and no other: its transport is cut, with
/// `FailureKind::out_of_memory`. A function of it that met this throws std::bad_alloc as well, and
/// so does the context, if Asio has no memory for an operation: run it with run.hpp.
class Session : public std::enable_shared_from_this<Session>,
                public boost::intrusive::list_base_hook<>,  // of its server
                private Deadline {
  struct Private {};
  struct Dial;
  struct Tls;
  struct Unread;
  struct Rare;
  struct Scratch;
  class ScratchLease;
  class Answering;
  class ReadPlace;
  template <typename Work>
  class Handler;

 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// What the sessions of a server have in common.
  struct Common {
    std::shared_ptr<const ServerSettings> server{};
    TransportSettings transport{};
    std::shared_ptr<const TlsContext> tls{};  ///< null for plain TCP
    EventHandler handler{};
    /// Called with a session that goes away without having told `Closed`, as its context does.
    std::function<void(Session&)> forget{};
  };

  /// Serves a connection that was accepted.
  static std::shared_ptr<Session> accept(Socket socket, std::shared_ptr<const Common> common);

  /// Connects to `settings.offer.uri`, trying each address that its host has. Nonce and masking
  /// keys come from `random.hpp`. `tls` is for wss alone; null stands for the default settings.
  ///
  /// At each address it waits until no other session of the context is connecting there, which ends
  /// with that one's opening handshake (section 4.1); see `TransportSettings::connects_one_by_one`.
  static std::shared_ptr<Session> connect(const boost::asio::any_io_executor& executor,
                                          ClientSettings settings, TransportSettings transport,
                                          std::shared_ptr<const TlsContext> tls,
                                          EventHandler handler);

  template <typename Settings>
  Session(Private, Socket socket, Settings settings, std::shared_ptr<const Common> common);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() override;

  const boost::asio::any_io_executor& executor() { return socket_.get_executor(); }
  ConnectionState state() const { return connection_.state(); }

  /// Sends one message. Errors: queue_full while `TransportSettings::queue_limit` bytes wait that
  /// the peer does not take; and those of Connection.
  [[nodiscard]] SendResult send_text(std::string_view text);
  [[nodiscard]] SendResult send_binary(std::span<const std::byte> data);
  [[nodiscard]] SendResult send_fragment(Opcode type, std::span<const std::byte> fragment,
                                         bool fin);
  [[nodiscard]] SendResult send_ping(std::span<const std::byte> payload = {});
  [[nodiscard]] SendResult send_pong(std::span<const std::byte> payload);

  /// Starts the closing handshake, as Connection does; while connecting it ends the transport.
  SendResult close(std::optional<CloseCode> code = {}, std::string_view reason = {});

  /// Ends the transport at once, without a closing handshake.
  void cut();

  /// Bytes that wait for the peer to take them, headers included.
  std::size_t queued_bytes() const;

  /// Application bytes of messages that were sent but not yet handed to the kernel.
  /// Those that were lost because the connection ended stay in it.
  std::size_t buffered_amount() const {
    return lost_bytes_ + (queue_ ? queue_->application_bytes() : 0) + uncollected_bytes_;
  }

  /// What went wrong below the WebSocket protocol, if anything did.
  const std::optional<TransportFailure>& failure() const;

  /// The peer's address and port, or the host and port that a client was told to connect to.
  const std::string& peer_name() const { return peer_name_; }

 private:
  enum class Phase : unsigned char {
    opening,  // resolving, connecting, TLS and the opening handshake
    open,
    closing,       // our Close is sent, the peer's is awaited
    awaiting_end,  // the peer is to end the transport
    ending,        // the rest of the output goes out, then close_notify and FIN; input is dropped
    ended,
  };

  template <typename Work>
  Handler<Work> handler(Work work);

  void start();
  void dial_next();
  void connect_socket();
  void await_input();
  void handle_read(boost::system::error_code error, std::size_t size);
  std::span<std::byte> read_more(std::span<std::byte> first, boost::system::error_code& error);
  void take_read(std::span<const std::byte> read);
  void take_plaintext(std::span<const std::byte> rest);
  void go_on();
  void tell_of_room();
  void resume();
  void write_answers(Scratch& scratch);
  bool may_write() const;
  void flush();
  std::size_t write_at_once(std::span<const std::byte> bytes, boost::system::error_code& error);
  std::span<const std::byte> next_to_write();
  void await_writing(std::span<const std::byte> bytes);
  void written(std::size_t size);

  template <typename Work>
  void guard(const Work& work);
  template <typename Send>
  SendResult send(std::size_t application_bytes, const Send& send);
  template <typename Send>
  SendResult after_send(std::size_t application_bytes, const Send& send);
  void collect_output();
  std::size_t unread_answers() const;
  void request_turn();
  void turn();
  void deliver_events();
  void deliver(Event& event);
  void enter(Phase phase);
  void update_phase();
  void peer_has_ended(const boost::system::error_code& error);
  void stop_writing(const boost::system::error_code& error);
  void drop_output();
  void note_activity();
  void end_with(TransportFailure failure);
  void give_up();
  void lose() noexcept;
  void end_without_memory();
  void finish();
  std::chrono::milliseconds limit_of(Phase phase) const;
  void set_timer(std::chrono::milliseconds limit);
  void extend_deadline();
  std::shared_ptr<Deadline> hold_deadline() override;
  void pass_deadline(Clock::time_point time) override;
  void handle_timer();
  void handle_deadline();
  void handle_idleness();

  Rare& rare();
  std::size_t waiting_bytes() const { return queue_ ? queue_->size() : 0; }
  std::span<const std::byte> front_of_queue();
  void remove_from_queue(std::size_t size);
  void fail(FailureKind kind, std::string text);

  // A server has thousands of these, mostly idle, so what is rare is on the heap.
  Socket socket_;
  std::shared_ptr<const Common> common_;  // until the end, so that what the handler holds is freed
  std::unique_ptr<Tls> tls_;
  Connection connection_;
  std::string peer_name_;

  // A read waits with no more memory than this, and gets a buffer when the kernel has something.
  std::array<std::byte, 8> small_buffer_{};
  std::unique_ptr<std::vector<std::byte>> read_buffer_;

  std::unique_ptr<SendQueue> queue_;  // plaintext, if any waits
  std::size_t uncollected_bytes_ =
      0;                        // application bytes that are still in the connection's output
  std::size_t lost_bytes_ = 0;  // application bytes that can no longer be sent

  std::unique_ptr<Rare> rare_;
  std::chrono::steady_clock::time_point last_activity_{};
  int write_error_ = 0;  // errno
  Phase phase_ = Phase::opening;
  bool awaiting_pong_ = false;
  bool started_ = false;    // the stream is there
  bool answering_ = false;  // what is sent now is an answer to what was read
  bool in_turn_ = false;
  bool turn_requested_ = false;
  bool waits_for_room_ = false;  // to go on reading
  bool is_writing_ = false;      // the kernel's buffer was full
  bool is_lost_ = false;         // an operation was destroyed
  bool is_out_of_memory_ = false;
  bool peer_ended_ = false;
  bool sending_ended_ = false;
};

}  // namespace ws
