// URIs of sections 3 and 11.1, and texts that are none.
#include "impl/handshake/uri.hpp"

#include <gtest/gtest.h>

namespace ws {
namespace {

TEST(ParseUri, SplitsSchemeHostPortAndResource) {
  EXPECT_EQ(parse_uri("ws://example.com/chat?a=1&b=2"),
            (Uri{.host = "example.com", .port = 80, .resource = "/chat?a=1&b=2"}));
  EXPECT_EQ(parse_uri("wss://example.com:8443/"),
            (Uri{.secure = true, .host = "example.com", .port = 8443, .resource = "/"}));
}

TEST(ParseUri, TakesThePortOfTheSchemeWhereNoneIsGiven) {
  EXPECT_EQ(parse_uri("ws://h")->port, 80);
  EXPECT_EQ(parse_uri("wss://h")->port, 443);
  EXPECT_EQ(parse_uri("ws://h:/")->port, 80);
}

TEST(ParseUri, TakesTheSchemeInAnyLetterCase) {
  EXPECT_TRUE(parse_uri("WSS://h")->secure);
  EXPECT_FALSE(parse_uri("wS://h")->secure);
}

TEST(ParseUri, MakesAnEmptyPathASlash) {
  EXPECT_EQ(parse_uri("ws://h")->resource, "/");
  EXPECT_EQ(parse_uri("ws://h?q")->resource, "/?q");
  EXPECT_EQ(parse_uri("ws://h/?")->resource, "/?");
}

TEST(ParseUri, LowersTheHostAndNothingElse) {
  EXPECT_EQ(parse_uri("ws://Server.EXAMPLE.com/Chat"),
            (Uri{.host = "server.example.com", .port = 80, .resource = "/Chat"}));
}

TEST(ParseUri, TakesEncodedCharactersAsTheyAre) {
  EXPECT_EQ(parse_uri("ws://h/a%23b?%C3%a4")->resource, "/a%23b?%C3%a4");
  EXPECT_EQ(parse_uri("ws://h/-._~!$&'()*+,;=:@/?/?")->resource, "/-._~!$&'()*+,;=:@/?/?");
}

TEST(ParseUri, TakesIpv6Literals) {
  EXPECT_EQ(parse_uri("ws://[::1]:9001/"), (Uri{.host = "::1", .port = 9001, .resource = "/"}));
  for (const std::string_view address :
       {"::", "1::", "::ffff:192.0.2.1", "2001:db8::8:800:200C:417A", "1:2:3:4:5:6:7:8",
        "1::3:4:5:6:7:8", "1:2:3:4:5:6:192.0.2.255", "fe80::1"}) {
    EXPECT_TRUE(parse_uri("ws://[" + std::string(address) + "]")) << address;
  }
}

TEST(ParseUri, RefusesMalformedIpv6Literals) {
  for (const std::string_view address : {"",
                                         ":",
                                         ":::",
                                         "1",
                                         "1:2:3:4:5:6:7",
                                         "1:2:3:4:5:6:7:8:9",
                                         "1:2:3:4::5:6:7:8",
                                         "1::2::3",
                                         "12345::",
                                         "g::",
                                         "::1.2.3",
                                         "::1.2.3.256",
                                         "::1..2.3",
                                         "::1.2.3.1000",
                                         "::1.2.x.3",
                                         "::01.2.3.4",
                                         "1.2.3.4::",
                                         "1:2:3:4:5:6:7:1.2.3.4",
                                         "fe80::1%25eth0",
                                         "v1.a",
                                         "1:2:3:4:5:6:7:"}) {
    EXPECT_FALSE(parse_uri("ws://[" + std::string(address) + "]")) << address;
  }
  EXPECT_FALSE(parse_uri("ws://[::1"));
  EXPECT_FALSE(parse_uri("ws://[::1]x"));
  EXPECT_FALSE(parse_uri("ws://[::1]x80"));
  EXPECT_FALSE(parse_uri("ws://::1/"));
}

TEST(ParseUri, RefusesWhatIsNoWebSocketUri) {
  for (const std::string_view text : {
           "",
           "ws",
           "ws:",
           "ws:/h",
           "//h/",
           "h",
           "/chat",
           "http://h/",
           "wsss://h",
           "ws ://h",
           "ws://",
           "ws:///path",
           "ws://:80/",  // no host
           "ws://h/#",
           "ws://h#f",
           "ws://h/?q#f",  // a fragment (section 3)
           "ws://u@h/",
           "ws://u:p@h/",  // user information
           "ws://h:0/",
           "ws://h:65536/",
           "ws://h:99999999999/",
           "ws://h:x/",
           "ws://h:+1/",
           "ws://h:-1/",
           "ws://h:80x/",
           "ws://h:8:0/",  // ports
           "ws://h/%",
           "ws://h/%2",
           "ws://h/%2g",
           "ws://h/%g2",
           "ws://%/",  // "%" without two digits
           "ws://h/a b",
           "ws://h/\"",
           "ws://h/<>",
           "ws://h/\\",
           "ws://h/|",
           "ws://h/[",
           "ws://h/\t",
           "ws://h/\r\nX: y",
           "ws://h/\xc3\xa4",
           "ws://h\xc3\xa4/",
           "ws://a b/",
           "ws://a\\b/",
       }) {
    EXPECT_FALSE(parse_uri(text)) << text;
  }
}

TEST(ParseAuthority, SplitsHostAndPort) {
  EXPECT_EQ(parse_authority("example.com"), Authority{.host = "example.com"});
  EXPECT_EQ(parse_authority("example.com:"), Authority{.host = "example.com"});
  EXPECT_EQ(parse_authority("example.com:65535"),
            (Authority{.host = "example.com", .port = 65535}));
  EXPECT_EQ(parse_authority("[::1]:1"), (Authority{.host = "::1", .port = 1}));
  EXPECT_EQ(parse_authority("192.0.2.1"), Authority{.host = "192.0.2.1"});
}

TEST(FormatUri, LeavesOutTheDefaultPortOnly) {
  EXPECT_EQ(format_host({.host = "h", .port = 80}), "h");
  EXPECT_EQ(format_host({.host = "h", .port = 443}), "h:443");
  EXPECT_EQ(format_host({.secure = true, .host = "h", .port = 443}), "h");
  EXPECT_EQ(format_host({.secure = true, .host = "h", .port = 80}), "h:80");
  EXPECT_EQ(format_host({.host = "::1", .port = 80}), "[::1]");
  EXPECT_EQ(format_host({.host = "::1", .port = 9001}), "[::1]:9001");
}

TEST(FormatUri, GivesWhatParseUriTakes) {
  for (const std::string_view text :
       {"ws://h/", "wss://[::1]:8443/a?b", "ws://h:443/", "wss://h:80/?"}) {
    EXPECT_EQ(format_uri(parse_uri(text).value()), text);
  }
}

}  // namespace
}  // namespace ws
