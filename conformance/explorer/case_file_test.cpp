#include "conformance/explorer/case_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/explorer/case_maker.hpp"
#include "conformance/explorer/generator.hpp"
#include "conformance/harness/explain.hpp"

namespace ws::conformance::explorer {
namespace {

using ::testing::HasSubstr;

TEST(CaseFile, HasAllThatACaseHas) {
  for (const Role harness : {Role::client, Role::server}) {
    Coverage coverage;
    for (std::uint64_t number = 0; number < 150; ++number) {
      const Script script = make_script(3, number, harness, {}, coverage);
      const Case test = *make_case(script, harness, "explored-" + std::to_string(number), 7);
      const std::string file = format_case_file({.cases = {test}, .found = {.reason = "it is"}});
      const CaseFile read = parse_case_file(file);
      ASSERT_EQ(read.cases.size(), 1U);
      EXPECT_EQ(read.found.reason, "it is");
      EXPECT_EQ(format_case_file(read), file);
      EXPECT_EQ(explain_case(read.cases.front()), explain_case(test));
      EXPECT_EQ(read.cases.front().number, 7);
      EXPECT_EQ(read.cases.front().only_for, test.only_for);
      EXPECT_EQ(read.cases.front().dialogue->own_cuts, test.dialogue->own_cuts);
    }
  }
}

/// A file of one case with these steps.
std::string with_steps(const std::string& steps) {
  return R"({"wsproof_case_file": 1, "cases": [{"id": "a", "title": "t", "steps": [)" + steps +
         "]}]}";
}

TEST(CaseFile, MayBeWrittenByHand) {
  const CaseFile file =
      parse_case_file(with_steps(R"({"send": "message", "payload": {"text": "ab", "length": 5}},
                    {"expect": [{"grade": "pass", "reaction": "message", "payload": "ababa"}]})"));
  const auto& steps = file.cases.front().dialogue->steps;
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(std::get<PutMessage>(steps[0]).payload, text("ababa"));
  EXPECT_EQ(std::get<Expect>(steps[1]).any.front().payload, text("ababa"));
}

struct Wrong {
  std::string text{};
  std::string complaint{};
};

TEST(CaseFile, SaysWhatIsWrongAndWhere) {
  for (const auto& [text, complaint] : {
           Wrong{"{", "the file is no JSON"},
           Wrong{"[]", "the file is no object"},
           Wrong{"{}", "it lacks \"wsproof_case_file\": 1"},
           Wrong{R"({"wsproof_case_file": 1})", "has no \"cases\""},
           Wrong{R"({"wsproof_case_file": 1, "cases": [{"id": "a b", "title": "t"}]})",
                 "cases[0].id is no id"},
           Wrong{R"({"wsproof_case_file": 1, "cases": [{"id": "a", "title": "t"}]})",
                 "cases[0] lacks \"steps\""},
           Wrong{with_steps(R"({"send": "frame"})"), "cases[0].steps[0] lacks \"opcode\""},
           Wrong{with_steps(R"({"send": "frame", "opcode": 16})"),
                 "steps[0].opcode is no whole number from 0 to 15"},
           Wrong{with_steps(R"({"send": "frame", "opcode": "pang"})"),
                 "steps[0].opcode is \"pang\", which is none of continuation, text"},
           Wrong{with_steps(R"({"send": "frame", "opcode": 1, "mask": 1})"),
                 "steps[0] has \"mask\", which is unknown"},
           Wrong{with_steps(R"({"send": "frame", "opcode": 1, "payload": {"hex": "0"}})"),
                 "steps[0].payload.hex is no bytes in hex"},
           Wrong{with_steps(R"({"send": "frame", "opcode": 1, "payload": 5})"),
                 "steps[0].payload is no object"},
           Wrong{with_steps(R"({"send": "frame", "opcode": 1, "piece": 5})"),
                 "steps[0].piece needs \"cut\""},
           Wrong{with_steps(R"({"send": "nothing"})"), "none of frame, message, close and bytes"},
           Wrong{with_steps(R"({"send": "close"})"), "lacks \"code\""},
           Wrong{with_steps(R"({"expect": []})"), "nothing could come that fits"},
           Wrong{with_steps(R"({"expect": [{"grade": "good", "reaction": "end"}]})"),
                 "expect[0].grade is \"good\", which is none of pass, "},
           Wrong{with_steps("{}"), "has not one of"},
           Wrong{with_steps(R"({"tcp": "up"})"), "is neither \"end\" nor \"reset\""},
       }) {
    try {
      parse_case_file(text);
      ADD_FAILURE() << text;
    } catch (const CaseFileError& error) {
      EXPECT_THAT(error.what(), HasSubstr(complaint));
    }
  }
}

}  // namespace
}  // namespace ws::conformance::explorer
