#include "conformance/harness/autobahn_player.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <iterator>
#include <utility>

#include "conformance/harness/bytes.hpp"
#include "conformance/harness/opening_fields.hpp"
#include "conformance/harness/overloaded.hpp"
#include "conformance/oracle/accept_key.hpp"
#include "conformance/oracle/http_head.hpp"
#include "conformance/oracle/raw_frame.hpp"
#include "conformance/oracle/utf8.hpp"

namespace ws::conformance {
namespace {

/// Codes that Autobahn takes for illegal: all but the ones it knows.
bool is_illegal_to_autobahn(std::uint16_t code) {
  return code < 1000 || (code >= 1004 && code <= 1006) || (code >= 1012 && code <= 2999) ||
         code >= 5000;
}

/// Codes that no Close may have (RFC 6455 section 7.4, IANA registry).
bool is_illegal(std::uint16_t code) {
  return code < 1000 || (code >= 1004 && code <= 1006) || (code >= 1015 && code <= 2999) ||
         code >= 5000;
}

/// How many bytes at the end of `text`, which is good so far, are a sequence's beginning.
std::size_t incomplete_tail(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const std::size_t length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return back < length ? back : 0;
  }
  return 0;
}

/// Masks or unmasks `bytes`, which stand at `offset` in their payload, to `output`, which may be
/// where they are.
void mask(std::string_view bytes, std::string_view key, std::uint64_t offset, char* output) {
  std::array<char, 8> keys{};
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = key[(offset + i) % 4];
  const auto wide = std::bit_cast<std::uint64_t>(keys);
  std::size_t i = 0;
  for (; i + sizeof(wide) <= bytes.size(); i += sizeof(wide)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data() + i, sizeof(eight));
    eight ^= wide;
    std::memcpy(output + i, &eight, sizeof(eight));
  }
  for (; i < bytes.size(); ++i) output[i] = static_cast<char>(bytes[i] ^ keys[i % keys.size()]);
}

constexpr std::size_t kMaxMessage = 64 * 1024 * 1024;  // bytes

constexpr std::string_view kGoingAway = "Going Away";

/// True if a field named `name` lists `token`, in any letter case.
bool lists(const oracle::HttpHead& head, std::string_view name, std::string_view token) {
  for (const std::string& value : values_of(head.fields, name)) {
    std::string padded = ",";
    for (const char c : to_lower(value)) {
      if (c != ' ' && c != '\t') padded += c;
    }
    if ((padded + ",").contains("," + std::string(token) + ",")) return true;
  }
  return false;
}

}  // namespace

AutobahnPlayer::AutobahnPlayer(const Case& test, PlayerSettings settings)
    : case_(test), settings_(std::move(settings)), random_(settings_.seed) {}

void AutobahnPlayer::start(Time now) {
  now_ = now;
  transcript_.started = now;
  last_write_open_ = false;
  arm(TimerKind::open, settings_.patience ? settings_.patience->limit(Patience::Kind::upgraded,
                                                                      settings_.open_timeout)
                                          : settings_.open_timeout);
  if (settings_.role == Role::client) send_request();
}

void AutobahnPlayer::receive(Time now, std::span<const std::byte> read) {
  if (state_ == State::closed) return;
  now_ = now;
  last_write_open_ = false;
  const std::string_view text(reinterpret_cast<const char*>(read.data()), read.size());
  record(Record::Kind::octets_in, text, text.size());
  // Without a rest of earlier reads nothing is copied.
  if (!input_.empty()) input_ += text;
  unread_ = input_.empty() ? text : input_;
  if (state_ == State::connecting) {
    settings_.role == Role::client ? receive_response() : receive_request();
  }
  if (state_ == State::open || state_ == State::closing) receive_frames();
  input_ = std::string(std::exchange(unread_, {}));
}

void AutobahnPlayer::end(Time now, EndCause cause) {
  if (state_ == State::closed) return;
  now_ = now;
  if (state_ == State::connecting) refuse_opening("the connection ended before the handshake did");
  state_ = State::closed;
  transcript_.end = cause;
  transcript_.ended = now;
  drop_ = Drop::abort;
  note(Record::Kind::note, cause == EndCause::peer_reset ? "peer reset TCP" : "peer ended TCP");
}

std::optional<Time> AutobahnPlayer::next_deadline() const {
  if (state_ == State::closed || deadlines_.empty()) return std::nullopt;
  return std::ranges::min_element(deadlines_, {}, &Deadline::at)->at;
}

