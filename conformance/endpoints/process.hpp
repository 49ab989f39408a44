// A program under test: started by a shell in a process group of its own, its output kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ws::conformance {

/// How a process ended.
struct ProcessEnd {
  bool by_signal = false;
  int number = 0;  ///< of the signal, or the exit status

  bool operator==(const ProcessEnd&) const = default;
};

/// For people, such as "exit status 3" or "signal 11 (Segmentation fault)".
std::string describe(const ProcessEnd& end);

class Process {
 public:
  /// Starts `command` with a shell. Its stdin is empty, its stdout and stderr are one stream.
  /// Errors: std::system_error if there can be no process.
  explicit Process(const std::string& command);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Ends it: SIGTERM to the whole group, SIGKILL to what is left of it a second later.
  ~Process();

  /// Its end, once it has ended by itself. All that it wrote is there then.
  std::optional<ProcessEnd> poll();

  /// Waits for its end, up to `limit`.
  std::optional<ProcessEnd> wait(std::chrono::milliseconds limit);

  /// Bytes of output so far, counted from its start.
  std::uint64_t output_size() const;

  /// The output from the byte `begin` on, as much as is kept: the last 64 KiB.
  std::string output_since(std::uint64_t begin) const;

  /// Of the process, for as long as it is there.
  int id() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The line of a sanitizer's report in a program's output, such as "ERROR: AddressSanitizer: ..",
/// or of a panic or an assertion that failed; empty if there is none.
std::string find_sanitizer_report(const std::string& output);

/// `text` with every `name` in braces replaced by `value`.
std::string replace_name(std::string text, const std::string& name, const std::string& value);

/// A word for a shell.
std::string quote(const std::string& word);

/// A TCP port of this machine that was free a moment ago. Errors: std::system_error.
std::uint16_t find_free_port();

}  // namespace ws::conformance
