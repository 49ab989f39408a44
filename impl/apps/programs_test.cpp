// The two programs as they are run: options, output, exit status.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "impl/apps/autobahn_client.hpp"
#include "impl/apps/echo.hpp"
#include "impl/apps/test_program.hpp"
#include "impl/transport/server.hpp"
#include "impl/transport/test_certificates.hpp"
#include "impl/transport/test_session.hpp"

namespace ws {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using namespace ws::testing;  // NOLINT(google-build-using-namespace)

const std::string kServer = WSPROOF_ECHO_SERVER;
const std::string kClient = WSPROOF_ECHO_CLIENT;

/// A running echo_server and its URL.
class EchoServer {
 public:
  explicit EchoServer(const std::vector<std::string>& arguments = {})
      : program_(kServer, arguments) {
    const std::string start = "listening on ";
    const auto line = program_.read_line();
    EXPECT_TRUE(line && line->starts_with(start)) << line.value_or(program_.errors());
    if (line) url_ = line->substr(start.size());
  }

  Program& program() { return program_; }
  const std::string& url() const { return url_; }

  void expect_graceful_stop(int signal = SIGTERM) {
    program_.signal(signal);
    EXPECT_EQ(program_.wait(), 0);
  }

 private:
  Program program_;
  std::string url_;
};

struct Outcome {
  std::optional<int> status{};
  std::string output{};
  std::string errors{};
};

Outcome run(const std::string& path, const std::vector<std::string>& arguments,
            const std::string& input = "") {
  Program program(path, arguments, input);
  const auto status = program.wait();
  return {.status = status, .output = program.output(), .errors = program.errors()};
}

TEST(EchoServerProgram, PrintsOneLineWhenReadyAndStopsOnASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EchoServer server;
    EXPECT_THAT(server.url(), MatchesRegex("ws://127.0.0.1:[0-9]+/"));
    server.expect_graceful_stop(signal);
    EXPECT_EQ(server.program().output(), "listening on " + server.url() + "\n");
    EXPECT_EQ(server.program().errors(), "");
  }
}

TEST(EchoServerProgram, ClosesConnectionsWith1001WhenItStops) {
  EchoServer server({"--verbose", "--threads", "3"});
  Loop loop;
  EventLog events;
  Session::connect(loop.executor(), {.offer = {.uri = parse_uri(server.url()).value()}}, {},
                   nullptr, events.handler());
  ASSERT_TRUE(loop.run_until([&] { return events.has<Opened>(); }));
  server.program().signal(SIGTERM);
  ASSERT_TRUE(loop.run_until([&] { return events.has<Closed>(); }));
  EXPECT_EQ(events.first<Closed>().code, CloseCode::going_away);
  EXPECT_EQ(server.program().wait(), 0);
  EXPECT_THAT(server.program().errors(), MatchesRegex("127.0.0.1:[0-9]+: closed with 1001\n"));
}

TEST(EchoServerProgram, NegotiatesDeflateAsItsOptionsSay) {
  struct Negotiated {
    std::vector<std::string> options{};
    std::string extensions{};
  };
  for (const auto& [options, extensions] : {
           Negotiated{{}, "permessage-deflate"},
           Negotiated{{"--no-deflate"}, ""},
           Negotiated{{"--server-max-window-bits", "10", "--server-no-context-takeover"},
                      "server_max_window_bits=10"},
           Negotiated{{"--client-max-window-bits", "9", "--client-no-context-takeover"},
                      "client_max_window_bits=9"},
       }) {
    EchoServer server(options);
    Loop loop;
    EventLog events;
    Session::connect(loop.executor(),
                     {.connection = {.deflate = DeflateSettings{}},
                      .offer = {.uri = parse_uri(server.url()).value()}},
                     {}, nullptr, events.handler());
    ASSERT_TRUE(loop.run_until([&] { return events.has<Opened>(); }));
    const auto opened = events.first<Opened>();
    const std::string agreed(opened.fields.joined("Sec-WebSocket-Extensions"));
    EXPECT_THAT(agreed, HasSubstr(extensions));
    EXPECT_EQ(agreed.empty(), extensions.empty());
  }
}

TEST(EchoServerProgram, KeepsItsLimits) {
  EchoServer server({"--max-message-size", "10", "--max-connections", "1", "--subprotocol", "chat",
                     "--origin", "https://example.com"});
  EXPECT_THAT(run(kClient, {server.url(), "--message", "01234567890"}).errors, HasSubstr("1009"));
  EXPECT_EQ(run(kClient, {server.url(), "--message", "0123456789", "--subprotocol", "chat",
                          "--origin", "https://example.com"})
                .status,
            0);
  EXPECT_THAT(run(kClient, {server.url(), "--origin", "https://elsewhere.example"}).errors,
              HasSubstr("403"));
}

