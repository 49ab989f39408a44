// The request of section 4.1, responses that answer it, and each rule broken.
#include "impl/handshake/client_handshake.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <span>

#include "impl/handshake/server_handshake.hpp"

namespace ws {
namespace {

using enum HandshakeError;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The client of section 1.2, with an extension.
OpeningOffer example() {
  OpeningOffer offer{.uri = parse_uri("ws://server.example.com/chat").value(),
                     .origin = "http://example.com",
                     .subprotocols = {"chat", "superchat"},
                     .extensions = {{.name = "permessage-deflate",
                                     .parameters = {{.name = "client_max_window_bits"}}},
                                    {.name = "x"}}};
  std::ranges::copy(std::as_bytes(std::span(std::string_view("the sample nonce"))),
                    offer.nonce.begin());
  return offer;
}

TEST(FormatOpeningRequest, HasTheFieldsOfSection4Point1) {
  OpeningOffer offer = example();
  offer.fields.add("Authorization", "Basic x");
  EXPECT_EQ(format_opening_request(offer),
            "GET /chat HTTP/1.1\r\n"
            "Host: server.example.com\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "Origin: http://example.com\r\n"
            "Sec-WebSocket-Protocol: chat, superchat\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x\r\n"
            "Authorization: Basic x\r\n"
            "\r\n");
}

TEST(FormatOpeningRequest, LeavesOutWhatIsNotOffered) {
  EXPECT_EQ(format_opening_request({.uri = parse_uri("wss://[::1]:9001?q").value()}),
            "GET /?q HTTP/1.1\r\n"
            "Host: [::1]:9001\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "\r\n");
}

TEST(FormatOpeningRequest, IsARequestThatOurServerAccepts) {
  const OpeningOffer offer = example();
  const std::string text = format_opening_request(offer);
  RequestHeadParser parser;
  auto input = std::as_bytes(std::span(text));
  const auto request = check_opening_request(parser.receive(input).value().value());
  ASSERT_TRUE(request);
  EXPECT_TRUE(std::ranges::equal(request->subprotocols(), offer.subprotocols));
  EXPECT_EQ(request->extensions(), offer.extensions);
  EXPECT_EQ(request->origin, offer.origin);
}

using Lines = std::vector<std::string>;

/// The response of section 1.2, line by line.
Lines response() {
  return {"HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Protocol: chat"};
}

/// The response with the line that starts with `start` replaced by `lines`.
Lines with(std::string_view start, const Lines& lines) {
  Lines changed;
  for (const std::string& line : response()) {
    if (!line.starts_with(start)) {
      changed.push_back(line);
    } else {
      changed.insert(changed.end(), lines.begin(), lines.end());
    }
  }
  return changed;
}

/// The response with `line` behind it.
Lines plus(std::string_view line) {
  Lines lines = response();
  lines.emplace_back(line);
  return lines;
}

std::expected<OpeningAgreement, HandshakeError> check(const Lines& lines,
                                                      const OpeningOffer& offer = example()) {
  std::string text;
  for (const std::string& line : lines) text += line + "\r\n";
  text += "\r\n";
  ResponseHeadParser parser;
  auto input = std::as_bytes(std::span(text));
  return check_opening_response(parser.receive(input).value().value(), offer);
}

TEST(CheckOpeningResponse, TakesTheExampleOfSection1Point2) {
  const auto agreement = check(response());
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->subprotocol, "chat");
  EXPECT_THAT(agreement->extensions, IsEmpty());
  EXPECT_EQ(agreement->fields.size(), 4U);
}

TEST(CheckOpeningResponse, TakesWhatTheRfcLeavesToTheServer) {
  for (const Lines& lines : {
           with("HTTP", {"HTTP/1.1 101 Web Socket Protocol Handshake"}),
           with("HTTP", {"HTTP/1.1 101"}),
           with("HTTP", {"HTTP/1.2 101 x"}),
           with("Upgrade", {"uPGRADE: WebSocket"}),
           with("Connection", {"Connection: keep-alive, upgrade"}),
           with("Connection", {"connection: keep-alive", "CONNECTION: UPGRADE"}),
           with("Sec-WebSocket-Accept",
                {"sec-websocket-accept: \t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t"}),
           with("Sec-WebSocket-Protocol", {}),
           with("Sec-WebSocket-Protocol", {"Sec-WebSocket-Protocol: superchat"}),
           plus("Content-Length: 5"),
           plus("Transfer-Encoding: chunked"),
           plus("WebSocket-Origin: http://example.com"),
           plus("Set-Cookie: a=b"),
       }) {
    EXPECT_TRUE(check(lines)) << ::testing::PrintToString(lines);
  }
}

TEST(CheckOpeningResponse, ReportsTheExtensionsInOrder) {
  const auto agreement = check(plus("Sec-WebSocket-Extensions: x, permessage-deflate; a=\"8\""));
  EXPECT_THAT(
      agreement->extensions,
      ElementsAre(Extension{.name = "x"}, Extension{.name = "permessage-deflate",
                                                    .parameters = {{.name = "a", .value = "8"}}}));
}

struct Broken {
  HandshakeError error{};
  Lines lines{};
};

TEST(CheckOpeningResponse, NamesTheRuleThatAResponseBreaks) {
  const std::vector<Broken> table = {
      {status_not_101, with("HTTP", {"HTTP/1.1 100 Continue"})},
      {status_not_101, with("HTTP", {"HTTP/1.1 200 OK"})},
      {status_not_101, with("HTTP", {"HTTP/1.1 302 Found"})},
      {status_not_101, with("HTTP", {"HTTP/1.0 401 Unauthorized"})},
      {unsupported_http_version, with("HTTP", {"HTTP/1.0 101 Switching Protocols"})},
      {upgrade_missing, with("Upgrade", {})},
      {upgrade_not_websocket, with("Upgrade", {"Upgrade:"})},
      {upgrade_not_websocket, with("Upgrade", {"Upgrade: h2c"})},
      {upgrade_not_websocket, with("Upgrade", {"Upgrade: websocket2"})},
      {upgrade_not_websocket, with("Upgrade", {"Upgrade: websocket, h2c"})},
      {upgrade_not_websocket, with("Upgrade", {"Upgrade: websocket", "Upgrade: websocket"})},
      {connection_upgrade_missing, with("Connection", {})},
      {connection_upgrade_missing, with("Connection", {"Connection: close"})},
      {connection_upgrade_missing, with("Connection", {"Connection: Upgraded"})},
      {accept_missing, with("Sec-WebSocket-Accept", {})},
      {accept_repeated, plus("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")},
      {accept_repeated, plus("sec-websocket-accept: x")},
      {subprotocol_repeated, plus("Sec-WebSocket-Protocol: chat")},
      {subprotocol_repeated, plus("sec-websocket-protocol: superchat")},
      {malformed_extensions, plus("Sec-WebSocket-Extensions:")},
      {malformed_extensions, plus("Sec-WebSocket-Extensions: x;")},
      {malformed_extensions, plus("Sec-WebSocket-Extensions: x; y=\xc3\xa4")},
      {extension_not_offered, plus("Sec-WebSocket-Extensions: x, y")},
      {extension_not_offered, plus("Sec-WebSocket-Extensions: X")},
  };
  for (const auto& [error, lines] : table) {
    EXPECT_EQ(check(lines), std::unexpected(error))
        << describe(error).name << " " << ::testing::PrintToString(lines);
  }
  Lines twice = plus("Sec-WebSocket-Extensions: x");
  twice.emplace_back("Sec-WebSocket-Extensions: permessage-deflate");
  EXPECT_EQ(check(twice), std::unexpected(extensions_repeated));
}

TEST(CheckOpeningResponse, RefusesEveryAcceptButTheRightOne) {
  for (const std::string_view accept : {
           "", "x", "dGhlIHNhbXBsZSBub25jZQ==", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
           "s3pplmbitxaq9kygzzhzrbk+xoo=", "S3PplmbItXAq9KygZZHzrBk+XoO=",
           "s3pPLMBiTxaQ9kYGzzhZRbK+xOo", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo==",
           "s3pPLMBiTxaQ9k YGzzhZRbK+xOo=", "\"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\"",
           "s3pPLMBiTxaQ9kYGzzhZRbK+xOp=",
           "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=, s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
           "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=",  // of the empty key
       }) {
    EXPECT_EQ(check(with("Sec-WebSocket-Accept", {"Sec-WebSocket-Accept: " + std::string(accept)})),
              std::unexpected(accept_mismatch))
        << accept;
  }
}

TEST(CheckOpeningResponse, RefusesASubprotocolThatWasNotOffered) {
  for (const std::string_view subprotocol :
       {"", "CHAT", "other", "chat, superchat", "chat,", "\"chat\"", "chat superchat"}) {
    EXPECT_EQ(check(with("Sec-WebSocket-Protocol",
                         {"Sec-WebSocket-Protocol: " + std::string(subprotocol)})),
              std::unexpected(subprotocol_not_offered))
        << subprotocol;
  }
}

TEST(CheckOpeningResponse, RefusesAnyChoiceWhereNothingWasOffered) {
  OpeningOffer offer = example();
  offer.subprotocols.clear();
  offer.extensions.clear();
  EXPECT_EQ(check(response(), offer), std::unexpected(subprotocol_not_offered));
  const Lines lines = {"HTTP/1.1 101 x", "Upgrade: websocket", "Connection: Upgrade",
                       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                       "Sec-WebSocket-Extensions: permessage-deflate"};
  EXPECT_EQ(check(lines, offer), std::unexpected(extension_not_offered));
}

}  // namespace
}  // namespace ws
