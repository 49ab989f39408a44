// What all TLS connections of a server or a client share: certificates, keys, trust.
#pragma once

#include <memory>
#include <string>

#include "impl/wire/role.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace ws {

struct TlsServerSettings {
  std::string
      certificate_file{};  ///< PEM; the server's certificate, then those between it and a CA
  std::string key_file{};  ///< PEM
};

struct TlsClientSettings {
  std::string ca_file{};  ///< PEM, certificates to trust; empty: those of the system
  bool insecure = false;  ///< take any certificate, for any host name
};

/// TLS 1.2 and up, without renegotiation.
class TlsContext {
 public:
  /// Throws std::runtime_error that names the file and OpenSSL's reason.
  explicit TlsContext(const TlsServerSettings& settings);
  explicit TlsContext(const TlsClientSettings& settings);

  Role role() const { return role_; }
  bool verifies_peer() const { return verifies_peer_; }
  ssl_ctx_st* native() const { return context_.get(); }

 private:
  Role role_;
  bool verifies_peer_;
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace ws
