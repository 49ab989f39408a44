// One connection on one stream, TCP or TLS: it drives a Connection as impl/README.md has it, and
// adds what the core leaves to its owner, timers and backpressure.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
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
#include "impl/transport/send_queue.hpp"
#include "impl/transport/signal.hpp"
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
class Session : public std::enable_shared_from_this<Session> {
  struct Private {};
  class CoroutineEnd;
  class OutputDrop;

 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// Serves a connection that was accepted. `tls` is null for plain TCP.
  static std::shared_ptr<Session> accept(Socket socket, ServerSettings settings,
                                         TransportSettings transport,
                                         std::shared_ptr<const TlsContext> tls,
                                         EventHandler handler);

  /// Connects to `settings.offer.uri`, trying each address that its host has. Nonce and masking
  /// keys come from `random.hpp`. `tls` is for wss alone; null stands for the default settings.
  static std::shared_ptr<Session> connect(const boost::asio::any_io_executor& executor,
                                          ClientSettings settings, TransportSettings transport,
                                          std::shared_ptr<const TlsContext> tls,
                                          EventHandler handler);

  template <typename Settings>
  Session(Private, Socket socket, Settings settings, TransportSettings transport,
          std::shared_ptr<const TlsContext> tls, EventHandler handler);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() = default;

  const boost::asio::any_io_executor& executor() const { return executor_; }
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
  std::size_t buffered_amount() const { return lost_bytes_ + queue_.application_bytes(); }

  /// What went wrong below the WebSocket protocol, if anything did.
  const std::optional<TransportFailure>& failure() const { return failure_; }

  /// The peer's address and port, or the host and port that a client was told to connect to.
  const std::string& peer_name() const { return peer_name_; }

 private:
  enum class Phase {
    opening,  // resolving, connecting, TLS and the opening handshake
    open,
    closing,       // our Close is sent, the peer's is awaited
    awaiting_end,  // the peer is to end the transport
    ending,        // the rest of the output goes out, then close_notify and FIN; input is dropped
    ended,
  };

  void start();
  boost::asio::awaitable<void> dial(Uri uri);
  boost::asio::awaitable<void> read_loop();
  boost::asio::awaitable<void> write_loop();
  boost::asio::awaitable<void> receive(std::span<const std::byte> read);
  boost::asio::awaitable<void> receive_plaintext(std::span<const std::byte> rest);
  boost::asio::awaitable<void> await_room();
  boost::asio::awaitable<bool> write(std::span<const std::byte> bytes);
  boost::asio::awaitable<bool> end_sending();

  template <typename Work>
  void guard(const Work& work);
  template <typename Send>
  SendResult send(std::size_t application_bytes, const Send& send);
  template <typename Send>
  SendResult after_send(std::size_t application_bytes, const Send& send);
  void collect_output(std::size_t application_bytes = 0);
  std::size_t unread_answers() const;
  void request_turn();
  void turn();
  void deliver_events();
  void enter(Phase phase);
  void update_phase();
  void peer_has_ended(const boost::system::error_code& error);
  void stop_writing(const boost::system::error_code& error);
  void drop_output();
  void tell_of_room();
  void note_activity();
  void end_with(TransportFailure failure);
  void give_up();
  void watch_loss();
  void end_without_memory();
  void finish();
  std::chrono::milliseconds limit_of(Phase phase) const;
  void set_deadline(std::chrono::milliseconds limit);
  void extend_deadline();
  void handle_deadline();
  void watch_idleness(std::chrono::milliseconds wait);
  void handle_idleness();

  boost::asio::any_io_executor executor_;
  Socket socket_;
  boost::asio::ip::tcp::resolver resolver_;
  TransportSettings settings_;
  std::shared_ptr<const TlsContext> tls_context_;
  std::optional<TlsLayer> tls_;
  Connection connection_;
  EventHandler handler_;
  std::string peer_name_;

  SendQueue queue_;             // plaintext
  std::size_t lost_bytes_ = 0;  // application bytes that can no longer be sent
  Signal output_ready_;
  Signal room_in_queue_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer idleness_;
  boost::asio::steady_timer loss_;

  Phase phase_ = Phase::opening;
  std::optional<TransportFailure> failure_;
  std::optional<Closed> closed_;  // kept until the transport has ended
  std::chrono::steady_clock::time_point last_activity_{};
  bool awaiting_pong_ = false;
  bool started_ = false;    // the stream is there
  bool answering_ = false;  // what is sent now is an answer to what was read
  bool in_turn_ = false;
  bool turn_requested_ = false;
  bool peer_ended_ = false;
  bool sending_ended_ = false;
  boost::system::error_code write_error_{};
};

}  // namespace ws
