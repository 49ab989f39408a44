// A case of a run file, played again with every byte shown, and as a capture.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "conformance/cli/test_wsproof.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST(Replay, ShowsEveryByteOfACase) {
  const TestFiles files;
  const std::string run = files.path("run.json");
  run_wsproof({"server", "--spawn", right_server(), "--cases", "1.1.2,23.1.1", "--seed", "7",
               "--json", run});
  const json kept = json::parse(files.read("run.json"));
  EXPECT_EQ(kept.at("x-options").at("seed"), "7");
  EXPECT_EQ(kept.at("cases").at("1.1.2").at("x-segmentation"), "whole");
  const ProgramEnd first = run_wsproof({"replay", run, "1.1.2"});
  EXPECT_EQ(first.status, 0) << first.output << first.errors;
  EXPECT_THAT(first.output,
              AllOf(ContainsRegex(" s  1 -> [0-9]+ bytes\n    000000  47 45 54 20 2f 20 48"),
                    HasSubstr(" s  1 <- "), HasSubstr("now:        pass")));
  // The same seed makes the same nonce; only the port before it is another.
  const auto sent = [](const std::string& output) {
    const std::size_t begin = output.find("    000090");
    return output.substr(begin, output.find(" <- ") - begin - 20);
  };
  EXPECT_EQ(sent(first.output), sent(run_wsproof({"replay", run, "1.1.2"}).output));
}

TEST(Replay, PlaysTheCutThatDecided) {
  const TestFiles files;
  const std::string run = files.path("run.json");
  run_wsproof({"client", "--spawn", right_client(), "--cases", "23.1.1", "--json", run});
  json changed = json::parse(files.read("run.json"));
  changed["cases"]["23.1.1"]["x-segmentation"] = "bytes";
  const ProgramEnd outcome =
      run_wsproof({"replay", files.write("changed.json", changed.dump()), "23.1.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("-> 1 bytes\n"));
}

TEST(Replay, SaysWhatCannotBeReplayed) {
  const TestFiles files;
  const std::string run = files.path("run.json");
  run_wsproof({"server", "--spawn", right_server(), "--cases", "1.1.2", "--json", run});
  const ProgramEnd other = run_wsproof({"replay", run, "1.1.1"});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.errors, HasSubstr("has no case \"1.1.1\""));
  json changed = json::parse(files.read("run.json"));
  changed.erase("x-options");
  const ProgramEnd foreign =
      run_wsproof({"replay", files.write("changed.json", changed.dump()), "1.1.2"});
  EXPECT_EQ(foreign.status, 2);
  EXPECT_THAT(foreign.errors, HasSubstr("does not say how it was played"));
}

TEST(Replay, WritesACaptureThatWiresharkDecodes) {
  if (!std::filesystem::exists("/usr/bin/tshark")) GTEST_SKIP() << "there is no tshark";
  const TestFiles files;
  const std::string run = files.path("run.json");
  const std::string capture = files.path("capture.pcapng");
  for (const bool secure : {false, true}) {
    run_wsproof({"server", secure ? "wss://localhost:{port}/" : "ws://localhost:{port}/", "--spawn",
                 secure ? secure_server() : right_server(), "--cases", "1.1.2", "--json", run});
    const ProgramEnd outcome = run_wsproof({"replay", run, "1.1.2", "--pcap", capture});
    EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
    testing::Program tshark("/usr/bin/tshark",
                            {"-r", capture, "-Y", "websocket", "-T", "fields", "-e",
                             "websocket.opcode", "-e", "websocket.payload_length"});
    EXPECT_EQ(tshark.wait(), 0) << tshark.errors();
    // The text and its echo, then both Closes.
    EXPECT_EQ(tshark.output(), "1\t125\n1\t125\n8\t2\n8\t2\n") << secure;
  }
}

}  // namespace
}  // namespace ws::conformance
