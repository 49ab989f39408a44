// Heads in every cut, limits at their boundary, and each way in which a head is malformed.
#include "impl/handshake/http_head.hpp"

#include <gmock/gmock.h>
#include <memory>
#include <string>

#include "impl/testing/split.hpp"

namespace ws {
namespace {

using enum HandshakeError;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// What came of one head.
template <typename Head>
struct Outcome {
  std::optional<Head> head{};
  std::optional<HandshakeError> error{};
  std::string raw{};      ///< what the parser holds if there is an error
  std::size_t taken = 0;  ///< bytes of the input

  bool operator==(const Outcome&) const = default;
};

/// Gives `parser` the reads one by one, until there is a head or an error.
template <typename Head, typename Parser>
Outcome<Head> receive_all(Parser parser, const std::vector<std::span<const std::byte>>& reads) {
  Outcome<Head> outcome;
  for (auto input : reads) {
    const std::size_t size = input.size();
    auto received = parser.receive(input);
    outcome.taken += size - input.size();
    if (!received) {
      outcome.error = received.error();
      outcome.raw = parser.raw();
      return outcome;
    }
    if (*received) {
      outcome.head = std::move(**received);
      return outcome;
    }
    EXPECT_TRUE(input.empty()) << "bytes left without a head";
  }
  return outcome;
}

/// The outcome for `text`, after checking that it is the same for every way to cut it into reads.
template <typename Head, typename Parser>
Outcome<Head> receive_in_every_cut(std::string_view text, HeadLimits limits) {
  const auto whole = receive_all<Head>(Parser(limits), {bytes_of(text)});
  testing::for_each_split(bytes_of(text), [&](const auto& reads) {
    EXPECT_EQ(receive_all<Head>(Parser(limits), reads), whole);
  });
  return whole;
}

Outcome<RequestHead> receive_request(std::string_view text, HeadLimits limits = {}) {
  return receive_in_every_cut<RequestHead, RequestHeadParser>(text, limits);
}

Outcome<ResponseHead> receive_response(std::string_view text, HeadLimits limits = {}) {
  return receive_in_every_cut<ResponseHead, ResponseHeadParser>(text, limits);
}

constexpr std::string_view kRequest =
    "GET /chat?x=1 HTTP/1.1\r\nHost: server.example.com\r\nX:\r\nx: \t a b \t\r\n\r\n";

TEST(RequestHeadParser, TakesMethodTargetVersionAndFields) {
  const auto outcome = receive_request(kRequest);
  EXPECT_EQ(outcome.head,
            (RequestHead{.method = "GET",
                         .target = "/chat?x=1",
                         .minor_version = 1,
                         .fields = {{"Host", "server.example.com"}, {"X", ""}, {"x", "a b"}}}));
}

TEST(RequestHeadParser, LeavesTheBytesAfterTheHead) {
  for (const std::string_view rest : {"\x81\x05Hello", "\r\n", "\n", "GET / HTTP/1.1\r\n\r\n"}) {
    const auto outcome = receive_request(std::string(kRequest).append(rest));
    EXPECT_TRUE(outcome.head);
    EXPECT_EQ(outcome.taken, kRequest.size());
  }
}

TEST(RequestHeadParser, WaitsForTheEndOfTheHead) {
  for (std::size_t size = 0; size < kRequest.size(); ++size) {
    RequestHeadParser parser;
    auto input = bytes_of(kRequest.substr(0, size));
    const auto received = parser.receive(input);
    ASSERT_TRUE(received);
    EXPECT_FALSE(*received);
    EXPECT_TRUE(input.empty());
    EXPECT_EQ(parser.raw(), kRequest.substr(0, size));
  }
}

TEST(RequestHeadParser, SkipsEmptyLinesBeforeTheRequest) {
  EXPECT_EQ(receive_request("\r\nGET / HTTP/1.1\r\n\r\n").head->target, "/");
  EXPECT_EQ(receive_request("\r\n\r\nGET / HTTP/1.1\r\n\r\n").head->target, "/");
}

TEST(RequestHeadParser, ReportsEveryMinorVersion) {
  EXPECT_EQ(receive_request("GET / HTTP/1.0\r\n\r\n").head->minor_version, 0);
  EXPECT_EQ(receive_request("GET / HTTP/1.9\r\n\r\n").head->minor_version, 9);
}

TEST(RequestHeadParser, RefusesAMalformedRequestLine) {
  for (const std::string_view line : {
           "GET",
           "GET /",
           "GET / ",
           "GET /HTTP/1.1",
           " GET / HTTP/1.1",
           "GET  / HTTP/1.1",
           "GET /  HTTP/1.1",
           "GET / HTTP/1.1 ",
           "GET  HTTP/1.1",
           "GET / x HTTP/1.1",
           "GET\t/ HTTP/1.1",
           "GET /\t HTTP/1.1",
           " / HTTP/1.1",
           "G(T / HTTP/1.1",
           "GET / HTTP/1.1x",
           "GET / HTTP/11",
           "GET / http/1.1",
           "GET / HTTP/1.01",
           "GET / HTTP/",
           "GET / HTTP/1",
           "GET / HTTP/x.1",
           "GET / HTTP/1.x",
           "GET / HTTP/1,1",
           "GET / HTTPS/1.1",
           "GET /\xc3\xa4 HTTP/1.1",
           "G\xc3\xa4T / HTTP/1.1",
           "Host: h",
       }) {
    EXPECT_EQ(receive_request(std::string(line) + "\r\n\r\n").error, malformed_start_line) << line;
  }
}

TEST(RequestHeadParser, RefusesAnotherMajorVersion) {
  for (const std::string_view line : {"GET / HTTP/2.0", "GET / HTTP/0.9", "PRI * HTTP/2.0"}) {
    EXPECT_EQ(receive_request(std::string(line) + "\r\n\r\n").error, unsupported_http_version);
  }
}

TEST(RequestHeadParser, RefusesAMalformedField) {
  for (const std::string_view line : {
           "x",
           "x ",
           ": y",
           "x : y",
           "x\t: y",
           " x: y",
           "\tx: y",
           " folded",
           "\tfolded",
           " ",
           "x y: z",
           "x(: y",
           "x\xc3\xa4: y",
           "\"x\": y",
           "x@y: z",
       }) {
    const std::string head = "GET / HTTP/1.1\r\na: b\r\n" + std::string(line) + "\r\n\r\n";
    EXPECT_EQ(receive_request(head).error, malformed_field) << line;
  }
  EXPECT_EQ(receive_request("GET / HTTP/1.1\r\n a: b\r\n\r\n").error, malformed_field);
}

TEST(RequestHeadParser, TakesBytesBeyondAsciiInAValue) {
  EXPECT_EQ(receive_request("GET / HTTP/1.1\r\nx: \xc3\xa4\xff\r\n\r\n").head->fields.find("x"),
            "\xc3\xa4\xff");
}

TEST(RequestHeadParser, RefusesControlCharactersBareCrAndBareLfAtOnce) {
  for (int value = 0; value < 0x100; ++value) {
    const char control = static_cast<char>(value);
    if ((value >= 0x20 && value != 0x7f) || control == '\t' || control == '\r') continue;
    const std::string field = std::string("GET / HTTP/1.1\r\nx: ") + control;
    EXPECT_EQ(receive_request(field).error, malformed_field) << value;
    EXPECT_EQ(receive_request(std::string("GET /") + control).error, malformed_start_line) << value;
  }
  EXPECT_EQ(receive_request("GET / HTTP/1.1\r\nx: \ry").error, malformed_field);
  EXPECT_EQ(receive_request("GET / HTTP/1.1\r\nx: \r\r").error, malformed_field);
  EXPECT_EQ(receive_request("GET / HTTP/1.1\rx").error, malformed_start_line);
  EXPECT_EQ(receive_request("GET / HTTP/1.1\n").error, malformed_start_line);
  EXPECT_EQ(receive_request("GET / HTTP/1.1\r\n\n").error, malformed_field);
}

TEST(RequestHeadParser, TakesLinesUpToTheLimitAndNoByteMore) {
  const std::string line(40, 'x');
  const HeadLimits limits{.max_line = 40};
  EXPECT_TRUE(receive_request("GET /" + line.substr(14) + " HTTP/1.1\r\n\r\n", limits).head);
  EXPECT_EQ(receive_request("GET /" + line.substr(13) + " HTTP/1.1\r\n\r\n", limits).error,
            start_line_too_long);
  EXPECT_TRUE(receive_request("GET / HTTP/1.1\r\ny:" + line.substr(2) + "\r\n\r\n", limits).head);
  EXPECT_EQ(receive_request("GET / HTTP/1.1\r\ny:" + line.substr(1) + "\r\n\r\n", limits).error,
            line_too_long);
}

TEST(RequestHeadParser, RefusesALongLineBeforeItsEnd) {
  const HeadLimits limits{.max_line = 16};
  EXPECT_FALSE(receive_request(std::string(16, 'x'), limits).error);
  EXPECT_EQ(receive_request(std::string(17, 'x'), limits).error, start_line_too_long);
  const auto outcome = receive_request("GET / HTTP/1.1\r\n" + std::string(17, 'x'), limits);
  EXPECT_EQ(outcome.error, line_too_long);
  EXPECT_EQ(outcome.raw.size(), 32U);
}

TEST(RequestHeadParser, TakesFieldsUpToTheLimitAndNotOneMore) {
  const std::string two = "GET / HTTP/1.1\r\na: b\r\nc: d\r\n";
  EXPECT_TRUE(receive_request(two + "\r\n", {.max_fields = 2}).head);
  EXPECT_EQ(receive_request(two + "e: f\r\n\r\n", {.max_fields = 2}).error, too_many_fields);
}

TEST(RequestHeadParser, TakesAHeadUpToTheLimitAndNoByteMore) {
  EXPECT_TRUE(receive_request(kRequest, {.max_total = kRequest.size()}).head);
  const auto outcome = receive_request(kRequest, {.max_total = kRequest.size() - 1});
  EXPECT_EQ(outcome.error, head_too_large);
  EXPECT_EQ(outcome.raw.size(), kRequest.size() - 1);
  std::string lines;
  for (int i = 0; i < 60; ++i) lines += "\r\n";
  EXPECT_EQ(receive_request(lines, {.max_total = 100}).error, head_too_large);
}

TEST(ResponseHeadParser, TakesVersionStatusReasonAndFields) {
  EXPECT_EQ(receive_response("HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n").head,
            (ResponseHead{.minor_version = 1,
                          .status = 101,
                          .reason = "Switching Protocols",
                          .fields = {{"A", "b"}}}));
}

TEST(ResponseHeadParser, TakesAnyReasonOrNone) {
  EXPECT_EQ(receive_response("HTTP/1.1 101 \r\n\r\n").head->reason, "");
  EXPECT_EQ(receive_response("HTTP/1.1 101\r\n\r\n").head->reason, "");
  EXPECT_EQ(receive_response("HTTP/1.1 404 N\xc3\xb6 \t!\r\n\r\n").head->reason, "N\xc3\xb6 \t!");
}

TEST(ResponseHeadParser, TakesEveryStatusFrom100To599) {
  for (int status = 100; status < 600; ++status) {
    ResponseHeadParser parser;
    const std::string text = "HTTP/1.1 " + std::to_string(status) + " x\r\n\r\n";
    auto input = bytes_of(text);
    EXPECT_EQ(parser.receive(input).value()->status, status);
  }
}

TEST(ResponseHeadParser, RefusesAMalformedStatusLine) {
  for (const std::string_view line : {
           "",
           "HTTP/1.1",
           "HTTP/1.1 ",
           "HTTP/1.1 10",
           "HTTP/1.1 1011",
           "HTTP/1.1 101x",
           "HTTP/1.1  101 x",
           "HTTP/1.1 099 x",
           "HTTP/1.1 600 x",
           "HTTP/1.1 -11 x",
           "HTTP/1.1 1 1",
           "HTTP/1.1\t101 x",
           " HTTP/1.1 101 x",
           "HTTP/1.x 101 x",
           "http/1.1 101 x",
           "101 x",
           "GET / HTTP/1.1",
           "\x81\x05Hello",
       }) {
    EXPECT_EQ(receive_response(std::string(line) + "\r\n\r\n").error, malformed_start_line) << line;
  }
}

TEST(ResponseHeadParser, RefusesAnotherMajorVersion) {
  EXPECT_EQ(receive_response("HTTP/2.0 101 x\r\n\r\n").error, unsupported_http_version);
}

TEST(ResponseHeadParser, LeavesTheBytesAfterTheHead) {
  const std::string head = "HTTP/1.1 101 x\r\na: b\r\n\r\n";
  EXPECT_EQ(receive_response(head + "\x81\x05Hello").taken, head.size());
}

TEST(ResponseHeadParser, KeepsTheLimits) {
  EXPECT_EQ(receive_response("HTTP/1.1 101 x", {.max_line = 13}).error, start_line_too_long);
  EXPECT_EQ(receive_response("HTTP/1.1 101 x\r\nabcdefghijklmno", {.max_line = 14}).error,
            line_too_long);
  EXPECT_EQ(receive_response("HTTP/1.1 101 x\r\na:b\r\n", {.max_fields = 0}).error,
            too_many_fields);
  EXPECT_EQ(receive_response("HTTP/1.1 101 x", {.max_total = 13}).error, head_too_large);
}

TEST(IsInterim, HoldsForEvery1xxBut101) {
  EXPECT_TRUE(is_interim({.status = 100}));
  EXPECT_TRUE(is_interim({.status = 103}));
  EXPECT_FALSE(is_interim({.status = 101}));
  EXPECT_FALSE(is_interim({.status = 200}));
}

TEST(Fields, AreKeptByEachCopyAndChangedInOne) {
  auto original = std::make_unique<Fields>(Fields{{"a", "1"}});
  Fields copy = *original;
  const std::string_view value = copy[0].value;
  copy.add("b", "2");
  EXPECT_EQ(*original, (Fields{{"a", "1"}}));
  const Fields kept = *original;
  original.reset();
  EXPECT_EQ(value, "1");
  EXPECT_EQ(copy, (Fields{{"a", "1"}, {"b", "2"}}));
}

TEST(Fields, GrowBehindAWholeHead) {
  auto head = receive_request(kRequest).head;
  for (int i = 0; i < 100; ++i) head->fields.add("n" + std::to_string(i), std::string(50, 'v'));
  EXPECT_EQ(head->fields.size(), 103U);
  EXPECT_EQ(head->fields.find("host"), "server.example.com");
  EXPECT_EQ(head->fields[102], (Field{"n99", std::string(50, 'v')}));
}

TEST(Fields, AreFoundInAnyLetterCase) {
  const Fields fields{{"Upgrade", "a"}, {"x", "y"}, {"UPGRADE", "b, c"}};
  EXPECT_EQ(fields.count("upgrade"), 2U);
  EXPECT_EQ(fields.find("uPGRADE"), "a");
  EXPECT_EQ(fields.find("upgrad"), std::nullopt);
  EXPECT_EQ(fields.joined("upgrade"), "a, b, c");
  EXPECT_EQ(fields.joined("z"), "");
}

TEST(Fields, HaveTheTokensOfTheirLists) {
  const Fields fields{{"Connection", ", ,keep-alive ,\t"}, {"connection", " \tUpgrade\t, x"}};
  EXPECT_TRUE(fields.has_token("Connection", "upgrade"));
  EXPECT_TRUE(fields.has_token("Connection", "KEEP-ALIVE"));
  EXPECT_FALSE(fields.has_token("Connection", "keep"));
  EXPECT_FALSE(fields.has_token("Connection", "upgrade, x"));
  EXPECT_FALSE(fields.has_token("Upgrade", "upgrade"));
}

TEST(SplitList, LeavesOutEmptyElementsAndWhiteSpace) {
  EXPECT_THAT(split_list(" a,b ,\tc d\t,, ,"), ElementsAre("a", "b", "c d"));
  EXPECT_THAT(split_list(" , "), IsEmpty());
}

TEST(IsToken, HoldsForTheCharactersOfRfc9110) {
  EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~azAZ09"));
  EXPECT_FALSE(is_token(""));
  for (const char c : std::string_view("\"(),/:;<=>?@[\\]{} \t\x7f\x80\xff\0", 23)) {
    EXPECT_FALSE(is_token(std::string("a") + c)) << c;
  }
}

TEST(EqualsIgnoringCase, IgnoresTheCaseOfAsciiLettersAlone) {
  EXPECT_TRUE(equals_ignoring_case("AZaz09", "azAZ09"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("\xc3\x84", "\xc3\xa4"));
}

}  // namespace
}  // namespace ws
