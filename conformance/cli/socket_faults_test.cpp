// Faults that show over sockets, over TLS, or in what a process uses: a run over sockets catches
// each of them, and finds no fault with the right endpoint.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "conformance/cli/test_wsproof.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

struct Caught {
  const char* fault = nullptr;
  Role role = Role::server;
  bool secure = false;
  const char* test = nullptr;
  const char* verdict = "fail";
};

std::string command_of(Role role, bool secure, const std::string& fault) {
  const std::string command = role == Role::server ? secure ? secure_server() : right_server()
                              : secure ? secure_client()
                                                   : right_client();
  return fault.empty() ? command : command + " --fault " + fault;
}

/// The cases of a run.
json play(Role role, bool secure, const std::string& fault, const std::string& cases) {
  const TestFiles files;
  const std::string run = files.path("run.json");
  std::vector<std::string> arguments{role == Role::server ? "server" : "client",
                                     "--spawn",
                                     command_of(role, secure, fault),
                                     "--cases",
                                     cases,
                                     "--json",
                                     run,
                                     "--quiet",
                                     "--case-timeout",
                                     "20"};
  if (role == Role::server) {
    // This is no fast build, and other tests run beside.
    arguments.insert(arguments.end(), {"--jobs", "4"});
  }
  if (secure && role == Role::server) {
    arguments.insert(arguments.begin() + 1, "wss://localhost:{port}/");
    arguments.insert(arguments.end(), {"--ready-timeout", "20"});
  }
  if (secure && role == Role::client) arguments.emplace_back("--tls");
  const ProgramEnd end = run_wsproof(arguments);
  const json file = json::parse(files.read("run.json"), nullptr, false);
  EXPECT_TRUE(file.is_object()) << end.output << end.errors;
  return file.is_object() ? file.at("cases") : json::object();
}

class SocketFault : public ::testing::TestWithParam<Caught> {};

constexpr Role kServer = Role::server;
constexpr Role kClient = Role::client;

std::string name_of(const ::testing::TestParamInfo<Caught>& test) {
  std::string name =
      std::string(test.param.fault) + (test.param.role == Role::server ? "_server" : "_client");
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Quick, SocketFault,
    ::testing::Values(
        Caught{"lm-echo-queue", kServer, false, "35.1.1", "non_strict"},
        Caught{"lm-chunk-quadratic", kServer, false, "35.3.1"},
        Caught{"own-lm-65536th-message-lost", kServer, false, "35.1.8"},
        Caught{"own-lm-65536th-message-lost", kClient, false, "35.1.8"},
        Caught{"tr-write-zero-loop", kServer, false, "35.4.4"},
        Caught{"own-tr-sockets-left", kServer, false, "35.5.1"},
        Caught{"hs-cli-connects-at-once", kClient, false, "33.13.1"},
        Caught{"hs-cli-redirections-uncounted", kClient, false, "21.39.1", "non_strict"},
        Caught{"hs-cli-redirect-relative-to-root", kClient, false, "21.39.4", "non_strict"},
        Caught{"hs-cli-redirect-query-lost", kClient, false, "21.39.3", "non_strict"},
        Caught{"own-hs-cli-redirect-decoded", kClient, false, "21.39.3", "non_strict"},
        Caught{"own-hs-cli-redirect-fragment-sent", kClient, false, "21.39.5", "non_strict"},
        Caught{"own-hs-cli-redirect-host-kept", kClient, false, "21.39.6", "non_strict"},
        Caught{"own-hs-cli-redirect-query-kept", kClient, false, "21.39.7", "non_strict"},
        Caught{"own-hs-cli-redirect-from-first", kClient, false, "21.39.7", "non_strict"},
        Caught{"tls-pending-stall", kServer, true, "31.1.5"},
        Caught{"tls-no-chain-check", kClient, true, "31.6.9"},
        Caught{"own-tls-name-unchecked", kClient, true, "31.6.5"},
        Caught{"own-tls-no-server-name", kClient, true, "31.7.1"},
        Caught{"own-tls-small-records-refused", kClient, true, "31.1.2"},
        Caught{"own-tls-subject-taken", kClient, true, "31.6.5"},
        Caught{"own-fg-65537th-lost", kServer, false, "41.7.1"},
        Caught{"own-tr-end-drops-answers", kServer, false, "41.9.1", "non_strict"},
        Caught{"own-cn-blocked-writer", kServer, false, "39.3.21"}),
    name_of);

