// One connected socket that never blocks, with TLS or without.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <openssl/ssl.h>
#include <string>
#include <string_view>

#include "conformance/mutants/switches.hpp"

namespace ws::conformance::mutants {

struct TlsDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsDeleter>;

/// Throws std::runtime_error if the files cannot be read.
TlsContext make_server_context(const std::string& certificate, const std::string& key,
                               Switches& switches);

/// `authorities` is a file of certificates to trust; empty: the system's.
TlsContext make_client_context(const std::string& authorities, Switches& switches);

class Stream {
 public:
  enum class Result { done, would_block, ended, broken };

  /// Owns `socket`, which is connected or connecting, and does not block. Without a context there
  /// is no TLS; with one, `is_server` says which side of it. A client checks that the certificate
  /// is for `host`, unless that is empty, and may tell its name.
  Stream(int socket, SSL_CTX* context, bool is_server, const std::string& host,
         bool tells_name = true);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  int socket() const { return socket_; }

  /// Carries TLS's handshake on. Without TLS it is done.
  Result handshake();

  /// Appends up to `most` bytes to `bytes`.
  Result read(std::string& bytes, std::size_t most);

  /// Writes some of `bytes`; `written` says how many.
  Result write(std::string_view bytes, std::size_t& written);

  /// Whether a message of TLS's handshake has come.
  bool has_begun_handshake() const { return ssl_ && SSL_in_before(ssl_.get()) == 0; }

  /// Whether there is TLS.
  bool is_secure() const { return ssl_ != nullptr; }

  /// Whether decrypted bytes wait inside TLS, so that the socket will not say so.
  bool has_pending() const;

  /// Whether the peer's end of TCP is what comes next, within `patience`. Requires: no TLS.
  bool ends_soon(std::chrono::milliseconds patience) const;

  /// What it waits for besides bytes to read.
  bool wants_write() const { return wants_write_; }

  /// Ends this side; the other may go on.
  void finish(bool ends_tcp = true);

  /// Makes the destructor reset the connection.
  void reset_on_close();

 private:
  Result explain(int status);

  int socket_;
  std::unique_ptr<SSL, TlsDeleter> ssl_;
  bool wants_write_ = false;
};

}  // namespace ws::conformance::mutants
