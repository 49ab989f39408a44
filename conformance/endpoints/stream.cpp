#include "conformance/endpoints/stream.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

#include "conformance/endpoints/segments.hpp"

namespace ws::conformance {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadSize = std::size_t{64} * 1024;

int next_number() {
  static std::atomic<int> last = 0;
  return ++last;
}

}  // namespace

Stream::Stream(Socket socket, const TlsContext* tls, const std::string& host,
               std::shared_ptr<const WireTap> tap)
    : socket_(std::move(socket)),
      tap_(std::move(tap)),
      number_(next_number()),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(kReadSize)) {
  error_code ignored;  // Unix sockets do not have it
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (tls != nullptr) tls_.emplace(*tls, host);
}

void Stream::tell(Flow flow, std::span<const std::byte> bytes, bool plain) const {
  if (!tap_ || bytes.empty()) return;
  if (plain && tap_->on_plain) tap_->on_plain(number_, flow, bytes);
  // Without TLS both are the same.
  if ((!plain || !tls_) && tap_->on_wire) tap_->on_wire(number_, flow, bytes);
}

void Stream::open(OnOpen on_open) {
  if (!tls_) return on_open({});
  send_records(nullptr);
  read_records(std::move(on_open), nullptr);
}

/// Sends the acknowledgement of what was read, which the kernel holds back for up to 40 ms. A peer
/// without TCP_NODELAY sends the rest of its message only then (RFC 896), and all would wait for
/// it.
void Stream::acknowledge() {
  if (!std::exchange(owes_acknowledgement_, false)) return;
  const int on = 1;  // where there is no such thing, as on Unix sockets, there is nothing to do
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

/// Reads once from the socket into its buffer.
template <typename Then>
void Stream::read_socket(std::size_t size, Then then) {
  acknowledge();
  socket_.async_read_some(asio::buffer(buffer_.get(), size),
                          [self = shared_from_this(), then = std::move(then)](
                              error_code error, std::size_t read) mutable {
                            if (self->is_over_) return;
                            self->owes_acknowledgement_ = read > 0;
                            then(error, std::span(self->buffer_.get(), read));
                          });
}

void Stream::read(OnRead on_read, std::size_t limit) {
  if (tls_) {
    if (plaintext_.empty() && !is_at_end()) return read_records(nullptr, std::move(on_read));
    return asio::post(executor(), [self = shared_from_this(), then = std::move(on_read)]() mutable {
      if (!self->is_over_) self->deliver(nullptr, std::move(then));
    });
  }
  read_socket(limit == 0 ? kReadSize : std::min(limit, kReadSize),
              [this, then = std::move(on_read)](error_code error, std::span<const std::byte> read) {
                tell(Flow::in, read, true);
                then(error, read);
              });
}

void Stream::read_records(OnOpen on_open, OnRead on_read) {
  read_socket(kReadSize, [this, opened = std::move(on_open), then = std::move(on_read)](
                             error_code error, std::span<const std::byte> records) mutable {
    if (error) {
      tcp_ended_ = true;
      read_error_ = error;
      tls_error_ = error.message();
    } else if (!read_error_) {
      tell(Flow::in, records, false);
      take_records(records);
    }
    deliver(std::move(opened), std::move(then));
  });
}

void Stream::take_records(std::span<const std::byte> records) {
  const auto taken = tls_->receive(records, plaintext_);
  if (!taken) {
    read_error_ = asio::error::connection_reset;
    tls_error_ = taken.error().text;
  } else if (tls_->peer_ended()) {
    read_error_ = asio::error::eof;
    tls_error_ = "the peer ended it";
  }
  send_records(nullptr);
}

/// Calls the one that waits, or reads on if there is nothing for it yet.
void Stream::deliver(OnOpen on_open, OnRead on_read) {
  if (on_open) {
    if (tls_->is_open()) return on_open({});
    if (read_error_) return on_open(tls_error_);
  } else if (!plaintext_.empty()) {
    delivered_.clear();
    std::swap(delivered_, plaintext_);
    tell(Flow::in, delivered_, true);
    return on_read({}, delivered_);
  } else if (is_at_end()) {
    return on_read(read_error_, {});
  }
  read_records(std::move(on_open), std::move(on_read));
}

void Stream::write(std::string_view bytes, OnWritten on_written) {
  tell(Flow::out, std::as_bytes(std::span(bytes)), true);
  if (tls_) {
    const std::size_t size = record_size_ == 0 ? bytes.size() : record_size_;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      tls_->send(std::as_bytes(std::span(bytes.substr(at, size))));
    }
    return send_records(std::move(on_written));
  }
  asio::async_write(
      socket_, asio::buffer(bytes),
      [self = shared_from_this(), then = std::move(on_written)](error_code error, std::size_t) {
        if (!self->is_over_) then(error);
      });
}

/// Writes what TLS has to send. `on_written`, if there is one, is called when nothing is left.
void Stream::send_records(OnWritten on_written) {
  if (const auto waiting = after_all_.lock()) {
    if (on_written) *waiting = std::move(on_written);
    return;
  }
  records_ = tls_->take_output();
  if (records_.empty() && !on_written) return;
  tell(Flow::out, records_, false);
  auto after_all = std::make_shared<OnWritten>(std::move(on_written));
  after_all_ = after_all;
  asio::async_write(socket_, asio::buffer(records_),
                    [self = shared_from_this(), after_all](error_code error, std::size_t) mutable {
                      if (self->is_over_) return;
                      OnWritten then = std::move(*after_all);
                      after_all.reset();
                      if (!error && self->tls_->output_size() > 0) {
                        return self->send_records(std::move(then));
                      }
                      if (then) then(error);
                    });
}

void Stream::half_close() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::keep_window_small() { ask_for_small_window(socket_.native_handle()); }

std::size_t Stream::unread() const {
  boost::system::error_code error;
  return socket_.available(error);
}

bool Stream::has_ended() {
  pollfd socket{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&socket, 1, 0) == 1;
}

void Stream::end_tls() {
  tls_->end();
  send_records(nullptr);
}

bool Stream::update_keys() {
  SSL* ssl = tls_->native();
  if (SSL_version(ssl) < TLS1_3_VERSION || SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) != 1) {
    return false;
  }
  SSL_do_handshake(ssl);
  send_records(nullptr);
  return true;
}

bool Stream::renegotiate() {
  SSL* ssl = tls_->native();
  if (SSL_version(ssl) > TLS1_2_VERSION || SSL_renegotiate(ssl) != 1) return false;
  SSL_do_handshake(ssl);
  send_records(nullptr);
  return true;
}

std::string Stream::server_name() const {
  const char* name = tls_ ? SSL_get_servername(tls_->native(), TLSEXT_NAMETYPE_host_name) : nullptr;
  return name == nullptr ? std::string() : name;
}

void Stream::finish() {
  if (is_over_) return;
  error_code ignored;
  if (tls_ && after_all_.expired()) {
    tls_->end();
    const std::vector<std::byte> end = tls_->take_output();
    // A peer that does not even take this much will not miss it.
    socket_.non_blocking(true, ignored);
    if (!end.empty()) socket_.write_some(asio::buffer(end), ignored);
  }
  socket_.shutdown(Socket::shutdown_send, ignored);
  close();
}

void Stream::abort() {
  if (is_over_) return;
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void Stream::close() {
  is_over_ = true;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace ws::conformance