void AutobahnPlayer::pass_time(Time now) {
  while (state_ != State::closed) {
    // Of timers due at the same moment the one armed first goes first, as min_element picks it.
    const auto next = std::ranges::min_element(deadlines_, {}, &Deadline::at);
    if (next == deadlines_.end() || next->at > now) return;
    const Deadline deadline = *next;
    deadlines_.erase(next);
    now_ = now;
    last_write_open_ = false;
    switch (deadline.kind) {
      case TimerKind::open:
        if (state_ == State::connecting) {
          transcript_.open_handshake_timed_out = true;
          if (settings_.patience) settings_.patience->see_none(Patience::Kind::upgraded);
          refuse_opening("the opening handshake was not answered in time");
        }
        break;
      case TimerKind::close:
        transcript_.was_clean = false;
        transcript_.close_handshake_timed_out = true;
        note(Record::Kind::timer, "no Close came back in time");
        do_drop(Drop::abort);
        break;
      case TimerKind::drop:
        transcript_.was_clean = false;
        transcript_.server_drop_timed_out = true;
        note(Record::Kind::timer, "the server did not end TCP in time");
        do_drop(Drop::abort);
        break;
      case TimerKind::test:
        fire_timer();
        break;
      case TimerKind::pause: {
        const auto& pause = std::get<Pause>(case_.script[next_step_]);
        note(Record::Kind::timer, "pause ended");
        // A tagged pause belongs to a script that only makes sense while the peer has not closed.
        if (!pause.tag.empty()) {
          if (state_ != State::open) break;
          log({.kind = LogEntry::Kind::pause, .payload = text(pause.tag)});
        }
        ++next_step_;
        run_script();
        break;
      }
    }
  }
}

std::deque<std::string> AutobahnPlayer::take_writes() {
  last_write_open_ = false;
  return std::exchange(writes_, {});
}

// The opening handshake.

void AutobahnPlayer::send_request() {
  key_ = random_key(random_);
  std::string offers;
  if (case_.negotiation) {
    offers = "Sec-WebSocket-Extensions: " + join_list(case_.negotiation->offers) + "\r\n";
  }
  transcript_.request = "GET " + settings_.resource +
                        " HTTP/1.1\r\n"
                        "User-Agent: wsproof\r\n"
                        "Host: " +
                        settings_.host +
                        "\r\n"
                        "Upgrade: WebSocket\r\n"
                        "Connection: Upgrade\r\n"
                        "Pragma: no-cache\r\n"
                        "Cache-Control: no-cache\r\n"
                        "Sec-WebSocket-Key: " +
                        key_ + "\r\n" + offers + "Sec-WebSocket-Version: 13\r\n\r\n";
  put(transcript_.request, false);
}

void AutobahnPlayer::receive_response() {
  const std::size_t end = unread_.find("\r\n\r\n");
  if (end == std::string_view::npos) return;
  transcript_.response = unread_.substr(0, end + 4);
  unread_.remove_prefix(end + 4);
  const auto head = oracle::parse_response_head(transcript_.response, {});
  if (!head) return refuse_opening("the response is no HTTP/1.1 head");
  if (head->status != 101 || head->minor_version != 1) {
    return refuse_opening("the status is " + std::to_string(head->status) + " of HTTP/1." +
                          std::to_string(head->minor_version));
  }
  const auto upgrade = values_of(head->fields, "upgrade");
  if (upgrade.size() != 1 || to_lower(upgrade[0]) != "websocket") {
    return refuse_opening("Upgrade is not exactly \"websocket\"");
  }
  if (!lists(*head, "connection", "upgrade")) {
    return refuse_opening("Connection does not list \"upgrade\"");
  }
  if (values_of(head->fields, "sec-websocket-accept") !=
      std::vector{oracle::compute_accept(key_)}) {
    return refuse_opening("Sec-WebSocket-Accept is not the one value that answers the key");
  }
  const auto extensions = values_of(head->fields, "sec-websocket-extensions");
  if (!extensions.empty()) {
    if (!case_.negotiation) {
      return refuse_opening("an extension was agreed on that was not offered");
    }
    const Response response = read_response(extensions.front());
    if (response.malformed || extensions.size() > 1) {
      return refuse_opening("Sec-WebSocket-Extensions does not answer the offer");
    }
    if (response.agreement) agree(*response.agreement);
  }
  if (!values_of(head->fields, "sec-websocket-protocol").empty()) {
    return refuse_opening("a subprotocol was chosen that was not offered");
  }
  open();
}

