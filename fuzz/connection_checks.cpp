#include "fuzz/connection_checks.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

#include "conformance/oracle/frames.hpp"
#include "conformance/oracle/http_head.hpp"
#include "conformance/oracle/wire_rules.hpp"
#include "impl/deflate/negotiation.hpp"
#include "impl/handshake/extension_list.hpp"

namespace ws::fuzz {
namespace {

/// The nonce of the example in section 1.3.
constexpr std::string_view kNonce = "the sample nonce";

/// What a client has to skip (RFC 9110 section 15.2).
constexpr std::string_view kInterimResponses =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"
    "HTTP/1.1 199 Other\r\n\r\n";

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// The example of section 1.3, with the extensions that the input's settings call for.
std::string format_peer_half(Role role, const std::optional<DeflateSettings>& deflate) {
  std::string head = role == Role::server
                         ? "GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                           "Sec-WebSocket-Version: 13\r\n"
                         : "HTTP/1.1 101 Switching Protocols\r\n"
                           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
  head += "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  if (deflate) {
    const Extension offer = make_offer(*deflate);
    const Extension extension =
        role == Role::server ? offer : accept_offer(std::span(&offer, 1), *deflate)->response;
    head += "Sec-WebSocket-Extensions: " + format_extension_list(std::span(&extension, 1)) + "\r\n";
  }
  return head + "\r\n";
}

/// Small ones, in which each of the three is the first to be reached.
struct SomeLimits {
  std::uint64_t frame = 0;    // bytes
  std::size_t message = 0;    // bytes
  std::size_t fragments = 0;  // of a message
};
constexpr SomeLimits kUsualLimits = {
    .frame = std::uint64_t{64} * 1024, .message = std::size_t{64} * 1024, .fragments = 100};
constexpr SomeLimits kSmallLimits[] = {{.frame = 200, .message = 300, .fragments = 3},
                                       {.frame = 300, .message = 200, .fragments = 3},
                                       {.frame = 125, .message = 8, .fragments = 2},
                                       {.frame = 126, .message = 1000, .fragments = 1}};

void set_limits(const SomeLimits& some, Limits& limits) {
  limits.max_frame_size = some.frame;
  limits.max_message_size = some.message;
  limits.max_fragments = some.fragments;
}

DirectionParameters direction_of(bool no_context_takeover, unsigned bits) {
  return {.no_context_takeover = no_context_takeover,
          .max_window_bits = kMaxWindowBits - static_cast<int>(bits % 8)};
}

Connection make_connection(const ConnectionInput& input) {
  if (input.role == Role::server) return Connection(ServerSettings{.connection = input.settings});
  ClientSettings client{
      .connection = input.settings,
      .offer = {.uri = {.host = "server.example.com", .port = 80, .resource = "/chat"}},
      .masking_keys = [count = 0U]() mutable {
        ++count;
        return MaskingKey{std::byte{0x37}, std::byte{0xfa}, static_cast<std::byte>(count >> 8U),
                          static_cast<std::byte>(count)};
      }};
  std::ranges::copy(bytes_of(kNonce), client.offer.nonce.begin());
  return Connection(std::move(client));
}

std::vector<std::byte> close_payload(CloseCode code, std::string_view reason) {
  const auto value = static_cast<unsigned>(code);
  std::vector payload{static_cast<std::byte>(value / 256), static_cast<std::byte>(value % 256)};
  for (const char c : reason) payload.push_back(static_cast<std::byte>(c));
  return payload;
}

/// The application: answers messages as the input says, and keeps account of all that is sent.
class Application {
 public:
  Application(const ConnectionInput& input, Connection& connection, Run& run)
      : input_(input), connection_(connection), run_(run) {}

  void handle(const Event& event) {
    if (std::holds_alternative<Opened>(event)) {
      act(Opcode::text, bytes_of("opened"));
    } else if (const auto* message = std::get_if<MessageReceived>(&event)) {
      act(message->type, message->payload);
    } else if (const auto* ping = std::get_if<PingReceived>(&event)) {
      note(Opcode::pong, ping->payload);
    } else if (const auto* close = std::get_if<CloseReceived>(&event)) {
      const auto& code = close->payload.code;
      note(Opcode::close, code ? close_payload(*code, {}) : std::vector<std::byte>{});
    } else if (const auto* failed = std::get_if<Failed>(&event)) {
      const ViolationInfo& info = describe(failed->violation);
      note(Opcode::close, close_payload(info.close_code, info.text));
    }
  }

 private:
  /// Notes what the connection sends, which is nothing after its Close.
  void note(Opcode opcode, std::span<const std::byte> payload) {
    if (!close_sent_) run_.sent.push_back({opcode, {payload.begin(), payload.end()}});
    close_sent_ = close_sent_ || opcode == Opcode::close;
  }

  void note(const SendResult& result, Opcode opcode, std::span<const std::byte> payload) {
    require(result.has_value() == !close_sent_, "sending works until a Close frame was sent");
    note(opcode, payload);
  }

