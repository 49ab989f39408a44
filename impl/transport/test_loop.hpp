// An io_context that a test runs until something has happened, a log of a session's events, and a
// peer that is nothing but a TCP socket.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "impl/transport/session.hpp"

namespace ws::testing {

/// Everything of a test runs on the thread that calls `run_until`.
class Loop {
 public:
  boost::asio::any_io_executor executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }

  /// Runs until `condition()` is true. Returns: false if `limit` is over first.
  template <typename Condition>
  bool run_until(const Condition& condition,
                 std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      context_.restart();
      if (std::chrono::steady_clock::now() >= end) return false;
      context_.run_one_until(end);
    }
    return true;
  }

  /// Runs for all of `duration`, to see that something does not happen.
  void run_for(std::chrono::milliseconds duration) {
    run_until([] { return false; }, duration);
  }

 private:
  boost::asio::io_context context_{1};
};

/// Collects events; copies share one log.
class EventLog {
 public:
  /// A handler that adds to this log, and echoes messages if asked to.
  EventHandler handler(bool echoes = false) const {
    return [events = events_, echoes](Session& session, Event& event) {
      if (const auto* message = std::get_if<MessageReceived>(&event); message && echoes) {
        const auto* text = reinterpret_cast<const char*>(message->payload.data());
        static_cast<void>(message->type == Opcode::text
                              ? session.send_text({text, message->payload.size()})
                              : session.send_binary(message->payload));
      }
      events->push_back(event);
    };
  }

  const std::vector<Event>& all() const { return *events_; }

  template <typename Kind>
  std::size_t count() const {
    std::size_t number = 0;
    for (const Event& event : *events_) number += std::holds_alternative<Kind>(event) ? 1U : 0U;
    return number;
  }

  template <typename Kind>
  bool has() const {
    return count<Kind>() != 0;
  }

  /// The first event of this kind; a default one if there is none.
  template <typename Kind>
  Kind first() const {
    for (const Event& event : *events_) {
      if (const auto* found = std::get_if<Kind>(&event)) return *found;
    }
    return {};
  }

  /// The text messages received, as text.
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const Event& event : *events_) {
      if (const auto* message = std::get_if<MessageReceived>(&event)) {
        std::string& text = texts.emplace_back();
        for (const std::byte byte : message->payload) text.push_back(static_cast<char>(byte));
      }
    }
    return texts;
  }

 private:
  std::shared_ptr<std::vector<Event>> events_ = std::make_shared<std::vector<Event>>();
};

/// A raw TCP connection. It reads all that comes unless told not to.
class RawPeer : public std::enable_shared_from_this<RawPeer> {
 public:
  using tcp = boost::asio::ip::tcp;

  explicit RawPeer(const boost::asio::any_io_executor& executor) : socket_(executor) {}

  static std::shared_ptr<RawPeer> connect(Loop& loop, std::uint16_t port, bool reads = true) {
    auto peer = std::make_shared<RawPeer>(loop.executor());
    peer->socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    peer->socket_.set_option(tcp::no_delay(true));
    if (reads) peer->read();
    return peer;
  }

  /// Waits on `acceptor` for a connection, then reads.
  static std::shared_ptr<RawPeer> accept(Loop& loop, tcp::acceptor& acceptor, bool reads = true) {
    auto peer = std::make_shared<RawPeer>(loop.executor());
    acceptor.async_accept(peer->socket_, [peer, reads](const boost::system::error_code& error) {
      if (error) return;
      peer->socket_.set_option(tcp::no_delay(true));
      if (reads) peer->read();
    });
    return peer;
  }

  /// Starts to read, and goes on until the end.
  void read() {
    paused_ = false;
    socket_.async_read_some(
        boost::asio::buffer(buffer_),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
          self->received_.append(self->buffer_.data(), size);
          if (error == boost::asio::error::operation_aborted) {
            return;
          }
          if (error) {
            self->ended_ = true;
            self->was_reset_ = error != boost::asio::error::eof;
          } else if (!self->paused_) {
            self->read();
          }
        });
  }

  /// Stops reading, at once.
  void pause() {
    paused_ = true;
    socket_.cancel();
  }

  /// Writes `bytes`, in the background.
  void write(std::string bytes) {
    auto kept = std::make_shared<std::string>(std::move(bytes));
    boost::asio::async_write(
        socket_, boost::asio::buffer(*kept),
        [self = shared_from_this(), kept](const boost::system::error_code& error, std::size_t) {
          if (!error) self->written_ += kept->size();
        });
  }

  void end_sending() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void close() { socket_.close(); }

  /// Closes with RST in place of FIN.
  void reset() {
    socket_.set_option(boost::asio::socket_base::linger(true, 0));
    socket_.close();
  }

  tcp::socket& socket() { return socket_; }
  const std::string& received() const { return received_; }
  std::size_t written() const { return written_; }
  bool ended() const { return ended_; }
  bool was_reset() const { return was_reset_; }

 private:
  tcp::socket socket_;
  std::array<char, 65'536> buffer_{};
  std::string received_;
  std::size_t written_ = 0;
  bool paused_ = false;
  bool ended_ = false;
  bool was_reset_ = false;
};

/// The opening request of a raw client: that of RFC 6455 section 1.3.
inline constexpr std::string_view kOpeningRequest =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

/// True if `received` has a whole response with status 101.
inline bool is_open(std::string_view received) {
  return received.starts_with("HTTP/1.1 101 ") && received.contains("\r\n\r\n");
}

/// What follows the response's head in `received`.
inline std::string frames_in(std::string_view received) {
  const auto end = received.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(received.substr(end + 4));
}

}  // namespace ws::testing
