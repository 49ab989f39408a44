#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "conformance/harness/run_file.hpp"
#include "conformance/outputs/autobahn_report.hpp"
#include "conformance/outputs/baseline.hpp"
#include "conformance/outputs/causes.hpp"
#include "conformance/outputs/diff.hpp"
#include "conformance/outputs/formats.hpp"
#include "conformance/outputs/html.hpp"
#include "conformance/outputs/merge.hpp"
#include "conformance/outputs/run.hpp"
#include "conformance/outputs/sections.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

json entry(const std::string& verdict, bool passed, const std::string& reason = "because") {
  return {{"number", nullptr},  {"title", "A title with <&\"# in it"},
          {"verdict", verdict}, {"close_verdict", nullptr},
          {"passed", passed},   {"duration_ms", 12.5},
          {"reason", reason},   {"source", "RFC 6455 5.2"}};
}

/// A run with one case of each kind.
json example() {
  json run{{"format", "wsproof-run"},
           {"version", 1},
           {"id", "peer-server-wsproof"},
           {"form", "full"},
           {"implementation",
            {{"name", "peer"},
             {"version", "1.0"},
             {"language", nullptr},
             {"role", "server"},
             {"target", "ws://127.0.0.1:1/"},
             {"tls", false}}},
           {"suite", {{"name", "wsproof"}, {"engine", "wsproof"}}},
           {"started", "2026-11-25T10:00:00Z"},
           {"duration_ms", 1500},
           {"status", "failed"},
           {"exit_status", 1},
           {"reason", nullptr},
           {"selection", {{"cases", json::array()}, {"exclude", json::array()}}},
           {"cases",
            {{"1.1.1", entry("pass", true)},
             {"2.9", entry("non_strict", true)},
             {"2.10", entry("fail", false, "a reserved bit <is> set")},
             {"7.1.1", entry("informational", true)},
             {"12.1.1", entry("unsupported", true)},
             {"13.1.1", entry("fail", false)}}}};
  run["cases"]["1.1.1"]["compatible"] = {{"behavior", "OK"}, {"behavior_close", "OK"}};
  run["cases"]["13.1.1"]["baseline"] = {{"reason", "known since May"}};
  run["totals"] = {{"cases", 6},
                   {"passed", 4},
                   {"failed", 1},
                   {"expected_failures", 1},
                   {"unexpected_passes", 0},
                   {"verdicts", {{"fail", 2}}},
                   {"close_verdicts", json::object()}};
  return run;
}

class Outputs : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "wsproof.XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

const std::vector<std::string> kIds{"1.1.1", "2.9", "2.10", "7.1.1", "12.1.1", "13.1.1"};

TEST(CaseIds, AreInTheOrderOfTheCatalogue) { EXPECT_EQ(case_ids(example()), kIds); }

TEST(OutcomeOf, HasAWordForEachKind) {
  std::vector<std::string> outcomes;
  const json run = example();
  for (const std::string& id : kIds) outcomes.emplace_back(outcome_of(run["cases"][id]));
  EXPECT_THAT(outcomes, ElementsAre("ok", "non_strict", "failed", "informational", "unsupported",
                                    "expected_failure"));
  json passed = run["cases"]["13.1.1"];
  passed["passed"] = true;
  passed["unexpected_pass"] = true;
  EXPECT_EQ(outcome_of(passed), "unexpected_pass");
}

TEST(FormatJunit, CountsAndEscapes) {
  const std::string xml = format_junit(example());
  EXPECT_THAT(xml, HasSubstr("<testsuites name=\"peer as server\" tests=\"6\" failures=\"1\" "
                             "errors=\"0\" skipped=\"2\" time=\"1.500\">"));
  EXPECT_THAT(xml, HasSubstr("<failure type=\"fail\" message=\"a reserved bit &lt;is&gt; set\">"));
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"known since May\"/>"));
  EXPECT_THAT(xml,
              HasSubstr("name=\"1.1.1 A title with &lt;&amp;&quot;# in it\" time=\"0.013\"/>"));
}

