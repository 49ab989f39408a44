// TLS as a filter between bytes and bytes: it does no I/O, like the core, so one session serves
// both plain and encrypted connections.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "impl/transport/tls_context.hpp"

struct ssl_st;  // OpenSSL's SSL

namespace ws {

/// Why TLS gave up.
struct TlsError {
  bool certificate_refused = false;  ///< the peer's certificate, or its host name
  std::string text{};
};

class TlsLayer {
 public:
  /// A client's first message is in the output at once. `host` is the name or IP address that a
  /// server's certificate has to be for; names also go out as SNI. Servers leave it empty.
  TlsLayer(const TlsContext& context, const std::string& host);

  /// True from the end of the TLS handshake on: `send` may be called.
  bool is_open() const { return open_; }

  /// True once the peer's close_notify is here: it ended the stream, nobody cut it.
  bool peer_ended() const { return peer_ended_; }

  /// Takes what was read from the socket and appends what was in it to `plaintext`. There may be
  /// output afterwards, also after an error: the alert that tells the peer.
  std::expected<void, TlsError> receive(std::span<const std::byte> ciphertext,
                                        std::vector<std::byte>& plaintext);

  /// Encrypts into the output.
  ///
  /// Requires: is_open(), and no call of end().
  void send(std::span<const std::byte> plaintext);

  /// Puts close_notify into the output. What the peer sends can still be received.
  void end();

  /// How many bytes take_output would give.
  std::size_t output_size() const;

  /// OpenSSL's object, for what there is no function for here.
  ssl_st* native() const { return ssl_.get(); }

  /// What to write to the socket.
  std::vector<std::byte> take_output();

 private:
  std::expected<void, TlsError> error_of(int result);

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bool open_ = false;
  bool peer_ended_ = false;
};

}  // namespace ws
