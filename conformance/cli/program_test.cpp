// The program as it is run: endpoints that crash, hang or never come, and what a run writes.
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <tuple>

#include "conformance/cli/test_wsproof.hpp"
#include "conformance/endpoints/certificates.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

const std::string kMutant = WSPROOF_MUTANT;

/// A server that closes each connection at once.
const std::string kHangsUp =
    "python3 -c 'import socket, sys\ns = socket.create_server((\"127.0.0.1\", "
    "int(sys.argv[1])))\nwhile True: s.accept()[0].close()' {port}";

/// A server for one connection at a time, which ends when a peer connects and says nothing, as some
/// drivers for Autobahn do.
const std::string kEndsOfSilence =
    "python3 -c 'import base64, hashlib, re, socket, sys\n"
    "listener = socket.create_server((\"127.0.0.1\", int(sys.argv[1])))\n"
    "while True:\n"
    "  peer = listener.accept()[0]\n"
    "  head = peer.recv(4096)\n"
    "  if not head: sys.exit(1)\n"
    "  key = re.search(rb\"Key: (\\S+)\", head)[1] + b\"258EAFA5-E914-47DA-95CA-C5AB0DC85B11\"\n"
    "  peer.sendall(b\"HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n\"\n"
    "               b\"Connection: Upgrade\\r\\nSec-WebSocket-Accept: \"\n"
    "               + base64.b64encode(hashlib.sha1(key).digest()) + b\"\\r\\n\\r\\n\")\n"
    "  while len(frame := peer.recv(4096)) >= 6:\n"
    "    plain = bytes(b ^ frame[2 + i % 4] for i, b in enumerate(frame[6:]))\n"
    "    peer.sendall(frame[:1] + bytes([frame[1] % 128]) + plain)\n"
    "    if frame[0] == 0x88: break\n"
    "  peer.close()' {port}";

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

