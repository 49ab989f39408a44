#include "impl/transport/web_socket.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "impl/handshake/extension_list.hpp"
#include "impl/handshake/uri.hpp"
#include "impl/transport/session.hpp"
#include "impl/wire/close_payload.hpp"
#include "impl/wire/utf8.hpp"

namespace ws {
namespace {

/// "Obtain a WebSocket URL" of the URL-taking APIs: http and https stand for ws and wss.
Uri parse_web_socket_url(std::string_view text) {
  const auto colon = text.find(':');
  std::string url(text);
  if (colon != std::string_view::npos) {
    const std::string_view scheme = text.substr(0, colon);
    if (equals_ignoring_case(scheme, "http")) url.replace(0, colon, "ws");
    if (equals_ignoring_case(scheme, "https")) url.replace(0, colon, "wss");
  }
  auto uri = parse_uri(url);
  if (!uri) {
    throw DomException(
        DomErrorName::syntax_error,
        "not a ws or wss URL without fragment and user information: " + std::string(text));
  }
  return *std::move(uri);
}

void check_protocols(const std::vector<std::string>& protocols) {
  for (auto protocol = protocols.begin(); protocol != protocols.end(); ++protocol) {
    if (!is_token(*protocol)) {
      throw DomException(DomErrorName::syntax_error, "not a subprotocol's name: " + *protocol);
    }
    if (std::find(protocols.begin(), protocol, *protocol) != protocol) {
      throw DomException(DomErrorName::syntax_error, "subprotocol named twice: " + *protocol);
    }
  }
}

bool is_text_valid(std::string_view text) { return is_valid_utf8(std::as_bytes(std::span(text))); }

}  // namespace

struct WebSocket::Impl : std::enable_shared_from_this<Impl> {
  void connect(const boost::asio::any_io_executor& executor, Uri uri,
               const WebSocketOptions& options) {
    auto tls = uri.secure ? std::make_shared<const TlsContext>(options.tls) : nullptr;
    session = Session::connect(executor,
                               {.connection = options.connection,
                                .offer = {.uri = std::move(uri),
                                          .origin = options.origin,
                                          .subprotocols = protocols,
                                          .fields = options.fields}},
                               options.transport, std::move(tls),
                               [weak = weak_from_this()](Session& /*session*/, Event& event) {
                                 if (const auto self = weak.lock()) self->handle(event);
                               });
  }

  void handle(Event& event) {
    if (auto* opened = std::get_if<Opened>(&event)) {
      handle_opened(*opened);
    } else if (auto* message = std::get_if<MessageReceived>(&event)) {
      handle_message(*message);
    } else if (std::holds_alternative<CloseReceived>(event)) {
      state = ReadyState::closing;
    } else if (const auto* violation = std::get_if<Failed>(&event)) {
      fail(std::string(describe(violation->violation).text));
    } else if (const auto* refused = std::get_if<HandshakeFailed>(&event)) {
      fail(std::string(describe(refused->error).text));
    } else if (const auto* closed = std::get_if<Closed>(&event)) {
      handle_closed(*closed);
    }
  }

  void handle_opened(const Opened& opened) {
    if (state != ReadyState::connecting) return;
    if (!protocols.empty() && !opened.subprotocol) {
      fail("The server agreed to none of the subprotocols.");
      session->cut();
      return;
    }
    state = ReadyState::open;
    protocol = opened.subprotocol.value_or("");
    extensions = format_extension_list(opened.extensions);
    if (on_open) on_open();
  }

  void handle_message(MessageReceived& message) {
    // The standard drops messages that come once the state is closing.
    if (state != ReadyState::open || !on_message) return;
    if (message.type == Opcode::binary) {
      on_message(std::move(message.payload));
      return;
    }
    std::string text(message.payload.size(), '\0');
    std::ranges::copy(message.payload, std::as_writable_bytes(std::span(text)).begin());
    on_message(std::move(text));
  }

  void handle_closed(const Closed& closed) {
    if (const auto& failure = session->failure()) {
      // Its text says more than that of the event it led to. A peer that does not answer our Close
      // is no error to a browser.
      failure_text = failure->text;
      failed = failed || failure->kind != FailureKind::timed_out;
    }
    state = ReadyState::closed;
    const auto handle_error = std::exchange(on_error, {});
    const auto handle_close = std::exchange(on_close, {});
    forget_handlers();
    if (failed && handle_error) handle_error();
    if (handle_close) {
      handle_close({.code = static_cast<std::uint16_t>(closed.code),
                    .reason = closed.reason,
                    .was_clean = closed.clean});
    }
  }