TEST(FormatTap, SkipsAndMarksWhatIsKnown) {
  const std::string tap = format_tap(example());
  EXPECT_THAT(tap, HasSubstr("TAP version 13\n1..6\nok 1 - 1.1.1 A title with <&\"\\# in it\n"));
  EXPECT_THAT(tap, HasSubstr("not ok 3 - 2.10"));
  EXPECT_THAT(tap, HasSubstr("  reason: \"a reserved bit <is> set\"\n"));
  EXPECT_THAT(tap, HasSubstr("ok 5 - 12.1.1 A title with <&\"\\# in it # SKIP because\n"));
  EXPECT_THAT(tap, HasSubstr("not ok 6 - 13.1.1 A title with <&\"\\# in it # TODO known since"));
}

TEST(FormatMarkdown, HasATableAndTheFailures) {
  const std::string markdown = format_markdown(example());
  EXPECT_THAT(markdown, HasSubstr("**Failed**: 4 of 6 cases passed, 1 known to fail."));
  EXPECT_THAT(markdown, HasSubstr("| 2 | 2 |  | 1 |  |  | 1 |"));
  EXPECT_THAT(markdown, HasSubstr("| 2.10 | A title with \\<&\"\\# in it | fail | a reserved bit"));
  EXPECT_THAT(markdown, Not(HasSubstr("| 13.1.1 |")));
}

TEST(FormatGithub, AnnotatesEachFailure) {
  const std::string text = format_github(example());
  EXPECT_THAT(text, HasSubstr("::error title=wsproof 2.10 A title with <&\"# in it::a reserved bit "
                              "<is> set [RFC 6455 5.2]\n"));
  EXPECT_THAT(text, HasSubstr("4 of 6 cases passed"));
}

TEST(FormatBadge, TellsPassedOfPlayed) {
  EXPECT_THAT(format_badge(example()), HasSubstr(">4/6</text>"));
  json interrupted = example();
  interrupted["status"] = "interrupted";
  EXPECT_THAT(format_badge(interrupted), HasSubstr("incomplete"));
}