TEST(EchoServerProgram, EchoesWhatOnlyAClientCanBeAskedFor) {
  EchoServer server({"--control"});
  EXPECT_EQ(run(kClient, {server.url(), "--message", "x-wsproof connect 2"}).output,
            "x-wsproof connect 2\n");
}

TEST(EchoServerProgram, ExplainsWhatIsWrongWithItsOptions) {
  struct Wrong {
    std::vector<std::string> options{};
    std::string text{};
  };
  for (const auto& [options, text] : {
           Wrong{{"--port", "65536"}, "--port: '65536' is not a whole number from 0 to 65535"},
           Wrong{{"--port", "http"}, "--port: 'http' is not a whole number from 0 to 65535"},
           Wrong{{"--server-max-window-bits", "7"},
                 "--server-max-window-bits: '7' is not a whole number from 8 to 15"},
           Wrong{{"--compression-level", "-1"},
                 "--compression-level: '-1' is not a whole number from 0 to 9"},
           Wrong{{"--idle-timeout", "soon"},
                 "--idle-timeout: 'soon' is not a number of seconds from 0 to 86400"},
           Wrong{{"--threads", "0"}, "--threads: '0' is not a whole number from 1 to 256"},
           Wrong{{"--tls"}, "--tls requires --cert"},
           Wrong{{"--cert", "/no/such/file"}, "/no/such/file"},
           Wrong{{"--bogus"}, "--bogus"},
       }) {
    const Outcome outcome = run(kServer, options);
    EXPECT_EQ(outcome.status, 2) << text;
    EXPECT_THAT(outcome.errors, HasSubstr(text));
    EXPECT_EQ(outcome.output, "");
  }
}

TEST(EchoServerProgram, SaysWhyItCannotStart) {
  const EchoServer first;
  const auto colon = first.url().rfind(':');
  const std::string port = first.url().substr(colon + 1, first.url().size() - colon - 2);
  const Outcome outcome = run(kServer, {"--port", port});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.errors,
            "echo_server: cannot listen on 127.0.0.1 port " + port + ": Address already in use\n");
}

TEST(EchoServerProgram, NamesEveryOptionInItsHelp) {
  const Outcome outcome = run(kServer, {"--help"});
  EXPECT_EQ(outcome.status, 0);
  for (const std::string option : {"host",
                                   "port",
                                   "tls",
                                   "cert",
                                   "key",
                                   "no-deflate",
                                   "server-max-window-bits",
                                   "client-max-window-bits",
                                   "server-no-context-takeover",
                                   "client-no-context-takeover",
                                   "compression-level",
                                   "max-message-size",
                                   "max-frame-size",
                                   "max-fragments",
                                   "fragment-size",
                                   "subprotocol",
                                   "origin",
                                   "handshake-timeout",
                                   "idle-timeout",
                                   "close-timeout",
                                   "drop-timeout",
                                   "max-connections",
                                   "threads"}) {
    EXPECT_THAT(outcome.output, ContainsRegex("  --" + option + "[ \n]"));
  }
}

TEST(EchoPrograms, SpeakTls) {
  CertificateAuthority authority;
  const auto files = authority.issue({.names = {"IP:127.0.0.1"}});
  EchoServer server({"--tls", "--cert", files.certificate, "--key", files.key});
  EXPECT_THAT(server.url(), StartsWith("wss://127.0.0.1:"));
  EXPECT_EQ(run(kClient, {server.url(), "--message", "x", "--ca", authority.file()}).status, 0);
  EXPECT_EQ(run(kClient, {server.url(), "--message", "x", "--insecure"}).status, 0);
  const Outcome refused = run(kClient, {server.url(), "--message", "x"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr("certificate"));
  server.expect_graceful_stop();
}

TEST(EchoClientProgram, PrintsWhatComesBack) {
  EchoServer server;
  const Outcome outcome =
      run(kClient, {server.url(), "--ping", "--message", "grüß", "--message", "-"}, "dich");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, "pong\ngrüß\ndich\n");
  EXPECT_EQ(outcome.errors, "");
  EXPECT_EQ(run(kClient, {server.url(), "--binary", "--message", "\xff"}).status, 0);
  EXPECT_EQ(run(kClient, {server.url()}).status, 0);
}