void AutobahnPlayer::receive_request() {
  const std::size_t end = unread_.find("\r\n\r\n");
  if (end == std::string_view::npos) return;
  transcript_.request = unread_.substr(0, end + 4);
  unread_.remove_prefix(end + 4);
  const auto head = oracle::parse_request_head(transcript_.request, {});
  const auto refuse = [&](const std::string& why) {
    put("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false);
    refuse_opening(why);
  };
  if (!head) return refuse("the request is no HTTP/1.1 head");
  const auto keys = values_of(head->fields, "sec-websocket-key");
  if (settings_.takes_any_request && !keys.empty()) return take_request(keys[0], "");
  if (head->method != "GET" || head->minor_version != 1) {
    return refuse("the request is not a GET of HTTP/1.1");
  }
  if (values_of(head->fields, "host").size() != 1) return refuse("there is not exactly one Host");
  if (!lists(*head, "upgrade", "websocket")) return refuse("Upgrade does not list \"websocket\"");
  if (!lists(*head, "connection", "upgrade")) {
    return refuse("Connection does not list \"upgrade\"");
  }
  if (values_of(head->fields, "sec-websocket-version") != std::vector<std::string>{"13"}) {
    return refuse("Sec-WebSocket-Version is not 13");
  }
  if (keys.size() != 1 || keys[0].size() != 24 || !keys[0].ends_with("==")) {
    return refuse("Sec-WebSocket-Key is not the base64 encoding of 16 bytes");
  }
  std::string extension;
  if (case_.negotiation) {
    const Answer answer = answer_offers(
        join_list(values_of(head->fields, "sec-websocket-extensions")), *case_.negotiation);
    if (answer.malformed) return refuse("Sec-WebSocket-Extensions is not well formed");
    if (answer.agreement) {
      agree(*answer.agreement);
      extension = "Sec-WebSocket-Extensions: " + answer.extension + "\r\n";
    }
  }
  take_request(keys[0], extension);
}

void AutobahnPlayer::take_request(const std::string& key, const std::string& extension) {
  transcript_.response =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Server: wsproof\r\n"
      "Upgrade: WebSocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      oracle::compute_accept(key) + "\r\n" + extension + "\r\n";
  // The first frames follow in the same write: a client must not lose them.
  put(transcript_.response, false);
  open();
}

void AutobahnPlayer::agree(const Agreement& agreement) {
  const bool is_client = settings_.role == Role::client;
  received_direction_ = is_client ? agreement.server : agreement.client;
  const Direction& sent = is_client ? agreement.client : agreement.server;
  compressor_.emplace(sent);
  decompressor_.emplace(received_direction_);
  if (case_.loop && case_.loop->data) {
    prepared_.emplace(*case_.loop, sent);
    known_echoes_.emplace(*case_.loop, received_direction_);
  }
  transcript_.deflate_agreed = true;
}

void AutobahnPlayer::refuse_opening(std::string why) {
  note(Record::Kind::note, why);
  transcript_.open_error = std::move(why);
  do_drop(settings_.role == Role::client ? Drop::abort : Drop::finish);
}

void AutobahnPlayer::open() {
  disarm(TimerKind::open);
  if (settings_.patience)
    settings_.patience->see_answer(Patience::Kind::upgraded, now_ - transcript_.started);
  state_ = State::open;
  transcript_.opened = true;
  if (case_.negotiation && !transcript_.deflate_agreed) return close(1000);
  if (case_.loop) {
    if (case_.timer) arm(TimerKind::test, case_.timer->after);
    send_next_of_loop();
    return;
  }
  run_script();
}

// The case.

void AutobahnPlayer::run_script() {
  while (next_step_ < case_.script.size() && state_ != State::closed) {
    const Step& step = case_.script[next_step_];
    if (const auto* pause = std::get_if<Pause>(&step)) {
      arm(TimerKind::pause, pause->length);
      return;
    }
    run_step(step);
    ++next_step_;
  }
  if (state_ == State::closed) return;
  if (case_.timer) arm(TimerKind::test, case_.timer->after);
}

void AutobahnPlayer::run_step(const Step& step) {
  std::visit(Overloaded{
                 [&](const SendFrame& send) {
                   const Frame& frame = send.frame;
                   put_frame({.fin = frame.fin, .rsv = frame.rsv, .opcode = frame.opcode},
                             {frame.payload.pattern, frame.payload.length}, send.chop,
                             send.own_write);
                 },
                 [&](const SendMessage& send) {
                   send_message(send.type, text_of(expand(send.payload)), send.fragment_size);
                 },
                 [&](const SendClose& send) {
                   if (send.code) return close(send.code, send.reason.pattern);
                   close(std::nullopt, send.reason.pattern);
                 },
                 [](const Pause&) { assert(false); },
                 [&](const BeginFrame& begin) {
                   oracle::RawFrame frame{
                       .fin = false, .opcode = Opcode::text, .announced_length = begin.length};
                   if (settings_.role == Role::client) {
                     streamed_key_ = masking_key();
                     frame.masking_key.emplace();
                     std::ranges::copy(bytes_of(*streamed_key_), frame.masking_key->begin());
                   }
                   streamed_left_ = begin.length;
                   std::string bytes = text_of(oracle::encode(frame));
                   put(bytes + mask_streamed(begin.payload), false);
                 },
                 [&](const ContinueFrame& more) {
                   put(mask_streamed(more.payload), false);
                   if (streamed_left_ == 0 && pong_due_) {
                     put_frame({.opcode = Opcode::pong}, *std::exchange(pong_due_, std::nullopt));
                   }
                 },
             },
             step);
}

void AutobahnPlayer::fire_timer() {
  transcript_.timer_fired = state_ == State::open;
  if (case_.timer->action == Timer::Action::fail) {
    note(Record::Kind::timer, "time is up: fail the connection");
    fail(1001, kGoingAway);
  } else {
    note(Record::Kind::timer, "time is up: close the connection");
    close(std::nullopt);
  }
}

void AutobahnPlayer::log(LogEntry entry) {
  if (transcript_.log.size() == kMaxReceived) {
    note_violation("the peer sent a flood of messages", {});
    return tear_down("there is no end of messages");
  }
  transcript_.log.push_back(std::move(entry));
  if (transcript_.log.back().kind == LogEntry::Kind::pause) return;
  const bool complete =
      !case_.outcomes.empty() && std::ranges::all_of(case_.outcomes, [&](const Outcome& outcome) {
        return outcome.log == transcript_.log;
      });
  if (complete && case_.closing.closer == Closer::harness && case_.closing.closes_when_complete) {
    close(case_.closing.codes.front());
  }
}

void AutobahnPlayer::handle_message() {
  const Opcode type = message_kind_ == LogEntry::Kind::text ? Opcode::text : Opcode::binary;
  if (case_.loop) {
    const bool same = message_.is_expected();
    if (type != case_.loop->type || message_.size() != expected_.length ||
        (case_.negotiation && !same)) {
      transcript_.reply_ok = false;
      return close(1000);
    }
    // Without compression the compatible verdict looks at type and length alone.
    if (!same) note_violation("the echo differs from what was sent", "RFC 6455 5.6");
    if (loop_sent_ < case_.loop->count) return send_next_of_loop();
    transcript_.reply_ok = true;
    return close(1000);
  }
  const std::uint64_t size = message_.size();
  log({.kind = message_kind_, .payload = message_.payload()});
  if (case_.reply) {
    if (type == case_.reply->type && size == case_.reply->length) {
      transcript_.reply_ok = true;
    }
    close(1000);
  }
}

void AutobahnPlayer::send_next_of_loop() {
  const EchoLoop& loop = *case_.loop;
  if (loop.data) {
    expected_.pattern =
        Data::of(*loop.data).slice(static_cast<std::size_t>(loop_sent_) * loop.units, loop.units);
    expected_.length = expected_.pattern.size();
  } else if (loop_sent_ == 0) {
    expected_ = text(text_of(expand(loop.payload)));
  }
  ++loop_sent_;
  send_message(loop.type, expected_.pattern, loop.fragment_size);
}

void AutobahnPlayer::send_message(Opcode type, std::string_view message,
                                  std::size_t fragment_size) {
  if (compressor_) {
    message = prepared_ ? prepared_->compress(message) : compressor_->compress(message);
  }
  Head head{.rsv = compressor_ ? 4U : 0U, .opcode = type};
  if (fragment_size != 0 && message.size() > fragment_size) {
    while (message.size() >= fragment_size) {
      head.fin = false;
      put_frame(head, message.substr(0, fragment_size));
      message.remove_prefix(fragment_size);
      head = {.opcode = Opcode::continuation};
    }
  }
  put_frame(head, message);
}

/// The message that is to come next; null if there is none.
const Payload* AutobahnPlayer::expected_message() const {
  if (case_.loop) return &expected_;
  for (const Outcome& outcome : case_.outcomes) {
    if (transcript_.log.size() >= outcome.log.size()) continue;
    const LogEntry& next = outcome.log[transcript_.log.size()];
    if (next.kind == message_kind_) return &next.payload;
  }
  return nullptr;
}

// Frames of the peer.

void AutobahnPlayer::receive_frames() {
  while (state_ != State::closed) {
    if (!frame_ && !take_frame_header()) return;
    take_payload();
    if (state_ == State::closed || frame_->taken < frame_->length) return;
    finish_frame();
  }
}

bool AutobahnPlayer::take_frame_header() {
  const std::string_view bytes = unread_;
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
  if (bytes.size() < 2) return false;
  Incoming frame{.fin = at(0) >= 0x80,
                 .rsv = at(0) / 16U % 8U,
                 .opcode = static_cast<std::uint8_t>(at(0) % 16U),
                 .masked = at(1) >= 0x80,
                 .length = at(1) % 128U};
  const std::uint64_t short_length = frame.length;
  const std::size_t length_size = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  const std::size_t size = 2 + length_size + (frame.masked ? 4 : 0);
  if (bytes.size() < size) return false;

  if (length_size != 0) frame.length = 0;
  for (std::size_t i = 0; i < length_size; ++i) frame.length = frame.length * 256 + at(2 + i);
  if (frame.masked) frame.key = bytes.substr(2 + length_size, 4);

  const bool rsv1_allowed = decompressor_ && (frame.opcode == 1 || frame.opcode == 2);
  if (frame.rsv != 0 && (frame.rsv != 4 || !rsv1_allowed)) {
    violate("reserved bits are set", "RFC 6455 5.2");
  }
  const bool from_client = settings_.role == Role::server;
  if (from_client && !frame.masked) violate("a frame of a client is not masked", "RFC 6455 5.1");
  if (!from_client && frame.masked) violate("a frame of a server is masked", "RFC 6455 5.1");
  if (frame.opcode > 7) {
    if (!frame.fin) violate("a control frame is fragmented", "RFC 6455 5.5");
    if (short_length > 125) violate("a control frame is longer than 125 bytes", "RFC 6455 5.5");
    if (frame.opcode > 10) violate("a reserved opcode", "RFC 6455 5.2");
    if (frame.opcode == 8 && short_length == 1) {
      violate("a Close frame has a payload of one byte", "RFC 6455 5.5.1");
    }
  } else {
    if (frame.opcode > 2) violate("a reserved opcode", "RFC 6455 5.2");
    if (!inside_message_ && frame.opcode == 0) {
      violate("a continuation without a message", "RFC 6455 5.4");
    }
    if (inside_message_ && frame.opcode != 0) {
      violate("a data frame inside a fragmented message", "RFC 6455 5.4");
    }
  }
  if (length_size == 8 && at(2) >= 0x80) {
    violate("the top bit of a 64-bit length is set", "RFC 6455 5.2");
  }
  if ((length_size == 2 && frame.length < 126) || (length_size == 8 && frame.length < 65'536)) {
    violate("a length is not in its shortest form", "RFC 6455 5.2");
  }
  unread_.remove_prefix(size);
  if (frame.opcode <= 7 && !inside_message_) {
    inside_message_ = true;
    message_kind_ = frame.opcode == 2 ? LogEntry::Kind::binary : LogEntry::Kind::text;
    message_.begin(expected_message());
    message_compressed_ = frame.rsv == 4 && rsv1_allowed;
    utf8_checked_ = 0;
  }
  frame_ = std::move(frame);
  return true;
}

void AutobahnPlayer::take_payload() {
  Incoming& frame = *frame_;
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(unread_.size(), frame.length - frame.taken));
  std::string_view piece = unread_.substr(0, size);
  unread_.remove_prefix(size);
  if (frame.masked) {
    piece_.resize(size);
    mask(piece, frame.key, frame.taken, piece_.data());
    piece = piece_;
  }
  frame.taken += size;
  if (frame.opcode > 7) {
    frame.control_payload += piece.substr(0, Record::kMaxRecorded - frame.control_payload.size());
    return;
  }
  const std::size_t room = room_in_record();
  if (frame.beginning.size() < room) {
    frame.beginning += piece.substr(0, room - frame.beginning.size());
  }
  if (transcript_.failed_by_harness) return;  // messages are of no interest any more
  if (message_compressed_) {
    const bool is_last = frame.fin && frame.taken == frame.length;
    if (!decompress(piece, is_last)) {
      note_violation("a compressed message cannot be decompressed", "RFC 7692 7.2.2");
      return tear_down("Autobahn's inflater throws here");
    }
    if (is_last && decompressor_->reached_beyond_window() && transcript_.violations.empty()) {
      note_violation("a compressed message reaches back beyond the agreed window",
                     "RFC 7692 7.1.2");
    }
    if (is_last && decompressor_->padded_with_ones() && transcript_.violations.empty()) {
      note_violation("behind a block with BFINAL, a bit before the next byte is not 0",
                     "RFC 7692 7.2.1");
    }
  } else {
    if (known_echoes_) known_echoes_->lose();
    message_.append(piece);
    if (message_.size() > kMaxMessage) return fail(1009, "message too big");
  }
  if (message_kind_ == LogEntry::Kind::text) check_text();
}

/// Gives the next bytes of a compressed message to the decompressor, or tells that it need not.
///
/// Returns: false for bytes that cannot be decompressed.
bool AutobahnPlayer::decompress(std::string_view piece, bool is_last) {
  const auto keep = [&](std::string_view output) { message_.append(output); };
  if (!known_echoes_) return decompressor_->decompress(piece, is_last, kMaxMessage, keep);
  switch (known_echoes_->read(piece, is_last)) {
    case KnownEchoes::Reading::same:
      return true;
    case KnownEchoes::Reading::known:
      message_.append_expected();
      break;
    case KnownEchoes::Reading::unknown:
      if (known_echoes_->has_passed_over()) {
        decompressor_.emplace(received_direction_);
        const auto forget = [](std::string_view /*output*/) {};
        const std::string context = known_echoes_->context();
        if (!context.empty()) decompressor_->decompress(context, true, kMaxMessage, forget);
      }
      if (!decompressor_->decompress(known_echoes_->held(), is_last, kMaxMessage, keep)) {
        return false;
      }
      break;
  }
  if (is_last) {
    known_echoes_->finish(static_cast<std::size_t>(message_.size()),
                          message_.is_expected() && !decompressor_->reached_beyond_window());
  }
  return true;
}

void AutobahnPlayer::check_text() {
  if (message_.follows_expected()) return;  // it was valid when it was sent
  const std::string& text = message_.text();
  const std::string_view unchecked = std::string_view(text).substr(utf8_checked_);
  if (oracle::find_first_impossible_byte(bytes_of(unchecked))) {
    note_violation("a text message is not valid UTF-8", "RFC 6455 8.1");
    return fail(1007, "invalid UTF-8");
  }
  utf8_checked_ = text.size() - incomplete_tail(text);
}

void AutobahnPlayer::finish_frame() {
  const Incoming frame = std::move(*frame_);
  frame_.reset();
  Record& entry = record(Record::Kind::frame_in,
                         frame.opcode > 7 ? frame.control_payload : frame.beginning, frame.length);
  entry.fin = frame.fin;
  entry.rsv = frame.rsv;
  entry.opcode = frame.opcode;
  entry.masked = frame.masked;
  if (frame.opcode <= 7) {
    if (frame.fin) finish_message();
    return;
  }
  switch (frame.opcode) {
    case 8:
      frame_ = frame;
      handle_close_frame();
      frame_.reset();
      break;
    case 9:
      if (state_ != State::open) break;
      if (streamed_left_ > 0) {
        // Autobahn answers at once, inside its own frame. Of several the last is enough (5.5.3).
        pong_due_ = frame.control_payload;
      } else {
        put_frame({.opcode = Opcode::pong}, frame.control_payload);
      }
      break;
    case 10:
      if (state_ != State::closed) {
        log({.kind = LogEntry::Kind::pong, .payload = text(frame.control_payload)});
      }
      break;
    default:
      break;
  }
}

void AutobahnPlayer::finish_message() {
  inside_message_ = false;
  if (message_kind_ == LogEntry::Kind::text && !message_.is_expected() &&
      incomplete_tail(message_.text()) != 0) {
    if (!transcript_.failed_by_harness) {
      note_violation("a text message ends inside a UTF-8 sequence", "RFC 6455 8.1");
    }
    fail(1007, "invalid UTF-8");
  }
  if (!transcript_.failed_by_harness && state_ != State::closed) handle_message();
}

void AutobahnPlayer::handle_close_frame() {
  const std::string payload = frame_->control_payload;
  const bool is_first = !transcript_.close_received;
  transcript_.close_received = true;
  transcript_.remote_code.reset();
  if (payload.size() >= 2) {
    const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) * 256 +
                                                 static_cast<unsigned char>(payload[1]));
    transcript_.remote_code = code;
    if (is_illegal(code) && code < 5000) {  // of those above nothing is said
      note_violation("the close code " + std::to_string(code) + " may not be sent", "RFC 6455 7.4");
    }
    if (is_illegal_to_autobahn(code)) fail(1002, "invalid close code");
    const std::string reason = payload.substr(2);
    if (!oracle::is_valid_utf8(bytes_of(reason))) {
      note_violation("a close reason is not valid UTF-8", "RFC 6455 5.5.1");
      if (oracle::find_first_impossible_byte(bytes_of(reason))) fail(1007, "invalid UTF-8");
      return tear_down("Autobahn's decoder throws here");
    }
    transcript_.remote_reason = reason;
  }
  if (!is_first) note_violation("a second Close frame", "RFC 6455 5.5.1");

  switch (state_) {
    case State::closing:
      disarm(TimerKind::close);
      transcript_.was_clean = true;
      if (settings_.role == Role::server) {
        do_drop(Drop::abort);
      } else {
        arm(TimerKind::drop, settings_.drop_timeout);
      }
      break;
    case State::open:
      transcript_.was_clean = true;
      send_close_frame(1000, {});
      state_ = State::closing;
      if (settings_.role == Role::server) do_drop(Drop::finish);
      break;
    default:
      transcript_.was_clean = false;
  }
}

