// TLS as one case wants it.
#pragma once

#include <memory>

#include "conformance/endpoints/certificates.hpp"
#include "conformance/harness/tls_plan.hpp"
#include "impl/transport/tls_context.hpp"

namespace ws::conformance {

/// For a client, which takes any certificate. Throws std::runtime_error.
std::shared_ptr<const TlsContext> make_client_context(const TlsPlan& plan);

/// For a server. Throws std::runtime_error.
std::shared_ptr<const TlsContext> make_server_context(const TlsPlan& plan,
                                                      const Certificates& certificates);

}  // namespace ws::conformance