  void act(Opcode type, std::span<const std::byte> payload) {
    const unsigned action =
        input_.actions.empty() ? 0 : input_.actions[action_count_++ % input_.actions.size()];
    const auto short_payload = payload.first(std::min<std::size_t>(payload.size(), 125));
    switch (action % 8) {
      case 1: {
        const auto half = payload.size() / 2;
        const bool begun = connection_.send_fragment(type, payload.first(half), false).has_value();
        require(begun == !close_sent_, "a fragment can be sent until a Close frame was sent");
        note(connection_.send_ping(short_payload), Opcode::ping, short_payload);
        note(connection_.send_fragment(type, payload.subspan(half), true), type, payload);
        break;
      }
      case 2:
        note(connection_.send_ping(short_payload), Opcode::ping, short_payload);
        break;
      case 3:
        note(connection_.close(CloseCode::normal_closure, "bye"), Opcode::close,
             close_payload(CloseCode::normal_closure, "bye"));
        break;
      case 4:
        note(connection_.close(), Opcode::close, {});
        break;
      case 5:
        note(connection_.send_pong(short_payload), Opcode::pong, short_payload);
        break;
      case 6:
        break;  // says nothing
      default:
        echo(type, payload);
    }
  }

  void echo(Opcode type, std::span<const std::byte> payload) {
    const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
    note(type == Opcode::text ? connection_.send_text(text) : connection_.send_binary(payload),
         type, payload);
  }

  const ConnectionInput& input_;
  Connection& connection_;
  Run& run_;
  std::size_t action_count_ = 0;
  bool close_sent_ = false;
};

/// What follows the head or heads at the front of `stream`.
std::span<const std::byte> skip_heads(std::span<const std::byte> stream, bool is_request) {
  while (true) {
    const std::string_view text(reinterpret_cast<const char*>(stream.data()), stream.size());
    const auto head =
        is_request ? oracle::parse_request_head(text, {}) : oracle::parse_response_head(text, {});
    require(head.has_value(), "an open connection has had its heads");
    stream = stream.subspan(head->size);
    const bool is_interim = !is_request && head->status < 200 && head->status != 101;
    if (!is_interim) return stream;
  }
}

/// The events that come after Opened, as the oracle writes them.
oracle::Reception reception_of(std::span<const Event> events) {
  oracle::Reception reception;
  for (const Event& event : events) {
    if (const auto* message = std::get_if<MessageReceived>(&event)) {
      reception.received.push_back({message->type, message->payload});
    } else if (const auto* ping = std::get_if<PingReceived>(&event)) {
      reception.received.push_back({Opcode::ping, ping->payload});
    } else if (const auto* pong = std::get_if<PongReceived>(&event)) {
      reception.received.push_back({Opcode::pong, pong->payload});
    } else if (const auto* close = std::get_if<CloseReceived>(&event)) {
      const auto& [code, reason] = close->payload;
      reception.received.push_back(
          {Opcode::close, code ? close_payload(*code, reason) : std::vector<std::byte>{}});
    } else if (const auto* failed = std::get_if<Failed>(&event)) {
      reception.broken = {.rule = describe(failed->violation).name};
    }
  }
  return reception;
}

std::optional<oracle::Deflation> deflation_of(const std::optional<DirectionParameters>& direction,
                                              int window_bits) {
  if (!direction) return std::nullopt;
  return oracle::Deflation{.window_bits = window_bits,
                           .no_context_takeover = direction->no_context_takeover};
}

/// The peer's frames: the same messages, control frames and broken rule as for the oracle.
void check_reception(const ConnectionInput& input, std::span<const Event> events,
                     const std::optional<DirectionParameters>& peer) {
  const Limits& limits = input.settings.limits;
  const auto frames = skip_heads(input.stream, input.role == Role::server);
  const auto expected = oracle::read_messages(
      frames, {.sender = peer_of(input.role),
               .deflation = deflation_of(peer, kMaxWindowBits),  // see MessageInflater
               .max_frame_size = limits.max_frame_size,
               .max_message_size = limits.max_message_size,
               .max_fragments = limits.max_fragments});
  const auto actual = reception_of(events);
  require(actual.received == expected.received, "the events are what the oracle reads");
  require(actual.broken.has_value() == expected.broken.has_value(),
          "the connection fails if the oracle finds a broken rule");
  require(!actual.broken || actual.broken->rule == expected.broken->rule,
          "the connection fails for the oracle's reason");
}

/// Where the application sends whole messages, they go out in as few frames as the setting allows.
void check_fragments(const ConnectionInput& input, std::span<const std::byte> frames) {
  const std::size_t size = input.settings.fragment_size;
  const bool sends_fragments = std::ranges::any_of(
      input.actions, [](unsigned action) { return action % 8 == 1; });  // see Application::act
  if (sends_fragments) return;
  for (const oracle::Frame& frame :
       oracle::decode_frames(frames, {.sender = input.role, .rsv1_defined = true}).frames) {
    if (is_control(frame.opcode)) continue;
    require(size == 0 ? frame.fin && frame.opcode != Opcode::continuation
                      : frame.payload.size() <= size && (frame.fin || frame.payload.size() == size),
            "a fragment is as long as it may be");
    require(frame.opcode != Opcode::continuation || !frame.payload.empty(),
            "there is no fragment without need");
  }
}

/// Our frames: no rule broken, nothing cut short, and exactly what was meant to be sent.
void check_output(const ConnectionInput& input, const Run& run,
                  const std::optional<DirectionParameters>& own) {
  const auto frames = skip_heads(run.behaviour.output, input.role == Role::client);
  const auto deflation = deflation_of(own, own ? own->max_window_bits : kMaxWindowBits);
  require(!oracle::broken_rule(frames, input.role, deflation), "the output keeps the wire rules");
  const auto sent = oracle::read_messages(frames, {.sender = input.role, .deflation = deflation});
  require(!sent.ends_inside_frame, "the output ends between two frames");
  require(sent.received == run.sent, "the output is what was meant to be sent");
  check_fragments(input, frames);
}

}  // namespace