/// Ends TCP as Autobahn's event loop does after an exception: no flag is set.
void AutobahnPlayer::tear_down(const std::string& why) {
  if (state_ == State::closed) return;
  note(Record::Kind::note, "the harness ends TCP: " + why);
  state_ = State::closed;
  drop_ = Drop::abort;
  transcript_.end = EndCause::harness;
  transcript_.ended = now_;
}

void AutobahnPlayer::violate(std::string what, std::string source) {
  note_violation(std::move(what), std::move(source));
  fail(1002, "protocol violation");
}

void AutobahnPlayer::note_violation(std::string what, std::string source) {
  note(Record::Kind::note, "the peer breaks a rule: " + what);
  transcript_.violations.push_back({std::move(what), std::move(source)});
}

// Autobahn's operations on the connection.

void AutobahnPlayer::close(std::optional<std::uint16_t> code, std::string_view reason) {
  if (state_ != State::open) return;
  send_close_frame(code, reason);
  state_ = State::closing;
  transcript_.closed_by_harness = true;
  arm(TimerKind::close, settings_.close_timeout);
}

void AutobahnPlayer::fail(std::uint16_t code, std::string_view reason) {
  if (state_ == State::closed) return;
  transcript_.failed_by_harness = true;
  if (state_ == State::closing) return do_drop(Drop::finish);
  close(code, reason);
}

