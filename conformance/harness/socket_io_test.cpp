#include "conformance/harness/socket_io.hpp"

#include <chrono>
#include <gtest/gtest.h>

#include "conformance/oracle/raw_frame.hpp"

namespace ws::conformance {
namespace {

using namespace std::chrono_literals;

std::string frame_of(std::string_view payload, Opcode opcode = Opcode::text) {
  const auto bytes = oracle::encode({.opcode = opcode, .payload = expand(text(payload))});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string masked_frame_of(std::string_view payload) {
  const auto bytes =
      oracle::encode({.masking_key = oracle::MaskingKey{}, .payload = expand(text(payload))});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The payload of a frame shorter than 126 bytes, unmasked.
std::string payload_of(const std::string& frame) {
  const bool masked = static_cast<unsigned char>(frame.at(1)) >= 0x80;
  std::string payload = frame.substr(masked ? 6 : 2);
  for (std::size_t i = 0; masked && i < payload.size(); ++i) {
    payload[i] = static_cast<char>(payload[i] ^ frame[2 + i % 4]);
  }
  return payload;
}

/// A player that opens at once and tells what it gets.
class FakePlayer : public Player {
 public:
  explicit FakePlayer(std::string* received) : received_(received) {}

  void start(Time) override {}
  void receive(Time, std::span<const std::byte> read) override {
    received_->append(reinterpret_cast<const char*>(read.data()), read.size());
    if (received_->starts_with("GET")) {
      writes.emplace_back("HTTP/1.1 101 Switching\r\n\r\nscript");
    }
  }
  void end(Time, EndCause) override { over_ = true; }
  void pass_time(Time) override {}
  std::optional<Time> next_deadline() const override { return std::nullopt; }
  std::deque<std::string> take_writes() override { return std::exchange(writes, {}); }
  Drop drop() const override { return Drop::none; }
  bool is_over() const override { return over_; }
  Transcript take_transcript() override { return {}; }

  std::deque<std::string> writes;

 private:
  std::string* received_;
  bool over_ = false;
};

struct Conversation {
  explicit Conversation(Role role)
      : player(std::make_unique<FakePlayer>(&received), {.role = role, .seed = 1}) {}

  void give(std::string_view bytes) { player.receive(0ms, std::as_bytes(std::span(bytes))); }

  std::string received;
  SocketIoPlayer player;
};

constexpr std::string_view kResponse = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

TEST(SocketIoPlayer, ConnectsBeforeTheCaseSeesTheResponseOfAServer) {
  Conversation talk(Role::client);
  talk.give(kResponse);
  EXPECT_TRUE(talk.player.take_writes().empty());
  talk.give(frame_of(R"(0{"sid":"x"})"));
  const auto writes = talk.player.take_writes();
  ASSERT_EQ(writes.size(), 1);
  EXPECT_EQ(payload_of(writes[0]), "40");
  EXPECT_EQ(talk.received, "");
  talk.give(frame_of(R"(40{"sid":"y"})") + frame_of("behind"));
  EXPECT_EQ(talk.received, std::string(kResponse) + frame_of("behind"));
}

TEST(SocketIoPlayer, TakesPacketsWhereverReadsEnd) {
  const std::string all = std::string(kResponse) + frame_of("0{}") + frame_of("40{}") +
                          frame_of("2") + frame_of("22") + frame_of("2");
  Conversation talk(Role::client);
  for (const char byte : all) talk.give({&byte, 1});
  EXPECT_EQ(talk.received, std::string(kResponse) + frame_of("22"));
  const auto writes = talk.player.take_writes();
  ASSERT_EQ(writes.size(), 3);
  EXPECT_EQ(payload_of(writes[1]), "3");
  EXPECT_EQ(payload_of(writes[2]), "3");
}

TEST(SocketIoPlayer, ShowsARefusalAsItIs) {
  Conversation talk(Role::client);
  talk.give("HTTP/1.1 400 Bad Request\r\n\r\nno");
  EXPECT_EQ(talk.received, "HTTP/1.1 400 Bad Request\r\n\r\nno");
}

TEST(SocketIoPlayer, SaysWhatCameInsteadOfAPacket) {
  Conversation talk(Role::client);
  talk.give(std::string(kResponse) + frame_of("Hello"));
  EXPECT_TRUE(talk.player.is_over());
  EXPECT_EQ(talk.player.take_transcript().open_error,
            "Socket.IO does not connect: \"Hello\" came instead");
}

TEST(SocketIoPlayer, HoldsTheScriptBackUntilAClientHasConnected) {
  Conversation talk(Role::server);
  talk.give("GET / HTTP/1.1\r\n\r\n");
  auto writes = talk.player.take_writes();
  ASSERT_EQ(writes.size(), 2);
  EXPECT_EQ(writes[0], "HTTP/1.1 101 Switching\r\n\r\n");
  EXPECT_TRUE(payload_of(writes[1]).starts_with("0{"));
  talk.give(masked_frame_of("40"));
  writes = talk.player.take_writes();
  ASSERT_EQ(writes.size(), 2);
  EXPECT_TRUE(payload_of(writes[0]).starts_with("40{"));
  EXPECT_EQ(writes[1], "script");
}

Case case_of(std::vector<Step> script, std::vector<LogEntry> log = {}) {
  return {.script = std::move(script), .outcomes = {{Grade::pass, std::move(log)}}};
}

const Payload& sent(const Case& test, std::size_t step) {
  return std::get<SendFrame>(test.script.at(step)).frame.payload;
}

TEST(WrapInSocketIo, EscapesATextAsJavaScriptDoes) {
  const Payload payload = text("a\"\\\n\x01\xc3\xa9\x7f");
  const Payload wanted = text("42[\"echo\",\"a\\\"\\\\\\n\\u0001\xc3\xa9\x7f\"]");
  const auto wrapped = wrap_in_socket_io(
      case_of({SendFrame{.frame = {.payload = payload}}}, {{LogEntry::Kind::text, payload}}));
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(sent(*wrapped, 0), wanted);
  EXPECT_EQ(wrapped->outcomes[0].log, (std::vector<LogEntry>{{LogEntry::Kind::text, wanted}}));
}

TEST(WrapInSocketIo, SpreadsTheEventOverFragments) {
  const auto wrapped = wrap_in_socket_io(case_of(
      {SendFrame{.frame = {.fin = false, .payload = text("a")}},
       SendFrame{.frame = {.opcode = Opcode::ping, .payload = text("p")}},
       SendFrame{.frame = {.fin = false, .opcode = Opcode::continuation, .payload = text("b")}},
       SendFrame{.frame = {.opcode = Opcode::continuation, .payload = text("c")}},
       SendFrame{.frame = {.opcode = Opcode::continuation, .payload = text("lost")}}}));
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(sent(*wrapped, 0), text(R"(42["echo","a)"));
  EXPECT_EQ(sent(*wrapped, 1), text("p"));
  EXPECT_EQ(sent(*wrapped, 2), text("b"));
  EXPECT_EQ(sent(*wrapped, 3), text(R"(c"])"));
  EXPECT_EQ(sent(*wrapped, 4), text("lost"));
}

TEST(WrapInSocketIo, AnnouncesBinaryMessages) {
  const Payload announced = text(R"(451-["echo",{"_placeholder":true,"num":0}])");
  const auto wrapped = wrap_in_socket_io(
      case_of({SendFrame{.frame = {.opcode = Opcode::binary, .payload = text("\xff")}}},
              {{LogEntry::Kind::binary, text("\xff")}}));
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(sent(*wrapped, 0), announced);
  EXPECT_EQ(sent(*wrapped, 1), text("\xff"));
  EXPECT_EQ(wrapped->outcomes[0].log,
            (std::vector<LogEntry>{{LogEntry::Kind::text, announced},
                                   {LogEntry::Kind::binary, text("\xff")}}));
}

TEST(WrapInSocketIo, AnnouncesTheLengthThatAFrameInPiecesWillHave) {
  const auto wrapped = wrap_in_socket_io(
      case_of({BeginFrame{.length = 4, .payload = text("a\n")},
               ContinueFrame{.payload = text("\n")}, ContinueFrame{.payload = text("b")}}));
  ASSERT_TRUE(wrapped);
  const auto& begin = std::get<BeginFrame>(wrapped->script[0]);
  EXPECT_EQ(begin.payload, text("42[\"echo\",\"a\\n"));
  EXPECT_EQ(begin.length, begin.payload.length + 3);
}

TEST(WrapInSocketIo, SaysWhyACaseCannotBePlayed) {
  EXPECT_FALSE(wrap_in_socket_io({.negotiation = Negotiation{}}));
  EXPECT_FALSE(wrap_in_socket_io({.dialogue = Dialogue{}}));
  EXPECT_FALSE(
      wrap_in_socket_io(case_of({SendFrame{.frame = {.payload = repeat("*", 1'048'576)}}})));
}

}  // namespace
}  // namespace ws::conformance
