// Runs a program and looks at what it prints, for tests.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ws::testing {

/// A child process. Destroying it kills the process if it is still there.
class Program {
 public:
  /// Starts `path` with `arguments`. Throws std::system_error.
  Program(const std::string& path, std::vector<std::string> arguments,
          const std::string& standard_input = "");
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The next line on standard output; nothing if there is none within ten seconds.
  std::optional<std::string> read_line();

  void signal(int number) const;

  /// Reads all that is left until the end. Returns: the exit status; nothing if a signal ended the
  /// program, or it had to be killed after `limit`.
  std::optional<int> wait(std::chrono::seconds limit = std::chrono::seconds(10));

  const std::string& output() const { return output_.text; }
  const std::string& errors() const { return errors_.text; }

 private:
  struct Stream {
    int descriptor = -1;
    std::string text{};
  };

  bool read_more(std::chrono::steady_clock::time_point end);

  pid_t process_ = -1;
  Stream output_;
  Stream errors_;
  std::size_t lines_end_ = 0;
};

}  // namespace ws::testing
