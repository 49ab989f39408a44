#include "conformance/endpoints/process.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace ws::conformance {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

ProcessEnd end_of(int status) {
  if (WIFSIGNALED(status)) return {.by_signal = true, .number = WTERMSIG(status)};
  const int number = WEXITSTATUS(status);
  // A shell tells so of a signal that ended its command.
  if (number > 128 && number <= 128 + SIGRTMAX) return {.by_signal = true, .number = number - 128};
  return {.number = number};
}

/// Closes what is open from `first` on; of a child, between fork and exec.
void close_from(int first) {
  if (::close_range(static_cast<unsigned>(first), ~0U, 0) == 0) return;
  const long limit = ::sysconf(_SC_OPEN_MAX);  // a kernel before 5.9
  for (int file = first; file < limit; ++file) ::close(file);
}

}  // namespace

std::string describe(const ProcessEnd& end) {
  if (!end.by_signal) return "exit status " + std::to_string(end.number);
  const char* name = strsignal(end.number);
  return "signal " + std::to_string(end.number) +
         (name == nullptr ? "" : " (" + std::string(name) + ")");
}

struct Process::State {
  pid_t pid = -1;
  int output = -1;       // what the process writes
  int wake_reader = -1;  // closed to end the reader
  std::thread reader{};
  mutable std::mutex mutex{};
  std::string kept{};         // guarded by mutex
  std::uint64_t dropped = 0;  // bytes before `kept`; guarded by mutex
  std::optional<ProcessEnd> end{};

  void read_all(int wake) {
    while (true) {
      std::array<pollfd, 2> sources{{{output, POLLIN, 0}, {wake, POLLIN, 0}}};
      if (::poll(sources.data(), sources.size(), -1) < 0) {
        if (errno == EINTR) continue;
        return;
      }
      if (sources[0].revents != 0) {
        if (read_some() == Read::ended) return;
        continue;
      }
      if (sources[1].revents != 0) return;
    }
  }

  enum class Read : std::uint8_t { some, nothing, ended };

