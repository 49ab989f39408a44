// The program on a machine that has nothing: a root with no file but it.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "conformance/cli/test_wsproof.hpp"
#include "conformance/endpoints/process.hpp"

namespace ws::conformance {
namespace {

using ::testing::HasSubstr;

class Standalone : public ::testing::Test {
 protected:
  void SetUp() override {
#ifndef WSPROOF_LINKED_STATICALLY
    GTEST_SKIP() << "wsproof is linked dynamically in this build";
#endif
    std::filesystem::copy_file(WSPROOF_PROGRAM, root_.path("wsproof"));
    for (const std::vector<std::string>& way :
         {std::vector<std::string>{"/usr/sbin/chroot"},
          {"/usr/bin/unshare", "--map-root-user", "/usr/sbin/chroot"}}) {
      way_ = way;
      if (std::filesystem::exists(way.front()) && run({"--version"}).status == 0) return;
    }
    GTEST_SKIP() << "nobody lets us change the root directory";
  }

  /// Runs wsproof in the empty root.
  ProgramEnd run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> words(way_.begin() + 1, way_.end());
    words.push_back(root_.path(""));
    words.emplace_back("/wsproof");
    words.insert(words.end(), arguments.begin(), arguments.end());
    testing::Program program(way_.front(), words);
    const auto status = program.wait();
    return {.status = status, .output = program.output(), .errors = program.errors()};
  }

 private:
  TestFiles root_;
  std::vector<std::string> way_;
};

TEST_F(Standalone, ShowsItsCases) {
  EXPECT_THAT(run({"explain", "6.4.1"}).output, HasSubstr("wait 1 s"));
}

TEST_F(Standalone, TestsAServerByAddressAndByName) {
  const std::string port = std::to_string(find_free_port());
  const Process server(replace_name(right_server(), "port", port));
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const ProgramEnd outcome =
        run({"server", "ws://" + host + ":" + port + "/", "--cases", "1.1.2,12.1.3"});
    EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
    EXPECT_THAT(outcome.output, HasSubstr("2 of 2 cases passed"));
  }
}

TEST_F(Standalone, SaysThatANameIsNotKnown) {
  const ProgramEnd outcome = run({"server", "ws://nowhere.invalid/", "--ready-timeout", "0.1"});
  EXPECT_EQ(outcome.status, 3) << outcome.output << outcome.errors;
}

}  // namespace
}  // namespace ws::conformance
