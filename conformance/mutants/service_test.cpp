// The program over real sockets: the right one is right, and the faults of its transport show.
#include "conformance/mutants/service.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "conformance/mutants/frame_writer.hpp"
#include "conformance/mutants/sockets.hpp"
#include "conformance/mutants/stream.hpp"

namespace ws::conformance::mutants {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// wsproof_mutant as a server on a free port.
class Program {
 public:
  explicit Program(const std::string& fault, const std::vector<std::string>& more = {},
                   const std::string& host = "127.0.0.1") {
    std::vector<std::string> words{WSPROOF_MUTANT, "--role", "server", "--listen", host};
    if (!fault.empty()) words.insert(words.end(), {"--fault", fault});
    words.insert(words.end(), more.begin(), more.end());
    int output[2];
    if (pipe(output) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(output[1], STDOUT_FILENO);
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      execv(arguments[0], arguments.data());
      _exit(127);
    }
    close(output[1]);
    std::string line;
    for (char c = 0; read(output[0], &c, 1) == 1 && c != '\n';) line += c;
    close(output[0]);
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(' ') + 1)));
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  std::uint16_t port() const { return port_; }

  /// Seconds of processor time so far.
  /// What it does: 'R' if it runs or could. And the seconds of processor time that it has
  /// had.
  std::pair<char, double> activity() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::stringstream text;
    text << file.rdbuf();
    std::istringstream fields(text.str().substr(text.str().rfind(')') + 2));
    char state = 0;
    fields >> state;
    std::string skipped;
    for (int i = 0; i < 10; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return {state, (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK))};
  }

  /// Waits for its end, and returns the signal that caused it.
  int wait_for_signal() {
    int status = 0;
    waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

/// A client that reads when it is told to.
class Peer {
 public:
  explicit Peer(const Program& program, SSL_CTX* context = nullptr,
                const std::string& host = "127.0.0.1")
      : stream_(connect_to(host, program.port()), context, false, ""),
        writer_(Role::client, 1, switches_) {
    while (stream_.handshake() == Stream::Result::would_block) wait(POLLIN, milliseconds(2000));
    write(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos && is_open_) head += read_some();
  }

  std::string frame(unsigned opcode, const std::string& payload) {
    return writer_.encode(opcode, payload);
  }

  /// Writes all of `bytes`, unless the peer stops taking them for a while. Returns how many.
  std::size_t write(std::string_view bytes, milliseconds patience = milliseconds(700)) {
    std::size_t total = 0;
    while (total < bytes.size()) {
      std::size_t written = 0;
      const auto result = stream_.write(bytes.substr(total), written);
      total += written;
      if (result == Stream::Result::would_block && !wait(POLLOUT, patience)) break;
      if (result == Stream::Result::broken || result == Stream::Result::ended) break;
    }
    return total;
  }

  /// What comes until `size` bytes are there, the connection has ended, or nothing more comes.
  std::string read(std::size_t size, milliseconds patience = milliseconds(700)) {
    std::string all;
    while (all.size() < size && is_open_) {
      const std::string piece = read_some(patience);
      if (piece.empty()) break;
      all += piece;
    }
    return all;
  }

  bool was_reset() const { return was_reset_; }
  bool is_open() const { return is_open_; }
  int socket() const { return stream_.socket(); }
  void reset() { stream_.reset_on_close(); }

 private:
  bool wait(short events, milliseconds patience) {
    pollfd polled{.fd = stream_.socket(), .events = events, .revents = 0};
    return poll(&polled, 1, static_cast<int>(patience.count())) > 0;
  }

  std::string read_some(milliseconds patience = milliseconds(2000)) {
    std::string bytes;
    while (true) {
      const auto result = stream_.read(bytes, 65'536);
      if (!bytes.empty()) return bytes;
      if (result == Stream::Result::would_block) {
        if (!wait(POLLIN, patience)) return {};
        continue;
      }
      is_open_ = false;
      was_reset_ = result == Stream::Result::broken;
      return {};
    }
  }

  Switches switches_;
  Stream stream_;
  FrameWriter writer_;
  bool is_open_ = true;
  bool was_reset_ = false;
};

/// A frame as a server sends it.
std::string from_server(unsigned opcode, const std::string& payload) {
  Switches switches;
  return FrameWriter(Role::server, 0, switches).encode(opcode, payload);
}

TEST(MutantProgram, EchoesOverBothVersionsOfIp) {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const Program program("", {}, host);
    Peer peer(program, nullptr, host);
    peer.write(peer.frame(1, "hello"));
    EXPECT_EQ(peer.read(7), from_server(1, "hello")) << host;
    peer.write(peer.frame(8, "\x03\xe8"));
    EXPECT_EQ(peer.read(100), from_server(8, "\x03\xe8"));
    EXPECT_FALSE(peer.is_open());
  }
}

TEST(MutantProgram, DiesOfAFaultThatCrashes) {
  Program program("hs-srv-many-headers-crash");
  Peer peer(program);
  peer.write(peer.frame(1, "hello"));
  EXPECT_EQ(peer.read(7), from_server(1, "hello"));
  const int socket = connect_to("127.0.0.1", program.port());
  std::string request = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 60; ++i) request += "X-" + std::to_string(i) + ": y\r\n";
  request += "Upgrade: websocket\r\n\r\n";
  EXPECT_EQ(send(socket, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  peer.read(1, milliseconds(3000));
  EXPECT_FALSE(peer.is_open());
  EXPECT_EQ(program.wait_for_signal(), SIGABRT);
  close(socket);
}

/// Bytes of `unit`, repeated, that the program takes of a peer that reads nothing.
std::size_t taken_unread(const std::string& fault, unsigned opcode, std::size_t length) {
  const Program program(fault);
  Peer peer(program);
  const int small = 4096;
  setsockopt(peer.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  std::string bytes;
  while (bytes.size() < std::size_t{1024} * 1024)
    bytes += peer.frame(opcode, std::string(length, 'x'));
  std::size_t taken = 0;
  for (int i = 0; i < 32; ++i) {
    const std::size_t written = peer.write(bytes);
    taken += written;
    if (written < bytes.size()) break;
  }
  return taken;
}

TEST(MutantProgram, StopsReadingWhereItIsNotReadFrom) {
  constexpr std::size_t kAll = std::size_t{32} * 1024 * 1024;
  EXPECT_LT(taken_unread("", 2, 60'000), kAll);
  EXPECT_GE(taken_unread("lm-echo-queue", 2, 60'000), kAll);
  EXPECT_LT(taken_unread("", 9, 125), kAll);
  EXPECT_GE(taken_unread("lm-pong-queue", 9, 125), kAll);
}

/// What a peer that first reads nothing is answered to a large message, Pings and small ones.
std::string read_late(const std::string& fault, std::string& expected) {
  const Program program(fault);
  Peer peer(program);
  const std::string large(std::size_t{8} * 1024 * 1024, 'l');
  peer.write(peer.frame(2, large));
  std::string small;
  expected = from_server(2, large);
  for (int i = 0; i < 300; ++i) {
    const std::string words = "word " + std::to_string(i);
    small += peer.frame(9, words) + peer.frame(1, words);
    expected += from_server(10, words) + from_server(1, words);
  }
  peer.write(small);
  // The program may read the small ones only now, but what it writes waits behind the large one.
  return peer.read(expected.size(), milliseconds(1500));
}

TEST(MutantProgram, KeepsTheOrderForASlowReaderButForItsFaults) {
  std::string expected;
  EXPECT_TRUE(read_late("", expected) == expected);
  for (const std::string fault : {"tr-interleaved-writers", "tr-uncork-reorder"}) {
    EXPECT_FALSE(read_late(fault, expected) == expected) << fault;
  }
}

TEST(MutantProgram, ResetsAConnectionWithUnreadBytesByFault) {
  const auto ends_by_reset = [](const std::string& fault) {
    const Program program(fault);
    Peer peer(program);
    peer.write(peer.frame(8, "\x03\xe8") + std::string(std::size_t{1024} * 1024, 'x'));
    peer.read(100);
    return peer.was_reset();
  };
  EXPECT_FALSE(ends_by_reset(""));
  EXPECT_TRUE(ends_by_reset("cl-rst-unread"));
}

/// Whether it goes on and on, until it has had more time than anything to be done takes; else it
/// comes to rest.
bool is_busy_with_nothing(const Program& program) {
  constexpr double kEnough = 3;
  const double before = program.activity().second;
  while (true) {
    const auto [state, time] = program.activity();
    if (state != 'R') return false;
    if (time - before > kEnough) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
}

TEST(MutantProgram, SpinsAfterAnEndInsideAHeaderByFault) {
  const auto spins = [](const std::string& fault) {
    const Program program(fault);
    Peer peer(program);
    peer.write("\x81");
    shutdown(peer.socket(), SHUT_WR);
    return is_busy_with_nothing(program);
  };
  EXPECT_FALSE(spins(""));
  EXPECT_TRUE(spins("tr-eof-busy-loop"));
}

TEST(MutantProgram, SpinsAfterAResetWhileWritingByFault) {
  const auto spins = [](const std::string& fault) {
    const Program program(fault);
    {
      Peer peer(program);
      peer.write(peer.frame(2, std::string(std::size_t{12} * 1024 * 1024, 'x')));
      peer.read(1);  // the echo has begun
      peer.reset();
    }
    return is_busy_with_nothing(program);
  };
  EXPECT_FALSE(spins(""));
  EXPECT_TRUE(spins("tr-write-zero-loop"));
}

/// A certificate of its own, in files that go with it.
class Certificate {
 public:
  Certificate() {
    char name[] = "/tmp/wsproof-certificate-XXXXXX";
    directory_ = mkdtemp(name);
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
        "-nodes -days 2 -subj /CN=localhost -keyout " +
        key() + " -out " + file() + " 2>/dev/null";
    made_ = std::system(command.c_str()) == 0;
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate() { std::filesystem::remove_all(directory_); }

  bool is_made() const { return made_; }
  std::string file() const { return directory_ + "/certificate.pem"; }
  std::string key() const { return directory_ + "/key.pem"; }

 private:
  std::string directory_;
  bool made_ = false;
};

TEST(MutantProgram, SpeaksTlsAndHasItsFaults) {
  const Certificate certificate;
  ASSERT_TRUE(certificate.is_made());
  const std::vector<std::string> options{"--tls-certificate", certificate.file(), "--tls-key",
                                         certificate.key()};
  Switches switches;
  const TlsContext context = make_client_context(certificate.file(), switches);
  std::string answers;
  for (int i = 0; i < 60; ++i) answers += from_server(10, std::string(120, 'p'));
  const auto pongs = [&](const std::string& fault) {
    const Program program(fault, options);
    Peer peer(program, context.get());
    std::string pings;  // in one record
    for (int i = 0; i < 60; ++i) pings += peer.frame(9, std::string(120, 'p'));
    peer.write(pings);
    return peer.read(answers.size());
  };
  EXPECT_EQ(pongs(""), answers);
  EXPECT_LT(pongs("tls-pending-stall").size(), answers.size());

  const auto ends_tcp = [&](const std::string& fault) {
    const Program program(fault, options);
    Peer peer(program, context.get());
    peer.write(peer.frame(8, "\x03\xe8"));
    peer.read(100);
    pollfd polled{.fd = peer.socket(), .events = POLLRDHUP, .revents = 0};
    return poll(&polled, 1, 1000) > 0;
  };
  EXPECT_TRUE(ends_tcp(""));
  EXPECT_FALSE(ends_tcp("tls-tcp-left-open"));
}

}  // namespace
}  // namespace ws::conformance::mutants
