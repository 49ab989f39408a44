// One connected stream of bytes: TCP or a Unix socket, with TLS or without.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/endpoints/wire_tap.hpp"
#include "impl/transport/tls_context.hpp"
#include "impl/transport/tls_layer.hpp"

namespace ws::conformance {

/// At most one read and one write at a time. What it was given to call goes away with the work of
/// its executor; nothing is called after `finish` and `abort`.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using OnOpen = std::function<void(const std::string& error)>;
  using OnRead =
      std::function<void(boost::system::error_code error, std::span<const std::byte> read)>;
  using OnWritten = std::function<void(boost::system::error_code error)>;

  /// With `tls` it is a client's or a server's side of TLS, as the context says, which has to stay;
  /// `host` is the name that a client asks for. Throws std::runtime_error if there can be no
  /// certificate for it.
  Stream(Socket socket, const TlsContext* tls, const std::string& host = {},
         std::shared_ptr<const WireTap> tap = nullptr);

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }
  bool is_secure() const { return tls_.has_value(); }

  /// The TLS handshake, if there is to be one. `error` is empty if it succeeded.
  void open(OnOpen on_open);

  /// Reads once, at most `limit` bytes if it is not 0 and there is no TLS. `read` is valid until
  /// the next call. The peer's end is asio::error::eof: for TLS its close_notify, or the end of TCP
  /// without one, which many leave it at.
  void read(OnRead on_read, std::size_t limit = 0);

  /// Writes all of `bytes`, which have to stay until `on_written` is called.
  void write(std::string_view bytes, OnWritten on_written);

  /// Ends this side of TCP, over TLS without a close_notify, and reads on. Requires: no write under
  /// way.
  void half_close();

  /// Bytes in the kernel that were not read yet; of TLS, those of its records.
  std::size_t unread() const;

  /// Whether TCP has ended behind what was not read yet.
  bool has_ended();

  /// From here on the peer is told of little room, so that it meets a full socket soon once nothing
  /// is read.
  void keep_window_small();

  /// From here on only the end of TCP is the peer's end, not that of TLS.
  void watch_tcp() { watches_tcp_ = true; }

  /// Sends close_notify, leaves TCP open, and reads on. Requires: is_secure(), as for what follows.
  void end_tls();

  /// From here on each record that is written has `size` bytes; 0: as many as fit.
  void set_record_size(std::size_t size) { record_size_ = size; }

  /// Asks for new keys in both directions. Returns: false before TLS 1.3.
  bool update_keys();

  /// Begins another handshake. Returns: false from TLS 1.3 on.
  bool renegotiate();

  /// The name that a client has told by TLS; empty: none.
  std::string server_name() const;

  /// Ends the connection in order: close_notify, if there is TLS, then FIN.
  void finish();

  /// Resets the connection.
  void abort();

 private:
  bool is_at_end() const { return read_error_ && (tcp_ended_ || !watches_tcp_); }
  void acknowledge();
  template <typename Then>
  void read_socket(std::size_t size, Then then);
  void read_records(OnOpen on_open, OnRead on_read);
  void take_records(std::span<const std::byte> records);
  void deliver(OnOpen on_open, OnRead on_read);
  void send_records(OnWritten on_written);
  void close();
  void tell(Flow flow, std::span<const std::byte> bytes, bool plain) const;

  Socket socket_;
  std::optional<TlsLayer> tls_;
  std::shared_ptr<const WireTap> tap_;   // may be null
  int number_;                           // for the tap
  std::unique_ptr<std::byte[]> buffer_;  // what was read from the socket
  std::size_t record_size_ = 0;
  bool watches_tcp_ = false;
  bool tcp_ended_ = false;
  bool owes_acknowledgement_ = false;
  std::vector<std::byte> plaintext_;  // what was in it, not delivered yet
  std::vector<std::byte> delivered_;
  boost::system::error_code read_error_;  // of TLS, after the plaintext
  std::string tls_error_;
  std::vector<std::byte> records_;  // being written
  std::weak_ptr<OnWritten>
      after_all_;  // while records are written; the handler of the write has it
  bool is_over_ = false;
};

}  // namespace ws::conformance
