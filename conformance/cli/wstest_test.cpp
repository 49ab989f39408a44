// Autobahn's spec files, and the reports that its users' scripts read.
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "conformance/cli/test_wsproof.hpp"
#include "conformance/cli/wstest_spec.hpp"
#include "conformance/endpoints/process.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> ids_of(const std::vector<const Case*>& cases) {
  std::vector<std::string> ids;
  for (const Case* test : cases) ids.push_back(test->id);
  return ids;
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

WstestSpec read(std::string_view mode, const json& content) {
  const TestFiles files;
  return read_wstest_spec(files.write("spec.json", content.dump()), mode);
}

TEST(WstestSpec, SelectsAsAutobahnDoes) {
  const auto select = [](const json& cases, const json& excluded = json::array()) {
    return ids_of(
        read("fuzzingserver", {{"url", "ws://h:1"}, {"cases", cases}, {"exclude-cases", excluded}})
            .cases);
  };
  EXPECT_EQ(select({"*"}).size(), 517U);
  EXPECT_EQ(select({"1.*"}).size(), 16U);
  EXPECT_EQ(select({"1*"}).size(), 16U + 1 + 90 + 126);
  EXPECT_THAT(select({"2.1", "1.1.1", "2.1"}), ElementsAre("1.1.1", "2.1"));
  EXPECT_THAT(select({"2.1*"}, {"2.1"}), ElementsAre("2.10", "2.11"));
  EXPECT_THAT(select({"7.1.[23]*"}), ElementsAre("7.1.2", "7.1.3"));
}

TEST(WstestSpec, KnowsItsDefaults) {
  const WstestSpec client =
      read("fuzzingclient", {{"cases", {"*"}}, {"servers", {{{"url", "ws://h:1"}}}}});
  EXPECT_EQ(client.outdir, "./reports/servers/");
  ASSERT_EQ(client.servers.size(), 1U);
  EXPECT_EQ(client.servers[0].agent, "");
  EXPECT_EQ(client.servers[0].timeouts, WstestTimeouts());
  EXPECT_EQ(read("fuzzingserver", {{"cases", {"*"}}, {"url", "ws://h:1"}}).outdir,
            "./reports/clients/");
}

TEST(WstestSpec, ReadsLibraryOptions) {
  const WstestSpec spec =
      read("fuzzingclient",
           {{"cases", {"*"}},
            {"options", {{"failByDrop", false}, {"version", 18}, {"closeHandshakeTimeout", 3}}},
            {"servers",
             {{{"url", "ws://h:1"},
               {"options", {{"openHandshakeTimeout", 2.5}, {"tcpNoDelay", false}}}}}}});
  EXPECT_EQ(spec.servers[0].timeouts, (WstestTimeouts{.open = 2.5, .close = 3}));
  EXPECT_THAT(spec.without_effect, ElementsAre("options.tcpNoDelay"));
}

TEST(WstestSpec, LeavesCasesOutForAgents) {
  const WstestSpec spec = read(
      "fuzzingserver",
      {{"cases", {"*"}}, {"url", "ws://h:1"}, {"exclude-agent-cases", {{"Our*", {"9.*", "1.1"}}}}});
  EXPECT_TRUE(is_excluded(spec, "Ours/1", "9.1.1"));
  EXPECT_FALSE(is_excluded(spec, "Ours/1", "1.1.1"));
  EXPECT_FALSE(is_excluded(spec, "Not Ours", "9.1.1"));
}

TEST(WstestSpec, PassesOverPatternsThatMeanNothing) {
  const WstestSpec spec = read("fuzzingserver", {{"cases", {"1.1.*", "8.*"}},
                                                 {"exclude-cases", {"11.*", "12", "1.1.1"}},
                                                 {"url", "ws://h:1"}});
  EXPECT_EQ(spec.cases.size(), 7U);
  EXPECT_THAT(spec.without_effect,
              ElementsAre("cases: 8.*", "exclude-cases: 11.*", "exclude-cases: 12"));
}

