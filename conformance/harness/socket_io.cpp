#include "conformance/harness/socket_io.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "conformance/harness/bytes.hpp"
#include "conformance/harness/overloaded.hpp"
#include "conformance/oracle/raw_frame.hpp"

namespace ws::conformance {
namespace {

// Packets: the type of Engine.IO's (0 open, 2 ping, 3 pong, 4 message), and in a message the type
// of Socket.IO's (0 connect, 2 event, 5 event with as many binary messages behind it as it says).
constexpr std::string_view kTextBegin = R"(42["echo",")";
constexpr std::string_view kTextEnd = R"("])";
constexpr std::string_view kBinaryAnnounced = R"(451-["echo",{"_placeholder":true,"num":0}])";
constexpr std::string_view kOpen =
    R"(0{"sid":"wsproof","upgrades":[],"pingInterval":300000,"pingTimeout":300000,"maxPayload":1000000})";
constexpr std::string_view kConnect = "40";
constexpr std::string_view kConnected = R"(40{"sid":"wsproof"})";
constexpr std::string_view kPong = "3";

/// What Socket.IO takes at most by default is 1 MB, with its own part.
constexpr std::uint64_t kMaxPayload = 999'000;

/// Bytes as a JavaScript program writes them inside a JSON string.
std::string escape(const Payload& payload) {
  std::string escaped;
  for (const std::byte byte : expand(payload)) {
    const char c = static_cast<char>(byte);
    switch (c) {
      case '"':
      case '\\':
        (escaped += '\\') += c;
        break;
      case '\b':
        escaped += "\\b";
        break;
      case '\f':
        escaped += "\\f";
        break;
      case '\n':
        escaped += "\\n";
        break;
      case '\r':
        escaped += "\\r";
        break;
      case '\t':
        escaped += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          (escaped += "\\u00") += to_hex({&c, 1});
        } else {
          escaped += c;
        }
    }
  }
  return escaped;
}

Payload wrapped_text(const Payload& payload) {
  return text(std::string(kTextBegin) + escape(payload) + std::string(kTextEnd));
}

/// Wraps the steps of a script, one after the other.
class Wrapper {
 public:
  std::vector<Step> wrap(const std::vector<Step>& script) {
    for (std::size_t i = 0; i < script.size(); ++i) {
      std::visit(
          Overloaded{
              [&](const SendFrame& send) { wrap(send); },
              [&](const SendMessage& send) {
                if (send.type == Opcode::binary) announce();
                SendMessage wrapped = send;
                if (send.type == Opcode::text) wrapped.payload = wrapped_text(send.payload);
                steps_.emplace_back(wrapped);
              },
              [&](const BeginFrame& begin) { wrap(begin, std::span(script).subspan(i + 1)); },
              [&](const ContinueFrame& more) {
                steps_.emplace_back(ContinueFrame{.payload = text(escape(more.payload))});
              },
              [&](const auto& other) { steps_.emplace_back(other); },
          },
          script[i]);
    }
    return std::move(steps_);
  }

 private:
  void announce() { steps_.emplace_back(SendFrame{.frame = {.payload = text(kBinaryAnnounced)}}); }

  void wrap(const SendFrame& send) {
    SendFrame wrapped = send;
    const Frame& frame = send.frame;
    if (frame.opcode == Opcode::continuation) {
      if (inside_ == Opcode::text) {
        wrapped.frame.payload =
            text(escape(frame.payload) + std::string(frame.fin ? kTextEnd : ""));
      }
      if (frame.fin) inside_.reset();
    } else if (!inside_ && (frame.opcode == Opcode::text || frame.opcode == Opcode::binary)) {
      if (frame.opcode == Opcode::binary) {
        announce();
      } else {
        wrapped.frame.payload = text(std::string(kTextBegin) + escape(frame.payload) +
                                     std::string(frame.fin ? kTextEnd : ""));
      }
      if (!frame.fin) inside_ = frame.opcode;
    }
    steps_.emplace_back(wrapped);
  }

  /// The length announced grows by what is escaped in this step and in those that go on with it.
  void wrap(const BeginFrame& begin, std::span<const Step> behind) {
    const std::string first = std::string(kTextBegin) + escape(begin.payload);
    std::uint64_t length = begin.length + first.size() - begin.payload.length;
    for (const Step& step : behind) {
      if (const auto* more = std::get_if<ContinueFrame>(&step)) {
        length += escape(more->payload).size() - more->payload.length;
      }
    }
    steps_.emplace_back(BeginFrame{.length = length, .payload = text(first)});
    inside_ = Opcode::text;
  }

  std::vector<Step> steps_;
  std::optional<Opcode> inside_;  // a message, and its type
};

