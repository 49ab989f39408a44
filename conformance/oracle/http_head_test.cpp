#include "conformance/oracle/http_head.hpp"

#include <gtest/gtest.h>

namespace ws::oracle {
namespace {

using namespace std::string_literals;

TEST(OracleHttpHead, ReadsARequestAndStopsAtItsEnd) {
  const std::string head =
      "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade:\twebsocket \r\n\r\n";
  EXPECT_EQ(parse_request_head(head + "\x81\x05", {}),
            (HttpHead{.method = "GET",
                      .target = "/chat",
                      .fields = {{"Host", "server.example.com"}, {"Upgrade", "websocket"}},
                      .size = head.size()}));
  EXPECT_EQ(parse_request_head("\r\n\r\n" + head, {})->size, head.size() + 4);
}

TEST(OracleHttpHead, ReadsAResponse) {
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nA:\r\n\r\n";
  EXPECT_EQ(parse_response_head(head, {}), (HttpHead{.status = 101,
                                                     .reason = "Switching Protocols",
                                                     .fields = {{"A", ""}},
                                                     .size = head.size()}));
  EXPECT_EQ(parse_response_head("HTTP/1.0 200\r\n\r\n", {})->status, 200);
  EXPECT_EQ(parse_response_head("HTTP/1.0 200 \r\n\r\n", {})->minor_version, 0);
}

TEST(OracleHttpHead, RefusesAMalformedRequest) {
  for (const std::string& text :
       {"GET / HTTP/1.1\r\n"s, "GET / HTTP/1.1\n\n"s, "GET  / HTTP/1.1\r\n\r\n"s,
        "GET / HTTP/1.1 \r\n\r\n"s, "GET / HTTP/2.0\r\n\r\n"s, "GET /\r\n\r\n"s,
        "G@T / HTTP/1.1\r\n\r\n"s, "GET /\xff HTTP/1.1\r\n\r\n"s,
        "GET / HTTP/1.1\r\nA : b\r\n\r\n"s, "GET / HTTP/1.1\r\n A: b\r\n\r\n"s,
        "GET / HTTP/1.1\r\nA\r\n\r\n"s, "GET / HTTP/1.1\r\n: b\r\n\r\n"s,
        "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"s, "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"s}) {
    EXPECT_EQ(parse_request_head(text, {}), std::nullopt) << text;
  }
}

TEST(OracleHttpHead, RefusesAMalformedResponse) {
  for (const std::string& text :
       {"\r\nHTTP/1.1 101 \r\n\r\n"s, "HTTP/1.1 99 \r\n\r\n"s, "HTTP/1.1 600 \r\n\r\n"s,
        "HTTP/1.1 1010 \r\n\r\n"s, "HTTP/1.1\r\n\r\n"s, "HTTP/11 101 \r\n\r\n"s}) {
    EXPECT_EQ(parse_response_head(text, {}), std::nullopt) << text;
  }
}

TEST(OracleHttpHead, KeepsToTheLimits) {
  const std::string head = "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n";
  EXPECT_TRUE(parse_request_head(head, {14, 2, head.size()}));
  EXPECT_FALSE(parse_request_head(head, {13, 2, head.size()}));
  EXPECT_FALSE(parse_request_head(head, {14, 1, head.size()}));
  EXPECT_FALSE(parse_request_head(head, {14, 2, head.size() - 1}));
}

}  // namespace
}  // namespace ws::oracle