void AutobahnPlayer::do_drop(Drop drop) {
  if (state_ == State::closed) return;
  transcript_.dropped_by_harness = true;
  state_ = State::closed;
  drop_ = drop;
  transcript_.end = EndCause::harness;
  transcript_.ended = now_;
  note(Record::Kind::note, "the harness ends TCP");
}

void AutobahnPlayer::send_close_frame(std::optional<std::uint16_t> code, std::string_view reason) {
  transcript_.local_code = code;
  std::string payload;
  if (code) {
    payload += static_cast<char>(*code >> 8U);
    payload += static_cast<char>(*code);
  }
  payload += reason;
  put_frame({.opcode = Opcode::close}, payload);
}

// Writing.

void AutobahnPlayer::put_frame(const Head& head, const Source& payload, std::size_t chop,
                               bool own_write) {
  oracle::RawFrame raw{.fin = head.fin,
                       .rsv1 = (head.rsv & 4U) != 0,
                       .rsv2 = (head.rsv & 2U) != 0,
                       .rsv3 = (head.rsv & 1U) != 0,
                       .opcode = head.opcode,
                       .announced_length = payload.length};
  std::string key;
  if (settings_.role == Role::client) {
    key = masking_key();
    raw.masking_key.emplace();
    std::ranges::copy(bytes_of(key), raw.masking_key->begin());
  }
  const std::vector<std::byte> header = oracle::encode(raw);
  const auto length = static_cast<std::size_t>(payload.length);
  const std::size_t shown = std::min(length, room_in_record());
  const bool is_repeated = payload.pattern.size() < shown;
  const std::string repeated =
      is_repeated ? text_of(expand(repeat(payload.pattern, shown))) : std::string();
  Record& entry = record(Record::Kind::frame_out,
                         is_repeated ? repeated : payload.pattern.substr(0, shown), length);
  entry.fin = head.fin;
  entry.rsv = head.rsv;
  entry.opcode = static_cast<std::uint8_t>(head.opcode);
  entry.masked = !key.empty();

  // Straight to where it is written from: payloads are big, and many.
  std::string chopped;
  std::string& write = chop == 0 ? begin_write(own_write) : chopped;
  const std::size_t begin = write.size();
  write += text_of(header);
  const std::size_t payload_begin = write.size();
  // What libstdc++ 12 tells of the size is its capacity.
  write.resize_and_overwrite(payload_begin + length, [&](char* bytes, std::size_t /*size*/) {
    char* output = bytes + payload_begin;
    for (std::size_t done = 0; done < length;) {
      const std::string_view piece = payload.pattern.substr(0, length - done);
      if (key.empty()) {
        std::ranges::copy(piece, output + done);
      } else {
        mask(piece, key, done, output + done);
      }
      done += piece.size();
    }
    return payload_begin + length;
  });
  if (chop == 0) return record_write(std::string_view(write).substr(begin));
  for (std::size_t i = 0; i < write.size(); i += chop) {
    put(std::string_view(write).substr(i, chop), true);
  }
}