std::vector<LogEntry> wrap_log(const std::vector<LogEntry>& log) {
  std::vector<LogEntry> wrapped;
  for (const LogEntry& entry : log) {
    if (entry.kind == LogEntry::Kind::binary) {
      wrapped.push_back({.kind = LogEntry::Kind::text, .payload = text(kBinaryAnnounced)});
    }
    wrapped.push_back(entry);
    if (entry.kind == LogEntry::Kind::text) wrapped.back().payload = wrapped_text(entry.payload);
  }
  return wrapped;
}

bool is_longer_than_allowed(const Case& test) {
  return std::ranges::any_of(test.script, [](const Step& step) {
    const auto* frame = std::get_if<SendFrame>(&step);
    const auto* message = std::get_if<SendMessage>(&step);
    return (frame != nullptr && frame->frame.payload.length > kMaxPayload) ||
           (message != nullptr && message->payload.length > kMaxPayload);
  });
}

/// A frame that the peer has sent as a whole: a text, not fragmented.
struct TextFrame {
  std::string payload{};
  std::size_t size = 0;  ///< on the wire
};

struct Header {
  std::size_t size = 0;
  std::uint64_t payload_length = 0;
  bool masked = false;
};

/// Nothing if `bytes` ends before the header does.
std::optional<Header> read_header(std::string_view bytes) {
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
  if (bytes.size() < 2) return std::nullopt;
  Header header{.size = 2, .payload_length = at(1) % 128U, .masked = at(1) >= 0x80};
  const std::size_t more = header.payload_length == 126 ? 2 : header.payload_length == 127 ? 8 : 0;
  header.size += more + (header.masked ? 4 : 0);
  if (bytes.size() < header.size) return std::nullopt;
  if (more != 0) header.payload_length = 0;
  for (std::size_t i = 0; i < more; ++i) {
    header.payload_length = header.payload_length * 256 + at(2 + i);
  }
  return header;
}

}  // namespace

std::expected<Case, std::string> wrap_in_socket_io(const Case& test) {
  if (test.dialogue) {
    return std::unexpected("its dialogue has no place for the packets of Socket.IO");
  }
  if (test.negotiation) {
    return std::unexpected("Socket.IO does not compress unless it is told to");
  }
  if (is_longer_than_allowed(test) || (test.loop && test.loop->payload.length > kMaxPayload)) {
    return std::unexpected("Socket.IO takes messages of at most 1 MB by default");
  }
  if ((test.loop && test.loop->type == Opcode::binary) ||
      (test.reply && test.reply->type == Opcode::binary)) {
    return std::unexpected("a binary message needs another in front of it in Socket.IO");
  }
  Case wrapped = test;
  wrapped.inside_socket_io = true;
  wrapped.script = Wrapper().wrap(test.script);
  for (Outcome& outcome : wrapped.outcomes) outcome.log = wrap_log(outcome.log);
  if (wrapped.loop) wrapped.loop->payload = wrapped_text(test.loop->payload);
  if (wrapped.reply) {
    // The one message that is replied to is the whole of the script.
    for (const Step& step : wrapped.script) {
      if (const auto* frame = std::get_if<SendFrame>(&step)) {
        wrapped.reply->length = frame->frame.payload.length;
      } else if (const auto* message = std::get_if<SendMessage>(&step)) {
        wrapped.reply->length = message->payload.length;
      }
    }
  }
  return wrapped;
}

SocketIoPlayer::SocketIoPlayer(std::unique_ptr<Player> player, const PlayerSettings& settings)
    : player_(std::move(player)), role_(settings.role), random_(~settings.seed) {}

void SocketIoPlayer::receive(Time now, std::span<const std::byte> read) {
  now_ = now;
  const std::string_view bytes(reinterpret_cast<const char*>(read.data()), read.size());
  switch (state_) {
    case State::opening:
      if (role_ == Role::server) return pass_on(bytes);
      head_ += bytes;
      return receive_response();
    case State::greeting:
      input_ += bytes;
      return greet();
    case State::open:
      if (role_ == Role::server) return pass_on(bytes);
      input_ += bytes;
      return take_frames();
  }
}

void SocketIoPlayer::receive_response() {
  const std::size_t end = head_.find("\r\n\r\n");
  if (end == std::string::npos) return;
  if (!head_.starts_with("HTTP/1.1 101")) {
    // There is no WebSocket to greet on; the player says why.
    state_ = State::open;
    return pass_on(head_);
  }
  state_ = State::greeting;
  input_ = head_.substr(end + 4);
  head_.resize(end + 4);
  greet();
}