TEST(EchoClientProgram, FailsIfItCannotSendOrConnect) {
  EchoServer server;
  const Outcome invalid = run(kClient, {server.url(), "--message", "\xff"});
  EXPECT_EQ(invalid.status, 1);
  EXPECT_THAT(invalid.errors, HasSubstr("message 1 is not UTF-8"));
  server.expect_graceful_stop();
  const Outcome refused = run(kClient, {server.url(), "--message", "x"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr("Connection refused"));
}

TEST(EchoClientProgram, ExplainsWhatIsWrongWithItsOptions) {
  EXPECT_EQ(run(kClient, {}).status, 2);
  const Outcome url = run(kClient, {"http://127.0.0.1/"});
  EXPECT_EQ(url.status, 2);
  EXPECT_THAT(url.errors, HasSubstr("'http://127.0.0.1/' is not a ws or wss URL"));
  const Outcome cases = run(kClient, {"ws://127.0.0.1/", "--autobahn", "--cases", "1-x"});
  EXPECT_EQ(cases.status, 2);
  EXPECT_THAT(cases.errors, HasSubstr("'1-x' is not a number, a range such as 7-12, or an id"));
  EXPECT_EQ(run(kClient, {"ws://127.0.0.1/", "--cases", "1"}).status, 2);
}

/// A server in a thread of its own that answers as `handler` says.
class ThreadedServer {
 public:
  explicit ThreadedServer(EventHandler handler, ServerSettings settings = {})
      : server_({context_.get_executor()}, {.websocket = std::move(settings)}, std::move(handler)) {
    server_.start();
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~ThreadedServer() { context_.stop(); }

  std::string url() const { return server_.url(); }

 private:
  boost::asio::io_context context_{1};
  Server server_;
  std::jthread thread_;
};

TEST(EchoClientProgram, FailsIfSomethingElseComesBack) {
  const ThreadedServer server([](Session& session, Event& event) {
    const bool is_opened = std::holds_alternative<Opened>(event);
    const bool is_message = std::holds_alternative<MessageReceived>(event);
    if (is_opened || is_message) {
      EXPECT_TRUE(session.send_text(is_opened ? "unasked" : "changed"));
    }
  });
  const Outcome outcome = run(kClient, {server.url(), "--ping", "--message", "sent"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("a message came back that was not sent"),
                                    HasSubstr("message 1 came back changed")));
}

/// Speaks the fuzzing server's part of the protocol, with two cases.
class FuzzingServer {
 public:
  FuzzingServer()
      : server_([this](Session& session, Event& event) {
          if (const auto* opened = std::get_if<Opened>(&event)) {
            {
              const std::lock_guard lock(mutex_);
              requests_.push_back(opened->target);
            }
            if (opened->target == "/getCaseCount") {
              EXPECT_TRUE(session.send_text("2"));
            } else if (opened->target.starts_with("/runCase")) {
              EXPECT_TRUE(session.send_text("echo this"));
              return;
            }
            EXPECT_TRUE(session.close());
          } else if (const auto* message = std::get_if<MessageReceived>(&event)) {
            {
              const std::lock_guard lock(mutex_);
              echoes_.push_back(message->payload.size());
            }
            EXPECT_TRUE(session.close());
          }
        }) {}

  std::string url() const { return server_.url(); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::vector<std::size_t> echoes() const {
    const std::lock_guard lock(mutex_);
    return echoes_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::size_t> echoes_;
  ThreadedServer server_;
};

TEST(EchoClientProgram, RunsEveryCaseOfAFuzzingServer) {
  const FuzzingServer server;
  const Outcome outcome = run(kClient, {server.url(), "--autobahn", "--agent", "our client/1"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(server.requests(),
              ElementsAre("/getCaseCount", "/runCase?case=1&agent=our%20client%2F1",
                          "/runCase?case=2&agent=our%20client%2F1",
                          "/updateReports?agent=our%20client%2F1"));
  EXPECT_THAT(server.echoes(), ElementsAre(9, 9));
  EXPECT_EQ(outcome.output,
            "case=1 (1 of 2): closed with 1005\ncase=2 (2 of 2): closed with 1005\n");
}

TEST(EchoClientProgram, RunsSelectedCasesOfAFuzzingServer) {
  const FuzzingServer server;
  EXPECT_EQ(run(kClient, {server.url(), "--autobahn", "--cases", "7,9-10,1.1.1"}).status, 0);
  EXPECT_THAT(
      server.requests(),
      ElementsAre("/runCase?case=7&agent=wsproof", "/runCase?case=9&agent=wsproof",
                  "/runCase?case=10&agent=wsproof", "/runCase?casetuple=1.1.1&agent=wsproof",
                  "/updateReports?agent=wsproof"));
}

/// Asks the client of a case for what `request` says. Of the connections that are opened then, it
/// refuses the one with "&visit=1", cuts that with "&visit=2" and closes others after an echo.
/// After as many as are `expected`, or an echo on it, it closes the first one.
class AskingServer {
 public:
  AskingServer(std::string request, std::size_t expected)
      : request_(std::move(request)),
        expected_(expected),
        server_([this](Session& session, Event& event) { handle(session, event); },
                {.refuse = [this](const OpeningRequest& opening) -> std::optional<Refusal> {
                  requests_.emplace_back(opening.target);
                  if (!opening.target.ends_with("&visit=1")) return std::nullopt;
                  return Refusal{.status = 403};
                }}) {}

  std::string url() const { return server_.url(); }

  // Both once the client has ended.
  const std::vector<std::string>& requests() const { return requests_; }
  const std::vector<std::string>& echoes() const { return echoes_; }

 private:
  void handle(Session& session, Event& event) {
    if (const auto* opened = std::get_if<Opened>(&event)) {
      if (opened->target.starts_with("/updateReports")) {
        EXPECT_TRUE(session.close());
      } else if (opened->target.ends_with("&visit=2")) {
        session.cut();
      } else {
        const bool is_first = !opened->target.contains("&visit=");
        if (is_first) first_ = session.shared_from_this();
        EXPECT_TRUE(session.send_text(is_first ? request_ : "x-wsproof connect 1"));
      }
    } else if (const auto* message = std::get_if<MessageReceived>(&event)) {
      echoes_.emplace_back(apps::text_of(*message));
      EXPECT_TRUE(session.close());
      if (&session == first_.get()) first_ = nullptr;
    } else if (std::holds_alternative<Closed>(event) && ++ended_ == expected_ && first_) {
      EXPECT_TRUE(first_->close());
      first_ = nullptr;
    }
  }

  std::string request_;
  std::size_t expected_;
  std::vector<std::string> requests_;
  std::vector<std::string> echoes_;
  std::shared_ptr<Session> first_;
  std::size_t ended_ = 0;
  ThreadedServer server_;
};

TEST(EchoClientProgram, OpensMoreConnectionsIfItIsAskedTo) {
  const AskingServer server("x-wsproof connect 4", 4);
  const Outcome outcome = run(kClient, {server.url(), "--control", "--autobahn", "--cases", "7"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  const std::string first = "/runCase?case=7&agent=wsproof";
  EXPECT_THAT(server.requests(),
              ElementsAre(first, first + "&visit=1", first + "&visit=2", first + "&visit=3",
                          first + "&visit=4", "/updateReports?agent=wsproof"));
  // Those that were asked for open no more.
  EXPECT_THAT(server.echoes(), ElementsAre("x-wsproof connect 1", "x-wsproof connect 1"));
  EXPECT_EQ(outcome.output, "case=7 (1 of 1): closed with 1005\n");
}

TEST(EchoClientProgram, EchoesWhatAsksForTooManyConnections) {
  for (const std::string count : {"", "0", "17", "-1", "x", "2 ", "2 more"}) {
    const AskingServer server("x-wsproof connect " + count, 0);
    EXPECT_EQ(run(kClient, {server.url(), "--control", "--autobahn", "--cases", "7"}).status, 0);
    EXPECT_THAT(server.echoes(), ElementsAre("x-wsproof connect " + count));
  }
  const AskingServer server("x-wsproof connect 2", 0);
  EXPECT_EQ(run(kClient, {server.url(), "--autobahn", "--cases", "7"}).status, 0);
  EXPECT_THAT(server.echoes(), ElementsAre("x-wsproof connect 2"));
}

TEST(EchoClientProgram, GoesOnWhereAHandshakeFails) {
  boost::asio::io_context context{1};
  boost::asio::ip::tcp::acceptor acceptor(
      context, {boost::asio::ip::make_address("127.0.0.1"), boost::asio::ip::port_type{0}});
  const std::string url =
      "ws://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
  const std::jthread refuser([&] {
    for (int connection = 0; connection < 3; ++connection) {
      auto socket = acceptor.accept();
      std::string request;
      boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n");
      boost::asio::write(socket, boost::asio::buffer("HTTP/1.1 400 Bad Request\r\n\r\n", 28));
    }
  });
  const Outcome outcome = run(kClient, {url, "--autobahn", "--cases", "7-8"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("case=7 (1 of 2)"), HasSubstr("case=8 (2 of 2)")));
  EXPECT_THAT(outcome.errors, HasSubstr("the server wrote no reports"));
}

TEST(EchoClientProgram, FailsIfTheFuzzingServerIsNotThere) {
  std::string url;
  {
    const FuzzingServer server;
    url = server.url();
  }
  const Outcome all = run(kClient, {url, "--autobahn"});
  EXPECT_EQ(all.status, 1);
  EXPECT_THAT(all.errors, HasSubstr("the server gave no number of cases: closed uncleanly"));
  const Outcome one = run(kClient, {url, "--autobahn", "--cases", "7"});
  EXPECT_EQ(one.status, 1);
  EXPECT_THAT(one.errors, HasSubstr("the server did not run case=7"));
}

TEST(ParseCaseSelection, NamesTheElementThatIsNoCase) {
  for (const std::string element : {"", "0", "x", "3-1", "1-", "-1", "1-99999"}) {
    EXPECT_EQ(apps::parse_case_selection({"1", element}), std::unexpected(element));
  }
}

}  // namespace
}  // namespace ws