TEST(RenderHtml, HoldsTheRunAndNothingThatEndsAScript) {
  json run = example();
  run["cases"]["2.10"]["title"] = "</script><script>alert(1)</script>";
  const std::string page = render_html({run}, nullptr);
  EXPECT_THAT(page, HasSubstr("1 of 6 results did not pass"));
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(page, HasSubstr("script-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
  EXPECT_EQ(page, render_html({run}, nullptr));
  EXPECT_THROW(render_html({run, run}, nullptr), InputError);
}

TEST(RenderHtml, ShowsWhatARunMadeOfEachStatement) {
  json run = example();
  run["cases"]["2.10"]["requirements"] = {"RFC6455-5.5.2-2"};
  run["cases"]["1.1.1"]["breaks"] = "RFC6455-5.1-4";
  const std::string page = render_html({run}, nullptr);
  EXPECT_THAT(
      page,
      HasSubstr(
          R"({"cases":[2],"id":"RFC6455-5.5.2-2","level":"MUST","reasons":"","results":["fail"])"));
  EXPECT_THAT(
      page,
      HasSubstr(
          R"({"cases":[],"id":"RFC6455-5.1-4","level":"MUST NOT","reasons":"","results":["pass"])"));
  EXPECT_THAT(page,
              HasSubstr(R"("id":"RFC6455-5.4-7","level":"MUST","reasons":"","results":[""])"));
  EXPECT_THAT(page, HasSubstr(R"("reasons":"wsproof plays no proxy, and)"));
  run["suite"]["name"] = "autobahn";
  EXPECT_THAT(render_html({run}, nullptr), HasSubstr(R"("statements":null)"));
}

TEST(RenderHtml, ShowsHowOtherEnginesCompareIfThatIsKnown) {
  EXPECT_THAT(render_html({example()}, nullptr), HasSubstr(R"("parity":null)"));
  const json parity{{"engines", {"autobahntestsuite", "wsproof"}}, {"endpoints", json::array()}};
  EXPECT_THAT(render_html({example()}, nullptr, {.parity = &parity}),
              HasSubstr(R"("parity":{"endpoints":[],"engines":["autobahntestsuite","wsproof"]})"));
}

TEST(MergeShards, JoinsPartsAndMissesNone) {
  json first = example();
  json second = example();
  first["selection"]["shard"] = "1/2";
  first["id"] = "peer-server-wsproof-1/2";
  second["selection"]["shard"] = "2/2";
  second["id"] = "peer-server-wsproof-2/2";
  first["cases"].erase("2.10");
  first["exit_status"] = 0;
  second["cases"].erase("1.1.1");
  const auto merged = merge_shards({first, second});
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0]["id"], "peer-server-wsproof");
  EXPECT_EQ(merged[0]["totals"]["cases"], 6);
  EXPECT_EQ(merged[0]["status"], "failed");
  EXPECT_THROW(merge_shards({first}), InputError);
  EXPECT_THROW(merge_shards({first, first}), InputError);
}

TEST(MakeIdsUnique, NumbersTheSecond) {
  std::vector<json> runs{example(), example()};
  make_ids_unique(runs);
  EXPECT_EQ(runs[0]["id"], "peer-server-wsproof");
  EXPECT_EQ(runs[1]["id"], "peer-server-wsproof-2");
}

TEST(CompareRuns, TellsBetterWorseNewAndGone) {
  const json before = example();
  json after = example();
  after["cases"]["1.1.1"] = entry("fail", false, "broken now");
  after["cases"]["2.10"] = entry("pass", true);
  after["cases"].erase("7.1.1");
  after["cases"]["7.1.2"] = entry("pass", true);
  const Difference difference = compare_runs(before, after);
  EXPECT_EQ(difference.better, 1);
  EXPECT_EQ(difference.worse, 1);
  EXPECT_EQ(difference.added, 1);
  EXPECT_EQ(difference.gone, 1);
  EXPECT_THAT(difference.text, HasSubstr("worse\n  1.1.1 pass; Autobahn: OK, OK -> fail: broken"));
  EXPECT_EQ(compare_runs(before, before).text, "");
}

TEST_F(Outputs, TakeReasonsWithAnyBytes) {
  json run = example();
  run["cases"]["2.10"]["reason"] = "the endpoint wrote \x8a\x06\x1b[31m\xff";
  EXPECT_THAT(format_tap(run), HasSubstr("the endpoint wrote"));
  EXPECT_THAT(format_markdown(run), HasSubstr("the endpoint wrote"));
  EXPECT_THAT(format_junit(run), HasSubstr("the endpoint wrote"));
  EXPECT_THAT(format_github(run), HasSubstr("the endpoint wrote"));
  EXPECT_THAT(update_baseline(run, {}), HasSubstr("2.10"));
  EXPECT_THAT(render_html({run}, nullptr), HasSubstr("<html"));
}

TEST_F(Outputs, FailuresOfOneCauseAreCountedTogether) {
  json run = example();
  for (int i = 1; i <= 9; ++i) {
    run["cases"]["3." + std::to_string(i)] =
        entry("fail", false, "frame " + std::to_string(7 * i) + " was not answered");
  }
  EXPECT_EQ(describe_causes(run),
            "what failures have in common:\n"
            "    9 cases: frame 7 was not answered [RFC 6455 5.2]: 3.1, 3.2, 3.3, 3.4, ..\n");
  const std::vector<Cause> causes = find_causes(run);
  ASSERT_EQ(causes.size(), 2U);  // what the baseline expects is none
  EXPECT_EQ(causes[1].reason, "a reserved bit <is> set");
  EXPECT_THAT(causes[1].cases, ElementsAre("2.10"));
  run["cases"]["3.9"]["source"] = "RFC 6455 5.4";
  EXPECT_EQ(find_causes(run)[0].cases.size(), 8U);
  run["cases"]["4.1"] = entry("MISSING", false, "");
  EXPECT_EQ(find_causes(run).size(), 3U) << "what was not played has no cause";
  run["cases"].erase("4.1");
  run["cases"].erase("3.1");
  EXPECT_EQ(describe_causes(run), "") << "few failures are read one by one";
}

TEST_F(Outputs, ReadABaselineAndMarkWhatItNames) {
  const auto path = write("b.json", R"({"format": "wsproof-baseline", "version": 1, "cases": {
      "2.10": {"verdict": "fail", "reason": "known"}, "7": "was never right",
      "13.*": {"verdict": "harness_error", "reason": "another one"}}})");
  json run = example();
  run["cases"]["13.1.1"].erase("baseline");
  apply_baseline(run, read_baseline(path, kIds));
  EXPECT_EQ(run["cases"]["2.10"]["baseline"]["reason"], "known");
  EXPECT_TRUE(run["cases"]["7.1.1"]["unexpected_pass"]);
  EXPECT_FALSE(run["cases"]["13.1.1"].contains("baseline"));
}

