#include "conformance/endpoints/wire_tap.hpp"

#include <openssl/ssl.h>

namespace ws::conformance {
namespace {

int tap_index() {
  static const int kIndex = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return kIndex;
}

}  // namespace

void tap_keys(const TlsContext& context, const WireTap& tap) {
  if (!tap.on_key) return;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): OpenSSL keeps it as void*
  SSL_CTX_set_ex_data(context.native(), tap_index(), const_cast<WireTap*>(&tap));
  SSL_CTX_set_keylog_callback(context.native(), [](const SSL* ssl, const char* line) {
    const void* found = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), tap_index());
    static_cast<const WireTap*>(found)->on_key(line);
  });
}

}  // namespace ws::conformance
