#include "conformance/harness/tls_plan.hpp"

namespace ws::conformance {

std::string to_string(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls10:
      return "TLS 1.0";
    case TlsVersion::tls11:
      return "TLS 1.1";
    case TlsVersion::tls12:
      return "TLS 1.2";
    case TlsVersion::tls13:
      return "TLS 1.3";
  }
  return {};
}

std::string describe(CertificateFlaw flaw) {
  switch (flaw) {
    case CertificateFlaw::none:
      return "a good certificate";
    case CertificateFlaw::expired:
      return "a certificate that has expired";
    case CertificateFlaw::not_yet_valid:
      return "a certificate that is not valid yet";
    case CertificateFlaw::other_name:
      return "a certificate for another host";
    case CertificateFlaw::self_signed:
      return "a certificate that signed itself";
    case CertificateFlaw::unknown_authority:
      return "a certificate of a CA that the client does not know";
  }
  return {};
}

}  // namespace ws::conformance
