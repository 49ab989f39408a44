#include "conformance/oracle/extension_list.hpp"

#include <gtest/gtest.h>

namespace ws::oracle {
namespace {

TEST(OracleExtensionList, ReadsTheExamplesOfSection91) {
  EXPECT_EQ(parse_extension_list("foo"), (std::vector<Extension>{{.name = "foo"}}));
  EXPECT_EQ(parse_extension_list("bar; baz=2"),
            (std::vector<Extension>{{.name = "bar", .parameters = {{"baz", "2"}}}}));
  EXPECT_EQ(parse_extension_list("foo, bar; baz=\"2\" ;qux"),
            (std::vector<Extension>{{.name = "foo"},
                                    {.name = "bar", .parameters = {{"baz", "2"}, {"qux", {}}}}}));
}

TEST(OracleExtensionList, UnquotesAndLeavesOutEmptyElements) {
  EXPECT_EQ(parse_extension_list(" ,\ta;b = \"\\c\\d\",, "),
            (std::vector<Extension>{{.name = "a", .parameters = {{"b", "cd"}}}}));
  EXPECT_EQ(parse_extension_list(""), std::vector<Extension>{});
}

TEST(OracleExtensionList, RefusesWhatTheGrammarDoesNotHave) {
  for (const std::string_view value :
       {"a b", "a;", ";b", "a;;b", "a;b=", "a;=b", "a;b=c=d", "a;b=\"\"", "a;b=\"c d\"", "a;b=\"c",
        "a;b=\"c\\", "a;b=\"c\"d", "\"a\"", "a/b", "a;\"b\"", "a=b", "a\n"}) {
    EXPECT_EQ(parse_extension_list(value), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace ws::oracle
