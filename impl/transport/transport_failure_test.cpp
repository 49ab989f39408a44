// Every allocation and every system call of a conversation over loopback fails once, or gives less
// than was asked for: each session ends or goes on, nothing hangs, no descriptor is lost, and the
// server serves the next one.
#include <array>
#include <cerrno>
#include <filesystem>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

#include "impl/testing/failing_calls.hpp"
#include "impl/transport/connect_line.hpp"
#include "impl/transport/test_certificates.hpp"
#include "impl/transport/test_session.hpp"

namespace ws {
namespace {

using testing::CallFault;
using testing::EventLog;
using testing::FailingAllocation;
using testing::FailingCall;
using testing::Loop;
using namespace std::chrono_literals;

constexpr TransportSettings kShortTimeouts{
    .timeouts = {.opening_handshake = 300ms, .closing_handshake = 300ms, .drop = 300ms}};

std::size_t count_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

/// An echo server, and clients that talk to it.
class Conversation {
 public:
  explicit Conversation(bool with_tls, TransportSettings transport = kShortTimeouts)
      : transport_(transport) {
    ServerOptions options{.websocket = {.connection = {.deflate = DeflateSettings{}}},
                          .transport = transport};
    if (with_tls) {
      static const testing::CertificateFiles files = authority().issue({.names = {"IP:127.0.0.1"}});
      options.tls = {.certificate_file = files.certificate, .key_file = files.key};
      client_tls_ =
          std::make_shared<const TlsContext>(TlsClientSettings{.ca_file = authority().file()});
    }
    server_.emplace(std::vector{loop_.executor()}, std::move(options),
                    server_events_.handler(true));
    server_->start();
  }