// Minutes: --gtest_also_run_disabled_tests plays them too.
INSTANTIATE_TEST_SUITE_P(
    DISABLED_All, SocketFault,
    ::testing::Values(Caught{"lm-echo-queue", kClient, false, "35.1.1", "non_strict"},
                      Caught{"own-cn-slot-of-last", kServer, false, "39.3.29"},
                      Caught{"own-tr-after-wait-lost", kServer, false, "30.1.12"},
                      Caught{"lm-pong-queue", kServer, false, "35.1.4", "non_strict"},
                      Caught{"lm-pong-queue", kClient, false, "35.1.4", "non_strict"},
                      Caught{"lm-chunk-quadratic", kClient, false, "35.3.1"},
                      Caught{"lm-fragment-quadratic", kServer, false, "35.3.2"},
                      Caught{"lm-handshake-quadratic", kServer, false, "35.3.3"},
                      Caught{"tr-write-zero-loop", kClient, false, "35.4.7"},
                      Caught{"tr-payload-lost-on-header-block", kServer, false, "35.1.3"},
                      Caught{"tr-payload-lost-on-header-block", kClient, false, "35.1.3"},
                      Caught{"own-tr-one-at-a-time", kServer, false, "35.6.1"},
                      Caught{"own-cn-oldest-first", kServer, false, "39.3.20"},
                      Caught{"tls-pending-stall", kClient, true, "31.1.5"},
                      Caught{"tls-tcp-left-open", kServer, true, "31.4.4", "non_strict"},
                      Caught{"own-tls-expired-taken", kClient, true, "31.6.1"},
                      Caught{"own-tls-self-signed-taken", kClient, true, "31.6.7"},
                      Caught{"own-tls-notify-ignored", kServer, true, "31.4.2", "non_strict"},
                      Caught{"own-tls-notify-ignored", kClient, true, "31.4.2"},
                      Caught{"own-tls-cut-not-seen", kServer, true, "31.4.1", "non_strict"},
                      Caught{"own-tls-cut-not-seen", kClient, true, "31.4.1"},
                      Caught{"own-tls-old-versions", kServer, true, "31.2.3", "non_strict"},
                      Caught{"own-tls-old-versions", kClient, true, "31.2.3", "non_strict"},
                      Caught{"own-tls-one-bad-handshake", kServer, true, "31.5.3"},
                      Caught{"own-tls-small-records-refused", kServer, true, "31.1.2"},
                      Caught{"own-fg-65537th-lost", kClient, false, "41.7.1"},
                      Caught{"own-tr-end-drops-answers", kClient, false, "41.9.1", "non_strict"},
                      Caught{"own-tr-end-drops-waiting", kServer, false, "35.1.12", "non_strict"},
                      Caught{"own-tr-short-before-long", kServer, false, "35.1.13"},
                      Caught{"own-tr-refusals-left", kServer, false, "35.5.4"},
                      Caught{"cn-memory-kept", kServer, false, "35.5.6", "non_strict"},
                      Caught{"cn-waiting-output-shared", kServer, false, "39.3.30"},
                      Caught{"tr-reset-keeps-socket", kServer, false, "35.5.5"},
                      Caught{"own-tr-end-inside-message-keeps-socket", kServer, false, "35.5.5"},
                      Caught{"tr-spins-behind-end-of-peer", kServer, false, "35.4.14"},
                      Caught{"tr-spins-behind-end-of-peer", kClient, false, "35.4.14"},
                      Caught{"tr-polls-for-room-ever-after", kServer, false, "35.4.15"},
                      Caught{"own-tr-spins-while-full", kServer, false, "35.4.3"},
                      Caught{"own-tr-pong-inside-full", kServer, false, "35.1.14"},
                      Caught{"own-tr-pong-inside-full", kClient, false, "35.1.14"},
                      Caught{"tr-close-meets-full-socket-dies", kServer, false, "35.1.15"},
                      Caught{"tr-message-meets-full-socket-ends", kServer, false, "35.1.16"},
                      Caught{"own-tr-slow-reader-dropped", kServer, false, "30.1.15", "non_strict"},
                      Caught{"own-tr-end-does-not-wait", kServer, false, "30.1.16", "non_strict"},
                      Caught{"tr-idle-counts-reads-alone", kServer, false, "30.1.17", "non_strict"},
                      Caught{"tr-close-cuts-output", kServer, false, "35.1.9"},
                      Caught{"tr-close-cuts-output", kClient, false, "35.1.9"},
                      Caught{"own-tr-pong-dropped", kClient, false, "35.1.10"},
                      Caught{"ct-waiting-pongs-alike", kServer, false, "35.1.17", "non_strict"},
                      Caught{"ct-waiting-pongs-alike", kClient, false, "35.1.17", "non_strict"},
                      Caught{"tr-queue-loses-last", kClient, false, "35.1.11"},
                      Caught{"hs-cli-partial-head-spins", kClient, false, "35.4.13"},
                      Caught{"own-tr-spins-inside-header", kServer, false, "35.4.9"},
                      Caught{"own-tr-spins-inside-header", kClient, false, "35.4.10"},
                      Caught{"own-tr-spins-between-fragments", kServer, false, "35.4.11"},
                      Caught{"own-tr-spins-between-fragments", kClient, false, "35.4.12"},
                      Caught{"own-hs-cli-target-without-slash", kClient, false, "21.1.1"},
                      Caught{"tr-close-under-load-keeps-tcp", kServer, false, "30.1.10",
                             "non_strict"},
                      Caught{"tr-blocked-write-last-byte", kServer, false, "35.1.5"},
                      Caught{"tr-partial-write-lost", kServer, false, "35.1.3"},
                      Caught{"tr-partial-write-again", kServer, false, "35.1.3"},
                      Caught{"hs-cli-high-proto-dies", kClient, false, "21.22.1"},
                      Caught{"tr-end-delivers-again", kServer, false, "41.9.2"},
                      Caught{"tls-header-across-records", kServer, true, "31.1.2"},
                      Caught{"tr-end-ignored", kServer, false, "30.4.1"},
                      Caught{"tr-end-ignored", kClient, false, "30.4.1"},
                      Caught{"tr-end-inside-frame-ignored", kServer, false, "30.4.2"},
                      Caught{"tr-end-inside-frame-ignored", kClient, false, "30.4.2"},
                      Caught{"own-cn-hundred", kServer, false, "35.6.2"}),
    name_of);

