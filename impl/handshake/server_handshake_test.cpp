// Requests that keep section 4.2.1, each rule broken, and the answers of section 4.2.2.
#include "impl/handshake/server_handshake.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace ws {
namespace {

using enum HandshakeError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// The request of section 1.2, line by line, so that a test can change one.
using Lines = std::vector<std::string>;

Lines example() {
  return {"GET /chat HTTP/1.1",
          "Host: server.example.com",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "Origin: http://example.com",
          "Sec-WebSocket-Protocol: chat, superchat",
          "Sec-WebSocket-Version: 13"};
}

/// The example with the line that starts with `start` replaced by `lines`.
Lines with(std::string_view start, const Lines& lines) {
  Lines changed;
  for (const std::string& line : example()) {
    if (!line.starts_with(start)) {
      changed.push_back(line);
    } else {
      changed.insert(changed.end(), lines.begin(), lines.end());
    }
  }
  return changed;
}

/// The example with `line` behind it.
Lines plus(std::string_view line) {
  Lines lines = example();
  lines.emplace_back(line);
  return lines;
}

std::expected<OpeningRequest, HandshakeError> check(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\r\n";
  text += "\r\n";
  RequestHeadParser parser;
  auto input = std::as_bytes(std::span(text));
  return check_opening_request(parser.receive(input).value().value());
}

TEST(CheckOpeningRequest, TakesTheExampleOfSection1Point2) {
  const auto request = check(example());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->target, "/chat");
  EXPECT_EQ(request->host, "server.example.com");
  EXPECT_EQ(request->origin, "http://example.com");
  EXPECT_EQ(request->key, "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_THAT(request->subprotocols(), ElementsAre("chat", "superchat"));
  EXPECT_THAT(request->extensions(), IsEmpty());
  EXPECT_EQ(request->fields.size(), 7U);
}

TEST(CheckOpeningRequest, TakesWhatTheRfcLeavesToTheClient) {
  for (const Lines& lines : {
           with("Upgrade", {"Upgrade: WebSocket"}),
           with("Upgrade", {"Upgrade: h2c, websocket"}),
           with("Upgrade", {"Upgrade: h2c", "uPGRADE: WEBSOCKET"}),
           with("Connection", {"Connection: upgrade"}),
           with("Connection", {"connection: keep-alive, uPgRaDe"}),
           with("Connection", {"CONNECTION: keep-alive", "Connection: Upgrade"}),
           with("Connection", {"Connection: , ,Upgrade,"}),
           with("Host", {"Host: server.example.com:8080"}),
           with("Host", {"Host: [::1]:8080"}),
           with("Origin", {}),
           with("Sec-WebSocket-Protocol", {}),
           with("Sec-WebSocket-Key", {"Sec-WebSocket-Key:\t dGhlIHNhbXBsZSBub25jZQ== \t"}),
           with("GET", {"GET /chat HTTP/1.2"}),
           plus("Content-Length: 0"),
           plus("Expect: 100-continue"),
           plus("Sec-WebSocket-Accept: x"),
           plus("Cookie: a=b; c=d"),
           plus("X-Unknown: \xc3\xa4"),
       }) {
    EXPECT_TRUE(check(lines)) << ::testing::PrintToString(lines);
  }
}

TEST(CheckOpeningRequest, TakesFieldsInAnyOrder) {
  Lines lines = example();
  std::sort(lines.begin() + 1, lines.end());
  do {
    ASSERT_TRUE(check(lines)) << ::testing::PrintToString(lines);
  } while (std::next_permutation(lines.begin() + 1, lines.end()));
}

TEST(CheckOpeningRequest, TakesATargetInAbsoluteFormAndItsHost) {
  const auto request = check(with("GET", {"GET HTTP://other.example.com:81/chat?x HTTP/1.1"}));
  EXPECT_EQ(request->target, "/chat?x");
  EXPECT_EQ(request->host, "other.example.com:81");
  EXPECT_EQ(check(with("GET", {"GET https://h HTTP/1.1"}))->target, "/");
  EXPECT_EQ(check(with("GET", {"GET http://h?x HTTP/1.1"}))->target, "/?x");
}

TEST(CheckOpeningRequest, GivesTextsThatACopyKeeps) {
  auto request = check(example());
  const OpeningRequest copy = *request;
  request = std::unexpected(method_not_get);
  EXPECT_EQ(copy, check(example()));
  EXPECT_EQ(copy.key, "dGhlIHNhbXBsZSBub25jZQ==");
}

TEST(CheckOpeningRequest, TakesCharactersThatBrowsersDoNotEncode) {
  EXPECT_EQ(check(with("GET", {"GET /a?[b]|{c}^`\\'% HTTP/1.1"}))->target, "/a?[b]|{c}^`\\'%");
}

TEST(CheckOpeningRequest, TakesOffersOverSeveralLinesInOrder) {
  Lines lines = with("Sec-WebSocket-Protocol",
                     {"Sec-WebSocket-Protocol: b , ,a", "sec-websocket-protocol: A"});
  lines.emplace_back("Sec-WebSocket-Extensions: x; y=\"1\"");
  lines.emplace_back("Sec-WebSocket-Extensions: permessage-deflate");
  const auto request = check(lines);
  EXPECT_THAT(request->subprotocols(), ElementsAre("b", "a", "A"));
  EXPECT_THAT(request->extensions(),
              ElementsAre(Extension{.name = "x", .parameters = {{.name = "y", .value = "1"}}},
                          Extension{.name = "permessage-deflate"}));
}

struct Broken {
  HandshakeError error{};
  Lines lines{};
};

TEST(CheckOpeningRequest, NamesTheRuleThatARequestBreaks) {
  const std::vector<Broken> table = {
      {method_not_get, with("GET", {"get /chat HTTP/1.1"})},
      {method_not_get, with("GET", {"GETX /chat HTTP/1.1"})},
      {method_not_get, with("GET", {"POST /chat HTTP/1.1"})},
      {method_not_get, with("GET", {"HEAD /chat HTTP/1.0"})},
      {unsupported_http_version, with("GET", {"GET /chat HTTP/1.0"})},
      {malformed_target, with("GET", {"GET * HTTP/1.1"})},
      {malformed_target, with("GET", {"GET server.example.com:80 HTTP/1.1"})},
      {malformed_target, with("GET", {"GET chat HTTP/1.1"})},
      {malformed_target, with("GET", {"GET /chat#fragment HTTP/1.1"})},
      {malformed_target, with("GET", {"GET http://h/# HTTP/1.1"})},
      {malformed_target, with("GET", {"GET /\" HTTP/1.1"})},
      {malformed_target, with("GET", {"GET /<> HTTP/1.1"})},
      {malformed_target, with("GET", {"GET http:///chat HTTP/1.1"})},
      {malformed_target, with("GET", {"GET http://u@h/ HTTP/1.1"})},
      {malformed_target, with("GET", {"GET http://h:99999/ HTTP/1.1"})},
      {malformed_target, with("GET", {"GET ws://h/ HTTP/1.1"})},
      {malformed_target, with("GET", {"GET ftp://h/ HTTP/1.1"})},
      {host_missing, with("Host", {})},
      {host_missing, with("Host", {"Hos: h", "Hostx: h"})},
      {host_repeated, with("Host", {"Host: a", "Host: b"})},
      {host_repeated, with("Host", {"Host: a", "host: a"})},
      {host_invalid, with("Host", {"Host:"})},
      {host_invalid, with("Host", {"Host: a b"})},
      {host_invalid, with("Host", {"Host: a, b/"})},
      {host_invalid, with("Host", {"Host: u@h"})},
      {host_invalid, with("Host", {"Host: h:99999"})},
      {host_invalid, with("Host", {"Host: h/path"})},
      {host_invalid, with("Host", {"Host: ::1"})},
      {body_not_allowed, plus("Content-Length: 5")},
      {body_not_allowed, plus("Content-Length: x")},
      {body_not_allowed, plus("Content-Length: 0, 5")},
      {body_not_allowed, plus("Transfer-Encoding: chunked")},
      {body_not_allowed, plus("transfer-encoding: identity")},
      {upgrade_missing, with("Upgrade", {})},
      {upgrade_missing, with("Upgrade", {"Upgrade:"})},
      {upgrade_missing, with("Upgrade", {"Upgrade: h2c"})},
      {upgrade_missing, with("Upgrade", {"Upgrade: websocket2"})},
      {upgrade_missing, with("Upgrade", {"Upgrade: web socket"})},
      {connection_upgrade_missing, with("Connection", {})},
      {connection_upgrade_missing, with("Connection", {"Connection: keep-alive"})},
      {connection_upgrade_missing, with("Connection", {"Connection: Upgraded"})},
      {connection_upgrade_missing, with("Connection", {"Connection: \"Upgrade\""})},
      {version_missing, with("Sec-WebSocket-Version", {})},
      {version_repeated, plus("Sec-WebSocket-Version: 13")},
      {version_repeated, plus("Sec-WebSocket-Version: 8")},
      {key_missing, with("Sec-WebSocket-Key", {})},
      {key_repeated, plus("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")},
      {key_repeated, plus("sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==")},
      {key_invalid, with("Sec-WebSocket-Key", {"Sec-WebSocket-Key:"})},
      {key_invalid, with("Sec-WebSocket-Key", {"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"})},
      {key_invalid, with("Sec-WebSocket-Key", {"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="})},
      {origin_repeated, plus("Origin: http://example.com")},
      {malformed_subprotocols, plus("Sec-WebSocket-Protocol: chat")},
      {malformed_subprotocols, with("Sec-WebSocket-Protocol", {"Sec-WebSocket-Protocol:"})},
      {malformed_subprotocols, with("Sec-WebSocket-Protocol", {"Sec-WebSocket-Protocol: ,"})},
      {malformed_subprotocols, with("Sec-WebSocket-Protocol", {"Sec-WebSocket-Protocol: a b"})},
      {malformed_subprotocols, with("Sec-WebSocket-Protocol", {"Sec-WebSocket-Protocol: a, b, a"})},
      {malformed_subprotocols, with("Sec-WebSocket-Protocol", {"Sec-WebSocket-Protocol: a/b"})},
      {malformed_subprotocols,
       with("Sec-WebSocket-Protocol", {"Sec-WebSocket-Protocol: \xc3\xa4"})},
      {malformed_extensions, plus("Sec-WebSocket-Extensions:")},
      {malformed_extensions, plus("Sec-WebSocket-Extensions: ,")},
      {malformed_extensions, plus("Sec-WebSocket-Extensions: a;")},
      {malformed_extensions, plus("Sec-WebSocket-Extensions: a; b=\"c")},
  };
  for (const auto& [error, lines] : table) {
    EXPECT_EQ(check(lines), std::unexpected(error))
        << describe(error).name << " " << ::testing::PrintToString(lines);
  }
}

TEST(CheckOpeningRequest, RefusesEveryVersionBut13) {
  for (const std::string_view version :
       {"", "0", "7", "8", "12", "14", "130", "1", "3", "013", "13abc", "13, 8", "13,13", "0x0d",
        "-13", "+13", "13.0", "1 3"}) {
    EXPECT_EQ(
        check(with("Sec-WebSocket-Version", {"Sec-WebSocket-Version: " + std::string(version)})),
        std::unexpected(version_unsupported))
        << version;
  }
}

TEST(CheckOpeningRequest, TellsAnOlderVersionWithoutKeyWhichVersionIsSpoken) {
  EXPECT_EQ(check({"GET /chat HTTP/1.1", "Host: h", "Upgrade: WebSocket", "Connection: Upgrade",
                   "Sec-WebSocket-Key1: 1", "Sec-WebSocket-Key2: 2"}),
            std::unexpected(version_missing));
}

TEST(CheckOpeningRequest, TakesTimeLinearInTheNumberOfSubprotocols) {
  RequestHead head{.method = "GET",
                   .target = "/",
                   .fields = {{"Host", "h"},
                              {"Upgrade", "websocket"},
                              {"Connection", "Upgrade"},
                              {"Sec-WebSocket-Version", "13"},
                              {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}};
  std::string list = "x";
  for (int i = 0; i < 100'000; ++i) list += "," + std::to_string(i);
  head.fields.add("Sec-WebSocket-Protocol", list);
  EXPECT_EQ(check_opening_request(head)->subprotocols().size(), 100'001U);
}

TEST(ChooseSubprotocol, TakesTheFirstOfTheClientThatTheServerHas) {
  const OpeningRequest request{.fields = {{"Sec-WebSocket-Protocol", "a, b, c"}}};
  EXPECT_EQ(choose_subprotocol(request, {"c", "b"}), "b");
  EXPECT_EQ(choose_subprotocol(request, {"B"}), std::nullopt);
  EXPECT_EQ(choose_subprotocol(request, {}), std::nullopt);
  EXPECT_EQ(choose_subprotocol({}, {"a"}), std::nullopt);
}

TEST(FormatAcceptance, IsTheResponseOfSection1Point2) {
  EXPECT_EQ(format_acceptance(check(example()).value(), {.subprotocol = "chat"}),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Sec-WebSocket-Protocol: chat\r\n"
            "\r\n");
}

TEST(FormatAcceptance, NamesNeitherSubprotocolNorExtensionWithoutAgreement) {
  const std::string head = format_acceptance(check(example()).value(), {});
  EXPECT_THAT(head, Not(HasSubstr("Sec-WebSocket-Protocol")));
  EXPECT_THAT(head, Not(HasSubstr("Sec-WebSocket-Extensions")));
}

TEST(FormatAcceptance, HasAllExtensionsInOneFieldAndTheCallersFields) {
  const std::string head = format_acceptance(
      check(example()).value(),
      {.extensions = {{.name = "a", .parameters = {{.name = "b", .value = "1"}}}, {.name = "c"}},
       .fields = {{"Server", "wsproof"}}});
  EXPECT_THAT(head, HasSubstr("\r\nSec-WebSocket-Extensions: a; b=1, c\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nServer: wsproof\r\n"));
}

/// Parses a refusal, and checks that its length is the one it states.
ResponseHead parse_refusal(const std::string& text, std::string* body = nullptr) {
  ResponseHeadParser parser;
  auto input = std::as_bytes(std::span(text));
  const auto head = parser.receive(input).value().value();
  EXPECT_EQ(head.fields.find("Content-Length"), std::to_string(input.size()));
  EXPECT_TRUE(head.fields.has_token("Connection", "close"));
  if (body != nullptr) *body = text.substr(text.size() - input.size());
  return head;
}

TEST(Refusal, OfEveryErrorIsAWholeResponse) {
  for (const HandshakeErrorInfo& row : handshake_errors()) {
    if (row.status == 0) continue;
    std::string body;
    const ResponseHead head = parse_refusal(format_refusal(refusal_for(row.error)), &body);
    EXPECT_EQ(head.status, row.status);
    EXPECT_NE(head.reason, "") << row.status;
    if (row.status == 405) continue;
    EXPECT_EQ(body, std::string(row.text) + "\n");
    EXPECT_EQ(head.fields.find("Content-Type"), "text/plain; charset=utf-8");
  }
}

TEST(Refusal, OfAVersionNamesTheOneWeSpeak) {
  for (const auto error : {version_unsupported, version_missing, upgrade_missing}) {
    const ResponseHead head = parse_refusal(format_refusal(refusal_for(error)));
    EXPECT_EQ(head.status, 426);
    EXPECT_EQ(head.reason, "Upgrade Required");
    EXPECT_EQ(head.fields.find("Sec-WebSocket-Version"), "13");
    EXPECT_EQ(head.fields.find("Upgrade"), "websocket");
    EXPECT_TRUE(head.fields.has_token("Connection", "Upgrade"));
  }
}

TEST(Refusal, OfAMethodNamesGetAndHasNoBody) {
  std::string body;
  const ResponseHead head = parse_refusal(format_refusal(refusal_for(method_not_get)), &body);
  EXPECT_EQ(head.status, 405);
  EXPECT_EQ(head.fields.find("Allow"), "GET");
  EXPECT_EQ(body, "");
  EXPECT_EQ(head.fields.count("Content-Type"), 0U);
}

TEST(Refusal, OfTheApplicationIsSentAsItIs) {
  std::string body;
  const ResponseHead head = parse_refusal(
      format_refusal({.status = 401,
                      .fields = {{"WWW-Authenticate", "Basic"}, {"Content-Type", "text/html"}},
                      .body = "<p>"}),
      &body);
  EXPECT_EQ(head.reason, "Unauthorized");
  EXPECT_EQ(head.fields.find("WWW-Authenticate"), "Basic");
  EXPECT_EQ(head.fields.joined("Content-Type"), "text/html");
  EXPECT_EQ(body, "<p>");
  EXPECT_THAT(format_refusal({.status = 402, .reason = "Pay"}), StartsWith("HTTP/1.1 402 Pay\r\n"));
  EXPECT_THAT(format_refusal({.status = 599}), StartsWith("HTTP/1.1 599 \r\n"));
}

}  // namespace
}  // namespace ws