  ~Conversation() {
    server_.reset();
    loop_.run_for(0ms);  // the acceptor is closed on the loop
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// Lets a client connect, send, and close after the echoes, with the fault that `make_fault`
  /// makes. Nothing is thrown, whatever fails.
  ///
  /// Returns: what the client received; nothing if it does not end in time.
  template <typename MakeFault>
  std::optional<std::vector<std::string>> talk(const MakeFault& make_fault, bool& failed) {
    struct State {
      std::vector<std::string> texts{};
      bool closed = false;
    };
    auto state = std::make_shared<State>();
    const EventHandler handler = [state](Session& session, Event& event) {
      if (std::holds_alternative<Opened>(event)) {
        static_cast<void>(session.send_text(kFirst));
        static_cast<void>(session.send_text(second()));
      } else if (const auto* message = std::get_if<MessageReceived>(&event)) {
        state->texts.emplace_back(reinterpret_cast<const char*>(message->payload.data()),
                                  message->payload.size());
        if (state->texts.size() == 2) session.close(CloseCode::normal_closure, "done");
      } else if (std::holds_alternative<Closed>(event)) {
        state->closed = true;
      }
    };
    ClientSettings settings{.connection = {.deflate = DeflateSettings{}},
                            .offer = {.uri = parse_uri(server_->url()).value()}};
    bool has_ended = false;
    {
      const auto fault = make_fault();
      try {
        Session::connect(loop_.executor(), std::move(settings), transport_, client_tls_, handler);
      } catch (const std::bad_alloc&) {
        state->closed = true;  // there is no session, which was told here
      }
      has_ended = run_until([&] { return state->closed && server_->connections() == 0; });
      failed = fault.has_failed();
    }
    if (!has_ended) return std::nullopt;
    return state->texts;
  }

  /// Lets three clients connect at once, of which the one in the middle changes its mind, with the
  /// fault that `make_fault` makes.
  ///
  /// Returns: how many of the other two had their connection opened; nothing if not all end in
  /// time.
  template <typename MakeFault>
  std::optional<std::size_t> talk_in_line(const MakeFault& make_fault, bool& failed) {
    struct State {
      std::size_t opened = 0;
      std::array<bool, 3> ended{};
    };
    const auto state = std::make_shared<State>();
    bool has_ended = false;
    {
      const auto fault = make_fault();
      for (std::size_t client = 0; client < 3; ++client) {
        bool throws = true;
        try {
          const auto session = Session::connect(
              loop_.executor(), {.offer = {.uri = parse_uri(server_->url()).value()}}, transport_,
              client_tls_, [state, client](Session& self, Event& event) {
                if (std::holds_alternative<Opened>(event)) {
                  ++state->opened;
                  self.close();
                } else if (std::holds_alternative<Closed>(event)) {
                  state->ended[client] = true;
                }
              });
          throws = false;
          if (client == 1) session->close();
        } catch (const std::bad_alloc&) {
          if (throws) state->ended[client] = true;
        }
      }
      has_ended = run_until([&] {
        return state->ended == std::array{true, true, true} && server_->connections() == 0;
      });
      failed = fault.has_failed();
    }
    if (!has_ended) return std::nullopt;
    return state->opened;
  }

  /// True if nobody waits to connect.
  bool is_free() { return boost::asio::use_service<ConnectLines>(loop_.context()).empty(); }

  /// True if a client gets its echoes now.
  bool serves() {
    struct NoFault {
      static bool has_failed() { return false; }
    };
    bool failed = false;
    return talk([] { return NoFault(); }, failed) == std::vector<std::string>{kFirst, second()};
  }

  static constexpr const char* kFirst = "first";
  static const std::string& second() {
    static const std::string text(100'000, 'x');
    return text;
  }

 private:
  /// As run() of run.hpp, but until `condition()` is true.
  template <typename Condition>
  bool run_until(const Condition& condition) {
    while (true) {
      try {
        return loop_.run_until(condition);
      } catch (const std::bad_alloc&) {
        continue;
      }
    }
  }

  static testing::CertificateAuthority& authority() {
    static testing::CertificateAuthority authority;
    return authority;
  }

  TransportSettings transport_;
  Loop loop_;
  EventLog server_events_;
  std::shared_ptr<const TlsContext> client_tls_;
  std::optional<Server> server_;
};

class TransportFailure : public ::testing::TestWithParam<bool> {
 protected:
  /// Calls `talk` until the fault comes no more, each time with a conversation of its own.
  template <typename MakeFault, typename Check>
  void with_each(const MakeFault& make_fault, const Check& check) {
    {
      Conversation once(GetParam());  // makes what is made once for all
      ASSERT_TRUE(once.serves());
    }
    const std::size_t descriptors = count_descriptors();
    bool failed = true;
    for (std::size_t number = 0; failed; ++number) {
      SCOPED_TRACE(number);
      {
        Conversation conversation(GetParam());
        const auto texts = conversation.talk([&] { return make_fault(number); }, failed);
        ASSERT_TRUE(texts) << "hangs";
        check(*texts);
        ASSERT_TRUE(conversation.serves()) << "no longer serves";
      }
      ASSERT_EQ(count_descriptors(), descriptors);
    }
  }
};

constexpr auto kAnything = [](const std::vector<std::string>&) {};
const auto kAllEchoes = [](const std::vector<std::string>& texts) {
  EXPECT_TRUE(texts == (std::vector<std::string>{Conversation::kFirst, Conversation::second()}));
};

TEST_P(TransportFailure, AllocationEndsOneSessionAtMost) {
  with_each([](std::size_t number) { return FailingAllocation(number); }, kAnything);
}

TEST_P(TransportFailure, AllocationLeavesNobodyInLine) {
  bool failed = true;
  for (std::size_t number = 0; failed; ++number) {
    SCOPED_TRACE(number);
    // Waiting for the others counts.
    Conversation conversation(
        GetParam(),
        {.timeouts = {.opening_handshake = 3s, .closing_handshake = 300ms, .drop = 300ms}});
    const auto opened =
        conversation.talk_in_line([&] { return FailingAllocation(number); }, failed);
    ASSERT_TRUE(opened) << "hangs";
    EXPECT_GE(*opened, 1U);
    EXPECT_LE(*opened, 2U);
    EXPECT_TRUE(conversation.is_free());
    ASSERT_TRUE(conversation.serves()) << "no longer serves";
  }
}

TEST_P(TransportFailure, ShortReadsAndWritesLoseNothing) {
  for (const char* call : {"recv", "recvmsg", "send"}) {
    SCOPED_TRACE(call);
    with_each([&](std::size_t number) { return FailingCall({.call = call, .number = number}); },
              kAllEchoes);
  }
}

TEST_P(TransportFailure, InterruptedCallsAreMadeAgain) {
  for (const char* call : {"recv", "recvmsg", "send", "accept", "epoll_wait"}) {
    SCOPED_TRACE(call);
    with_each(
        [&](std::size_t number) {
          return FailingCall({.call = call, .number = number, .error = EINTR});
        },
        kAllEchoes);
  }
}

struct Failure {
  const char* call;
  std::vector<int> errors;
};

TEST_P(TransportFailure, CallThatFailsEndsOneSessionAtMost) {
  const std::vector<Failure> failures{
      {"recv", {ECONNRESET, ETIMEDOUT, ENOMEM}},
      {"recvmsg", {ECONNRESET, ETIMEDOUT, ENOMEM}},
      {"send", {ECONNRESET, EPIPE, ENOBUFS}},
      {"accept", {ECONNABORTED, EMFILE, ENFILE, ENOMEM, EPROTO}},
      {"connect", {ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL}},
      {"socket", {EMFILE, ENOBUFS, EAFNOSUPPORT}},
      {"setsockopt", {EINVAL, ENOPROTOOPT}},
      {"getsockopt", {EINVAL, ENOBUFS}},
      {"getpeername", {ENOTCONN}},
      {"shutdown", {ENOTCONN}},
      {"close", {EIO}},
      {"ioctl", {EINVAL}},
      {"epoll_ctl", {ENOMEM, ENOSPC}},
  };
  for (const auto& [call, errors] : failures) {
    for (const int error : errors) {
      SCOPED_TRACE(call);
      SCOPED_TRACE(error);
      with_each(
          [&](std::size_t number) {
            return FailingCall({.call = call, .number = number, .error = error});
          },
          kAnything);
    }
  }
}

TEST(TransportFailureInLine, ClosingEndsTheSessionThoughThereIsNoMemory) {
  using boost::asio::ip::tcp;
  bool failed = true;
  for (std::size_t number = 0; failed; ++number) {
    SCOPED_TRACE(number);
    Loop loop;
    tcp::acceptor acceptor(loop.context(), {boost::asio::ip::address_v4::loopback(), 0});
    const auto peer = testing::RawPeer::accept(loop, acceptor);
    const std::string url =
        "ws://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
    bool ended = false;
    const auto connect = [&] {
      return Session::connect(loop.executor(), {.offer = {.uri = parse_uri(url).value()}}, {},
                              nullptr, [&ended](Session&, Event& event) {
                                if (std::holds_alternative<Closed>(event)) ended = true;
                              });
    };
    connect();
    const auto waiting = connect();
    ASSERT_TRUE(loop.run_until([&] { return peer->received().ends_with("\r\n\r\n"); }));
    {
      const FailingAllocation fault(number);
      try {
        waiting->close();
      } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
      }
      failed = fault.has_failed();
    }
    ASSERT_TRUE(loop.run_until([&] { return ended; }, 5s));
    EXPECT_EQ(waiting->state(), ConnectionState::closed);
  }
}

INSTANTIATE_TEST_SUITE_P(Over, TransportFailure, ::testing::Bool(),
                         [](const auto& each) { return each.param ? "Tls" : "Tcp"; });

}  // namespace
}  // namespace ws
