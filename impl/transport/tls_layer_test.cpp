#include "impl/transport/tls_layer.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <optional>

#include "impl/testing/bytes.hpp"
#include "impl/transport/test_certificates.hpp"

namespace ws {
namespace {

using testing::bytes_of;
using testing::CertificateAuthority;
using testing::CertificateFiles;
using testing::CertificateRequest;
using ::testing::HasSubstr;
using testing::text_of;

CertificateAuthority& authority() {
  static CertificateAuthority authority;
  return authority;
}

const CertificateFiles& localhost() {
  static const CertificateFiles kFiles =
      authority().issue({.names = {"DNS:localhost", "IP:127.0.0.1", "IP:::1"}});
  return kFiles;
}

TlsContext server_context(const CertificateFiles& files = localhost()) {
  return TlsContext(
      TlsServerSettings{.certificate_file = files.certificate, .key_file = files.key});
}

TlsContext client_context() { return TlsContext(TlsClientSettings{.ca_file = authority().file()}); }

/// Two layers and the bytes between them, which come in pieces of `read_size`.
class Pair {
 public:
  Pair(const TlsContext& client, const TlsContext& server, const std::string& host)
      : client_(client, host), server_(server, "") {}

  void run(std::size_t read_size = 1'000'000) {
    while (!client_error_ && !server_error_ &&
           (client_.output_size() != 0 || server_.output_size() != 0)) {
      pass(client_, server_, server_received_, server_error_, read_size);
      pass(server_, client_, client_received_, client_error_, read_size);
    }
  }

  static void pass(TlsLayer& from, TlsLayer& to, std::vector<std::byte>& received,
                   std::optional<TlsError>& error, std::size_t read_size) {
    const auto output = from.take_output();
    std::span<const std::byte> rest(output);
    while (!rest.empty() && !error) {
      const auto size = std::min(read_size, rest.size());
      if (const auto result = to.receive(rest.first(size), received); !result) {
        error = result.error();
      }
      rest = rest.subspan(size);
    }
  }

