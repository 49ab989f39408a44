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

/// Names and times; the extensions and the signature are still to come.
Signed begin_certificate(const std::string& common_name) {
  Signed made;
  X509* certificate = made.certificate.get();
  require(made.key && certificate != nullptr, "no memory");
  std::array<unsigned char, 15> serial{};
  require(RAND_bytes(serial.data(), serial.size()) == 1, "no random numbers");
  serial[0] |= 0x40U;  // positive, and as long as it says
  const Owned<BIGNUM, BN_free> number(BN_bin2bn(serial.data(), serial.size(), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
  X509_set_version(certificate, X509_VERSION_3);
  // Clocks of the two sides may differ.
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 7 * kDay);
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

Signed make_leaf(const Signed& authority, const std::string& alternative_names) {
  Signed made = begin_certificate("wsproof");
  X509* certificate = made.certificate.get();
  X509* issuer = authority.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth");
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  add_extension(certificate, issuer, NID_subject_alt_name, alternative_names);
  sign(certificate, authority);
  return made;
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
  const Signed leaf = make_leaf(ca, alternative_names);

  require(PEM_write_X509(create(authority()).get(), ca.certificate.get()) == 1 &&
              PEM_write_X509(create(certificate()).get(), leaf.certificate.get()) == 1 &&
              PEM_write_PrivateKey(create(key()).get(), leaf.key.get(), nullptr, nullptr, 0,
                                   nullptr, nullptr) == 1,
          "cannot write to " + directory_.path(""));
}

}  // namespace ws::conformance
