#include "impl/transport/test_certificates.hpp"

#include <cstdio>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp

namespace ws::testing {
namespace {

template <typename Object, void (*kFree)(Object*)>
using Owned = std::unique_ptr<Object, decltype([](Object* object) { kFree(object); })>;

using Certificate = Owned<X509, X509_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

File open_file(const std::string& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode));
  require(file != nullptr, path.c_str());
  return file;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

}  // namespace

CertificateAuthority::CertificateAuthority(const std::string& name) {
  std::string pattern = std::filesystem::temp_directory_path() / "wsproof-test-XXXXXX";
  require(mkdtemp(pattern.data()) != nullptr, "a directory");
  directory_ = pattern;
  authority_ = make({.common_name = name}, nullptr);
}

CertificateAuthority::~CertificateAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

CertificateFiles CertificateAuthority::issue(const CertificateRequest& request) {
  return make(request, &authority_);
}

CertificateFiles CertificateAuthority::issue_self_signed(const CertificateRequest& request) {
  return make(request, nullptr);
}

CertificateFiles CertificateAuthority::make(const CertificateRequest& request,
                                            const CertificateFiles* issuer) {
  const std::string base = directory_ / std::to_string(++made_);
  const CertificateFiles files{.certificate = base + ".crt", .key = base + ".key"};

  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  require(key && certificate, "memory");
  Key issuer_key;
  Certificate issuer_certificate;
  if (issuer != nullptr) {
    issuer_key.reset(
        PEM_read_PrivateKey(open_file(issuer->key, "r").get(), nullptr, nullptr, nullptr));
    issuer_certificate.reset(
        PEM_read_X509(open_file(issuer->certificate, "r").get(), nullptr, nullptr, nullptr));
    require(issuer_key && issuer_certificate, "the issuer");
  }
  X509* signer = issuer != nullptr ? issuer_certificate.get() : certificate.get();

  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), made_);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), request.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), request.valid_until);
  X509_set_pubkey(certificate.get(), key.get());
  const std::vector<unsigned char> name(request.common_name.begin(), request.common_name.end());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             name.data(), static_cast<int>(name.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  add_extension(certificate.get(), signer, NID_basic_constraints,
                request.names.empty() ? "critical,CA:TRUE" : "CA:FALSE");
  if (!request.names.empty()) {
    add_extension(certificate.get(), signer, NID_subject_alt_name, joined(request.names));
  }
  require(X509_sign(certificate.get(), issuer != nullptr ? issuer_key.get() : key.get(),
                    EVP_sha256()) != 0,
          "signature");

  require(PEM_write_X509(open_file(files.certificate, "w").get(), certificate.get()) == 1,
          files.certificate.c_str());
  require(PEM_write_PrivateKey(open_file(files.key, "w").get(), key.get(), nullptr, nullptr, 0,
                               nullptr, nullptr) == 1,
          files.key.c_str());
  return files;
}

}  // namespace ws::testing
