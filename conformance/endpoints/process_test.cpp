#include "conformance/endpoints/process.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

namespace ws::conformance {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

std::string output_of(const std::string& command) {
  Process process(command);
  process.wait(seconds(10));
  return process.output_since(0);
}

TEST(Process, TellsHowItEnded) {
  Process failing("sh -c 'exit 3'");
  EXPECT_EQ(failing.wait(seconds(10)), (ProcessEnd{.number = 3}));
  Process killed("sh -c 'kill -SEGV $$'");
  EXPECT_EQ(killed.wait(seconds(10)), (ProcessEnd{.by_signal = true, .number = SIGSEGV}));
  EXPECT_THAT(describe({.by_signal = true, .number = SIGSEGV}), HasSubstr("signal 11 (Seg"));
}

TEST(Process, KeepsOutputAndErrors) {
  EXPECT_EQ(output_of("echo one; echo two >&2"), "one\ntwo\n");
}

TEST(Process, KeepsTheEndOfALongOutput) {
  const std::string output = output_of("seq 1 100000");
  EXPECT_LE(output.size(), 64U * 1024);
  EXPECT_TRUE(output.ends_with("99999\n100000\n"));
}

// The thread that reads may be late, and what was said last tells why it ended.
TEST(Process, HasReadAllThatWasSaidWhenItEnds) {
  for (int i = 0; i < 200; ++i) {
    Process process("echo no luck");
    while (!process.poll()) {
    }
    ASSERT_EQ(process.output_since(0), "no luck\n") << i;
  }
}

TEST(Process, EndsTheWholeGroup) {
  std::string pid;
  {
    Process process("sleep 600 & echo $! END; wait");
    const auto deadline = std::chrono::steady_clock::now() + seconds(10);
    while (process.output_since(0).find("END") == std::string::npos &&
           std::chrono::steady_clock::now() < deadline) {
    }
    pid = process.output_since(0).substr(0, process.output_since(0).find(' '));
    EXPECT_EQ(kill(std::stoi(pid), 0), 0);
    EXPECT_FALSE(process.poll());
  }
  // It has been told to end, which may take it a moment. It may be a zombie until init reaps it,
  // which it cannot be killed out of.
  const auto is_gone = [&] {
    const std::string state = output_of("cat /proc/" + pid + "/stat");
    return state.find(") Z") != std::string::npos || kill(std::stoi(pid), 0) != 0;
  };
  const auto deadline = std::chrono::steady_clock::now() + seconds(10);
  while (!is_gone() && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_TRUE(is_gone());
}

// A client that waits for the end of its connection would wait for that of another client.
TEST(Process, KeepsNoFileOfOurs) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const Process process("sleep 600");
  close(ends[1]);
  pollfd reader{ends[0], POLLIN, 0};
  EXPECT_EQ(poll(&reader, 1, 10'000), 1);
  EXPECT_TRUE(reader.revents & POLLHUP);
  close(ends[0]);
}

TEST(FindSanitizerReport, GivesTheLine) {
  EXPECT_EQ(find_sanitizer_report("listening\n==7==ERROR: AddressSanitizer: heap-use-after-free\n "
                                  "#0 0x0"),
            "==7==ERROR: AddressSanitizer: heap-use-after-free");
  EXPECT_EQ(find_sanitizer_report("a.cpp:3:1: runtime error: signed integer overflow"),
            "a.cpp:3:1: runtime error: signed integer overflow");
  EXPECT_EQ(find_sanitizer_report("an ERROR: of another kind\n"), "");
}

TEST(FindSanitizerReport, GivesAPanicThatIsNoUnwrappedError) {
  const std::string gives_up =
      "thread 'main' panicked at src/client.rs:7:6:\n"
      "called `Result::unwrap()` on an `Err` value: Upgrade(WrongAccept)\n";
  EXPECT_EQ(find_sanitizer_report(gives_up), "");
  EXPECT_EQ(
      find_sanitizer_report("thread 'main' panicked at 'called `Result::unwrap()` on an `Err` "
                            "value: Closed', src/client.rs:7:6\nnote: run with\n"),
      "");
  const std::string panic = "thread 'main' panicked at bytes_mut.rs:705:21:";
  EXPECT_EQ(find_sanitizer_report(gives_up + panic + "\ncapacity overflow\n"), panic);
  EXPECT_EQ(find_sanitizer_report(panic + "\n"), "") << "what for may come yet";
}

TEST(Quote, KeepsAWordTogether) {
  EXPECT_EQ(quote("ws://127.0.0.1:9001/"), "ws://127.0.0.1:9001/");
  EXPECT_EQ(quote("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(quote(""), "''");
}

TEST(ReplaceName, ReplacesEach) {
  EXPECT_EQ(replace_name("{port} and {port}", "port", "9001"), "9001 and 9001");
}

}  // namespace
}  // namespace ws::conformance