ConnectionInput take_connection_input(FuzzInput bytes, Role role) {
  ConnectionInput input{.role = role};
  const unsigned flags = bytes.take_byte();
  const unsigned windows = bytes.take_byte();
  constexpr std::size_t kFragmentSizes[] = {0, 0, 0, 1, 7, 125, 126, 1000};
  input.settings.fragment_size = kFragmentSizes[bytes.take_byte() % std::size(kFragmentSizes)];
  input.has_own_handshake = (flags & 1U) != 0;
  if ((flags & 2U) != 0) {
    input.settings.deflate = {
        .server = direction_of((flags & 8U) != 0, windows),
        .client = direction_of((flags & 16U) != 0, windows / 8),
        .min_message_size = (flags & 32U) != 0 ? 10U : 0U,
    };
  }
  const bool is_limited = (flags & 4U) != 0;
  set_limits(is_limited ? kSmallLimits[windows / 64] : kUsualLimits, input.settings.limits);
  for (const std::byte action : bytes.take_bytes(bytes.take_byte() % 8)) {
    input.actions.push_back(std::to_integer<unsigned>(action));
  }
  input.cuts = bytes.take_cuts();

  if (!input.has_own_handshake) {
    std::string head = format_peer_half(role, input.settings.deflate);
    if (role == Role::client && (flags & 64U) != 0) head.insert(0, kInterimResponses);
    input.stream.assign(bytes_of(head).begin(), bytes_of(head).end());
  }
  input.stream.insert(input.stream.end(), bytes.rest().begin(), bytes.rest().end());
  return input;
}

Run run_connection(const ConnectionInput& input, const Cuts& cuts) {
  Run run;
  Connection connection = make_connection(input);
  Application application(input, connection, run);
  const auto collect = [&] {
    auto events = connection.take_events();
    for (Event& event : events) {
      application.handle(event);
      run.behaviour.events.push_back(std::move(event));
    }
    const auto output = connection.take_output();
    run.behaviour.output.insert(run.behaviour.output.end(), output.begin(), output.end());
    return !events.empty();
  };
  collect();
  cuts.for_each_read(input.stream, [&](std::span<const std::byte> read) {
    while (!read.empty()) {
      read = connection.receive(read);
      const bool had_event = collect();
      require(read.empty() || had_event, "a read is left unfinished for an event only");
    }
    return true;
  });
  connection.receive_end();
  collect();
  require(connection.state() == ConnectionState::closed, "a connection closes with its transport");
  return run;
}

void check_run(const ConnectionInput& input, const Run& run) {
  const auto& events = run.behaviour.events;
  const auto is_closed = [](const Event& event) { return std::holds_alternative<Closed>(event); };
  require(
      !events.empty() && is_closed(events.back()) && std::ranges::count_if(events, is_closed) == 1,
      "Closed is the last event, and comes once");

  const auto* opened = std::get_if<Opened>(&events.front());
  if (opened == nullptr) {
    require(input.has_own_handshake, "a connection opens with the example's handshake");
    require(std::holds_alternative<HandshakeFailed>(events.front()) && events.size() == 2,
            "a connection that does not open says why, and nothing else");
    return;
  }
  const auto after_opened = std::span(events).subspan(1);
  std::optional<DirectionParameters> own;
  std::optional<DirectionParameters> peer;
  if (opened->deflate) {
    own = opened->deflate->of(input.role);
    peer = opened->deflate->of(peer_of(input.role));
  }
  check_reception(input, after_opened, peer);
  check_output(input, run, own);

  const bool both_closed = std::ranges::any_of(after_opened, [](const Event& event) {
    return std::holds_alternative<CloseReceived>(event);
  });
  require(std::get<Closed>(events.back()).clean == both_closed,
          "a connection is closed cleanly if the peer's Close came");
}

}  // namespace ws::fuzz
