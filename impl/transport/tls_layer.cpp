#include "impl/transport/tls_layer.hpp"

#include <array>
#include <cassert>
#include <new>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <string_view>

namespace ws {
namespace {

constexpr std::size_t kMaxRecord = std::size_t{16} * 1024;  // plaintext of one TLS record

/// Makes the handshake succeed only with a certificate for `host`.
bool require_host(ssl_st* ssl, const std::string& host) {
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  // Only the IP addresses of a certificate count for an IP address (RFC 9110 section 4.3.5).
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return true;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1;
}

bool is_ip_address(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

}  // namespace

TlsLayer::TlsLayer(const TlsContext& context, const std::string& host)
    : ssl_(SSL_new(context.native()), SSL_free) {
  BIO* input = BIO_new(BIO_s_mem());
  BIO* output = BIO_new(BIO_s_mem());
  if (!ssl_ || input == nullptr || output == nullptr) {
    BIO_free(input);
    BIO_free(output);
    throw std::bad_alloc();
  }
  BIO_ctrl(input, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nullptr);  // an empty input is not its end
  SSL_set_bio(ssl_.get(), input, output);
  if (context.role() == Role::server) {
    SSL_set_accept_state(ssl_.get());
    return;
  }
  SSL_set_connect_state(ssl_.get());
  // A final dot makes a name absolute for DNS; certificates and SNI do without it (RFC 6066).
  const std::string name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  if (!is_ip_address(name)) {
    // What SSL_set_tlsext_host_name stands for, without its C cast; the name is only read.
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
  if (context.verifies_peer() && !require_host(ssl_.get(), name)) {
    throw std::runtime_error("cannot verify the host name " + name);
  }
  SSL_do_handshake(ssl_.get());
  ERR_clear_error();
}

std::expected<void, TlsError> TlsLayer::receive(std::span<const std::byte> ciphertext,
                                                std::vector<std::byte>& plaintext) {
  std::size_t taken = 0;
  if (!ciphertext.empty() &&
      BIO_write_ex(SSL_get_rbio(ssl_.get()), ciphertext.data(), ciphertext.size(), &taken) != 1) {
    throw std::bad_alloc();
  }
  if (!open_) {
    ERR_clear_error();
    if (const int result = SSL_do_handshake(ssl_.get()); result != 1) return error_of(result);
    open_ = true;
  }
  while (true) {
    std::array<std::byte, kMaxRecord> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    std::size_t size = 0;
    ERR_clear_error();
    if (const int result = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &size);
        result != 1) {
      return error_of(result);
    }
    plaintext.insert(plaintext.end(), buffer.begin(), buffer.begin() + static_cast<long>(size));
  }
}

std::expected<void, TlsError> TlsLayer::error_of(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {};
    case SSL_ERROR_ZERO_RETURN:
      peer_ended_ = true;
      return {};
    default:
      break;
  }
  const long verification = SSL_get_verify_result(ssl_.get());
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  if (!open_ && verification != X509_V_OK) {
    return std::unexpected(
        TlsError{.certificate_refused = true, .text = X509_verify_cert_error_string(verification)});
  }
  return std::unexpected(TlsError{.text = reason != nullptr ? reason : "unknown error"});
}

void TlsLayer::send(std::span<const std::byte> plaintext) {
  assert(open_);
  if (plaintext.empty()) return;
  std::size_t written = 0;
  ERR_clear_error();
  // Into memory, this fails only after a fatal error, and then nobody is there to read it.
  SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written);
}

void TlsLayer::end() {
  if (!open_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::size_t TlsLayer::output_size() const { return BIO_ctrl_pending(SSL_get_wbio(ssl_.get())); }

std::vector<std::byte> TlsLayer::take_output() {
  std::vector<std::byte> output(output_size());
  std::size_t size = 0;
  if (!output.empty()) {
    BIO_read_ex(SSL_get_wbio(ssl_.get()), output.data(), output.size(), &size);
  }
  output.resize(size);
  return output;
}

}  // namespace ws
