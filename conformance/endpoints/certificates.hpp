// Certificates for one run: a CA that the other side can trust, and one for this machine's names.
#pragma once

#include <string>
#include <vector>

#include "conformance/endpoints/temporary_directory.hpp"
#include "conformance/harness/tls_plan.hpp"

namespace ws::conformance {

/// PEM files that go away with it.
class Certificates {
 public:
  /// A key and a certificate for localhost, the loopback addresses and `names` (host names or
  /// addresses), signed by a CA made for it. Both are valid for a week.
  ///
  /// Throws std::runtime_error.
  explicit Certificates(const std::vector<std::string>& names);

  std::string authority() const { return directory_.path("ca.pem"); }
  std::string certificate() const { return directory_.path("certificate.pem"); }
  std::string key() const { return directory_.path("key.pem"); }

  /// The files of a certificate that nobody may take, or those of the good one.
  struct Files {
    std::string certificate{};
    std::string key{};
  };
  Files with(CertificateFlaw flaw) const;

 private:
  TemporaryDirectory directory_;
};

}  // namespace ws::conformance
