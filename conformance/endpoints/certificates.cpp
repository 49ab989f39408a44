#include "conformance/endpoints/certificates.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <set>
#include <stdexcept>

namespace ws::conformance {
namespace {

template <typename Object, void (*kFree)(Object*)>
using Owned = std::unique_ptr<Object, decltype([](Object* object) { kFree(object); })>;

using Certificate = Owned<X509, X509_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

constexpr long kDay = 24L * 60 * 60;  // seconds

void require(bool succeeded, const std::string& what) {
  if (!succeeded) throw std::runtime_error("cannot make a certificate: " + what);
}

File create(const std::string& path) {
  File file(std::fopen(path.c_str(), "w"));
  require(file != nullptr, path);
  return file;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

/// "DNS:localhost" or "IP:127.0.0.1".
std::string alternative_name(const std::string& name) {
  const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> address(a2i_IPADDRESS(name.c_str()));
  return (address ? "IP:" : "DNS:") + name;
}

struct Signed {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate{X509_new()};
};

/// Days from now.
struct Validity {
  long from = -1;  // clocks of the two sides may differ
  long until = 7;
};

/// Names and times; the extensions and the signature are still to come.
Signed begin_certificate(const std::string& common_name, const Validity& validity = {}) {
  Signed made;
  X509* certificate = made.certificate.get();
  require(made.key && certificate != nullptr, "no memory");
  std::array<unsigned char, 15> serial{};
  require(RAND_bytes(serial.data(), serial.size()) == 1, "no random numbers");
  serial[0] |= 0x40U;  // positive, and as long as it says
  const Owned<BIGNUM, BN_free> number(BN_bin2bn(serial.data(), serial.size(), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
  X509_set_version(certificate, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate), validity.from * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), validity.until * kDay);
  X509_set_pubkey(certificate, made.key.get());
  const std::vector<unsigned char> name(common_name.begin(), common_name.end());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, name.data(),
                             static_cast<int>(name.size()), -1, 0);
  return made;
}

void sign(X509* certificate, const Signed& issuer) {
  require(X509_sign(certificate, issuer.key.get(), EVP_sha256()) != 0, "no signature");
}

Signed make_authority() {
  Signed made = begin_certificate("wsproof, of one run");
  X509* certificate = made.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, made);
  return made;
}

/// Without an `authority` it signs itself.
Signed make_leaf(const Signed* authority, const std::string& alternative_names,
                 const Validity& validity = {}, const std::string& common_name = "wsproof") {
  Signed made = begin_certificate(common_name, validity);
  X509* certificate = made.certificate.get();
  X509* issuer = authority == nullptr ? certificate : authority->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth");
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  add_extension(certificate, issuer, NID_subject_alt_name, alternative_names);
  sign(certificate, authority == nullptr ? made : *authority);
  return made;
}

struct Flawed {
  CertificateFlaw flaw = CertificateFlaw::none;
  const char* name = "";  // of its files
};
constexpr std::array kFlawed{Flawed{CertificateFlaw::expired, "expired"},
                             Flawed{CertificateFlaw::not_yet_valid, "not-yet-valid"},
                             Flawed{CertificateFlaw::other_name, "other-name"},
                             Flawed{CertificateFlaw::self_signed, "self-signed"},
                             Flawed{CertificateFlaw::unknown_authority, "unknown-authority"}};

Signed make_flawed(CertificateFlaw flaw, const Signed& authority, const std::string& names) {
  switch (flaw) {
    case CertificateFlaw::expired:
      return make_leaf(&authority, names, {.from = -9, .until = -2});
    case CertificateFlaw::not_yet_valid:
      return make_leaf(&authority, names, {.from = 2, .until = 9});
    case CertificateFlaw::other_name:
      // Names that only look like one of ours, and a subject that does not count beside them
      // (RFC 9110 section 4.3.4).
      return make_leaf(&authority,
                       "DNS:other.example,DNS:localhost.other.example,DNS:notlocalhost,"
                       "DNS:*.localhost,IP:192.0.2.1",
                       {}, "localhost");
    case CertificateFlaw::self_signed:
      return make_leaf(nullptr, names);
    case CertificateFlaw::unknown_authority: {
      const Signed other = make_authority();
      return make_leaf(&other, names);
    }
    case CertificateFlaw::none:
      break;
  }
  return make_leaf(&authority, names);
}

void write(const Signed& made, const std::string& certificate, const std::string& key) {
  require(PEM_write_X509(create(certificate).get(), made.certificate.get()) == 1 &&
              PEM_write_PrivateKey(create(key).get(), made.key.get(), nullptr, nullptr, 0, nullptr,
                                   nullptr) == 1,
          "cannot write to " + certificate);
}

}  // namespace

Certificates::Certificates(const std::vector<std::string>& names) {
  std::set<std::string> all{"localhost", "127.0.0.1", "::1"};
  for (const std::string& name : names) {
    if (!name.empty()) all.insert(name);
  }
  std::string alternative_names;
  for (const std::string& name : all) {
    alternative_names += (alternative_names.empty() ? "" : ",") + alternative_name(name);
  }
  const Signed ca = make_authority();
  require(PEM_write_X509(create(authority()).get(), ca.certificate.get()) == 1,
          "cannot write to " + authority());
  write(make_leaf(&ca, alternative_names), certificate(), key());
  for (const auto& [flaw, name] : kFlawed) {
    const Files files = with(flaw);
    write(make_flawed(flaw, ca, alternative_names), files.certificate, files.key);
  }
}

Certificates::Files Certificates::with(CertificateFlaw flaw) const {
  for (const auto& [known, name] : kFlawed) {
    if (known != flaw) continue;
    return {.certificate = directory_.path(std::string(name) + ".pem"),
            .key = directory_.path(std::string(name) + "-key.pem")};
  }
  return {.certificate = certificate(), .key = key()};
}

}  // namespace ws::conformance