/// The write that the next bytes go to.
std::string& AutobahnPlayer::begin_write(bool own_write) {
  if (!last_write_open_ || own_write) writes_.emplace_back();
  last_write_open_ = !own_write;
  return writes_.back();
}

void AutobahnPlayer::record_write(std::string_view bytes) {
  record(Record::Kind::octets_out, bytes, bytes.size());
}

void AutobahnPlayer::put(std::string_view bytes, bool own_write) {
  begin_write(own_write) += bytes;
  record_write(bytes);
}

void AutobahnPlayer::arm(TimerKind kind, Time after) {
  if (after > Time::zero()) deadlines_.push_back({now_ + after, kind});
}

void AutobahnPlayer::disarm(TimerKind kind) {
  std::erase_if(deadlines_, [&](const Deadline& deadline) { return deadline.kind == kind; });
}

std::string AutobahnPlayer::masking_key() {
  const std::uint64_t bits = random_();
  std::string key;
  for (unsigned i = 0; i < 4; ++i) key += static_cast<char>(bits >> (8 * i));
  return key;
}

/// How many bytes the next entry of the log can have: little once it has grown.
std::size_t AutobahnPlayer::room_in_record() const {
  constexpr std::size_t kMaxBytes = 64 * 1024;
  constexpr std::size_t kKept = 128;  // any control frame
  return recorded_ < kMaxBytes ? Record::kMaxRecorded : kKept;
}