  /// Keeps a piece of the output, if one is there.
  Read read_some() {
    constexpr std::size_t kKept = std::size_t{64} * 1024;
    std::array<char, 4096> buffer{};
    // Read and kept as one, as two threads read; the pipe does not block.
    const std::lock_guard lock(mutex);
    // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
    const ssize_t size = ::read(output, buffer.data(), buffer.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return Read::nothing;
    if (size <= 0) return Read::ended;
    kept.append(buffer.data(), static_cast<std::size_t>(size));
    if (kept.size() > kKept) {
      dropped += kept.size() - kKept;
      kept.erase(0, kept.size() - kKept);
    }
    return Read::some;
  }

  void reap(bool block) {
    if (end) return;
    int status = 0;
    pid_t found = 0;
    do {
      found = ::waitpid(pid, &status, block ? 0 : WNOHANG);
    } while (found < 0 && errno == EINTR);
    if (found != pid) return;
    end = end_of(status);
    // What it wrote last tells why it ended, and the reader may be late. A pipe holds no more than
    // these, and whoever else writes to it may never end.
    constexpr int kPieces = 32;
    for (int i = 0; i < kPieces && read_some() == Read::some; ++i) {
    }
  }
};

Process::Process(const std::string& command) : state_(std::make_unique<State>()) {
  std::array<int, 2> output{};
  std::array<int, 2> wake{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) throw_errno("pipe");
  if (::pipe2(wake.data(), O_CLOEXEC) != 0) {
    ::close(output[0]);
    ::close(output[1]);
    throw_errno("pipe");
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    // If we are killed, nobody else ends it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0) ::_exit(127);
    ::dup2(null, STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(output[1], STDERR_FILENO);
    // Asio accepts without FD_CLOEXEC, and a connection that a child holds too does not end when
    // it is closed here.
    close_from(STDERR_FILENO + 1);
    // A simple command replaces the shell, so that its end and its signals are seen as they are.
    const std::string script = "exec " + command;
    const bool is_simple = command.find_first_of(";&|()<>\n`$=") == std::string::npos;
    ::execl("/bin/sh", "sh", "-c", is_simple ? script.c_str() : command.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(output[1]);
  ::fcntl(output[0], F_SETFL, O_NONBLOCK);
  state_->output = output[0];
  state_->wake_reader = wake[1];
  if (pid < 0) {
    const int error = errno;
    ::close(wake[0]);
    ::close(wake[1]);
    ::close(output[0]);
    errno = error;
    throw_errno("fork");
  }
  ::setpgid(pid, pid);
  state_->pid = pid;
  state_->reader = std::thread([state = state_.get(), end = wake[0]] {
    state->read_all(end);
    ::close(end);
  });
}

Process::~Process() {
  ::kill(-state_->pid, SIGTERM);
  wait(std::chrono::seconds(1));
  ::kill(-state_->pid, SIGKILL);
  state_->reap(true);
  ::close(state_->wake_reader);
  state_->reader.join();
  ::close(state_->output);
}

std::optional<ProcessEnd> Process::poll() {
  state_->reap(false);
  return state_->end;
}

std::optional<ProcessEnd> Process::wait(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  // A process's end is no event that can be waited for with a limit on every kernel of the last
  // ten years.
  while (!poll() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return state_->end;
}

std::uint64_t Process::output_size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->dropped + state_->kept.size();
}

std::string Process::output_since(std::uint64_t begin) const {
  const std::lock_guard lock(state_->mutex);
  const std::uint64_t skip = begin > state_->dropped ? begin - state_->dropped : 0;
  if (skip >= state_->kept.size()) return {};
  return state_->kept.substr(static_cast<std::size_t>(skip));
}

int Process::id() const { return state_->pid; }

namespace {

/// The first panic of Rust's in `output` that is more than an error that was returned and then
/// unwrapped, by which drivers give up; npos if there is none. What was unwrapped stands in the
/// line behind.
std::size_t find_panic(const std::string& output) {
  constexpr std::string_view kPanic = "panicked at";
  constexpr std::string_view kUnwrapped = "called `Result::unwrap()` on an `Err` value";
  for (std::size_t at = output.find(kPanic); at != std::string::npos;
       at = output.find(kPanic, at + 1)) {
    const std::size_t line = output.find('\n', at);
    const std::size_t next = line == std::string::npos ? line : output.find('\n', line + 1);
    if (next == std::string::npos) return next;  // it is not all there yet
    if (std::string_view(output).substr(at, next - at).find(kUnwrapped) == std::string_view::npos) {
      return at;
    }
  }
  return std::string::npos;
}

}  // namespace

std::string find_sanitizer_report(const std::string& output) {
  static constexpr std::string_view kMarks[] = {
      "ERROR: AddressSanitizer",   "ERROR: LeakSanitizer",        "WARNING: ThreadSanitizer",
      "WARNING: MemorySanitizer",  "UndefinedBehaviorSanitizer:", "runtime error:",
      "ERROR: HWAddressSanitizer", "WARNING: DATA RACE",          "Assertion `",
      "SUMMARY: AddressSanitizer"};
  std::size_t first = find_panic(output);
  for (const std::string_view mark : kMarks) first = std::min(first, output.find(mark));
  if (first == std::string::npos) return {};
  const std::size_t before = output.rfind('\n', first);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return output.substr(begin, output.find('\n', first) - begin);
}

std::string replace_name(std::string text, const std::string& name, const std::string& value) {
  const std::string mark = "{" + name + "}";
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + value.size())) {
    text.replace(at, mark.size(), value);
  }
  return text;
}

std::string quote(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:@%+=,";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::uint16_t find_free_port() {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0) throw_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool found = ::bind(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  const int error = errno;
  ::close(file);
  errno = error;
  if (!found) throw_errno("no free port");
  return ntohs(address.sin_port);
}

}  // namespace ws::conformance
