#include "conformance/mutants/stream.hpp"

#include <cerrno>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace ws::conformance::mutants {

namespace {

void set_versions(SSL_CTX* context, Switches& switches) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (!switches.has("own-tls-old-versions")) return;
  SSL_CTX_set_security_level(context, 0);  // they sign with SHA-1
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
}

int take_expired(int is_good, X509_STORE_CTX* store) {
  return is_good != 0 || X509_STORE_CTX_get_error(store) == X509_V_ERR_CERT_HAS_EXPIRED ? 1 : 0;
}

int take_self_signed(int is_good, X509_STORE_CTX* store) {
  const int error = X509_STORE_CTX_get_error(store);
  return is_good != 0 || error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ? 1 : 0;
}

}  // namespace

TlsContext make_server_context(const std::string& certificate, const std::string& key,
                               Switches& switches) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  set_versions(context.get(), switches);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot use the certificate \"" + certificate + "\" with the key \"" +
                             key + "\"");
  }
  return context;
}

TlsContext make_client_context(const std::string& authorities, Switches& switches) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  set_versions(context.get(), switches);
  const int loaded = authorities.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                         : SSL_CTX_load_verify_locations(
                                               context.get(), authorities.c_str(), nullptr);
  if (loaded != 1) throw std::runtime_error("cannot read \"" + authorities + "\"");
  const bool checks = !switches.has("tls-no-chain-check");
  SSL_verify_cb callback = nullptr;
  if (switches.has("own-tls-expired-taken")) callback = take_expired;
  if (switches.has("own-tls-self-signed-taken")) callback = take_self_signed;
  SSL_CTX_set_verify(context.get(), checks ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, callback);
  if (switches.has("own-tls-subject-taken")) {
    X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(context.get()),
                                    X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT);
  }
  return context;
}

Stream::Stream(int socket, SSL_CTX* context, bool is_server, const std::string& host,
               bool tells_name)
    : socket_(socket) {
  if (context == nullptr) return;
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), socket_);
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (is_server) {
    SSL_set_accept_state(ssl_.get());
    return;
  }
  SSL_set_connect_state(ssl_.get());
  if (host.empty()) return;
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) {
    SSL_set1_host(ssl_.get(), host.c_str());
    if (!tells_name) return;
    // The macro for it has an old cast.
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  }
}

Stream::~Stream() { close(socket_); }

Stream::Result Stream::handshake() {
  if (!ssl_) return Result::done;
  ERR_clear_error();
  return explain(SSL_do_handshake(ssl_.get()));
}

Stream::Result Stream::read(std::string& bytes, std::size_t most) {
  const std::size_t before = bytes.size();
  bytes.resize(before + most);
  if (ssl_) {
    ERR_clear_error();
    std::size_t size = 0;
    const int status = SSL_read_ex(ssl_.get(), bytes.data() + before, most, &size);
    bytes.resize(before + size);
    return explain(status);
  }
  const ssize_t size = recv(socket_, bytes.data() + before, most, 0);
  bytes.resize(before + static_cast<std::size_t>(size > 0 ? size : 0));
  if (size > 0) return Result::done;
  if (size == 0) return Result::ended;
  return errno == EAGAIN || errno == EINTR ? Result::would_block : Result::broken;
}

Stream::Result Stream::write(std::string_view bytes, std::size_t& written) {
  written = 0;
  wants_write_ = false;
  if (ssl_) {
    ERR_clear_error();
    return explain(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written));
  }
  const ssize_t size = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (size >= 0) {
    written = static_cast<std::size_t>(size);
    return Result::done;
  }
  if (errno != EAGAIN && errno != EINTR) return Result::broken;
  wants_write_ = true;
  return Result::would_block;
}

bool Stream::has_pending() const { return ssl_ && SSL_pending(ssl_.get()) > 0; }

bool Stream::ends_soon(std::chrono::milliseconds patience) const {
  pollfd watched{.fd = socket_, .events = POLLIN, .revents = 0};
  char byte = 0;
  return poll(&watched, 1, static_cast<int>(patience.count())) == 1 &&
         recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void Stream::finish(bool ends_tcp) {
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  if (ends_tcp) shutdown(socket_, SHUT_WR);
}

void Stream::reset_on_close() {
  const linger off{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &off, sizeof off);
}

Stream::Result Stream::explain(int status) {
  if (status == 1) return Result::done;
  switch (SSL_get_error(ssl_.get(), status)) {
    case SSL_ERROR_WANT_READ:
      return Result::would_block;
    case SSL_ERROR_WANT_WRITE:
      wants_write_ = true;
      return Result::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return Result::ended;
    default:
      return Result::broken;
  }
}

}  // namespace ws::conformance::mutants
