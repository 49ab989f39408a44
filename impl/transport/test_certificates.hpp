// Certificates for tests, made when a test needs them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ws::testing {

struct CertificateRequest {
  std::string common_name = "test";
  std::vector<std::string> names{};  ///< as X509v3 writes them: "DNS:localhost", "IP:127.0.0.1"
  long valid_from = -3600;           ///< seconds from now, both
  long valid_until = 3600;
};

/// The files of a certificate and its key; PEM.
struct CertificateFiles {
  std::string certificate{};
  std::string key{};
};

/// A CA in a directory of its own, which goes away with it.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name = "wsproof test CA");
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  /// The CA's own certificate.
  std::string file() const { return authority_.certificate; }

  CertificateFiles issue(const CertificateRequest& request);
  CertificateFiles issue_self_signed(const CertificateRequest& request);

 private:
  CertificateFiles make(const CertificateRequest& request, const CertificateFiles* issuer);

  std::filesystem::path directory_;
  int made_ = 0;
  CertificateFiles authority_;
};

}  // namespace ws::testing
