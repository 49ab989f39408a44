#include "conformance/harness/oracles.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "conformance/harness/masking_keys.hpp"
#include "conformance/harness/opening_rules.hpp"
#include "conformance/harness/wire_check.hpp"
#include "conformance/oracle/http_head.hpp"

namespace ws::conformance {
namespace {

std::vector<std::string> rules_of(const std::vector<PeerViolation>& broken) {
  std::vector<std::string> rules;
  for (const PeerViolation& violation : broken) rules.push_back(violation.rule);
  return rules;
}

bool lists(const std::vector<std::string>& rules, std::string_view rule) {
  return std::ranges::find(rules, rule) != rules.end();
}

TEST(OracleRules, NameTheStatementThatAFrameBreaks) {
  using namespace std::string_literals;
  struct Broken {
    std::string output{};
    Role sender = Role::server;
    std::string statement{};
  };
  for (const Broken& broken : {Broken{"\xc1\x00"s, Role::server, "RFC6455-5.2-2"},
                               Broken{"\x81\x00"s, Role::client, "RFC6455-5.1-1"},
                               Broken{"\x81\x80\x01\x02\x03\x04"s, Role::server, "RFC6455-5.1-4"},
                               Broken{"\x09\x00"s, Role::server, "RFC6455-5.5-2"},
                               Broken{"\x81\x7e\x00\x01"s, Role::server, "RFC6455-5.2-8"},
                               Broken{"\x88\x02\x03\xed"s, Role::server, "RFC6455-7.4.2-2"},
                               Broken{"\x81\x01\xff"s, Role::server, "RFC6455-5.6-1"},
                               Broken{"\x88\x00\x81\x00"s, Role::server, "RFC6455-5.5.1-6"}}) {
    const auto found = check_wire(broken.output, {.sender = broken.sender}, {});
    ASSERT_TRUE(found) << broken.statement;
    EXPECT_EQ(statement_of(found->rule, broken.sender), broken.statement);
  }
}

TEST(OracleRules, NameTheStatementsThatARequestBreaks) {
  const auto head = oracle::parse_request_head(
      "POST /#part HTTP/1.1\r\nSec-WebSocket-Key: AAAA\r\n"
      "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Protocol: a, a, b(\r\n"
      "Sec-WebSocket-Extensions: x-nobody, permessage-deflate; server_max_window_bits\r\n\r\n",
      {});
  ASSERT_TRUE(head);
  const auto rules = rules_of(check_request(*head, "localhost:9001"));
  for (const char* rule :
       {"method", "fragment", "host", "upgrade", "connection", "version", "key",
        "subprotocol_token", "subprotocol_twice", "unregistered_extension", "deflate_offer"}) {
    EXPECT_TRUE(lists(rules, rule)) << rule;
    EXPECT_NE(statement_of(rule, Role::client), "") << rule;
  }
}

TEST(OracleRules, NameTheStatementsThatAResponseBreaks) {
  const std::string request =
      "GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Extensions: x-nobody, permessage-deflate\r\n\r\n";
  const auto head = oracle::parse_response_head(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n"
      "Sec-WebSocket-Accept: AAAA\r\nSec-WebSocket-Protocol: unasked\r\n"
      "Sec-WebSocket-Extensions: x-nobody\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\r\n\r\n",
      {});
  ASSERT_TRUE(head);
  const auto rules = rules_of(check_upgrade(*head, request));
  for (const char* rule : {"upgrade", "connection", "accept", "extensions_once",
                           "unregistered_extension", "deflate_answer", "subprotocol_unoffered"}) {
    EXPECT_TRUE(lists(rules, rule)) << rule;
    EXPECT_NE(statement_of(rule, Role::server), "") << rule;
  }
}

TEST(OracleRules, TellAnOfferThatIsMalformedFromNone) {
  const auto head = oracle::parse_response_head(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
      {});
  ASSERT_TRUE(head);
  const std::string request = "GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const auto what = [&](const std::string& offer) {
    const auto broken = check_upgrade(*head, request + offer + "\r\n");
    return broken.size() == 1 ? broken[0].what : std::to_string(broken.size());
  };
  EXPECT_EQ(what(""), "the extension permessage-deflate was not offered");
  EXPECT_EQ(
      what("Sec-WebSocket-Extensions: permessage-deflate;\r\n"),
      "permessage-deflate is agreed on, but what offers it is malformed: permessage-deflate;");
  EXPECT_EQ(what("Sec-WebSocket-Extensions: permessage-deflate\r\n"), "0");
}

TEST(OracleRules, SayWhichParameterDoesNotAnswerAnOffer) {
  const auto what = [](const std::string& offer, const std::string& agreed) {
    const auto head = oracle::parse_response_head(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate" +
            agreed + "\r\n\r\n",
        {});
    const auto broken =
        check_upgrade(*head,
                      "GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                      "Sec-WebSocket-Extensions: permessage-deflate" +
                          offer + "\r\n\r\n");
    return broken.empty() ? "" : broken[0].what;
  };
  EXPECT_EQ(what("", ""), "");
  EXPECT_EQ(what("", "; client_max_window_bits=12"),
            "client_max_window_bits is agreed on, which was not offered");
  EXPECT_EQ(
      what("; server_no_context_takeover", ""),
      "permessage-deflate is agreed on without server_no_context_takeover, which was offered");
  EXPECT_EQ(what("; server_max_window_bits=10", ""),
            "permessage-deflate is agreed on with a larger window of the server's than the 10 bits "
            "that were offered");
  EXPECT_EQ(what("; server_max_window_bits=99", ""),
            "permessage-deflate is agreed on, but its offer has a parameter that is unknown, "
            "repeated or bad, so it is to be declined");
  EXPECT_EQ(what("", "; x=y"),
            "permessage-deflate is agreed on with a parameter that is unknown, repeated or bad");
}

TEST(OracleRules, NameTheStatementThatMaskingKeysBreak) {
  const std::vector<std::string> keys(10, "same");
  const auto broken = check_masking_keys(keys);
  ASSERT_EQ(broken.size(), 1U);
  EXPECT_EQ(statement_of(broken[0].rule, Role::client), "RFC6455-10.3-1");
  EXPECT_EQ(statement_of("no rule", Role::client), "");
}

TEST(OracleRules, FindAMaskingKeyOfZeros) {
  EXPECT_EQ(check_masking_keys({"abcd", std::string(4, '\0')}).size(), 1U);
  EXPECT_TRUE(check_masking_keys({"abcd", std::string("a\0\0\0", 4)}).empty());
}

TEST(OracleRules, FindAFieldOfOneValueThatStandsTwiceInARefusal) {
  const auto count = [](const std::string& fields) {
    const auto head =
        oracle::parse_response_head("HTTP/1.1 400 Bad Request\r\n" + fields + "\r\n", {});
    return head ? check_refusal(*head).size() : 99;
  };
  EXPECT_EQ(count("Content-Length: 0\r\nContent-Type: text/plain\r\n"), 0U);
  EXPECT_EQ(count("Content-Length: 0\r\ncontent-length: 0\r\n"), 1U);
  EXPECT_EQ(count("Content-Type: text/plain\r\nContent-Type: text/html\r\n"), 1U);
  EXPECT_EQ(count("Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n"), 0U);
}

TEST(OracleRules, FindContentInARequestAndAPathInItsHost) {
  const std::string good =
      "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  const auto count = [&](const std::string& fields) {
    const auto head = oracle::parse_request_head(good + fields + "\r\n", {});
    return head ? check_request(*head, "localhost").size() : 99;
  };
  EXPECT_EQ(count("Host: localhost\r\nContent-Length: 0\r\n"), 0U);
  EXPECT_EQ(count("Host: localhost\r\nContent-Length: 5\r\n"), 1U);
  EXPECT_EQ(count("Host: localhost\r\nTransfer-Encoding: chunked\r\n"), 1U);
  EXPECT_EQ(count("Host: http://localhost\r\n"), 1U);
}

}  // namespace
}  // namespace ws::conformance
