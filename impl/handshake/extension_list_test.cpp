// The grammar of section 9.1, with its examples.
#include "impl/handshake/extension_list.hpp"

#include <gmock/gmock.h>

namespace ws {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(ParseExtensionList, TakesTheExamplesOfSection9Point1) {
  EXPECT_THAT(parse_extension_list("deflate-stream"),
              Optional(ElementsAre(Extension{.name = "deflate-stream"})));
  EXPECT_THAT(parse_extension_list("mux; max-channels=4; flow-control, deflate-stream"),
              Optional(ElementsAre(Extension{.name = "mux",
                                             .parameters = {{.name = "max-channels", .value = "4"},
                                                            {.name = "flow-control"}}},
                                   Extension{.name = "deflate-stream"})));
  EXPECT_THAT(parse_extension_list("private-extension"),
              Optional(ElementsAre(Extension{.name = "private-extension"})));
}

TEST(ParseExtensionList, TakesAQuotedValueAsTheTokenInIt) {
  const Extension expected{.name = "a", .parameters = {{.name = "b", .value = "10"}}};
  for (const std::string_view value : {R"(a; b=10)", R"(a; b="10")", R"(a; b="\1\0")"}) {
    EXPECT_THAT(parse_extension_list(value), Optional(ElementsAre(expected))) << value;
  }
}

TEST(ParseExtensionList, TakesWhiteSpaceAroundEverySeparator) {
  EXPECT_EQ(parse_extension_list(" \ta \t;\t b = \"c\" ; d\t, e "),
            parse_extension_list("a;b=c;d,e"));
}

TEST(ParseExtensionList, KeepsOrderAndRepetitions) {
  EXPECT_THAT(
      parse_extension_list("b; y; x; y, a, b"),
      Optional(ElementsAre(
          Extension{.name = "b", .parameters = {{.name = "y"}, {.name = "x"}, {.name = "y"}}},
          Extension{.name = "a"}, Extension{.name = "b"})));
}

TEST(ParseExtensionList, LeavesEmptyElementsOut) {
  EXPECT_EQ(parse_extension_list(",, a , ,b,"), parse_extension_list("a, b"));
  EXPECT_THAT(parse_extension_list(""), Optional(IsEmpty()));
  EXPECT_THAT(parse_extension_list(" , "), Optional(IsEmpty()));
}

TEST(ParseExtensionList, RefusesWhatBreaksTheGrammar) {
  for (const std::string_view value : {
           ";",
           "=",
           "a;",
           "a; ",
           "; a",
           "a;;b",
           "a;=b",
           "a=b",
           "a; b=",
           "a; b==c",
           "a; b=c=d",
           "a b",
           "a; b c",
           "a; b=c d",
           "a; b=;c",
           "a; b=,c",
           "a,;",
           "\"a\"",
           "a; \"b\"",
           R"(a; b=")",
           R"(a; b="c)",
           R"(a; b="c\)",
           R"(a; b="c\")",
           R"(a; b="c"d)",
           R"(a; b=c"d")",
           R"(a; b="")",  // what is in quotes must be a token
           R"(a; b="c d")",
           R"(a; b=" c")",
           R"(a; b="c,d")",
           R"(a; b="c;d")",
           R"(a; b="\"")",
           R"(x; y=",permessage-deflate,")",  // no extension hides in quotes
           "a/b",
           "a; b=c/d",
           "a@",
           "\xc3\xa4",
           "a; b=\xc3\xa4",
       }) {
    EXPECT_EQ(parse_extension_list(value), std::nullopt) << value;
  }
  EXPECT_EQ(parse_extension_list(std::string_view("a\0", 2)), std::nullopt);
}

TEST(ParseExtensionList, RefusesTheWholeListForOneMalformedElement) {
  EXPECT_EQ(parse_extension_list("permessage-deflate, a;"), std::nullopt);
}

TEST(FormatExtensionList, GivesWhatParseTakes) {
  const std::string_view value = "a; b=c; d, e";
  EXPECT_EQ(format_extension_list(parse_extension_list(value).value()), value);
  EXPECT_EQ(format_extension_list({}), "");
}

}  // namespace
}  // namespace ws