TEST_P(SocketFault, IsCaught) {
  const Caught& caught = GetParam();
  // The first case tells a runner what a client does between two of them.
  const std::string cases = std::string("1.1.1,31.1.1,") + caught.test;
  const json played = play(caught.role, caught.secure, caught.fault, cases);
  ASSERT_TRUE(played.contains(caught.test));
  EXPECT_EQ(played.at(caught.test).at("verdict"), caught.verdict)
      << played.at(caught.test).value("reason", "");
}

TEST(Policies, AreWhatAServerWasTold) {
  const auto verdicts = [](const std::string& fault) {
    const TestFiles files;
    run_wsproof({"server", "--spawn",
                 command_of(kServer, false, fault) + " --origin https://a.example --missing /none",
                 "--origin", "https://a.example", "--missing", "/none", "--cases", "36", "--json",
                 files.path("run.json"), "--quiet"});
    std::vector<std::string> failed;
    const json run = json::parse(files.read("run.json"));
    EXPECT_EQ(run.at("cases").size(), 8U);
    for (const auto& [id, result] : run.at("cases").items()) {
      if (result.at("verdict") != "pass") failed.push_back(id);
    }
    return failed;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(verdicts(""), Ids{});
  EXPECT_EQ(verdicts("own-hs-srv-origin-prefix"), (Ids{"36.1.4", "36.1.6"}));
  EXPECT_EQ(verdicts("own-hs-srv-origin-unchecked"),
            (Ids{"36.1.2", "36.1.3", "36.1.4", "36.1.5", "36.1.6"}));
  EXPECT_EQ(verdicts("own-hs-srv-missing-served"), (Ids{"36.2.1", "36.2.2"}));
}

/// Which cases a client with `fault` does not pass that goes to a URL for each.
std::vector<std::string> play_urls(const std::string& fault) {
  const TestFiles files;
  run_wsproof({"client", "--spawn",
               std::string(WSPROOF_MUTANT) +
                   " --role client --url {case_url} --agent {agent} --origin http://page.example" +
                   (fault.empty() ? "" : " --fault " + fault),
               "--origin", "http://page.example", "--cases", "36", "--json", files.path("run.json"),
               "--case-timeout", "10", "--quiet"});
  std::vector<std::string> failed;
  const json run = json::parse(files.read("run.json"));
  EXPECT_EQ(run.at("cases").size(), 24U);
  for (const auto& [id, result] : run.at("cases").items()) {
    // Who cannot look up a name, or knows no fragments and users, stays away, which is noted.
    const bool may_stay_away =
        id == "36.3.6" || id == "36.3.14" || id == "36.3.20" || id == "36.3.21" || id == "36.5.1";
    const bool is_good = result.at("verdict") == "pass" ||
                         (may_stay_away && result.at("verdict") == "informational");
    if (!is_good) failed.push_back(id);
  }
  return failed;
}

TEST(Urls, AreGoneToAsTheyStand) {
  using Ids = std::vector<std::string>;
  struct Row {
    std::string fault{};
    Ids caught_by{};
  };
  std::vector<Row> rows{
      {"", {}},
      {"own-hs-cli-url-decoded",
       {"36.3.12", "36.3.15", "36.3.16", "36.3.19", "36.3.2", "36.3.3", "36.3.4"}},
      {"own-hs-cli-port-by-atoi", {"36.3.7"}},
      {"own-hs-cli-port-of-16-bits", {"36.3.9"}},
      {"own-hs-cli-host-as-it-stands", {"36.3.6"}},
      {"hs-cli-query-without-path", {"36.3.11", "36.3.13"}},
      {"own-hs-cli-origin-null", {"36.4.1"}},
      {"own-hs-cli-path-cut-at-semicolon", {"36.3.12"}},
      {"own-hs-cli-path-slashes-merged", {"36.3.12"}},
      {"own-hs-cli-path-last-part", {"36.3.12", "36.3.18"}},
      {"hs-cli-query-decoded", {"36.3.15", "36.3.16", "36.3.2", "36.3.3", "36.3.4"}},
      {"hs-cli-escapes-again",
       {"36.3.12", "36.3.15", "36.3.16", "36.3.19", "36.3.2", "36.3.3", "36.3.4"}},
      {"hs-cli-line-end-decoded", {"36.3.15", "36.3.19"}},
      {"hs-cli-last-slash-lost", {"36.3.18"}},
      {"hs-cli-url-fragment-sent", {"36.3.20"}},
      {"hs-cli-user-in-host", {"36.3.21", "36.5.1"}},
      {"own-hs-cli-plus-as-space", {"36.3.17"}},
      {"hs-cli-redirect-credentials-kept", {"36.5.1"}},
      {"own-hs-cli-refused-tries-on", {"36.3.22"}},
  };
  std::ostringstream addresses;
  addresses << std::ifstream("/proc/net/if_inet6").rdbuf();
  if (addresses.str().contains(std::string(31, '0') + "1 ")) {  // there is ::1
    rows.push_back({"hs-cli-ipv6-port-lost", {"36.3.14"}});
    rows.push_back({"hs-cli-ipv6-brackets-lost", {"36.3.14"}});
  }
  // They wait more than they work, so some are played at once.
  constexpr std::size_t kAtOnce = 8;
  std::atomic<std::size_t> next = 0;
  std::vector<Ids> caught_by(rows.size());
  {
    std::vector<std::jthread> players;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      players.emplace_back([&] {
        for (std::size_t at = next++; at < rows.size(); at = next++) {
          caught_by[at] = play_urls(rows[at].fault);
        }
      });
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(caught_by[i], rows[i].caught_by) << rows[i].fault;
  }
  EXPECT_EQ(std::ranges::count(play_urls("hs-cli-path-lost"), "36.3.12"), 1);
}

TEST(Returns, AreNotMadeAtOnce) {
  const auto verdict = [](const std::string& fault) {
    const TestFiles files;
    run_wsproof({"client", "--spawn",
                 std::string(WSPROOF_MUTANT) + " --role client --url {case_url} --agent {agent}" +
                     (fault.empty() ? "" : " --fault " + fault),
                 "--cases", "32.6.1", "--json", files.path("run.json"), "--quiet"});
    const json run = json::parse(files.read("run.json"));
    return run.at("cases").at("32.6.1").at("verdict").get<std::string>();
  };
  EXPECT_EQ(verdict(""), "pass");
  EXPECT_EQ(verdict("own-cl-cli-returns-at-once"), "non_strict");
}

TEST(Connections, HaveNothingInCommonOverSockets) {
  const auto verdicts = [](Role role, const std::string& fault, const std::string& cases) {
    std::vector<std::string> failed;
    const json played = play(role, false, fault, cases);
    for (const auto& [id, result] : played.items()) {
      if (result.at("verdict") == "pass") continue;
      failed.push_back(id);
      if (fault.empty()) ADD_FAILURE() << id << ": " << result.value("reason", "");
    }
    return failed;
  };
  using Ids = std::vector<std::string>;
  for (const Role role : {kServer, kClient}) {
    EXPECT_EQ(verdicts(role, "", "39"), Ids{});
    EXPECT_EQ(verdicts(role, "own-cn-message-kept", "39.1.2"),
              (Ids{"39.1.2.1", "39.1.2.2", "39.1.2.3", "39.1.2.4", "39.1.2.5"}));
    EXPECT_EQ(verdicts(role, "own-cn-head-kept", "39.1.22"),
              (Ids{"39.1.22.1", "39.1.22.2", "39.1.22.3"}));
  }
  EXPECT_EQ(verdicts(kServer, "own-cn-shared-header", "39.3.6"), Ids{"39.3.6"});
  EXPECT_EQ(verdicts(kServer, "own-cn-shared-inflater", "39.3.10"), Ids{"39.3.10"});
  EXPECT_EQ(verdicts(kServer, "own-cn-broadcast", "39.3.2"), Ids{"39.3.2"});
  EXPECT_EQ(verdicts(kServer, "own-cn-waits-for-frame", "39.3.18"), Ids{"39.3.18"});
}

class RightOverSockets : public ::testing::TestWithParam<Role> {};

INSTANTIATE_TEST_SUITE_P(EachRole, RightOverSockets, ::testing::Values(kServer, kClient),
                         [](const auto& test) {
                           return test.param == Role::server ? "Server" : "Client";
                         });

TEST_P(RightOverSockets, PassesWhatIsLookedAtThere) {
  for (const bool secure : {false, true}) {
    // All of them take a minute.
    const json played =
        play(GetParam(), secure, "",
             secure ? "1.1.1,31" : "1.1.1,35.1.1,35.1.3,35.2,35.3.2,35.4.1,35.4.5,35.5.2,35.6");
    EXPECT_GE(played.size(), 8U);
    for (const auto& [id, result] : played.items()) {
      EXPECT_TRUE(result.at("verdict") == "pass" || result.at("verdict") == "informational")
          << id << ": " << result.at("verdict") << ", " << result.value("reason", "");
    }
  }
}

TEST(Resources, AreInTheRunFile) {
  const json played = play(kServer, false, "", "1.1.1");
  const json& used = played.at("1.1.1").at("resources");
  EXPECT_GT(used.at("memory_bytes"), 100'000);
  EXPECT_GE(used.at("descriptors"), 4);
  EXPECT_GE(used.at("processor_ms"), 0);
}

}  // namespace
}  // namespace ws::conformance
