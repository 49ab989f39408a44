// How TLS is spoken with an endpoint in one case, as data. conformance/endpoints carries it out.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ws::conformance {

enum class TlsVersion { tls10, tls11, tls12, tls13 };

std::string to_string(TlsVersion version);  ///< such as "TLS 1.2"

/// What a certificate has that no client may take it.
enum class CertificateFlaw {
  none,
  expired,
  not_yet_valid,
  other_name,         ///< for another host
  self_signed,        ///< by nobody
  unknown_authority,  ///< by a CA that the client does not know
};

std::string describe(CertificateFlaw flaw);  ///< such as "a certificate that has expired"

struct TlsPlan {
  TlsVersion lowest = TlsVersion::tls12;
  TlsVersion highest = TlsVersion::tls13;
  std::vector<std::string> protocols{};  ///< that are offered by ALPN (RFC 7301), as a client
  CertificateFlaw flaw = CertificateFlaw::none;  ///< of the harness's, as a server
  std::size_t record = 0;                        ///< bytes in each record; 0: as they come
  bool wants_server_name = false;                ///< a client has to tell it (SNI)
};

}  // namespace ws::conformance