TEST_F(Outputs, TakeAPassOfWhatTheBaselineCallsUnsteady) {
  const auto unsteady = [&](const char* id, const char* value) {
    return read_baseline(
        write("b.json", R"({"format": "wsproof-baseline", "version": 1, "cases": {")" +
                            std::string(id) + R"(": {"reason": "races", "unsteady": )" + value +
                            "}}}"),
        kIds);
  };
  const json played = example();
  for (const auto& [id, entry] : played.at("cases").items()) {
    json run = played;
    run["cases"][id].erase("baseline");
    run["cases"][id].erase("unexpected_pass");
    const auto baseline = unsteady(id.c_str(), "true");
    apply_baseline(run, baseline);
    EXPECT_FALSE(run["cases"][id].contains("unexpected_pass")) << id;
    EXPECT_EQ(run["cases"][id].contains("baseline"), !entry["passed"].get<bool>()) << id;
    const auto updated = read_baseline(write("n.json", update_baseline(run, baseline)), kIds);
    const auto kept = std::ranges::find(updated, id, &BaselineEntry::pattern);
    ASSERT_NE(kept, updated.end()) << id;
    EXPECT_TRUE(kept->unsteady) << id;
    EXPECT_EQ(kept->reason, "races") << id;
  }
  EXPECT_THROW(unsteady("2.10", "1"), InputError);
}

TEST_F(Outputs, RefuseABaselineThatSaysNothing) {
  for (const char* text :
       {"[]", "{", R"({"format": "wsproof-baseline", "version": 1, "cases": {"99.1": "why"}})",
        R"({"format": "wsproof-baseline", "version": 1, "cases": {"2.10": " "}})",
        R"({"format": "wsproof-baseline", "version": 2, "cases": {}})"}) {
    EXPECT_THROW(read_baseline(write("b.json", text), kIds), InputError) << text;
  }
  EXPECT_THROW(read_baseline(folder_ / "none.json", kIds), InputError);
}

TEST_F(Outputs, UpdateABaselineAndKeepItsReasons) {
  const auto old =
      read_baseline(write("b.json", R"({"format": "wsproof-baseline", "version": 1, "cases":
                          {"2.10": "kept", "1.1.1": "passes now"}})"),
                    kIds);
  const auto updated = read_baseline(write("n.json", update_baseline(example(), old)), kIds);
  ASSERT_EQ(updated.size(), 2U);
  EXPECT_EQ(updated[1].pattern, "2.10");
  EXPECT_EQ(updated[1].reason, "kept");
  EXPECT_EQ(updated[0].pattern, "13.1.1");
  EXPECT_EQ(updated[0].reason, "seen 2026-11-25: because");
}

