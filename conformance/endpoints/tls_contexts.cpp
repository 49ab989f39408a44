#include "conformance/endpoints/tls_contexts.hpp"

#include <openssl/ssl.h>
#include <stdexcept>
#include <string>

namespace ws::conformance {
namespace {

int number_of(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls10:
      return TLS1_VERSION;
    case TlsVersion::tls11:
      return TLS1_1_VERSION;
    case TlsVersion::tls12:
      return TLS1_2_VERSION;
    case TlsVersion::tls13:
      return TLS1_3_VERSION;
  }
  return 0;
}

void set_up(SSL_CTX* context, const TlsPlan& plan) {
  // The old versions sign with SHA-1, which no level but this one has.
  if (plan.highest < TlsVersion::tls12) SSL_CTX_set_security_level(context, 0);
  SSL_CTX_clear_options(context, SSL_OP_NO_RENEGOTIATION);
  if (SSL_CTX_set_min_proto_version(context, number_of(plan.lowest)) != 1 ||
      SSL_CTX_set_max_proto_version(context, number_of(plan.highest)) != 1) {
    throw std::runtime_error("OpenSSL does not have the versions from " + to_string(plan.lowest) +
                             " to " + to_string(plan.highest));
  }
}

}  // namespace

std::shared_ptr<const TlsContext> make_client_context(const TlsPlan& plan) {
  auto context = std::make_shared<const TlsContext>(TlsClientSettings{.insecure = true});
  set_up(context->native(), plan);
  std::string list;
  for (const std::string& protocol : plan.protocols) {
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  if (!list.empty()) {
    SSL_CTX_set_alpn_protos(context->native(), reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size()));
  }
  return context;
}

std::shared_ptr<const TlsContext> make_server_context(const TlsPlan& plan,
                                                      const Certificates& certificates) {
  const Certificates::Files files = certificates.with(plan.flaw);
  auto context = std::make_shared<const TlsContext>(
      TlsServerSettings{.certificate_file = files.certificate, .key_file = files.key});
  set_up(context->native(), plan);
  return context;
}

}  // namespace ws::conformance