TEST(Program, SelectsByTagAndLevel) {
  const std::string tagged = run_wsproof({"list", "--tag", "control"}).output;
  EXPECT_THAT(tagged, HasSubstr("26.1.1\t"));
  EXPECT_THAT(tagged, Not(HasSubstr("\n1.1.1\t")));
  EXPECT_LT(count(run_wsproof({"list", "--level", "should,may"}).output, "\n"),
            count(run_wsproof({"list"}).output, "\n"));
  const ProgramEnd wrong = run_wsproof({"list", "--tag", "bogus"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("\"bogus\" is the tag of no case; there are "));
  EXPECT_EQ(run_wsproof({"list", "--level", "bogus"}).status, 2);
}

TEST(Program, LeavesOutWhatTakesLong) {
  const std::string quick = run_wsproof({"list", "--quick"}).output;
  for (const char* id : {"1.1.1", "23.1.1"}) EXPECT_THAT(quick, HasSubstr(std::string(id) + "\t"));
  // A megabyte, gigabytes, six seconds of waiting, and the memory of a server.
  for (const char* id : {"9.1.1", "12.1.1", "13.1.1", "32.2.7", "35.2.1"}) {
    EXPECT_THAT(quick, Not(HasSubstr("\n" + std::string(id) + "\t")));
  }
  EXPECT_THAT(run_wsproof({"list", "--quick", "--cases", "9.1.1"}).output, HasSubstr("9.1.1\t"));
}

TEST(Program, ReadsAConfigurationFile) {
  const TestFiles files;
  const std::string config = files.write(
      "wsproof.toml", "[server]\nspawn = '" + right_server() + "'\ncases = [\"1.1.1\", \"2.1\"]\n");
  const ProgramEnd outcome = run_wsproof({"--config", config, "server"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("2 of 2 cases passed"));
  const ProgramEnd less = run_wsproof({"--config", config, "server", "--cases", "1.1.1"});
  EXPECT_THAT(less.output, HasSubstr("1 of 1 cases passed"));
  const ProgramEnd wrong =
      run_wsproof({"--config", files.write("wrong.toml", "[server]\nbogus = 1\n"), "server"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("bogus"));
}

TEST(Program, CompletesItsOptions) {
  const TestFiles files;
  const std::string script = files.write("c", run_wsproof({"completion", "bash"}).output);
  const auto complete = [&](const std::string& words, const std::string& count_of_last) {
    testing::Program bash("/bin/bash", {"-c", "source " + script + "; COMP_WORDS=(" + words +
                                                  "); COMP_CWORD=" + count_of_last +
                                                  "; _wsproof; echo ${COMPREPLY[@]}"});
    EXPECT_EQ(bash.wait(), 0) << bash.errors();
    return bash.output();
  };
  EXPECT_EQ(complete("wsproof ser", "1"), "server\n");
  EXPECT_EQ(complete("wsproof server --fail-f", "2"), "--fail-fast\n");
  EXPECT_EQ(complete("wsproof list --fail-f", "2"), "\n");
  EXPECT_THAT(run_wsproof({"completion", "fish"}).output, HasSubstr(" -l fail-fast -d '"));
  EXPECT_EQ(run_wsproof({"completion", "zsh"}).status, 0);
  EXPECT_EQ(run_wsproof({"completion", "csh"}).status, 2);
}

TEST(Program, HasAManPageWithEveryOption) {
  const std::string page = run_wsproof({"man"}).output;
  for (const std::string text : {".SH wsproof server", "fail\\-fast", "until\\-fail",
                                 ".SH wsproof baseline import", ".SH EXIT STATUS"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
}

TEST(ServerRun, PassesARightServer) {
  const ProgramEnd outcome =
      run_wsproof({"server", "--spawn", right_server(), "--cases", "1.1,5.1,23.1.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  EXPECT_THAT(outcome.output, Not(HasSubstr("note:")));
}

TEST(ServerRun, NamesAServerThatEndsAtOnce) {
  const ProgramEnd outcome =
      run_wsproof({"server", "--spawn", "sh -c 'echo no luck; exit 7' {port}", "--cases", "1.1.1"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("ended before it took connections: exit status 7"),
                                    HasSubstr("no luck"), HasSubstr("1 not played")));
}

TEST(ServerRun, NamesAServerThatNeverListens) {
  const ProgramEnd outcome = run_wsproof(
      {"server", "--spawn", "sleep 60 {port}", "--cases", "1.1.1", "--ready-timeout", "0.2"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output, HasSubstr("nothing takes connections at 127.0.0.1:"));
  EXPECT_THAT(outcome.output, HasSubstr("after 0.2 s; --ready-timeout sets the limit"));
}

TEST(ServerRun, SaysSomethingOnEachConnection) {
  const ProgramEnd outcome = run_wsproof(
      {"server", "--spawn", kEndsOfSilence, "--jobs", "1", "--cases", "1.1.1,1.1.2,1.2.2"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, Not(HasSubstr("note:")));
}

TEST(ServerRun, WaitsForAnEndpointToComeToRest) {
  // As a JIT is, which compiles what the cases before have made hot.
  const std::string busy = "timeout 1.5 sh -c 'while :; do :; done' & ";
  const ProgramEnd outcome =
      run_wsproof({"server", "--spawn", busy + "exec " + right_server(), "--cases", "35.4.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST(ServerRun, SaysThatAFaultDidNotComeAgainWithTheCaseInWhichItWasSeen) {
  const TestFiles files;
  // As a thread that a case has left behind, which fails in the middle of another.
  const std::string starts = files.path("starts");
  const std::string late = "echo >> " + starts + "; if [ $(wc -l < " + starts +
                           ") -le 2 ]; then { sleep 0.3; echo runtime error: late >&2; } & fi; ";
  const ProgramEnd outcome =
      run_wsproof({"server", "--spawn", late + "exec " + right_server(), "--cases", "32.1.3"});
  EXPECT_EQ(outcome.status, 1) << outcome.output;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("did not come again in two more plays"),
                                    HasSubstr("runtime error: late")));
}

TEST(ServerRun, SaysSoIfItCannotTellWhetherTheServerStillAnswers) {
  const ProgramEnd outcome = run_wsproof({"server", "--cases", "1.1.1", "--spawn", kHangsUp});
  EXPECT_EQ(outcome.status, 1) << outcome.output;
  EXPECT_THAT(
      outcome.output,
      HasSubstr("note: before the first case the server gave no echo (the opening handshake"));
}

TEST(ServerRun, EndsAtTheFirstFailureWithoutAnEcho) {
  const ProgramEnd outcome =
      run_wsproof({"server", "--cases", "1,2", "--fail-fast", "--jobs", "1", "--spawn", kHangsUp});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(count(outcome.output, "again:"), 1U) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("ended at the first failure"));
}

TEST(ServerRun, PlaysAgainAloneWhatRanOutOfTimeBesideOthers) {
  const TestFiles files;
  // Together they rest for longer than an opening handshake may take.
  const ProgramEnd outcome =
      run_wsproof({"server", "--spawn", right_server() + " --fault own-tr-one-at-a-time", "--jobs",
                   "4", "--cases", "32.9.8,32.9.1,32.9.2,1.1.1", "--json", files.path("run.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("ran out of time that did not when they were played"));
  const json run = json::parse(files.read("run.json"));
  const json& late = run.at("cases").at("1.1.1");
  EXPECT_EQ(late.at("verdict"), "non_strict");
  EXPECT_THAT(late.at("reason").get<std::string>(),
              AllOf(HasSubstr("beside other cases: the opening handshake"),
                    HasSubstr("; played again, alone: the peer answered")));
}

TEST(ServerRun, TakesThePlayAloneWhereASecondWasTooShortBesideOthers) {
  const TestFiles files;
  // 32.9.1 takes longer than the second that Autobahn's cases wait.
  const ProgramEnd outcome =
      run_wsproof({"server", "--spawn", right_server() + " --fault own-cn-oldest-first", "--jobs",
                   "4", "--cases", "32.9.1,1.1.1,1.1.2", "--json", files.path("run.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("ran out of time that did not when they were played"));
  const json run = json::parse(files.read("run.json"));
  for (const char* id : {"1.1.1", "1.1.2"}) {
    const json& played = run.at("cases").at(id);
    EXPECT_EQ(played.at("verdict"), "pass") << id;
    EXPECT_EQ(played.at("reason"), "the peer answered, and closed cleanly") << id;
    EXPECT_EQ(played.at("compatible").at("behavior_close"), "OK") << id;
  }
}

TEST(ServerRun, ComparesWhatTheSameOffersComeTo) {
  const TestFiles files;
  std::vector<std::string> arguments{"server",
                                     "--spawn",
                                     right_server() + " --fault own-ng-srv-no-fallback",
                                     "--cases",
                                     "22.2.1,22.2.12",
                                     "--json",
                                     files.path("run.json")};
  EXPECT_EQ(run_wsproof(arguments).status, 0);
  const json run = json::parse(files.read("run.json"));
  EXPECT_EQ(run.at("cases").at("22.2.1").at("verdict"), "pass");
  const json& declined = run.at("cases").at("22.2.12");
  EXPECT_EQ(declined.at("verdict"), "non_strict");
  EXPECT_THAT(declined.at("reason").get<std::string>(), HasSubstr("that it takes in 22.2.1"));
  arguments.insert(arguments.end(), {"--fail-on", "should"});
  EXPECT_EQ(run_wsproof(arguments).status, 1);
}

TEST(ServerRun, PlaysAgainAndKeepsTheWorst) {
  const TestFiles files;
  const ProgramEnd outcome =
      run_wsproof({"server", "--spawn", right_server(), "--cases", "1.1.1", "--repeat", "3",
                   "--verbose", "--json", files.path("run.json")});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(count(outcome.output, "pass 1.1.1"), 3U);
  EXPECT_EQ(json::parse(files.read("run.json")).at("totals").at("cases"), 1);
}

TEST(ServerRun, WritesWhatItHasWhenItIsInterrupted) {
  const TestFiles files;
  testing::Program program(WSPROOF_PROGRAM,
                           {"server", "--spawn", right_server(), "--cases", "1.1", "--until-fail",
                            "--verbose", "--json", files.path("run.json")});
  ASSERT_TRUE(program.read_line());
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(), 4);
  EXPECT_THAT(program.output(), HasSubstr("\ninterrupted\n"));
  const json run = json::parse(files.read("run.json"));
  EXPECT_EQ(run.at("status"), "interrupted");
  EXPECT_GE(run.at("totals").at("passed"), 1);
}

TEST(ServerRun, SpeaksTlsWithAServer) {
  const TestFiles files;
  const ProgramEnd outcome =
      run_wsproof({"server", "wss://localhost:{port}/", "--spawn", secure_server(), "--cases",
                   "1.1,7.1,23.1.1", "--json", files.path("run.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  const json run = json::parse(files.read("run.json"));
  EXPECT_EQ(run.at("implementation").at("tls"), true);
}

TEST(ServerRun, VerifiesACertificateIfItIsTold) {
  const TestFiles files;
  const std::string other = files.write("other.pem", "");
  const ProgramEnd unusable = run_wsproof({"server", "wss://localhost:1/", "--ca", other});
  EXPECT_EQ(unusable.status, 2);
  EXPECT_THAT(unusable.errors, HasSubstr("--ca: cannot use the CA file " + other));
  const ProgramEnd plain = run_wsproof({"server", "ws://localhost:1/", "--ca", other});
  EXPECT_EQ(plain.status, 2);
  EXPECT_THAT(plain.errors, HasSubstr("has no certificate; a wss URL has"));

  const Certificates ours({});
  const Certificates others({});
  const std::string command =
      right_server() + " --tls-certificate " + ours.certificate() + " --tls-key " + ours.key();
  for (const auto& [ca, host, status] :
       {std::tuple{ours.authority(), "127.0.0.1", 0}, std::tuple{ours.authority(), "127.0.0.2", 1},
        std::tuple{others.authority(), "127.0.0.1", 1}}) {
    const ProgramEnd outcome =
        run_wsproof({"server", std::string("wss://") + host + ":{port}/", "--ca", ca, "--spawn",
                     command + " --listen 0.0.0.0", "--cases", "1.1.1"});
    EXPECT_EQ(outcome.status, status) << host << outcome.output << outcome.errors;
  }
}

TEST(ServerRun, SaysSoIfTheServerDoesNotSpeakTls) {
  const ProgramEnd outcome =
      run_wsproof({"server", "wss://localhost:{port}/", "--spawn", kHangsUp, "--cases", "1.1.1"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("no connection: TLS: "));
}

TEST(ServerRun, GoesToAUnixSocket) {
  const std::string command =
      "python3 -c 'import socket, sys, threading\n"
      "def pass_on(a, b):\n"
      "  while (d := a.recv(65536)): b.sendall(d)\n"
      "  b.shutdown(socket.SHUT_WR)\n"
      "s = socket.socket(socket.AF_UNIX)\n"
      "s.bind(sys.argv[1])\n"
      "s.listen(100)\n"
      "while True:\n"
      "  a = s.accept()[0]\n"
      "  b = socket.create_connection((\"127.0.0.1\", int(sys.argv[2])))\n"
      "  for pair in ((a, b), (b, a)): threading.Thread(target=pass_on, args=pair).start()' ";
  testing::Program server(kMutant, {"--role", "server", "--port", "0"});
  const auto line = server.read_line();
  ASSERT_TRUE(line);
  const std::string port = line->substr(line->rfind(' ') + 1);
  const ProgramEnd outcome =
      run_wsproof({"server", "--spawn", command + "{socket} " + port, "--cases", "1.1,23.1.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
}

TEST(ClientRun, SpeaksTlsWithAClient) {
  const ProgramEnd outcome =
      run_wsproof({"client", "--tls", "--spawn", secure_client(), "--cases", "1.1,7.1,23.1.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
}

TEST(ClientRun, SaysWhyAClientsTlsHandshakeFailed) {
  const Certificates other({});
  const ProgramEnd outcome =
      run_wsproof({"client", "--tls", "--spawn", right_client() + " --tls-ca " + other.authority(),
                   "--cases", "1.1.1"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output, HasSubstr("note: a client's TLS handshake failed: "));
  const ProgramEnd plain = run_wsproof({"client", "--spawn", secure_client(), "--cases", "1.1.1"});
  EXPECT_EQ(plain.status, 2);
  EXPECT_THAT(plain.errors, HasSubstr("has {ca}, which there is with --tls alone"));
}

TEST(ClientRun, ListensOnAUnixSocket) {
  const TestFiles files;
  const std::string client =
      "python3 -c 'import socket, sys\n"
      "path = sys.argv[1].removeprefix(\"ws+unix:\").removesuffix(\":/\")\n"
      "s = socket.socket(socket.AF_UNIX)\n"
      "s.connect(path)\n"
      "s.sendall(b\"GET /getCaseCount HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\n"
      "Connection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: "
      "dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n\")\n"
      "print(s.recv(1000))' {url}";
  const ProgramEnd outcome = run_wsproof({"client", "--listen", "unix:" + files.path("socket"),
                                          "--spawn", client, "--cases", "1.1.1"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output, HasSubstr("HTTP/1.1 101 Switching Protocols"));
  EXPECT_FALSE(std::filesystem::exists(files.path("socket")));
}

TEST(ClientRun, ServesClientsThatSpeakAutobahnsProtocol) {
  const ProgramEnd outcome =
      run_wsproof({"client", "--spawn", right_client(), "--name", "ours", "--cases", "1.1,23.1.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("ours as client: passed"));
}

TEST(ClientRun, GivesEachOfSeveralClientsItsPart) {
  const TestFiles files;
  const std::string command =
      "sh -c 'echo \"$0\" >> " + files.path("urls") + "; exec " + right_client() + "' {url}";
  const ProgramEnd outcome =
      run_wsproof({"client", "--spawn", command, "--jobs", "3", "--cases", "1.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("8 of 8 cases passed"));
  EXPECT_EQ(count(files.read("urls"), "ws://"), 3U);
  const ProgramEnd fixed = run_wsproof(
      {"client", "--spawn", right_client(), "--jobs", "3", "--listen", "9001", "--cases", "1.1"});
  EXPECT_EQ(fixed.status, 2);
  EXPECT_THAT(fixed.errors, HasSubstr("--jobs 3: each client needs a port of its own"));
}

// The case resets its connection in the middle of a write, and then the client has nothing to do.
TEST(ClientRun, EndsAfterACaseThatGoesOnAlone) {
  const ProgramEnd outcome =
      run_wsproof({"client", "--spawn", right_client(), "--cases", "35.4.7"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST(ClientRun, TakesLittleMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
  GTEST_SKIP() << "a sanitizer takes memory of its own";
#endif
  // The longest conversations, and the largest messages, of 16 clients.
  const ProgramEnd outcome =
      run_wsproof({"client", "--spawn", right_client(), "--jobs", "16", "--cases",
                   "9.1.6,9.2.6,37.1.17,38.1,38.2,38.3,38.4,40.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  rusage children{};  // KiB of the largest of them, and no test runs another in this process
  ASSERT_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
  EXPECT_LT(children.ru_maxrss, 180 * 1024);  // 200 MB are promised, of an optimised build
}

TEST(ClientRun, StartsTheClientForEachPlay) {
  const TestFiles files;
  const std::string command = "sh -c 'echo \"$0\" >> " + files.path("urls") + "; exec " + kMutant +
                              " --role client --url \"$0\"' {case_url}";
  const ProgramEnd outcome =
      run_wsproof({"client", "--spawn", command, "--cases", "1.1.1,23.1.1", "--jobs", "1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(
      files.read("urls"),
      MatchesRegex("ws://127.0.0.1:[0-9]+/runCase.casetuple=1.1.1&segmentation=whole&agent=client\n"
                   ".*casetuple=23.1.1&segmentation=whole.*\n"
                   ".*casetuple=23.1.1&segmentation=bytes.*\n"
                   ".*casetuple=23.1.1&segmentation=random.*\n"));
  const ProgramEnd quick =
      run_wsproof({"client", "--spawn", command, "--cases", "23.1.1", "--quick", "--jobs", "1",
                   "--json", files.path("run.json")});
  EXPECT_EQ(quick.status, 0) << quick.output;
  EXPECT_EQ(count(files.read("urls"), "casetuple=23.1.1"), 4U);
  EXPECT_EQ(json::parse(files.read("run.json")).at("selection").at("quick"), true);
}

TEST(ClientRun, PlaysAgainAloneWhatRanOutOfTimeBesideOthers) {
  const TestFiles files;
  // The first two plays wait for longer than the second that Autobahn's cases take.
  const std::string starts = files.path("starts");
  const std::string client =
      "python3 -c 'import base64, os, re, socket, sys, time\n"
      "starts = open(sys.argv[2], \"ab\", 0)\n"
      "starts.write(b\".\")\n"
      "where = re.search(r\"//(.*?):(.*?)(/.*)\", sys.argv[1])\n"
      "s = socket.create_connection((where[1], int(where[2])))\n"
      "s.sendall((f\"GET {where[3]} HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\n\"\n"
      "  \"Connection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: \"\n"
      "  ).encode() + base64.b64encode(os.urandom(16)) + b\"\\r\\n\\r\\n\")\n"
      "f = s.makefile(\"rb\")\n"
      "while f.readline() != b\"\\r\\n\": pass\n"
      "if starts.tell() <= 2: time.sleep(1.5)\n"
      "while head := f.read(2):\n"
      "  payload = f.read(head[1])\n"
      "  s.sendall(head[:1] + bytes([128 + len(payload), 0, 0, 0, 0]) + payload)\n"
      "  if head[0] == 0x88: break' {case_url} " +
      starts;
  const ProgramEnd outcome = run_wsproof({"client", "--spawn", client, "--cases", "1.1.1,1.1.2",
                                          "--jobs", "2", "--json", files.path("run.json")});
  EXPECT_THAT(outcome.output, HasSubstr("ran out of time that did not when they were played"));
  const json run = json::parse(files.read("run.json"));
  for (const char* id : {"1.1.1", "1.1.2"}) {
    EXPECT_EQ(run.at("cases").at(id).at("compatible").at("behavior"), "OK") << id;
  }
}

TEST(ClientRun, TiesWhatAClientDoesToItsCase) {
  for (const auto& [command, reason] : {
           std::pair{"sh -c 'kill -SEGV $$' {case_url}", "the client crashed: signal 11"},
           std::pair{"false {case_url}", "the client never ran the case, exit status 1"},
           std::pair{"sleep 60 {case_url}", "the client never ran the case"},
       }) {
    const ProgramEnd outcome =
        run_wsproof({"client", "--spawn", command, "--cases", "1.1.1", "--case-timeout", "0.3"});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_THAT(outcome.output, AllOf(HasSubstr(reason), HasSubstr("no client ever ran a case")));
  }
}

TEST(ClientRun, NamesAClientThatRunsNothing) {
  const ProgramEnd outcome =
      run_wsproof({"client", "--spawn", "sh -c 'echo no luck; exit 7' {url}", "--cases", "1.1.1"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("ended without running a case: exit status 7"),
                                    HasSubstr("no luck")));
}

/// A driver that ends at the first connection that ends without a Close.
const std::string kGivesUp =
    "python3 -c 'import base64, os, re, socket, sys\n"
    "where = re.search(r\"//(.*):(.*)/\", sys.argv[1])\n"
    "def connect(path):\n"
    "  s = socket.create_connection((where[1], int(where[2])))\n"
    "  s.sendall((f\"GET {path} HTTP/1.1\\r\\nHost: {where[1]}:{where[2]}\\r\\n\"\n"
    "             \"Upgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: "
    "13\\r\\n\"\n"
    "             \"Sec-WebSocket-Key: \").encode() + base64.b64encode(os.urandom(16))\n"
    "            + b\"\\r\\n\\r\\n\")\n"
    "  f = s.makefile(\"rb\")\n"
    "  while f.readline() != b\"\\r\\n\": pass\n"
    "  return s, f\n"
    "def frame(f):\n"
    "  head = f.read(2)\n"
    "  if len(head) < 2: sys.exit(1)\n"
    "  return head, f.read(head[1])\n"
    "s, f = connect(\"/getCaseCount\")\n"
    "for case in range(1, 1 + int(frame(f)[1])):\n"
    "  s, f = connect(f\"/runCase?case={case}&agent=a\")\n"
    "  while True:\n"
    "    head, payload = frame(f)\n"
    "    key = os.urandom(4)\n"
    "    s.sendall(head[:1] + bytes([128 + len(payload)]) + key\n"
    "              + bytes(b ^ key[i % 4] for i, b in enumerate(payload)))\n"
    "    if head[0] == 0x88: break\n"
    "connect(\"/updateReports?agent=a\")' {url}";

TEST(ClientRun, TellsWhyARequestOfTheClientWasNotServed) {
  for (const auto& [request, why] : {
           std::pair{"GET /cases HTTP/1.1\\r\\n\\r\\n",
                     "(GET /cases HTTP/1.1) was refused: it asks for nothing known"},
           std::pair{"GET /getCaseCount HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n",
                     "(GET /getCaseCount HTTP/1.1) was refused: Upgrade does not list"},
           std::pair{"GET /getCaseCount HTTP/1.1\\nHost: a\\n\\n",
                     "(GET /getCaseCount HTTP/1.1) has no end, an empty line"},
       }) {
    const std::string client = std::string(
                                   "python3 -c 'import re, socket, sys\n"
                                   "where = re.search(r\"//(.*):(.*)/\", sys.argv[1])\n"
                                   "s = socket.create_connection((where[1], "
                                   "int(where[2])))\n"
                                   "s.sendall(b\"") +
                               request +
                               "\")\n"
                               "s.shutdown(socket.SHUT_WR)\n"
                               "s.recv(1000)' {url}";
    const ProgramEnd outcome = run_wsproof({"client", "--spawn", client, "--cases", "1.1.1"});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_THAT(outcome.output, HasSubstr(std::string("; a request of the client ") + why));
  }
}

// Its cases tell what is wrong with its requests, which it would never come to otherwise.
TEST(ClientRun, GivesCasesToAClientWhoseRequestsAreBad) {
  std::string client = kGivesUp;
  client.replace(client.find("Version: 13"), 11, "Version: 12");
  const ProgramEnd outcome = run_wsproof({"client", "--spawn", client, "--cases", "1.1.1"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("Sec-WebSocket-Version is not 13"));
}

TEST(ClientRun, LeavesOutWhatADriverCannotGoThrough) {
  const ProgramEnd outcome =
      run_wsproof({"client", "--spawn", kGivesUp, "--cases", "1.1.1,39.1.10.1,1.1.2", "--verbose"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("3 of 3 cases passed"), HasSubstr("1 unsupported")));
  EXPECT_THAT(outcome.output,
              HasSubstr("the client ends before the case is through: exit status 1"));
}

TEST(ClientRun, EndsAtTheFirstFailure) {
  const ProgramEnd outcome = run_wsproof(
      {"client", "--cases", "1,2", "--fail-fast", "--jobs", "1", "--spawn", "false {case_url}"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(count(outcome.output, "again:"), 1U) << outcome.output;
}

TEST(ClientRun, PlaysUntilACaseFails) {
  const TestFiles files;
  // Runs the case twice, then never again.
  const std::string command = "sh -c 'echo >> " + files.path("starts") + "; test $(wc -l < " +
                              files.path("starts") + ") -lt 3 && exec " + kMutant +
                              " --role client --url \"$0\"' {case_url}";
  const ProgramEnd outcome = run_wsproof({"client", "--spawn", command, "--cases", "1.1.1",
                                          "--until-fail", "--json", files.path("run.json")});
  EXPECT_EQ(outcome.status, 3) << outcome.output;
  const json result = json::parse(files.read("run.json")).at("cases").at("1.1.1");
  EXPECT_THAT(result.at("reason").get<std::string>(), HasSubstr("of 3 plays 2 pass, 1 fail"));
}

TEST(ClientRun, EndsIfNoClientComes) {
  const ProgramEnd outcome = run_wsproof({"client", "--listen", "0", "--idle-timeout", "0.1"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output,
              MatchesRegex("(.|\n)*no client came to ws://127.0.0.1:[0-9]+/ for 0.1 s; "
                           "--idle-timeout sets the limit\n"));
}

TEST(ClientRun, ListensWhereItIsTold) {
  for (const auto& [listen, url] :
       {std::pair{"0", "ws://127.0.0.1:"}, std::pair{"127.0.0.2:0", "ws://127.0.0.2:"},
        std::pair{"localhost:0", "ws://localhost:"}, std::pair{"0.0.0.0:0", "ws://127.0.0.1:"},
        std::pair{"[::1]:0", "ws://[::1]:"}, std::pair{"[::]:0", "ws://[::1]:"}}) {
    const ProgramEnd idle = run_wsproof({"client", "--listen", listen, "--idle-timeout", "0.02"});
    EXPECT_THAT(idle.output, HasSubstr(std::string("listening on ") + url));
  }
  const ProgramEnd outcome =
      run_wsproof({"client", "--listen", "[::]:0", "--spawn", right_client(), "--cases", "1.1.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
}

TEST(ClientRun, SaysWhereItCannotListen) {
  for (const std::string listen :
       {"", "x", "70000", "::1:0", "localhost", "[::1]", "[localhost]:0", ":9001", "1.2.3.4:"}) {
    const ProgramEnd outcome = run_wsproof({"client", "--listen", listen + " "});
    EXPECT_EQ(outcome.status, 2) << listen;
    EXPECT_THAT(outcome.errors, HasSubstr("is no [HOST:]PORT, such as 9001")) << listen;
  }
  const ProgramEnd nowhere = run_wsproof({"client", "--listen", "192.0.2.1:0"});
  EXPECT_EQ(nowhere.status, 2);
  EXPECT_THAT(nowhere.errors, HasSubstr("--listen: cannot listen on \"192.0.2.1:0\": "));
}

TEST(ClientRun, EndsWhenTheRunHasItsTime) {
  const TestFiles files;
  const ProgramEnd outcome =
      run_wsproof({"client", "--listen", "0", "--idle-timeout", "0", "--run-timeout", "0.2",
                   "--json", files.path("run.json")});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.output, HasSubstr("the run took more than 0.2 s"));
  EXPECT_EQ(json::parse(files.read("run.json")).at("status"), "interrupted");
  EXPECT_EQ(run_wsproof({"server", "--spawn", right_server(), "--cases", "1.1.1", "--until-fail",
                         "--run-timeout", "1"})
                .status,
            0);
}

}  // namespace
}  // namespace ws::conformance