  TlsLayer client_;
  TlsLayer server_;
  std::vector<std::byte> client_received_;
  std::vector<std::byte> server_received_;
  std::optional<TlsError> client_error_;
  std::optional<TlsError> server_error_;
};

TEST(TlsLayer, CarriesBytesBothWaysHoweverTheyAreCutIntoReads) {
  const TlsContext client = client_context();
  const TlsContext server = server_context();
  for (const std::size_t read_size : {1U, 2U, 7U, 100U, 1'000'000U}) {
    Pair pair(client, server, "localhost");
    pair.run(read_size);
    ASSERT_TRUE(pair.client_.is_open() && pair.server_.is_open()) << read_size;
    pair.client_.send(bytes_of("to the server"));
    pair.server_.send(std::vector<std::byte>(100'000, std::byte{7}));
    pair.run(read_size);
    EXPECT_EQ(text_of(pair.server_received_), "to the server");
    EXPECT_EQ(pair.client_received_, std::vector<std::byte>(100'000, std::byte{7}));
  }
}

TEST(TlsLayer, AcceptsTheHostsOfACertificate) {
  const TlsContext client = client_context();
  const TlsContext server = server_context();
  for (const std::string host : {"localhost", "localhost.", "LOCALHOST", "127.0.0.1", "::1"}) {
    Pair pair(client, server, host);
    pair.run();
    EXPECT_TRUE(pair.client_.is_open()) << host;
  }
}

TEST(TlsLayer, RefusesCertificatesThatProveNothing) {
  struct Refused {
    CertificateFiles files{};
    std::string host{};
    std::string reason{};
  };
  const CertificateRequest good{.names = {"DNS:localhost"}};
  for (const auto& [files, host, reason] : {
           Refused{localhost(), "example.com", "hostname mismatch"},
           Refused{localhost(), "127.0.0.2", "IP address mismatch"},
           Refused{authority().issue(good), "127.0.0.1", "IP address mismatch"},
           Refused{authority().issue({.common_name = "localhost", .names = {"DNS:other"}}),
                   "localhost", "hostname mismatch"},
           Refused{authority().issue_self_signed(good), "localhost", "self-signed certificate"},
           Refused{
               authority().issue({.names = good.names, .valid_from = -7200, .valid_until = -60}),
               "localhost", "certificate has expired"},
           Refused{authority().issue({.names = good.names, .valid_from = 60, .valid_until = 7200}),
                   "localhost", "not yet valid"},
       }) {
    Pair pair(client_context(), server_context(files), host);
    pair.run();
    ASSERT_TRUE(pair.client_error_) << reason;
    EXPECT_TRUE(pair.client_error_->certificate_refused);
    EXPECT_THAT(pair.client_error_->text, HasSubstr(reason));
    EXPECT_FALSE(pair.client_.is_open());

    // The alert tells the server.
    Pair::pass(pair.client_, pair.server_, pair.server_received_, pair.server_error_, 1'000'000);
    EXPECT_TRUE(pair.server_error_) << reason;
  }
}

TEST(TlsLayer, RefusesTheCertificateOfAnUnknownAuthority) {
  CertificateAuthority unknown("another CA");
  Pair pair(client_context(), server_context(unknown.issue({.names = {"DNS:localhost"}})),
            "localhost");
  pair.run();
  ASSERT_TRUE(pair.client_error_);
  EXPECT_THAT(pair.client_error_->text, HasSubstr("unable to get local issuer certificate"));
}

TEST(TlsLayer, TakesAnyCertificateIfInsecure) {
  const TlsContext insecure(TlsClientSettings{.insecure = true});
  Pair pair(insecure, server_context(authority().issue_self_signed({.names = {"DNS:other"}})),
            "localhost");
  pair.run();
  EXPECT_TRUE(pair.client_.is_open());
}

TEST(TlsLayer, DoesNotTrustATestAuthorityByDefault) {
  Pair pair(TlsContext(TlsClientSettings{}), server_context(), "localhost");
  pair.run();
  ASSERT_TRUE(pair.client_error_);
  EXPECT_TRUE(pair.client_error_->certificate_refused);
}

TEST(TlsLayer, NamesTheHostToTheServerButNotAnAddress) {
  const TlsContext client = client_context();
  const auto names_host = [&](const std::string& host) {
    TlsLayer layer(client, host);
    return text_of(layer.take_output()).find(host) != std::string::npos;
  };
  EXPECT_TRUE(names_host("some-host.example"));
  EXPECT_FALSE(names_host("127.0.0.1"));
}

TEST(TlsLayer, RefusesVersionsBefore12) {
  TlsContext old = client_context();
  SSL_CTX_set_min_proto_version(old.native(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.native(), TLS1_1_VERSION);
  SSL_CTX_set_security_level(old.native(), 0);
  const TlsContext server = server_context();
  SSL_CTX_set_security_level(server.native(), 0);
  Pair pair(old, server, "localhost");
  pair.run();
  EXPECT_FALSE(pair.server_.is_open());
  EXPECT_TRUE(pair.server_error_);
}

TEST(TlsLayer, Speaks12WithAPeerThatKnowsNo13) {
  const TlsContext server = server_context();
  SSL_CTX_set_max_proto_version(server.native(), TLS1_2_VERSION);
  Pair pair(client_context(), server, "localhost");
  pair.run();
  pair.client_.send(bytes_of("hello"));
  pair.run();
  EXPECT_EQ(text_of(pair.server_received_), "hello");
}

TEST(TlsLayer, TellsAnEndFromACut) {
  Pair pair(client_context(), server_context(), "localhost");
  pair.run();
  EXPECT_FALSE(pair.client_.peer_ended());
  pair.server_.send(bytes_of("last words"));
  pair.server_.end();
  pair.run();
  EXPECT_EQ(text_of(pair.client_received_), "last words");
  EXPECT_TRUE(pair.client_.peer_ended());

  // The other direction goes on.
  pair.client_.send(bytes_of("answer"));
  pair.run();
  EXPECT_EQ(text_of(pair.server_received_), "answer");
  EXPECT_FALSE(pair.server_.peer_ended());
}

TEST(TlsLayer, RefusesBytesThatAreNotTls) {
  TlsLayer server(server_context(), "");
  std::vector<std::byte> plaintext;
  const auto result = server.receive(bytes_of("GET / HTTP/1.1\r\n\r\n"), plaintext);
  ASSERT_FALSE(result);
  EXPECT_FALSE(result.error().certificate_refused);
  EXPECT_FALSE(result.error().text.empty());
  server.end();  // there is no stream to end, so nothing happens
}

TEST(TlsLayer, RefusesARecordThatWasChanged) {
  Pair pair(client_context(), server_context(), "localhost");
  pair.run();
  pair.client_.send(bytes_of("hello"));
  auto record = pair.client_.take_output();
  record.back() ^= std::byte{1};
  EXPECT_FALSE(pair.server_.receive(record, pair.server_received_));
  EXPECT_TRUE(pair.server_received_.empty());
}

std::string refusal_of(const TlsServerSettings& settings) {
  try {
    const TlsContext context(settings);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(TlsContext, SaysWhatIsWrongWithTheFilesOfAServer) {
  const auto other = authority().issue({.names = {"DNS:other"}});
  EXPECT_EQ(refusal_of({"/no/such/file", other.key}),
            "cannot use the certificate /no/such/file: No such file or directory");
  EXPECT_EQ(refusal_of({other.certificate, "/no/such/file"}),
            "cannot use the key /no/such/file: No such file or directory");
  EXPECT_THAT(refusal_of({other.key, other.key}), HasSubstr("no start line"));
  EXPECT_THAT(refusal_of({localhost().certificate, other.key}), HasSubstr("mismatch"));
}

TEST(TlsContext, SaysWhatIsWrongWithTheFileOfAClient) {
  try {
    const TlsContext context(TlsClientSettings{.ca_file = "/no/such/file"});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot use the CA file /no/such/file"));
  }
}

}  // namespace
}  // namespace ws
