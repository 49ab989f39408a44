#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"
#include "impl/transport/test_certificates.hpp"
#include "impl/transport/test_session.hpp"

namespace ws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
using namespace ws::testing;  // NOLINT(google-build-using-namespace)

class SessionTls : public SessionFixture {
 protected:
  static CertificateAuthority& authority() {
    static CertificateAuthority authority;
    return authority;
  }

  static CertificateFiles issue(const std::string& name, long valid_until = 3600) {
    return authority().issue({.names = {name}, .valid_from = -7200, .valid_until = valid_until});
  }

  void serve_tls(const CertificateFiles& files = issue("IP:127.0.0.1"),
                 ServerOptions options = {}) {
    options.tls = {.certificate_file = files.certificate, .key_file = files.key};
    serve(std::move(options));
  }

  void connect_tls(TransportSettings transport = {}, const std::string& url = "") {
    client_ = connect(
        url.empty() ? server_->url() : url, transport, {},
        std::make_shared<const TlsContext>(TlsClientSettings{.ca_file = authority().file()}));
  }
};

TEST_F(SessionTls, EchoesAndClosesCleanly) {
  serve_tls();
  EXPECT_THAT(server_->url(), ::testing::StartsWith("wss://127.0.0.1:"));
  connect_tls();
  ASSERT_TRUE(run_until([&] { return client_events_.has<Opened>(); }));
  const std::string big(std::size_t{4} * 1024 * 1024, 'x');
  EXPECT_TRUE(client_->send_text("hello"));
  EXPECT_TRUE(client_->send_text(big));
  EXPECT_EQ(client_->buffered_amount(), 5 + big.size());
  ASSERT_TRUE(run_until([&] { return client_events_.count<MessageReceived>() == 2; }));
  EXPECT_THAT(client_events_.texts(), ElementsAre("hello", big));
  EXPECT_EQ(client_->buffered_amount(), 0U);
  EXPECT_TRUE(client_->close(CloseCode::normal_closure));
  ASSERT_TRUE(
      run_until([&] { return client_events_.has<Closed>() && server_->connections() == 0; }));
  EXPECT_TRUE(client_events_.first<Closed>().clean);
  EXPECT_TRUE(server_events_.first<Closed>().clean);
  EXPECT_FALSE(client_->failure());
}

TEST_F(SessionTls, RefusesServersThatDoNotProveWhoTheyAre) {
  struct Refused {
    CertificateFiles files{};
    std::string reason{};
  };
  for (const auto& [files, reason] : {
           Refused{issue("DNS:example.com"), "IP address mismatch"},
           Refused{issue("IP:127.0.0.1", -60), "certificate has expired"},
           Refused{authority().issue_self_signed({.names = {"IP:127.0.0.1"}}),
                   "self-signed certificate"},
       }) {
    client_events_ = {};
    serve_tls(files);
    connect_tls();
    ASSERT_TRUE(
        run_until([&] { return client_events_.has<Closed>() && server_->connections() == 0; }));
    EXPECT_EQ(client_events_.first<HandshakeFailed>().error, HandshakeError::connection_lost);
    ASSERT_TRUE(client_->failure());
    EXPECT_EQ(client_->failure()->kind, FailureKind::certificate);
    EXPECT_THAT(client_->failure()->text, HasSubstr(reason));
    EXPECT_FALSE(server_events_.has<Opened>());
  }
}

TEST_F(SessionTls, VerifiesByDefault) {
  serve_tls();
  client_ = connect(server_->url());
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_EQ(client_->failure()->kind, FailureKind::certificate);
}

TEST_F(SessionTls, ReportsAStreamThatWasCutAsTruncated) {
  serve_tls();
  connect_tls();
  ASSERT_TRUE(
      run_until([&] { return client_events_.has<Opened>() && server_events_.has<Opened>(); }));
  client_->cut();  // closes TCP without close_notify
  ASSERT_TRUE(run_until([&] { return server_->connections() == 0; }));
  EXPECT_EQ(server_events_.first<Closed>(), Closed{});
}

TEST_F(SessionTls, RefusesAPeerThatDoesNotSpeakTls) {
  serve_tls();
  const auto peer = RawPeer::connect(loop_, server_->port());
  peer->write(std::string(kOpeningRequest));
  ASSERT_TRUE(run_until([&] { return peer->ended(); }));
  peer->close();
  ASSERT_TRUE(run_until([&] { return server_->connections() == 0; }));
  EXPECT_EQ(server_events_.first<HandshakeFailed>().error, HandshakeError::connection_lost);
}

