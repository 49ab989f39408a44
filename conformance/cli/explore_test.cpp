// wsproof explore as it is run, and the case files that it writes.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "conformance/cli/test_wsproof.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kFault = " --fault fr-reserved-opcode-silent";

/// The only case file of a folder.
std::string only_file(const std::string& folder) {
  std::string path;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_TRUE(path.empty()) << path << " and " << entry.path();
    path = entry.path();
  }
  return path;
}

TEST(Explore, FindsAFaultOfAServerAndWritesACaseThatShowsIt) {
  const TestFiles files;
  const std::string folder = files.path("found");
  const ProgramEnd end = run_wsproof({"explore", "--spawn", right_server() + kFault, "--until-fail",
                                      "--seed", "1", "--jobs", "4", "-o", folder});
  EXPECT_EQ(end.status, 1) << end.output << end.errors;
  EXPECT_THAT(end.output, HasSubstr("the illegal bytes were passed over"));
  EXPECT_THAT(end.output, HasSubstr("wsproof server --spawn "));
  const std::string path = only_file(folder);

  const ProgramEnd again =
      run_wsproof({"server", "--spawn", right_server() + kFault, "--case-file", path});
  EXPECT_EQ(again.status, 1) << again.output;
  const ProgramEnd right = run_wsproof({"server", "--spawn", right_server(), "--case-file", path});
  EXPECT_EQ(right.status, 0) << right.output;
  EXPECT_THAT(right.output, HasSubstr("1 of 1 cases passed"));
  const std::string list = run_wsproof({"list", "--case-file", path}).output;
  EXPECT_THAT(list, HasSubstr("\tThe connection is failed: reserved opcode\n"));
  const std::string id = list.substr(0, list.find('\t'));
  EXPECT_THAT(run_wsproof({"explain", id, "--case-file", path}).output,
              HasSubstr("Found by wsproof explore: the illegal bytes"));
}

TEST(Explore, FindsAFaultOfAClient) {
  const TestFiles files;
  const ProgramEnd end = run_wsproof({"explore", "--spawn", right_client() + kFault, "--until-fail",
                                      "--seed", "1", "--jobs", "2", "-o", files.path("found")});
  EXPECT_EQ(end.status, 1) << end.output << end.errors;
  EXPECT_THAT(end.output, HasSubstr("wsproof client --spawn "));
}

TEST(Explore, RemembersWhatItTried) {
  const TestFiles files;
  const std::string state = files.path("state");
  const std::vector<std::string> arguments{"explore", "--spawn", right_server(), "--runs", "20",
                                           "--seed",  "6",       "--state",      state};
  for (int round = 1; round <= 2; ++round) {
    const ProgramEnd end = run_wsproof(arguments);
    EXPECT_EQ(end.status, 0) << end.output << end.errors;
    EXPECT_THAT(end.output, HasSubstr("20 scripts in "));
    EXPECT_EQ(json::parse(files.read("state")).at("next"), 20 * round);
  }
  const ProgramEnd other =
      run_wsproof({"explore", "--spawn", right_server(), "--seed", "7", "--state", state});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.errors, HasSubstr("was made with --seed 6"));
  const ProgramEnd client = run_wsproof({"explore", "--listen", "0", "--state", state});
  EXPECT_EQ(client.status, 2);
  EXPECT_THAT(client.errors, HasSubstr("is of a server"));
}

TEST(Explore, EndsAtItsTimeAndWhereTheEndpointIsDead) {
  const TestFiles files;
  const std::string folder = files.path("found");
  EXPECT_EQ(run_wsproof({"explore", "--spawn", right_server(), "--for", "1s", "-o", folder}).status,
            0);
  const ProgramEnd dead =
      run_wsproof({"explore", "ws://127.0.0.1:1/", "--ready-timeout", "0", "-o", folder});
  EXPECT_EQ(dead.status, 3);
  EXPECT_THAT(dead.errors, HasSubstr("nothing takes connections"));
}

TEST(Explore, SaysWhatIsWrongWithItsOptions) {
  const TestFiles files;
  EXPECT_THAT(run_wsproof({"explore"}).errors, HasSubstr("explore needs the URL of a server"));
  EXPECT_THAT(run_wsproof({"explore", "ws://127.0.0.1:1/", "--listen", "0"}).errors,
              HasSubstr("leave one out"));
  EXPECT_EQ(run_wsproof({"explore", "ws://127.0.0.1:1/", "--for", "soon"}).status, 2);
  const ProgramEnd state =
      run_wsproof({"explore", "ws://127.0.0.1:1/", "--state", files.write("state", "{}")});
  EXPECT_EQ(state.status, 2);
  EXPECT_THAT(state.errors, HasSubstr("it is no state of wsproof explore"));
}

TEST(CaseFile, IsComplainedAboutByNameAndPlace) {
  const TestFiles files;
  const std::string wrong =
      files.write("wrong.json",
                  R"({"wsproof_case_file": 1, "cases": [{"id": "a", "title": "t", "step": []}]})");
  const ProgramEnd end = run_wsproof({"list", "--case-file", wrong});
  EXPECT_EQ(end.status, 2);
  EXPECT_THAT(end.errors, HasSubstr("wrong.json\": cases[0] lacks \"steps\""));
  EXPECT_EQ(run_wsproof({"list", "--case-file", files.path("none")}).status, 2);
}

}  // namespace
}  // namespace ws::conformance