/// Takes what the peer sends before Socket.IO is connected: frames of text with a packet each.
void SocketIoPlayer::greet() {
  while (state_ == State::greeting && !player_->is_over()) {
    const auto header = read_header(input_);
    if (!header || input_.size() < header->size + header->payload_length) return;
    std::string packet =
        input_.substr(header->size, static_cast<std::size_t>(header->payload_length));
    if (header->masked) {
      for (std::size_t i = 0; i < packet.size(); ++i) {
        packet[i] = static_cast<char>(packet[i] ^ input_[header->size - 4 + i % 4]);
      }
    }
    const bool is_text = static_cast<unsigned char>(input_[0]) == 0x81;
    input_.erase(0, header->size + packet.size());
    if (!is_text || !greet_with(packet)) return give_up(packet);
  }
}

/// Answers a packet. Returns false for one that has no place here.
bool SocketIoPlayer::greet_with(std::string_view packet) {
  if (role_ == Role::server) {
    if (packet != kConnect) return false;
    put_packet(kConnected);
    connect();
    return true;
  }
  if (packet.starts_with('0') && !has_greeted_) {
    has_greeted_ = true;
    put_packet(kConnect);
    return true;
  }
  if (packet.starts_with(kConnect) && has_greeted_) {
    connect();
    return true;
  }
  return false;
}

void SocketIoPlayer::give_up(std::string_view packet) {
  failure_ = "Socket.IO does not connect: " + describe(text(packet)) + " came instead";
  player_->end(now_, EndCause::none);
}

void SocketIoPlayer::connect() {
  state_ = State::open;
  if (role_ == Role::client) {
    pass_on(head_);
    return take_frames();
  }
  std::ranges::move(std::exchange(withheld_, {}), std::back_inserter(writes_));
  pass_on(std::exchange(input_, {}));
}

/// Passes the server's frames on, but for pings, which are answered.
void SocketIoPlayer::take_frames() {
  constexpr std::string_view kPing =
      "\x81\x01"
      "2";
  std::string passed;
  while (!input_.empty()) {
    if (rest_of_frame_ == 0) {
      if (kPing.starts_with(input_.substr(0, kPing.size()))) {
        if (input_.size() < kPing.size()) break;
        input_.erase(0, kPing.size());
        put_packet(kPong);
        continue;
      }
      const auto header = read_header(input_);
      if (!header) break;
      rest_of_frame_ = header->size + header->payload_length;
    }
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(rest_of_frame_, input_.size()));
    passed += input_.substr(0, size);
    input_.erase(0, size);
    rest_of_frame_ -= size;
  }
  pass_on(passed);
}

void SocketIoPlayer::pass_on(std::string_view bytes) {
  if (!bytes.empty()) player_->receive(now_, std::as_bytes(std::span(bytes)));
}

void SocketIoPlayer::end(Time now, EndCause cause) {
  if (state_ == State::greeting && failure_.empty()) {
    failure_ = "the connection ended before Socket.IO was connected";
  }
  // What is cut off is the player's to judge.
  pass_on(std::exchange(input_, {}));
  player_->end(now, cause);
}

std::deque<std::string> SocketIoPlayer::take_writes() {
  fetch();
  return std::exchange(writes_, {});
}

/// Takes what the player writes. As a server it opens with what follows its response.
void SocketIoPlayer::fetch() {
  for (std::string& bytes : player_->take_writes()) {
    if (role_ == Role::server && state_ == State::opening) {
      state_ = bytes.starts_with("HTTP/1.1 101") ? State::greeting : State::open;
      if (state_ == State::greeting) {
        const std::size_t end = bytes.find("\r\n\r\n") + 4;
        writes_.push_back(bytes.substr(0, end));
        put_packet(kOpen);
        if (bytes.size() > end) withheld_.push_back(bytes.substr(end));
        continue;
      }
    }
    const bool is_held = role_ == Role::server && state_ == State::greeting;
    (is_held ? withheld_ : writes_).push_back(std::move(bytes));
  }
}

void SocketIoPlayer::put_packet(std::string_view packet) {
  oracle::RawFrame frame{.payload = expand(text(packet))};
  if (role_ == Role::client) {
    frame.masking_key.emplace();
    for (std::byte& byte : *frame.masking_key) byte = static_cast<std::byte>(random_() % 256);
  }
  const auto bytes = oracle::encode(frame);
  writes_.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  records_.push_back({.kind = Record::Kind::note,
                      .at = now_,
                      .text = "for Socket.IO the harness sends " + describe(text(packet))});
}

Transcript SocketIoPlayer::take_transcript() {
  Transcript transcript = player_->take_transcript();
  if (!failure_.empty()) {
    transcript.open_error = failure_;
    transcript.opened = false;
  }
  if (transcript.response.empty()) transcript.response = head_;
  std::vector<Record> merged;
  std::ranges::merge(transcript.records, records_, std::back_inserter(merged), {}, &Record::at,
                     &Record::at);
  transcript.records = std::move(merged);
  return transcript;
}

}  // namespace ws::conformance