/// Logs the beginning and the end of a long story. Entries that have to make room are used again:
/// some messages go out in a thousand frames.
///
/// Returns: the entry, to which more can be added.
Record& AutobahnPlayer::record(Record::Kind kind, std::string_view bytes, std::uint64_t length) {
  constexpr std::size_t kMaxRecords = 150;  // there are two hundred loops of a thousand messages
  constexpr std::size_t kMaxLatest = 50;
  Record* entry = nullptr;
  if (transcript_.records.size() < kMaxRecords) {
    entry = &transcript_.records.emplace_back();
  } else if (latest_.size() < kMaxLatest) {
    entry = &latest_.emplace_back();
  } else {
    entry = &latest_[left_out_++ % kMaxLatest];
  }
  bytes = bytes.substr(0, room_in_record());
  recorded_ += bytes.size();
  entry->kind = kind;
  entry->at = now_;
  entry->bytes = bytes;
  entry->length = length;
  entry->fin = false;
  entry->rsv = 0;
  entry->opcode = 0;
  entry->masked = false;
  entry->text.clear();
  return *entry;
}

Transcript AutobahnPlayer::take_transcript() {
  if (left_out_ > 0) {
    const auto oldest = static_cast<std::ptrdiff_t>(left_out_ % latest_.size());
    std::ranges::rotate(latest_, latest_.begin() + oldest);
    transcript_.records.push_back({.kind = Record::Kind::note,
                                   .at = latest_.front().at,
                                   .text = std::to_string(left_out_) + " entries are left out"});
  }
  std::ranges::move(latest_, std::back_inserter(transcript_.records));
  latest_.clear();
  return std::move(transcript_);
}

/// The next payload bytes of the frame that BeginFrame began, as they stand on the wire.
std::string AutobahnPlayer::mask_streamed(const Payload& payload) {
  std::string piece = text_of(expand(payload));
  if (streamed_key_) mask(piece, *streamed_key_, streamed_, piece.data());
  streamed_ += piece.size();
  streamed_left_ -= std::min<std::uint64_t>(piece.size(), streamed_left_);
  return piece;
}

void AutobahnPlayer::note(Record::Kind kind, std::string text) {
  record(kind, {}, 0).text = std::move(text);
}

}  // namespace ws::conformance