  /// "Fail the WebSocket connection" and "flag as full": an error event will come before close.
  void fail(std::string text) {
    failed = true;
    state = ReadyState::closing;
    if (failure_text.empty()) failure_text = std::move(text);
  }

  template <typename Payload>
  void send(const Payload& payload, SendResult (Session::*send_message)(Payload)) {
    if (state == ReadyState::connecting) {
      throw DomException(DomErrorName::invalid_state_error, "send before the connection is open");
    }
    if (state == ReadyState::open) {
      const SendResult sent = ((*session).*send_message)(payload);
      if (sent) return;
      if (sent.error() == SendError::queue_full) {
        fail("The peer takes too little of what is sent.");
        session->cut();
      }
    }
    never_sent += payload.size();
  }

  void close(std::optional<std::uint16_t> code, std::string_view reason) {
    if (state == ReadyState::closing || state == ReadyState::closed) return;
    if (state == ReadyState::connecting) {
      fail("The connection was closed before it was open.");
      session->cut();
      return;
    }
    state = ReadyState::closing;
    if (!code && !reason.empty()) code = static_cast<std::uint16_t>(CloseCode::normal_closure);
    const auto close_code =
        code ? std::optional(static_cast<CloseCode>(*code)) : std::optional<CloseCode>();
    // Not open any more is fine: then the connection closes without us.
    static_cast<void>(session->close(close_code, reason));
  }

  void forget_handlers() {
    on_open = {};
    on_message = {};
    on_error = {};
    on_close = {};
  }

  std::string url;
  std::vector<std::string> protocols;
  std::shared_ptr<Session> session;
  ReadyState state = ReadyState::connecting;
  std::string protocol;
  std::string extensions;
  std::uint64_t never_sent = 0;  // bytes given to send too late
  bool failed = false;
  std::string failure_text;
  std::function<void()> on_open;
  std::function<void(WebSocketMessage message)> on_message;
  std::function<void()> on_error;
  std::function<void(const CloseEvent& event)> on_close;
};

WebSocket::WebSocket(const boost::asio::any_io_executor& executor, std::string_view url,
                     std::vector<std::string> protocols, const WebSocketOptions& options)
    : impl_(std::make_shared<Impl>()) {
  Uri uri = parse_web_socket_url(url);
  check_protocols(protocols);
  impl_->url = format_uri(uri);
  impl_->protocols = std::move(protocols);
  impl_->connect(executor, std::move(uri), options);
}

WebSocket::WebSocket(WebSocket&&) noexcept = default;

WebSocket& WebSocket::operator=(WebSocket&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}

WebSocket::~WebSocket() {
  if (!impl_) return;
  static_cast<void>(impl_->session->close(CloseCode::going_away));
}

const std::string& WebSocket::url() const { return impl_->url; }

WebSocket::ReadyState WebSocket::ready_state() const { return impl_->state; }

const std::string& WebSocket::protocol() const { return impl_->protocol; }

const std::string& WebSocket::extensions() const { return impl_->extensions; }

std::uint64_t WebSocket::buffered_amount() const {
  return impl_->never_sent + impl_->session->buffered_amount();
}

void WebSocket::send(std::string_view text) {
  if (!is_text_valid(text)) throw DomException(DomErrorName::syntax_error, "text is not UTF-8");
  impl_->send(text, &Session::send_text);
}

void WebSocket::send(std::span<const std::byte> data) { impl_->send(data, &Session::send_binary); }

void WebSocket::close(std::optional<std::uint16_t> code, std::string_view reason) {
  if (code && !may_be_chosen_by_application(static_cast<CloseCode>(*code))) {
    throw DomException(DomErrorName::invalid_access_error,
                       "close code " + std::to_string(*code) + " is not 1000 or 3000 to 4999");
  }
  if (reason.size() > kMaxCloseReason || !is_text_valid(reason)) {
    throw DomException(DomErrorName::syntax_error,
                       "the close reason is not UTF-8 of at most 123 bytes");
  }
  impl_->close(code, reason);
}

void WebSocket::on_open(std::function<void()> handler) { impl_->on_open = std::move(handler); }

void WebSocket::on_message(std::function<void(WebSocketMessage message)> handler) {
  impl_->on_message = std::move(handler);
}

void WebSocket::on_error(std::function<void()> handler) { impl_->on_error = std::move(handler); }

void WebSocket::on_close(std::function<void(const CloseEvent& event)> handler) {
  impl_->on_close = std::move(handler);
}

const std::string& WebSocket::failure_text() const { return impl_->failure_text; }

}  // namespace ws
