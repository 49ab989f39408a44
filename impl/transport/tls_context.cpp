#include "impl/transport/tls_context.hpp"

#include <new>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace ws {
namespace {

/// Throws with OpenSSL's reason unless `result` is its 1 for success.
void require(int result, std::string_view what) {
  if (result == 1) return;
  const unsigned long error = ERR_peek_error();  // the cause; later ones say who else failed
  // System errors, such as a file that is not there, have no reason string.
  const char* reason = ERR_reason_error_string(error);
  std::string text(what);
  if (ERR_SYSTEM_ERROR(error)) {
    text += std::string(": ") + std::generic_category().message(ERR_GET_REASON(error));
  } else if (reason != nullptr) {
    text += std::string(": ") + reason;
  }
  ERR_clear_error();
  throw std::runtime_error(text);
}

std::shared_ptr<ssl_ctx_st> make_context(const SSL_METHOD* method) {
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) throw std::bad_alloc();
  require(static_cast<int>(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION)),
          "TLS 1.2");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

TlsContext::TlsContext(const TlsServerSettings& settings)
    : role_(Role::server), verifies_peer_(false), context_(make_context(TLS_server_method())) {
  ERR_clear_error();
  require(SSL_CTX_use_certificate_chain_file(native(), settings.certificate_file.c_str()),
          "cannot use the certificate " + settings.certificate_file);
  require(SSL_CTX_use_PrivateKey_file(native(), settings.key_file.c_str(), SSL_FILETYPE_PEM),
          "cannot use the key " + settings.key_file);
  require(SSL_CTX_check_private_key(native()), "the key " + settings.key_file +
                                                   " does not belong to the certificate " +
                                                   settings.certificate_file);
  // Sessions are not resumed. A ticket that nobody reads would only turn a close into a reset.
  SSL_CTX_set_session_cache_mode(native(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(native(), SSL_OP_NO_TICKET);
  require(SSL_CTX_set_num_tickets(native(), 0), "session tickets");
}

TlsContext::TlsContext(const TlsClientSettings& settings)
    : role_(Role::client),
      verifies_peer_(!settings.insecure),
      context_(make_context(TLS_client_method())) {
  ERR_clear_error();
  if (!verifies_peer_) {
    SSL_CTX_set_verify(native(), SSL_VERIFY_NONE, nullptr);
    return;
  }
  SSL_CTX_set_verify(native(), SSL_VERIFY_PEER, nullptr);
  if (settings.ca_file.empty()) {
    require(SSL_CTX_set_default_verify_paths(native()), "cannot use the system's certificates");
  } else {
    require(SSL_CTX_load_verify_file(native(), settings.ca_file.c_str()),
            "cannot use the CA file " + settings.ca_file);
  }
}

}  // namespace ws
