#include "conformance/outputs/case_pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vector>

namespace ws::conformance {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(RenderCasePages, HasAPageForEachCaseAndAList) {
  const std::vector<Case> cases{
      {.id = "1.1.1", .title = "A <title>", .purpose = "Why & how.", .checks = {"RFC6455-5.5-3"}},
      {.id = "20.1.1", .title = "Another", .only_for = Role::server},
  };
  const std::vector<Page> pages = render_case_pages(cases);
  ASSERT_THAT(pages, SizeIs(3));
  EXPECT_EQ(pages[0].name, "index.html");
  EXPECT_THAT(pages[0].html,
              AllOf(HasSubstr(R"(<h2 id="section-20">20 Opening handshake of servers</h2>)"),
                    HasSubstr(R"(<li id="1.1.1"><a class="id" href="1.1.1.html">1.1.1</a>)")));
  EXPECT_EQ(pages[1].name, "1.1.1.html");
  EXPECT_THAT(pages[1].html,
              AllOf(HasSubstr("A &lt;title&gt;</h1>"), HasSubstr("<p>Why &amp; how.</p>"),
                    HasSubstr(R"(href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5")"),
                    HasSubstr(R"(href="index.html#1.1.1")"), HasSubstr("After: 20.1.1"),
                    Not(HasSubstr("Before:")), Not(HasSubstr("alone"))));
  EXPECT_THAT(pages[2].html, AllOf(HasSubstr("Before: 1.1.1"), HasSubstr("For servers alone.")));
}

}  // namespace
}  // namespace ws::conformance
