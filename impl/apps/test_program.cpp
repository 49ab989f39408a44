#include "impl/apps/test_program.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace ws::testing {
namespace {

constexpr auto kLimit = std::chrono::seconds(10);

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
  return ends;
}

}  // namespace

Program::Program(const std::string& path, std::vector<std::string> arguments,
                 const std::string& standard_input) {
  const auto input = make_pipe();
  const auto output = make_pipe();
  const auto errors = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);

  arguments.insert(arguments.begin(), path);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const int error =
      posix_spawn(&process_, path.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  ::close(errors[1]);
  output_.descriptor = output[0];
  errors_.descriptor = errors[0];
  // Short enough for the pipe to hold it.
  const auto written = ::write(input[1], standard_input.data(), standard_input.size());
  ::close(input[1]);
  if (error != 0 || written < 0) throw std::system_error(error, std::generic_category(), path);
}

Program::~Program() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  ::close(output_.descriptor);
  ::close(errors_.descriptor);
}

void Program::signal(int number) const { kill(process_, number); }

/// Returns: false if the time is up or both streams have ended.
bool Program::read_more(std::chrono::steady_clock::time_point end) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
  std::array<pollfd, 2> polled{pollfd{.fd = output_.descriptor, .events = POLLIN, .revents = 0},
                               pollfd{.fd = errors_.descriptor, .events = POLLIN, .revents = 0}};
  if (left.count() <= 0 ||
      poll(polled.data(), polled.size(), static_cast<int>(left.count())) <= 0) {
    return false;
  }
  bool has_read = false;
  for (std::size_t i = 0; i < polled.size(); ++i) {
    if (polled[i].revents == 0) continue;
    Stream& stream = i == 0 ? output_ : errors_;
    std::array<char, 4096> buffer{};
    const auto size = ::read(stream.descriptor, buffer.data(), buffer.size());
    if (size > 0) {
      stream.text.append(buffer.data(), static_cast<std::size_t>(size));
    } else {
      ::close(std::exchange(stream.descriptor, -1));  // poll leaves out what is negative
    }
    has_read = true;
  }
  return has_read;
}

std::optional<std::string> Program::read_line() {
  const auto end = std::chrono::steady_clock::now() + kLimit;
  std::size_t line_end = 0;
  while ((line_end = output_.text.find('\n', lines_end_)) == std::string::npos) {
    if (output_.descriptor < 0 || !read_more(end)) return {};
  }
  std::string line = output_.text.substr(lines_end_, line_end - lines_end_);
  lines_end_ = line_end + 1;
  return line;
}

std::optional<int> Program::wait(std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while ((output_.descriptor >= 0 || errors_.descriptor >= 0) && read_more(end)) {
  }
  // A program that still has its streams open is not about to end by itself.
  if (output_.descriptor >= 0 || errors_.descriptor >= 0) kill(process_, SIGKILL);
  int status = 0;
  waitpid(std::exchange(process_, -1), &status, 0);
  if (!WIFEXITED(status)) return {};
  return WEXITSTATUS(status);
}

}  // namespace ws::testing
