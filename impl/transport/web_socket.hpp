// A client with the interface of a browser's WebSocket (WHATWG WebSockets Standard, section 3).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "impl/connection/settings.hpp"
#include "impl/transport/dom_exception.hpp"
#include "impl/transport/tls_context.hpp"
#include "impl/transport/transport_settings.hpp"

namespace ws {

/// What a browser decides for its pages, and a program for itself.
struct WebSocketOptions {
  ConnectionSettings connection{.deflate = DeflateSettings{}};
  std::optional<std::string> origin{};
  Fields fields{};  ///< further fields of the request, such as Authorization or Cookie
  TransportSettings transport{.queue_limit = std::size_t{256} * 1024 * 1024};
  TlsClientSettings tls{};
};

/// In place of binaryType, a message's type is the alternative it comes in: a text is a string of
/// valid UTF-8, binary data is bytes.
using WebSocketMessage = std::variant<std::string, std::vector<std::byte>>;

/// What the close event carries.
struct CloseEvent {
  std::uint16_t code = 1006;  ///< 1005: the peer gave none; 1006: there was no closing handshake
  std::string reason{};
  bool was_clean = false;
};

/// All functions are to be called on the executor, which must run one handler at a time: a context
/// run by one thread, or a strand. Handlers are called there too, never from inside a function.
class WebSocket {
 public:
  enum class ReadyState { connecting = 0, open = 1, closing = 2, closed = 3 };

  /// Starts to connect. `url` has the scheme ws or wss, or http or https in their place, and no
  /// fragment; unlike in a browser it is absolute and without user information.
  ///
  /// As the standard has it, and RFC 6455 has not, a server that agrees to none of `protocols` is
  /// refused. Throws DomException: syntax_error for a bad `url`, or for `protocols` that are no
  /// tokens or repeat one another.
  WebSocket(const boost::asio::any_io_executor& executor, std::string_view url,
            std::vector<std::string> protocols = {}, const WebSocketOptions& options = {});

  WebSocket(WebSocket&&) noexcept;
  WebSocket& operator=(WebSocket&&) noexcept;

  /// Closes with 1001, as a browser does when a page goes away. No handler is called any more.
  ~WebSocket();

  /// The URL that is connected to, its scheme ws or wss.
  const std::string& url() const;

  ReadyState ready_state() const;

  /// The subprotocol and the extensions agreed on; empty before the connection is open.
  const std::string& protocol() const;
  const std::string& extensions() const;

  /// Application bytes that were sent and not yet handed to the kernel. Those sent after the
  /// connection began to close stay in it for ever.
  std::uint64_t buffered_amount() const;

  /// Sends one message; once the connection is closing it is only counted in buffered_amount. With
  /// more than `TransportSettings::queue_limit` bytes waiting, the connection is ended instead.
  ///
  /// Throws DomException: invalid_state_error while connecting; syntax_error for a text that is no
  /// UTF-8, which JavaScript cannot pass.
  void send(std::string_view text);
  void send(std::span<const std::byte> data);

  /// Starts the closing handshake; while connecting, gives up. A reason without a code goes out
  /// with 1000.
  ///
  /// Throws DomException: invalid_access_error for a code other than 1000 and 3000 to 4999;
  /// syntax_error for a reason of more than 123 bytes, or one that is no UTF-8.
  void close(std::optional<std::uint16_t> code = {}, std::string_view reason = {});

  /// Handlers of the four events. Error comes without details, and just before close; see
  /// failure_text.
  void on_open(std::function<void()> handler);
  void on_message(std::function<void(WebSocketMessage message)> handler);
  void on_error(std::function<void()> handler);
  void on_close(std::function<void(const CloseEvent& event)> handler);

  /// For a log: why the connection failed, empty if it did not. A browser keeps this from scripts.
  const std::string& failure_text() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ws