TEST_F(SessionTls, RefusesAServerThatDoesNotSpeakTls) {
  serve();
  connect_tls({}, "wss" + server_->url().substr(2));
  ASSERT_TRUE(run_until([&] { return client_events_.has<Closed>(); }));
  EXPECT_EQ(client_->failure()->kind, FailureKind::tls);
}

TEST_F(SessionTls, ResumesAfterBackpressure) {
  serve_tls(issue("IP:127.0.0.1"),
            {.transport = {.high_water = 64 * 1024, .low_water = 16 * 1024}});
  connect_tls({.high_water = 64 * 1024, .low_water = 16 * 1024});
  ASSERT_TRUE(run_until([&] { return client_events_.has<Opened>(); }));
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(client_->send_binary(std::vector<std::byte>(50'000)));
  ASSERT_TRUE(run_until([&] { return client_events_.count<MessageReceived>() == 200; }));
}

/// Sends what comes on to another port, both ways, and cuts both connections after `limit` bytes
/// from the client.
class CuttingProxy : public std::enable_shared_from_this<CuttingProxy> {
 public:
  using tcp = boost::asio::ip::tcp;

  CuttingProxy(Loop& loop, std::size_t limit)
      : limit_(limit), client_(loop.context()), server_(loop.context()) {}

  void start(tcp::acceptor& acceptor, std::uint16_t port) {
    server_.connect({boost::asio::ip::address_v4::loopback(), port});
    acceptor.async_accept(client_, [self = shared_from_this()](const auto& error) {
      if (error) return;
      self->pump(self->client_, self->server_, self->from_client_, true);
      self->pump(self->server_, self->client_, self->from_server_, false);
    });
  }

  bool was_cut() const { return limit_ == 0; }

 private:
  void pump(tcp::socket& from, tcp::socket& to, std::array<char, 4096>& buffer, bool counts) {
    if (counts && limit_ == 0) return cut();
    const std::size_t most = counts ? std::min(buffer.size(), limit_) : buffer.size();
    from.async_read_some(
        boost::asio::buffer(buffer, most),
        [=, &from, &to, &buffer, self = shared_from_this()](const auto& error, std::size_t size) {
          if (error) return self->cut();
          if (counts) self->limit_ -= size;
          boost::system::error_code failure;
          boost::asio::write(to, boost::asio::buffer(buffer, size), failure);
          if (failure) return self->cut();
          self->pump(from, to, buffer, counts);
        });
  }

  void cut() {
    boost::system::error_code ignored;
    client_.close(ignored);
    server_.close(ignored);
  }

  std::size_t limit_;
  tcp::socket client_;
  tcp::socket server_;
  std::array<char, 4096> from_client_{};
  std::array<char, 4096> from_server_{};
};

TEST_F(SessionTls, EndsOnceAndUncleanlyWhereverItIsCut) {
  serve_tls();
  bool was_cut = true;
  for (std::size_t limit = 0; was_cut; limit += 23) {
    SCOPED_TRACE("cut after " + std::to_string(limit));
    client_events_ = {};
    const auto proxy = std::make_shared<CuttingProxy>(loop_, limit);
    const std::size_t ended = server_events_.count<Closed>();
    proxy->start(acceptor(), server_->port());
    client_ = Session::connect(
        loop_.executor(), {.offer = {.uri = parse_uri("wss" + acceptor_url().substr(2)).value()}},
        {}, std::make_shared<const TlsContext>(TlsClientSettings{.ca_file = authority().file()}),
        [log = client_events_.handler()](Session& session, Event& event) {
          if (std::holds_alternative<Opened>(event)) {
            EXPECT_TRUE(session.send_text("hello"));
          }
          if (std::holds_alternative<MessageReceived>(event)) {
            EXPECT_TRUE(session.close());
          }
          log(session, event);
        });
    ASSERT_TRUE(run_until(
        [&] { return client_events_.has<Closed>() && server_events_.count<Closed>() > ended; }));
    EXPECT_EQ(client_events_.count<Closed>(), 1U);
    EXPECT_EQ(server_events_.count<Closed>(), ended + 1);
    was_cut = proxy->was_cut();
    EXPECT_LT(limit, 3000U);
    if (!was_cut) {
      EXPECT_TRUE(client_events_.first<Closed>().clean);
    }
  }
}

}  // namespace
}  // namespace ws
