// What a run writes for other programs, read by those who know the formats best.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "conformance/cli/test_wsproof.hpp"

namespace ws::conformance {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A run with cases that pass, that fail and that are known to, of a server that prints what no
/// format takes as it is.
class Formats : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string server = R"(printf '\001\377<&]]>#\n---\n\357\277\276\n'; exec )" +
                               right_server() + " --fault u8-overlong";
    const std::string baseline =
        files_.write("baseline.json", R"({"format": "wsproof-baseline", "version": 1, "cases": {
          "6.18.1": {"verdict": "fail", "reason": "known # <&> \\ \"since\""}, "1.1.2": "passes"}})");
    outcome_ = run_wsproof({"server", "--spawn", server, "--cases", "1.1,6.18", "--junit",
                            files_.path("junit.xml"), "--tap", files_.path("run.tap"), "--baseline",
                            baseline});
  }

  TestFiles files_;
  ProgramEnd outcome_;
};

TEST_F(Formats, JUnitIsAsItsSchemaSays) {
  if (!std::filesystem::exists("/usr/bin/xmllint")) GTEST_SKIP() << "there is no xmllint";
  testing::Program xmllint("/usr/bin/xmllint",
                           {"--noout", "--schema", WSPROOF_JUNIT_SCHEMA, files_.path("junit.xml")});
  EXPECT_EQ(outcome_.status, 1) << outcome_.output << outcome_.errors;
  EXPECT_EQ(xmllint.wait(), 0) << xmllint.errors() << outcome_.output << outcome_.errors;
}

TEST_F(Formats, TapIsReadByPerl) {
  testing::Program module("/usr/bin/perl", {"-MTAP::Parser", "-e", "1"});
  if (module.wait() != 0) GTEST_SKIP() << "there is no TAP::Parser";
  testing::Program perl("/usr/bin/perl", {"-MTAP::Parser", "-e", R"(
    my $parser = TAP::Parser->new({source => $ARGV[0]});
    my @diagnoses;
    while (my $result = $parser->next) {
      push @diagnoses, $result->data->{reason} if $result->is_yaml;
    }
    print "$_\n" for $parser->parse_errors;
    printf "run %d, failed %d, known %d\n", $parser->tests_run, scalar $parser->failed,
      scalar $parser->todo;
    print "$_\n" for @diagnoses;
  )",
                                          files_.path("run.tap")});
  EXPECT_EQ(perl.wait(), 0) << perl.errors();
  EXPECT_THAT(perl.output(), AllOf(StartsWith("run 13, failed 3, known 1\n"),
                                   HasSubstr("passed, though the baseline expects it to fail\n")))
      << outcome_.output << outcome_.errors;
}

TEST(Docs, HaveAPageForEachCase) {
  const TestFiles files;
  const ProgramEnd outcome = run_wsproof({"docs", "-o", files.path("cases")});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  const std::string list = run_wsproof({"list"}).output;
  std::ptrdiff_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(files.path("cases"))) {
    if (entry.path().extension() == ".html") ++pages;
  }
  EXPECT_EQ(pages, std::ranges::count(list, '\n') + 1);  // and index.html
  EXPECT_THAT(files.read("cases/6.4.1.html"),
              AllOf(HasSubstr("wait 1 s"), HasSubstr("rfc6455#section-8.1")));
}

}  // namespace
}  // namespace ws::conformance