TEST(WstestSpec, NamesWhatIsWrong) {
  const json good = {{"cases", {"*"}}, {"url", "ws://h:1"}};
  for (const auto& [change, complaint] : {
           std::pair{json{{"cases", {"6.1"}}}, "\"6.1\" means no case; \"6.1.*\" is a section"},
           std::pair{json{{"cases", "*"}}, "\"cases\" is no list of texts"},
           std::pair{json{{"cases", {"[*"}}}, "\"[*\" is no pattern"},
           std::pair{json{{"cases", json::array()}}, "no case is left"},
           std::pair{json{{"exclude-cases", {"*"}}}, "no case is left"},
           std::pair{json{{"outdir", 1}}, "\"outdir\" is no text"},
           std::pair{json{{"url", ""}}, "no \"url\" to listen on"},
           std::pair{json{{"options", {{"openHandshakeTimeout", "x"}}}}, "no number of seconds"},
           std::pair{json{{"options", {{"bogus", 1}}}}, "there is no \"bogus\""},
           std::pair{json{{"exclude-agent-cases", 1}}, "\"exclude-agent-cases\" is no object"},
       }) {
    json content = good;
    content.update(change);
    try {
      read("fuzzingserver", content);
      ADD_FAILURE() << complaint;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(complaint));
    }
  }
  EXPECT_THROW(read("fuzzingclient", {{"cases", {"*"}}}), InputError);
  EXPECT_THROW(read("fuzzingserver", {{"url", "ws://h:1"}}), InputError);
}

TEST(WstestSpec, TakesItsOwnTemplates) {
  for (const std::string mode : {"fuzzingclient", "fuzzingserver"}) {
    EXPECT_EQ(read(mode, json::parse(wstest_template(mode))).cases.size(), 517U);
  }
}

TEST(Wstest, TestsTheServersOfASpecFile) {
  const TestFiles files;
  testing::Program server(WSPROOF_MUTANT, {"--role", "server", "--port", "0"});
  const auto line = server.read_line();
  ASSERT_TRUE(line);
  const std::string url = "ws://localhost:" + line->substr(line->rfind(' ') + 1);
  const json spec = {{"outdir", files.path("reports")},
                     {"cases", {"1.1.*"}},
                     {"exclude-cases", {"1.1.8"}},
                     {"exclude-agent-cases", {{"Ours*", {"1.1.2"}}}},
                     {"servers", {{{"url", url}, {"agent", "Ours 1.0"}}, {{"url", url}}}}};
  const ProgramEnd outcome =
      run_wsproof({"-m", "fuzzingclient", "-s", files.write("spec.json", spec.dump())});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  const json index = json::parse(files.read("reports/index.json"));
  ASSERT_EQ(index.size(), 2U);
  EXPECT_THAT(keys_of(index.at("Ours 1.0")),
              ElementsAre("1.1.1", "1.1.3", "1.1.4", "1.1.5", "1.1.6", "1.1.7"));
  const json& entry = index.at("Ours 1.0").at("1.1.1");
  EXPECT_EQ(entry.at("behavior"), "OK");
  EXPECT_EQ(entry.at("reportfile"), "ours_1_0_case_1_1_1.json");
  EXPECT_EQ(json::parse(files.read("reports/ours_1_0_case_1_1_1.json")).at("agent"), "Ours 1.0");
}

TEST(Wstest, SaysWhatIsWrongByItsExitStatus) {
  const TestFiles files;
  const json spec = {{"outdir", files.path("reports")},
                     {"cases", {"1.1.1"}},
                     {"servers", {{{"url", "http://localhost/"}}}}};
  const std::string path = files.write("spec.json", spec.dump());
  EXPECT_EQ(run_wsproof({"-m", "fuzzingclient", "-s", path}).status, 2);
  const ProgramEnd both = run_wsproof({"-m", "fuzzingclient", "-s", path, "list"});
  EXPECT_EQ(both.status, 2);
  EXPECT_THAT(both.errors, HasSubstr("--mode"));
  EXPECT_EQ(run_wsproof({}).status, 2);
  EXPECT_EQ(run_wsproof({"-s", path}).status, 2);
}

TEST(Wstest, ServesTheClientsOfASpecFile) {
  const TestFiles files;
  const std::string url = "ws://127.0.0.1:" + std::to_string(find_free_port());
  const json spec = {{"outdir", files.path("reports")}, {"cases", {"1.1.*", "2.1"}}, {"url", url}};
  testing::Program program(WSPROOF_PROGRAM,
                           {"-m", "fuzzingserver", "-s", files.write("spec.json", spec.dump())});
  ASSERT_TRUE(program.read_line());
  for (const std::string agent : {"one", "two"}) {
    testing::Program client(WSPROOF_MUTANT, {"--role", "client", "--url", url, "--agent", agent});
    EXPECT_EQ(client.wait(), 0);
  }
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0) << program.errors();
  const json index = json::parse(files.read("reports/index.json"));
  EXPECT_THAT(keys_of(index), ElementsAre("one", "two"));
  EXPECT_EQ(index.at("two").size(), 9U);
  EXPECT_EQ(index.at("two").at("2.1").at("behavior"), "OK");
}

}  // namespace
}  // namespace ws::conformance
