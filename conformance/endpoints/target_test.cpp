#include "conformance/endpoints/target.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace ws::conformance {
namespace {

TEST(ParseTarget, TakesUrlsApart) {
  for (const auto& [url, target] : {
           std::pair{"ws://127.0.0.1:9001/", Target{.host = "127.0.0.1", .port = 9001}},
           std::pair{"ws://h", Target{.host = "h", .port = 80}},
           std::pair{"wss://h/a?b=c",
                     Target{.secure = true, .host = "h", .port = 443, .resource = "/a?b=c"}},
           std::pair{"ws://h?b", Target{.host = "h", .port = 80, .resource = "/?b"}},
           std::pair{"ws://[::1]:8/", Target{.host = "::1", .port = 8}},
           std::pair{"wss://[::1]", Target{.secure = true, .host = "::1", .port = 443}},
           std::pair{"unix:/run/x", Target{.path = "/run/x"}},
           std::pair{"unix:x:/a", Target{.path = "x", .resource = "/a"}},
           std::pair{"ws+unix:///run/x:/a?b", Target{.path = "/run/x", .resource = "/a?b"}},
           std::pair{"wss+unix:/run/x", Target{.secure = true, .path = "/run/x"}},
       }) {
    EXPECT_EQ(parse_target(url), target) << url;
  }
}

TEST(ParseTarget, RefusesWhatIsNone) {
  for (const std::string url :
       {"", "http://h/", "ws:h", "ws://", "ws:///a", "ws://h:0/", "ws://h:65536/", "ws://h:x/",
        "ws://h:/", "ws://h/a b", "ws://h/#a", "unix:", "unix::/a", "unix:x:/a#b"}) {
    EXPECT_EQ(parse_target(url), std::nullopt) << url;
  }
}

TEST(Target, IsWrittenAsAHostField) {
  EXPECT_EQ(host_field_of({.host = "h", .port = 80}), "h:80");
  EXPECT_EQ(host_field_of({.host = "::1", .port = 8}), "[::1]:8");
  EXPECT_EQ(host_field_of({.path = "/run/x"}), "localhost");
}

}  // namespace
}  // namespace ws::conformance
