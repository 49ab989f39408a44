// The opening handshake through the state machine (RFC 6455 section 4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "impl/connection/test_driver.hpp"
#include "impl/testing/split.hpp"

namespace ws {
namespace {

using testing::bytes_of;
using testing::client_settings;
using testing::concat;
using testing::Driver;
using ::testing::ElementsAre;
using testing::frame;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kRequest;
using testing::kResponse;
using ::testing::StartsWith;
using testing::text_of;
using ::testing::VariantWith;

std::string with_fields(std::string_view head, std::string_view fields) {
  return std::string(head.substr(0, head.size() - 2)) + std::string(fields) + "\r\n";
}

TEST(ServerOpening, AnswersTheExampleOfSection13AtEveryCut) {
  testing::for_each_split(bytes_of(kRequest), [](const auto& reads) {
    Driver server(ServerSettings{});
    for (const auto& read : reads) {
      EXPECT_EQ(server.connection.state(), ConnectionState::connecting);
      server.read(read);
    }
    EXPECT_EQ(server.connection.state(), ConnectionState::open);
    EXPECT_THAT(text_of(server.output), StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
    EXPECT_THAT(text_of(server.output),
                HasSubstr("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    ASSERT_THAT(server.events, ElementsAre(VariantWith<Opened>(::testing::_)));
    EXPECT_EQ(std::get<Opened>(server.events[0]).target, "/chat");
  });
}

TEST(ServerOpening, KeepsTheFramesThatCameWithTheRequest) {
  Driver server(ServerSettings{});
  server.read(concat({bytes_of(kRequest), frame(Role::client, 0x81, "Hello")}));
  EXPECT_THAT(
      server.events,
      ElementsAre(VariantWith<Opened>(::testing::_),
                  VariantWith<MessageReceived>(MessageReceived{Opcode::text, bytes_of("Hello")})));
}

TEST(ServerOpening, RefusesABadRequestAndLooksAtNothingAfter) {
  Driver server(ServerSettings{});
  server.read("POST / HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kRequest));
  EXPECT_THAT(text_of(server.output), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(server.events, ElementsAre(VariantWith<HandshakeFailed>(
                                 HandshakeFailed{.error = HandshakeError::method_not_get})));
  EXPECT_EQ(server.connection.transport_wish(), TransportWish::end);
  server.end();
  EXPECT_EQ(server.events_of<Closed>(), std::vector({Closed{}}));
}

TEST(ServerOpening, ChecksTheOriginOfBrowsers) {
  const ServerSettings settings{.allowed_origins = {"https://good.example"}};
  const struct {
    std::string_view fields;
    bool allowed;
  } kRequests[] = {{"Origin: https://good.example\r\n", true},
                   {"Origin: HTTPS://GOOD.example\r\n", true},
                   {"Origin: https://bad.example\r\n", false},
                   {"Origin: null\r\n", false},
                   {"", true}};
  for (const auto& [fields, allowed] : kRequests) {
    Driver server(settings);
    server.read(with_fields(kRequest, fields));
    EXPECT_EQ(server.connection.state() == ConnectionState::open, allowed) << fields;
    if (!allowed) {
      EXPECT_THAT(text_of(server.output), StartsWith("HTTP/1.1 403 "));
    }
  }
}

TEST(ServerOpening, LetsTheApplicationRefuse) {
  Driver server(ServerSettings{.refuse = [](const OpeningRequest& request) {
    EXPECT_EQ(request.target, "/chat");
    return std::optional(Refusal{.status = 401, .fields = {{"WWW-Authenticate", "Basic"}}});
  }});
  server.read(kRequest);
  EXPECT_THAT(text_of(server.output), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(text_of(server.output), HasSubstr("\r\nWWW-Authenticate: Basic\r\n"));
  EXPECT_THAT(server.events, ElementsAre(VariantWith<HandshakeFailed>(HandshakeFailed{
                                 .error = HandshakeError::refused_by_application})));
}

TEST(ServerOpening, ChoosesSubprotocolAndCompression) {
  Driver server(ServerSettings{.connection = {.deflate = DeflateSettings{}},
                               .subprotocols = {"b", "c"},
                               .response_fields = {{"Server", "test"}}});
  server.read(with_fields(kRequest,
                          "Sec-WebSocket-Protocol: a, b, c\r\n"
                          "Sec-WebSocket-Extensions: x, permessage-deflate\r\n"));
  ASSERT_THAT(server.events, ElementsAre(VariantWith<Opened>(::testing::_)));
  const auto& opened = std::get<Opened>(server.events[0]);
  EXPECT_EQ(opened.subprotocol, "b");
  EXPECT_EQ(opened.deflate, DeflateParameters{});
  EXPECT_THAT(text_of(server.output), HasSubstr("\r\nSec-WebSocket-Protocol: b\r\n"));
  EXPECT_THAT(text_of(server.output),
              HasSubstr("\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"));
  EXPECT_THAT(text_of(server.output), HasSubstr("\r\nServer: test\r\n"));
}

TEST(ServerOpening, GivesUpWhenTheTransportEndsOrTheTimeIsUp) {
  Driver lost(ServerSettings{});
  lost.read(kRequest.substr(0, 20));
  lost.end();
  EXPECT_THAT(lost.events, ElementsAre(VariantWith<HandshakeFailed>(HandshakeFailed{
                                           .error = HandshakeError::connection_lost}),
                                       VariantWith<Closed>(Closed{})));

  Driver late(ServerSettings{});
  late.connection.fail_handshake(HandshakeError::timed_out);
  late.read(kRequest);
  EXPECT_THAT(late.events, ElementsAre(VariantWith<HandshakeFailed>(
                               HandshakeFailed{.error = HandshakeError::timed_out})));
  EXPECT_EQ(late.connection.transport_wish(), TransportWish::end);
  EXPECT_THAT(late.output, IsEmpty());
}

TEST(ClientOpening, SendsTheRequestAtOnceAndTakesTheAnswerAtEveryCut) {
  const auto answer = concat({bytes_of(kResponse), frame(Role::server, 0x81, "Hello")});
  testing::for_each_split(answer, [](const auto& reads) {
    Driver client(client_settings());
    client.collect();
    EXPECT_THAT(text_of(client.output), StartsWith("GET /chat HTTP/1.1\r\n"));
    EXPECT_THAT(text_of(client.output),
                HasSubstr("\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
    for (const auto& read : reads) client.read(read);
    EXPECT_EQ(client.connection.state(), ConnectionState::open);
    EXPECT_THAT(client.events, ElementsAre(VariantWith<Opened>(::testing::_),
                                           VariantWith<MessageReceived>(
                                               MessageReceived{Opcode::text, bytes_of("Hello")})));
  });
}

TEST(ClientOpening, PassesOverInterimResponses) {
  Driver client(client_settings());
  client.read("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
              std::string(kResponse));
  EXPECT_EQ(client.connection.state(), ConnectionState::open);
}

TEST(ClientOpening, ReportsARedirectToTheCallerAndDoesNotFollowIt) {
  Driver client(client_settings());
  client.collect();
  client.forget();
  client.read("HTTP/1.1 302 Found\r\nLocation: ws://other/\r\nContent-Length: 2\r\n\r\nhi");
  ASSERT_THAT(client.events, ElementsAre(VariantWith<HandshakeFailed>(::testing::_)));
  const auto& failed = std::get<HandshakeFailed>(client.events[0]);
  EXPECT_EQ(failed.error, HandshakeError::status_not_101);
  ASSERT_TRUE(failed.response);
  EXPECT_EQ(failed.response->status, 302);
  EXPECT_EQ(failed.response->fields.find("location"), "ws://other/");
  EXPECT_THAT(client.output, IsEmpty());
  EXPECT_EQ(client.connection.transport_wish(), TransportWish::end);
}

TEST(ClientOpening, ReportsAResponseThatIsNoHttp) {
  Driver client(client_settings());
  client.read("SSH-2.0-x\r\n");
  EXPECT_THAT(client.events, ElementsAre(VariantWith<HandshakeFailed>(
                                 HandshakeFailed{.error = HandshakeError::malformed_start_line})));
}

TEST(ClientOpening, AgreesOnCompressionOnlyAsOffered) {
  const struct {
    std::string_view extensions;
    std::optional<HandshakeError> error;
  } kAnswers[] = {
      {"permessage-deflate", {}},
      {"permessage-deflate; client_max_window_bits=9", {}},
      {"permessage-deflate; client_max_window_bits=16",
       HandshakeError::extension_parameters_unacceptable},
      {"permessage-deflate; unknown", HandshakeError::extension_parameters_unacceptable},
      {"permessage-deflate, permessage-deflate", HandshakeError::extension_parameters_unacceptable},
      {"permessage-bzip2", HandshakeError::extension_not_offered},
  };
  for (const auto& [extensions, error] : kAnswers) {
    Driver client(client_settings({.deflate = DeflateSettings{}}));
    client.read(
        with_fields(kResponse, "Sec-WebSocket-Extensions: " + std::string(extensions) + "\r\n"));
    const auto failures = client.events_of<HandshakeFailed>();
    if (error) {
      ASSERT_EQ(failures.size(), 1U) << extensions;
      EXPECT_EQ(failures[0].error, *error) << extensions;
    } else {
      EXPECT_TRUE(failures.empty()) << extensions;
      EXPECT_TRUE(client.events_of<Opened>().at(0).deflate) << extensions;
    }
  }
}

TEST(ClientOpening, RefusesCompressionThatItDidNotOffer) {
  Driver client(client_settings());
  client.read(with_fields(kResponse, "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  ASSERT_EQ(client.events_of<HandshakeFailed>().size(), 1U);
  EXPECT_EQ(client.events_of<HandshakeFailed>()[0].error, HandshakeError::extension_not_offered);
}

TEST(Opening, CanBeGivenUpByTheCaller) {
  Driver client(client_settings());
  client.collect();
  client.forget();
  EXPECT_EQ(client.connection.send_text("x"), std::unexpected(SendError::not_open));
  ASSERT_TRUE(client.connection.close());
  EXPECT_EQ(client.connection.state(), ConnectionState::closing);
  EXPECT_EQ(client.connection.transport_wish(), TransportWish::end);
  client.read(kResponse);
  client.end();
  EXPECT_THAT(client.events, ElementsAre(VariantWith<Closed>(Closed{})));
  EXPECT_THAT(client.output, IsEmpty());
}

TEST(Opening, IsNothingThatFailCouldEnd) {
  Driver server(ServerSettings{});
  server.connection.fail(Violation::peer_unresponsive);
  server.read(kRequest);
  EXPECT_EQ(server.connection.state(), ConnectionState::open);
}

TEST(Opening, CannotBeGivenUpOnceItIsDone) {
  auto server = testing::open_driver(Role::server);
  server.connection.fail_handshake(HandshakeError::timed_out);
  server.collect();
  EXPECT_EQ(server.connection.state(), ConnectionState::open);
  EXPECT_THAT(server.events, IsEmpty());
}

}  // namespace
}  // namespace ws
