#include "conformance/endpoints/autobahn_request.hpp"

#include <gtest/gtest.h>

namespace ws::conformance {
namespace {

TEST(ParseAutobahnRequest, ReadsPathAndQuery) {
  const auto request =
      parse_autobahn_request("GET /runCase?case=7&agent=a+b%2f&x= HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->path, "/runCase");
  EXPECT_EQ((*request)["case"], "7");
  EXPECT_EQ((*request)["agent"], "a b/");
  EXPECT_EQ((*request)["x"], "");
  EXPECT_FALSE(parse_autobahn_request("GET /runCase?case=7&case=8 HTTP/1.1\r\n\r\n"));
}

TEST(ParseAutobahnRequest, TakesASlashTooManyOfADriverThatAddsOne) {
  EXPECT_EQ(parse_autobahn_request("GET //getCaseCount HTTP/1.1\r\n\r\n")->path, "/getCaseCount");
  EXPECT_EQ((*parse_autobahn_request("GET //runCase?case=1 HTTP/1.1\r\n\r\n"))["case"], "1");
  EXPECT_EQ(parse_autobahn_request("GET / HTTP/1.1\r\n\r\n")->path, "/");
}

TEST(ParseAutobahnRequest, TakesALineWithoutAVersion) {
  const auto request = parse_autobahn_request("GET /runCase?agent=a&case=3\r\nHost: h\r\n\r\n");
  EXPECT_EQ(request->path, "/runCase");
  EXPECT_EQ((*request)["case"], "3");
}

TEST(TargetOf, IsWhatStandsBehindTheMethod) {
  EXPECT_EQ(target_of("GET /a?b=%20c HTTP/1.1\r\nHost: h\r\n\r\n"), "/a?b=%20c");
  EXPECT_EQ(target_of("GET /a\r\nHost: h\r\n\r\n"), "/a");
}

TEST(ParseAutobahnRequest, TakesATargetWithoutASlash) {
  const auto request = parse_autobahn_request("GET runCase?case=3 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(request->path, "/runCase");
  EXPECT_EQ((*request)["case"], "3");
}

TEST(ParseAutobahnRequest, TakesATargetInAbsoluteForm) {
  const auto request =
      parse_autobahn_request("GET http://localhost:9001/runCase?case=2 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(request->path, "/runCase");
  EXPECT_EQ((*request)["case"], "2");
  EXPECT_EQ(parse_autobahn_request("GET http://localhost HTTP/1.1\r\n\r\n")->path, "");
}

}  // namespace
}  // namespace ws::conformance