TEST_F(Outputs, ImportWhatAutobahnsUsersHave) {
  const auto imported = [&](const std::string& text, const std::string& agent = {}) {
    return read_baseline(write("n.json", import_baseline(write("old", text), agent, kIds)), kIds);
  };
  EXPECT_EQ(imported("2.10 # why\n\n12.*\n").size(), 2U);
  EXPECT_EQ(imported(R"({"outdir": "x", "exclude-cases": ["2.10"]})").size(), 1U);
  const std::string index = R"({"peer": {
      "1.1.1": {"behavior": "OK", "behaviorClose": "OK"},
      "2.10": {"behavior": "FAILED", "behaviorClose": "OK"},
      "12.1.1": {"behavior": "UNIMPLEMENTED", "behaviorClose": "OK"}}})";
  const auto entries = imported(index);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].reason, "Autobahn: FAILED, OK");
  EXPECT_THROW(imported(index, "other"), InputError);
  EXPECT_THROW(imported("99.1\n"), InputError);
}

TEST_F(Outputs, WriteAutobahnsReport) {
  json run = example();
  run["implementation"]["name"] = "Peer/1.0 x";
  write_autobahn_report(folder_ / "out", {run});
  const json index = read_json(folder_ / "out" / "index.json");
  EXPECT_EQ(index["Peer/1.0 x"].size(), 1U);  // what Autobahn does not have is left out
  const json result = index["Peer/1.0 x"]["1.1.1"];
  EXPECT_EQ(result["behavior"], "OK");
  EXPECT_EQ(result["duration"], 13);
  EXPECT_EQ(result["reportfile"], "peer_1_0_x_case_1_1_1.json");
  const json file = read_json(folder_ / "out" / "peer_1_0_x_case_1_1_1.json");
  EXPECT_EQ(file["id"], "1.1.1");
  EXPECT_EQ(file["isServer"], false);
}

TEST_F(Outputs, KeepARunWhoseReasonsAreNotUtf8) {
  json run = example();
  run["cases"]["1.1.1"]["reason"] =
      "there came \x8a\x05"
      "early";
  run["implementation"]["name"] = "peer \xff";
  std::ostringstream text;
  write_run(text, run);
  EXPECT_EQ(read_run(write("r.json", text.str()))["cases"].size(), run["cases"].size());
}

TEST_F(Outputs, KeepDetailsPackedInMemoryAlone) {
  json run = example();
  json& entry = run["cases"]["1.1.1"];
  entry["wire_log"] = {{{"at_ms", 0.992}, {"kind", "note"}, {"text", "not UTF-8: \x8a"}},
                       {{"at_ms", 1e6}, {"kind", "frame_in"}, {"hex", "00ff"}, {"masked", true}}};
  const json whole =
      json::parse(entry.dump(-1, ' ', true, json::error_handler_t::replace));  // as in the file
  pack_details(entry);
  EXPECT_FALSE(entry.contains("wire_log"));
  EXPECT_FALSE(entry.contains("description"));
  EXPECT_EQ(entry["verdict"], whole["verdict"]);
  EXPECT_EQ(unpack_details(entry), whole);
  std::ostringstream text;
  write_run(text, run);
  const json in_file = json::parse(text.str())["cases"]["1.1.1"];
  EXPECT_FALSE(in_file.contains("packed"));
  EXPECT_EQ(in_file["wire_log"][1], whole["wire_log"][1]);
  const json read = read_run(write("r.json", text.str()))["cases"]["1.1.1"];
  EXPECT_FALSE(read.contains("wire_log"));
  EXPECT_EQ(unpack_details(read), in_file);
}

TEST_F(Outputs, RefuseWhatIsNoRunFile) {
  for (const char* text : {"x", "{}", R"({"format": "wsproof-run", "version": 2})",
                           R"({"format": "wsproof-run", "version": 1})"}) {
    EXPECT_THROW(read_run(write("r.json", text)), InputError) << text;
  }
  json read = read_run(write("r.json", example().dump()));
  for (auto& [id, entry] : read["cases"].items()) entry = unpack_details(entry);
  EXPECT_EQ(read, example());
}

}  // namespace
}  // namespace ws::conformance
