#include "conformance/harness/dialogue_player.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "conformance/harness/bytes.hpp"
#include "conformance/harness/digest.hpp"
#include "conformance/harness/frame_of_step.hpp"
#include "conformance/harness/opening_fields.hpp"
#include "conformance/harness/opening_rules.hpp"
#include "conformance/harness/overloaded.hpp"
#include "conformance/harness/wire_check.hpp"
#include "conformance/oracle/accept_key.hpp"
#include "conformance/oracle/raw_frame.hpp"

namespace ws::conformance {
namespace {

using Kind = DialogueEvent::Kind;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string swap_case(std::string text) {
  for (char& c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) c = static_cast<char>(c ^ 0x20);
  }
  return text;
}

/// With another digit of base64 at `index`: the neighbour, whose lowest bit is the other.
std::string change_digit(std::string text, std::size_t index) {
  const std::size_t digit = kBase64Digits.find(text[index]);
  text[index] = digit == std::string_view::npos ? 'A' : kBase64Digits[digit ^ 1U];
  return text;
}

/// An element that answers an offer, for a response that names a smaller window of the server's.
std::string without_server_window(std::string element) {
  const std::size_t at = element.find("; server_max_window_bits=");
  if (at != std::string::npos) element.erase(at, element.find(';', at + 1) - at);
  return element;
}

/// What a frame begins with, legal or not (RFC 6455 section 5.2).
struct FrameHeader {
  std::size_t size = 0;      ///< bytes, the masking key included
  std::uint64_t length = 0;  ///< bytes of the payload
  bool masked = false;
};

/// Returns: nothing until all of it is there.
std::optional<FrameHeader> header_of(std::string_view bytes) {
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
  if (bytes.size() < 2) return std::nullopt;
  FrameHeader header{.length = at(1) % 128U, .masked = at(1) >= 0x80};
  const std::size_t length_size = header.length == 126 ? 2 : header.length == 127 ? 8 : 0;
  header.size = 2 + length_size + (header.masked ? 4 : 0);
  if (bytes.size() < header.size) return std::nullopt;
  if (length_size != 0) header.length = 0;
  for (std::size_t i = 2; i < 2 + length_size; ++i) header.length = header.length * 256 + at(i);
  return header;
}

constexpr std::size_t kMaxHead = 256 * 1024;  // bytes; beyond it no head is waited for
constexpr int kMaxPings = 1000;               // of the peer in one case
// More than the largest message that a case is made for (kLargestLimit).
constexpr std::size_t kMaxMessage = 80 * 1024 * 1024;
constexpr std::size_t kMaxLingering = 64 * 1024;   // bytes behind the Close of both sides
constexpr std::size_t kMaxInflated = kMaxMessage;  // bytes of all messages of one case

}  // namespace

DialoguePlayer::DialoguePlayer(const Case& test, PlayerSettings settings)
    : dialogue_(*test.dialogue),
      settings_(std::move(settings)),
      random_(settings_.seed),
      walk_(dialogue_),
      is_steady_(std::ranges::none_of(dialogue_.steps, [](const DialogueStep& step) {
        return std::holds_alternative<Flood>(step) || std::holds_alternative<Crowd>(step);
      })) {}

/// The run's patience, if the wait is one that it has an end for: for no longer than usual, on a
/// peer that has nothing else to do, and not for silence.
Patience* DialoguePlayer::patience_for(const Expect& expect) const {
  constexpr std::uint64_t kShort = std::uint64_t{64} * 1024;  // bytes
  const bool is_usual = is_steady_ && !expect.any.empty() && expect.within == Expect{}.within &&
                        !awaits(expect, Reaction::Kind::silence) &&
                        std::ranges::none_of(expect.any, [](const Reaction& reaction) {
                          return reaction.payload && reaction.payload->length > kShort;
                        });
  return is_usual ? settings_.patience.get() : nullptr;
}

Time DialoguePlayer::begin_waiting(const Expect& expect) {
  waiting_since_ = now_;
  const Patience* patience = patience_for(expect);
  if (patience == nullptr) return expect.within;
  return patience->limit(expect.any.front().kind, expect.within);
}

/// A wait is over: with an answer, or because it ran out.
void DialoguePlayer::end_waiting(int step, bool ran_out) {
  const Expect& expect = step < 0
                             ? dialogue_.answer
                             : std::get<Expect>(dialogue_.steps[static_cast<std::size_t>(step)]);
  Patience* patience = patience_for(expect);
  if (patience == nullptr) return;
  const Reaction::Kind kind = expect.any.front().kind;
  ran_out ? patience->see_none(kind) : patience->see_answer(kind, now_ - waiting_since_);
}

void DialoguePlayer::start(Time now) {
  now_ = now;
  transcript_.started = now;
  key_ = random_key(random_);
  if (settings_.role == Role::server) {
    arm(Alarm::answer, settings_.open_timeout);
    return;
  }
  Head head = dialogue_.request.value_or(good_request());
  if (dialogue_.deflate) {
    head = head.with("Sec-WebSocket-Extensions: " + join_list(dialogue_.deflate->offers));
  }
  send_request(head);
  feed({.kind = Kind::waiting, .step = -1});
  answer_within_ = begin_waiting(dialogue_.answer);
  arm(Alarm::answer, answer_within_);
}

void DialoguePlayer::receive(Time now, std::span<const std::byte> read) {
  if (state_ == State::over) return;
  now_ = now;
  record({.kind = Record::Kind::octets_in,
          .at = now,
          .bytes = text_of(read.first(std::min(read.size(), Record::kMaxRecorded))),
          .length = read.size()});
  if (!lingering_ || input_.size() < kMaxLingering) input_ += text_of(read);
  if (lingering_) return;
  if (state_ == State::waiting_for_head) {
    settings_.role == Role::client ? take_response() : take_request();
  }
  if (state_ == State::open && !goes_on_as_http()) take_frames();
  run();
}

void DialoguePlayer::end(Time now, EndCause cause) {
  if (state_ == State::over) return;
  now_ = now;
  if (lingering_) return finish(Drop::finish, EndCause::harness);
  note(cause == EndCause::peer_reset ? "peer reset TCP" : "peer ended TCP");
  if (!transcript_.opened && transcript_.open_error.empty()) {
    transcript_.open_error = "the connection ended before the handshake did";
  }
  if (!transcript_.close_received || dialogue_.keeps_close_open) {
    feed({.kind = Kind::end,
          .code = cause == EndCause::peer_reset ? DialogueEvent::kReset : std::uint16_t{0}});
    skip_to_expectation();
  }
  finish(Drop::abort, cause);
}

std::optional<Time> DialoguePlayer::next_deadline() const {
  if (state_ == State::over || timers_.empty()) return std::nullopt;
  return std::ranges::min_element(timers_, {}, &Timer::at)->at;
}

void DialoguePlayer::pass_time(Time now) {
  now_ = now;
  while (state_ != State::over) {
    const auto next = std::ranges::min_element(timers_, {}, &Timer::at);
    if (next == timers_.end() || next->at > now) return;
    const Alarm alarm = next->alarm;
    timers_.erase(next);
    switch (alarm) {
      case Alarm::answer:
        if (state_ != State::waiting_for_head) break;
        if (settings_.role == Role::client && take_endless_refusal()) break;
        transcript_.open_handshake_timed_out = true;
        transcript_.open_error = "the opening handshake was not completed in time";
        feed({.kind = Kind::time_is_up, .step = -1});
        if (settings_.role == Role::server ||
            (state_ == State::waiting_for_head &&
             (walk_.is_over() || step_ >= dialogue_.steps.size()))) {
          finish(Drop::abort, EndCause::harness);
        }
        break;
      case Alarm::respond:
      case Alarm::head:
        if (state_ != State::waiting_for_head) pause_.reset();
        pause_.has_value() ? measure_pause() : go_on_with_head(alarm);
        break;
      case Alarm::expect:
        feed({.kind = Kind::time_is_up, .step = static_cast<int>(step_)});
        break;
      case Alarm::rest:
        resting_ = false;
        ++step_;
        break;
      case Alarm::cut:
        put_rest_of_frame();
        break;
      case Alarm::stall:
        end_flood(true);
        break;
      case Alarm::flood:
        end_flood(false);
        break;
      case Alarm::linger:
        finish(Drop::finish, EndCause::harness);
        break;
      case Alarm::drop:
        note("the peer did not end TCP in time");
        transcript_.server_drop_timed_out = settings_.role == Role::client;
        finish(Drop::abort, EndCause::harness);
        break;
    }
    run();
  }
}

std::deque<std::string> DialoguePlayer::take_writes() { return std::exchange(writes_, {}); }

void DialoguePlayer::written(Time now, std::size_t size) {
  unwritten_ -= std::min(size, unwritten_);
  if (state_ == State::over) return;
  now_ = now;
  // What is expected answers what was written before, so its time begins when that is out.
  const bool is_before = asked_for_ != 0;
  asked_for_ -= std::min(size, asked_for_);
  for (Timer& timer : timers_) {
    if (timer.alarm == Alarm::expect && is_before) {
      timer.at = std::max(timer.at, now_ + expected_within_);
      waiting_since_ = now_;
    }
    if (timer.alarm == Alarm::answer && settings_.role == Role::client) {
      timer.at = std::max(timer.at, now_ + answer_within_);
      waiting_since_ = now_;
    }
  }
  if (flood_ == nullptr) return;
  taken_ += size;
  disarm(Alarm::stall);
  arm(Alarm::stall, flood_->patience);
  go_on_flooding();
  run();
}

void DialoguePlayer::report(Time now, const ErrandReport& report) {
  now_ = now;
  if (state_ == State::over || !errand_) return;
  const Errand errand = *std::exchange(errand_, std::nullopt);
  const auto* measure = std::get_if<Measure>(&errand);
  if (std::exchange(errand_is_for_pause_, false)) return go_on_pausing(measure->name, report);
  if (!report.lacking.empty() && (measure == nullptr || !measure->optional)) {
    feed({.kind = Kind::lacking, .text = report.lacking});
  } else if (measure != nullptr) {
    feed({.kind = Kind::measured, .text = measure->name, .sample = report.sample});
  } else if (const auto* crowd = std::get_if<Crowd>(&errand)) {
    feed({.kind = Kind::crowd,
          .length = static_cast<std::uint64_t>(crowd->count),
          .text = report.trouble,
          .count = static_cast<std::uint64_t>(report.served)});
  } else if (const auto* visitors = std::get_if<Visitors>(&errand)) {
    feed({.kind = Kind::visited,
          .length = static_cast<std::uint64_t>(visitors->count),
          .text = report.trouble,
          .count = static_cast<std::uint64_t>(report.served)});
  }
  ++step_;
  run();
}

// The opening handshake.

void DialoguePlayer::send_request(const Head& head) {
  transcript_.request = fill(head);
  put_head(transcript_.request);
}

/// The pieces behind the first go out when their time comes; with the last of a response the
/// connection is open.
void DialoguePlayer::put_head(const std::string& head) {
  response_due_ = settings_.role == Role::server;
  rest_of_head_ = head;
  put_piece_of_head();
}

void DialoguePlayer::put_piece_of_head() {
  const std::size_t whole = rest_of_head_.size();
  const std::size_t size =
      dialogue_.head_piece == 0 ? whole : std::min(dialogue_.head_piece, whole);
  put(rest_of_head_.substr(0, size));
  rest_of_head_.erase(0, size);
  if (!rest_of_head_.empty()) return pause(Alarm::head, dialogue_.head_pause);
  if (std::exchange(response_due_, false)) open();
}

void DialoguePlayer::go_on_with_head(Alarm alarm) {
  alarm == Alarm::respond ? respond() : put_piece_of_head();
}

/// Goes on with the head after a while.
void DialoguePlayer::pause(Alarm alarm, Time length) {
  // A peer that is early has the steps' errands run by now.
  if (!dialogue_.measures_pauses || state_ != State::waiting_for_head) return arm(alarm, length);
  pause_ = {.alarm = alarm, .length = length};
  ++pauses_;
  measure_pause();
}

void DialoguePlayer::measure_pause() {
  const std::string name = "pause " + std::to_string(pauses_);
  errand_ = Measure{.name = pause_->has_begun ? name + " over" : name};
  errand_is_for_pause_ = true;
}

/// A pause begins when it has been measured, and ends likewise.
void DialoguePlayer::go_on_pausing(const std::string& name, const ErrandReport& report) {
  if (report.lacking.empty()) {
    feed({.kind = Kind::measured, .text = name, .sample = report.sample});
  } else {
    feed({.kind = Kind::lacking, .text = report.lacking});
  }
  if (!std::exchange(pause_->has_begun, true)) {
    arm(pause_->alarm, pause_->length);
    return run();
  }
  const Pause over = *std::exchange(pause_, std::nullopt);
  go_on_with_head(over.alarm);
  run();
}

void DialoguePlayer::take_response() {
  while (state_ == State::waiting_for_head) {
    const std::size_t end = input_.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (input_.size() > kMaxHead) {
        feed({.kind = Kind::no_response, .text = "no end of a head after 256 KiB"});
      }
      return;
    }
    const std::string text = input_.substr(0, end + 4);
    const auto head = oracle::parse_response_head(text, {});
    if (!head) {
      transcript_.response = text;
      transcript_.open_error = "the response is no HTTP/1.1 head";
      input_.erase(0, end + 4);
      feed({.kind = Kind::no_response, .text = text.substr(0, text.find("\r\n"))});
      return;
    }
    if (head->status < 200 && head->status != 101) {  // an interim answer (RFC 9110 15.2)
      input_.erase(0, end + 4);
      continue;
    }
    if (head->status != 101) {
      if (!take_body(*head)) return;
      note_refusal(*head, text);
      if (!input_.empty() && !input_.starts_with("HTTP/1.")) {
        transcript_.violations.push_back({.what = "something follows a response that refuses",
                                          .source = "RFC 9112 6.3",
                                          .is_must = false});
      }
      feed({.kind = Kind::refused, .code = static_cast<std::uint16_t>(head->status), .text = text});
      // The answer to a request that came with the first may be there already.
      const bool has_more = !walk_.is_over() && step_ < dialogue_.steps.size() &&
                            std::holds_alternative<Expect>(dialogue_.steps[step_]);
      if (!has_more) return;
      continue;
    }
    transcript_.response = text;
    input_.erase(0, end + 4);
    // Who was asked for another protocol may go on with that, and this play is over.
    const auto asked = elements_of(fields_of(transcript_.request), "upgrade");
    const auto taken = elements_of(head->fields, "upgrade");
    const bool is_other = !taken.empty() && std::ranges::count(taken, "websocket") == 0 &&
                          values_of(head->fields, "sec-websocket-accept").empty() &&
                          std::ranges::all_of(taken, [&](const std::string& protocol) {
                            return std::ranges::count(asked, protocol) != 0;
                          });
    if (is_other) {
      transcript_.open_error = "another protocol than WebSocket was taken";
      input_.clear();
      return feed({.kind = Kind::refused, .code = 101, .text = text});
    }
    if (text.starts_with("HTTP/1.1 101\r")) {
      transcript_.violations.push_back({.what = "the status line lacks the space behind the status",
                                        .source = "RFC 9112 4",
                                        .is_must = false});
    }
    for (PeerViolation& violation : check_upgrade(*head, transcript_.request)) {
      transcript_.violations.push_back(std::move(violation));
    }
    const auto extensions = values_of(head->fields, "sec-websocket-extensions");
    if (!extensions.empty()) {
      const Response response = read_response(extensions.front());
      if (response.agreement) agree(*response.agreement);
    }
    feed({.kind = Kind::upgraded, .text = text});
    open();
  }
}

void DialoguePlayer::note_refusal(const oracle::HttpHead& head, std::string text) {
  transcript_.response = std::move(text);
  transcript_.open_error = "the status is " + std::to_string(head.status);
  for (PeerViolation& violation : check_refusal(head)) {
    transcript_.violations.push_back(std::move(violation));
  }
}

/// Takes a head that refuses and whose body did not come to its end: the head has said it all.
bool DialoguePlayer::take_endless_refusal() {
  const std::size_t end = input_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  input_.erase(end + 4);
  const auto head = oracle::parse_response_head(input_, {});
  if (!head || head->status < 200) return false;
  note_refusal(*head, std::exchange(input_, {}));
  transcript_.violations.push_back({.what = "the body of a response does not come to its end",
                                    .source = "RFC 9112 6.3",
                                    .is_must = false});
  feed({.kind = Kind::refused,
        .code = static_cast<std::uint16_t>(head->status),
        .text = transcript_.response});
  finish(Drop::abort, EndCause::harness);
  return true;
}

/// Whether the body of a refusal is there, which is taken then.
bool DialoguePlayer::take_body(const oracle::HttpHead& head) {
  std::size_t size = head.size;
  const auto lengths = values_of(head.fields, "content-length");
  if (transcript_.request.starts_with(
          "HEAD ")) {  // the fields are those of a GET's (RFC 9110 9.3.2)
    input_.erase(0, size);
    return true;
  }
  if (!values_of(head.fields, "transfer-encoding").empty()) {
    const std::size_t last = input_.find("0\r\n\r\n", head.size);
    if (last == std::string::npos) return false;
    size = last + 5;
  } else if (!lengths.empty()) {
    std::size_t length = 0;
    std::from_chars(lengths[0].data(), lengths[0].data() + lengths[0].size(), length);
    if (length > input_.size() - size) return false;
    size += length;
  } else {
    size = input_.size();
  }
  input_.erase(0, size);
  return true;
}

void DialoguePlayer::take_request() {
  const std::size_t end = input_.find("\r\n\r\n");
  if (end == std::string::npos || response_due_) {
    if (response_due_) refuse_early_bytes();
    return;
  }
  transcript_.request = input_.substr(0, end + 4);
  input_.erase(0, end + 4);
  disarm(Alarm::answer);
  const auto head = oracle::parse_request_head(transcript_.request, {});
  const auto fields = fields_of(transcript_.request);
  if (!head) {
    transcript_.violations.push_back(
        {.what = "the request is no HTTP/1.1 head", .source = "RFC 6455 4.1", .rule = "head"});
  } else {
    for (PeerViolation& violation : check_request(*head, settings_.host)) {
      transcript_.violations.push_back(std::move(violation));
    }
  }
  if (dialogue_.has_origin &&
      values_of(fields, "origin") != std::vector<std::string>{settings_.origin}) {
    transcript_.violations.push_back(
        {.what = "the request does not have the origin of its page, " + settings_.origin,
         .source = "RFC 6455 4.1",
         .rule = "origin"});
  }
  const auto keys = values_of(fields, "sec-websocket-key");
  client_key_ = keys.empty() ? "" : keys.front();
  const auto protocols = values_of(fields, "sec-websocket-protocol");
  const auto offered = split_list(protocols);
  if (!offered.empty()) {
    protocol_ = offered.front();
    last_protocol_ = offered.back();
  }
  const std::string extensions = join_list(values_of(fields, "sec-websocket-extensions"));
  forbidden_ = forbidden_answers(extensions);
  if (dialogue_.deflate) {
    const Answer answer = answer_offers(extensions, *dialogue_.deflate);
    if (answer.agreement) {
      agree(*answer.agreement);
      extension_ = answer.extension;
    }
  }
  refuse_early_bytes();
  if (dialogue_.response_after.count() == 0) return respond();
  response_due_ = true;
  pause(Alarm::respond, dialogue_.response_after);
}

/// A client has to wait for the answer.
void DialoguePlayer::refuse_early_bytes() {
  if (input_.empty()) return;
  transcript_.violations.push_back(
      {.what = "the client sent something before its handshake was answered",
       .source = "RFC 6455 4.1",
       .rule = "early_bytes"});
  input_.clear();
}

void DialoguePlayer::respond() {
  Head head = dialogue_.response.value_or(good_response());
  struct Needed {
    const char* placeholder = nullptr;
    std::string_view value{};
    std::string_view what{};
  };
  const Needed all[] = {
      {"{protocol", protocol_, "offer a subprotocol"},
      {"{last-protocol}", protocol_, "offer a subprotocol"},
      {"{unoffered-extension}", forbidden_.extension, "leave out permessage-deflate"},
      {"{unasked-client-window}", forbidden_.client_window,
       "offer permessage-deflate without client_max_window_bits"},
      {"{larger-server-window}", forbidden_.server_window, "ask for a smaller window"}};
  for (const Needed& needed : all) {
    const bool is_told = std::ranges::any_of(
        head.lines, [&](const std::string& line) { return line.contains(needed.placeholder); });
    if (is_told && needed.value.empty()) lacks_ = needed.what;
  }
  if (!lacks_.empty()) head = good_response();
  if (!extension_.empty() && !dialogue_.response) {
    head = head.with("Sec-WebSocket-Extensions: " + extension_);
  }
  transcript_.response = fill(head);
  put_head(transcript_.response);
}

void DialoguePlayer::agree(const Agreement& agreement) {
  const bool is_client = settings_.role == Role::client;
  our_direction_ = is_client ? agreement.client : agreement.server;
  const Direction theirs = is_client ? agreement.server : agreement.client;
  compressor_.emplace(*our_direction_);
  decompressor_.emplace(theirs);
  their_deflation_ = {.window_bits = theirs.window_bits,
                      .no_context_takeover = theirs.no_context_takeover};
  transcript_.deflate_agreed = true;
}

void DialoguePlayer::open() {
  disarm(Alarm::answer);
  transcript_.opened = true;
  transcript_.open_error.clear();
  state_ = State::open;
  const bool lacks_context =
      dialogue_.needs_context_takeover && our_direction_ && our_direction_->no_context_takeover;
  if (!lacks_.empty() || lacks_context || (dialogue_.deflate && !compressor_)) {
    feed({.kind = Kind::declined,
          .text = lacks_.empty() ? "agree to permessage-deflate as offered" : std::string(lacks_)});
    put_close(1000, {});
    finish(Drop::finish, EndCause::harness);
    return;
  }
  run();
}

/// After a response that does not open, what begins like a request is one (RFC 6455 4.1: "the
/// client handles the response per HTTP procedures").
bool DialoguePlayer::goes_on_as_http() {
  constexpr std::string_view kMethod = "GET ";
  if (dialogue_.opens || input_.empty()) return false;
  if (!went_on_as_http_) {
    if (!kMethod.starts_with(std::string_view(input_).substr(0, kMethod.size()))) return false;
    if (input_.size() < kMethod.size()) return true;
    note(std::string(kNextRequest));
    went_on_as_http_ = true;
  }
  input_.clear();
  return true;
}

std::string DialoguePlayer::fill(std::string text) const {
  if (!text.contains('{')) return text;
  replace_all(text, "{host}", settings_.host);
  replace_all(text, "{other}", other_name_of(settings_.host));
  replace_all(text, "{resource}", settings_.resource);
  replace_all(text, "{key}", settings_.role == Role::server ? client_key_ : key_);
  replace_all(text, "{origin}", settings_.origin);
  replace_all(text, "{missing}", settings_.missing);
  const std::string accept = oracle::compute_accept(client_key_);
  replace_all(text, "{accept}", accept);
  replace_all(text, "{accept-swapped}", swap_case(accept));
  replace_all(text, "{accept-of-other}", oracle::compute_accept(key_));
  for (std::size_t i = 0; text.contains("{accept-") && i < accept.size(); ++i) {
    replace_all(text, "{accept-first-" + std::to_string(i) + "}", accept.substr(0, i));
    replace_all(text, "{accept-from-" + std::to_string(i) + "}", accept.substr(i));
    replace_all(text, "{accept-changed-" + std::to_string(i) + "}", change_digit(accept, i));
  }
  replace_all(text, "{extension}", extension_);
  replace_all(text, "{extension-without-server-window}", without_server_window(extension_));
  replace_all(text, "{unoffered-extension}", forbidden_.extension);
  replace_all(text, "{unasked-client-window}", forbidden_.client_window);
  replace_all(text, "{larger-server-window}", forbidden_.server_window);
  replace_all(text, "{protocol}", protocol_);
  replace_all(text, "{protocol-cut}",
              protocol_.substr(0, std::max<std::size_t>(protocol_.size(), 1) - 1));
  replace_all(text, "{protocol-swapped}", swap_case(protocol_));
  replace_all(text, "{last-protocol}", last_protocol_);
  return text;
}

std::string DialoguePlayer::fill(const Head& head) const {
  std::string text = fill(head.before) + fill(head.start) + head.line_end;
  for (const std::string& line : head.lines) text += fill(line) + head.line_end;
  text += head.end;
  constexpr std::string_view kFill = "{fill-";
  if (const std::size_t at = text.find(kFill); at != std::string::npos) {
    const std::size_t end = text.find('}', at) + 1;
    std::size_t size = 0;
    std::from_chars(text.data() + at + kFill.size(), text.data() + end, size);
    const std::size_t others = text.size() - (end - at);
    text.replace(at, end - at, std::string(size - std::min(size, others), 'f'));
  }
  return text + head.behind;
}

// Frames of the peer.

void DialoguePlayer::take_frames() {
  while (state_ == State::open && !lingering_ && take_frame()) {
    if (kept_ > kMaxReceived) cut_off("messages and control frames");
  }
  input_.erase(0, std::exchange(input_begin_, 0));
  if (state_ == State::open && input_.size() > kMaxMessage) cut_off("bytes of one frame");
}

/// Ends a connection on which there is no end of something.
void DialoguePlayer::cut_off(std::string_view what) {
  transcript_.violations.push_back({"the peer sent a flood of " + std::string(what), {}});
  // Nothing that takes long is made of it.
  output_.clear();
  input_.clear();
  input_begin_ = 0;
  finish(Drop::abort, EndCause::harness);
}

/// Takes one whole frame, legal or not. What is wrong with it the wire check finds out.
bool DialoguePlayer::take_frame() {
  const std::string_view input = std::string_view(input_).substr(input_begin_);
  const auto header = header_of(input);
  if (!header) return false;
  const auto [size, length, masked] = *header;
  const std::string_view key = masked ? input.substr(size - 4, 4) : std::string_view();
  if (input.size() - size < length) return false;

  std::string payload(input.substr(size, static_cast<std::size_t>(length)));
  if (masked) {
    oracle::MaskingKey octets{};
    std::ranges::copy(bytes_of(key), octets.begin());
    oracle::mask(std::as_writable_bytes(std::span(payload)), octets);
  }
  const unsigned first = static_cast<unsigned char>(input.front());
  if (masked && transcript_.masking_keys.size() < kMaxReceived) {
    transcript_.masking_keys.emplace_back(key);
  }
  record({.kind = Record::Kind::frame_in,
          .at = now_,
          .bytes = payload.substr(0, Record::kMaxShown),
          .length = payload.size(),
          .fin = first >= 0x80,
          .rsv = first / 16U % 8U,
          .opcode = static_cast<std::uint8_t>(first % 16U),
          .masked = masked});
  constexpr std::size_t kMaxChecked = 4 * 1024 * 1024;
  if (output_.size() <= kMaxChecked) output_ += input.substr(0, size + payload.size());
  input_begin_ += size + payload.size();
  finish_frame(first, payload);
  return true;
}

void DialoguePlayer::finish_frame(unsigned first, const std::string& payload) {
  const unsigned opcode = first % 16U;
  const auto feed_control = [&](Kind kind) {
    feed({.kind = kind,
          .bytes = payload.substr(0, DialogueEvent::kMaxKept),
          .length = payload.size(),
          .digest = payload_digest_of(payload)});
  };
  switch (opcode) {
    case 8:
      return take_close(payload);
    case 9:
      if (++pings_ > kMaxPings) {
        transcript_.violations.push_back(
            {"the peer sends Pings without end, as if a Pong were to be answered",
             "RFC 6455 5.5.3"});
        return finish(Drop::abort, EndCause::harness);
      }
      // Once a Close was sent, nothing else may be.
      if (!dialogue_.leaves_pings) pongs_due_.emplace_back(payload);
      put_pongs();
      return feed_control(Kind::ping);
    case 10:
      if (!pinged_.empty() && payload == pinged_) return;
      return feed_control(Kind::pong);
    default:
      break;
  }
  if (opcode > 2) return;
  if (opcode != 0 || !inside_message_) {
    message_.clear();
    message_type_ = opcode == 2 ? Opcode::binary : Opcode::text;
    message_compressed_ = (first & 0x40U) != 0 && decompressor_;
    inside_message_ = true;
  }
  if (message_.size() < kMaxMessage) message_ += payload;
  if (first >= 0x80) finish_message();
}

void DialoguePlayer::finish_message() {
  inside_message_ = false;
  std::string plain;
  if (message_compressed_) {
    // What is left has at least the header of one more block behind it (RFC 7692 section 7.2.1).
    if (message_.ends_with(std::string_view("\x00\x00\xff\xff", 4))) {
      transcript_.violations.push_back(
          {.what = "a compressed message still has its tail 00 00 FF FF",
           .source = "RFC 7692 7.2.1",
           .rule = "deflate_tail"});
    }
    const bool done = decompressor_->decompress(message_, true, kMaxInflated - inflated_,
                                                [&](std::string_view piece) { plain += piece; });
    inflated_ += plain.size();
    // What goes over the limit is not given out.
    constexpr std::size_t kMaxPiece = 1024 * 1024;
    if (!done && inflated_ + kMaxPiece > kMaxInflated) return cut_off("decompressed bytes");
    if (!done) {
      note("a compressed message of the peer cannot be decompressed");
    } else if (decompressor_->ended_inside_block()) {
      transcript_.violations.push_back({.what = "a compressed message ends inside a block",
                                        .source = "RFC 7692 7.2.1",
                                        .rule = "deflate_tail"});
    }
    if (done && decompressor_->padded_with_ones()) {
      transcript_.violations.push_back(
          {.what = "behind a block with BFINAL, a bit before the next byte is not 0",
           .source = "RFC 7692 7.2.1",
           .rule = "deflate_padding"});
    }
    message_.clear();
  } else {
    plain = std::exchange(message_, {});
  }
  // Of a flood each has its digest, and not much more.
  constexpr std::size_t kMaxOfFlood = 64;
  const bool is_of_flood = flooded_ != 0;
  if (!is_of_flood) {
    transcript_.log.push_back(
        {.kind = message_type_ == Opcode::binary ? LogEntry::Kind::binary : LogEntry::Kind::text,
         .payload = text(plain.substr(0, DialogueEvent::kMaxKept))});
  }
  feed({.kind = Kind::message,
        .type = message_type_,
        .bytes = plain.substr(0, is_of_flood ? kMaxOfFlood : DialogueEvent::kMaxKept),
        .length = plain.size(),
        .digest = payload_digest_of(plain)});
}

void DialoguePlayer::take_close(const std::string& payload) {
  const bool is_first = !std::exchange(transcript_.close_received, true);
  if (!is_first) return;
  std::uint16_t code = kNoCode;
  if (payload.size() >= 2) {
    code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) * 256 +
                                      static_cast<unsigned char>(payload[1]));
    transcript_.remote_code = code;
    transcript_.remote_reason = payload.substr(2);
  }
  // A server may repeat it, but has no use for it of its own.
  if (settings_.role == Role::client && code == 1010 && transcript_.local_code != code) {
    transcript_.violations.push_back({.what = "a server closes with 1010, which is for clients",
                                      .source = "RFC 6455 7.4.1",
                                      .rule = "close_code_of_clients"});
  }
  if (settings_.role == Role::server && code == 1010 && transcript_.remote_reason.empty() &&
      transcript_.local_code != code) {
    transcript_.violations.push_back(
        {.what = "a client closes with 1010 and does not say which extensions it needs",
         .source = "RFC 6455 7.4.1",
         .is_must = false,
         .rule = "extensions_named"});
  }
  feed({.kind = Kind::close,
        .bytes = transcript_.remote_reason,
        .length = transcript_.remote_reason.size(),
        .digest = payload_digest_of(transcript_.remote_reason),
        .code = code});
  if (dialogue_.keeps_close_open) return;
  skip_to_expectation();
  if (state_ == State::over) return;
  transcript_.was_clean = true;
  if (!close_sent_) put_close(code == kNoCode ? std::nullopt : std::optional(code), {});
  if (settings_.role == Role::server) return linger();
  arm(Alarm::drop, settings_.drop_timeout);
}

// The steps.

void DialoguePlayer::run() {
  if (std::exchange(playing_, true)) return;
  while (state_ != State::over && !resting_ && !errand_ && flood_ == nullptr) {
    if (walk_.is_over()) {
      // After a Close the end of TCP is waited for; after anything else there is nothing to see.
      if (!transcript_.close_received || dialogue_.keeps_close_open) {
        const bool refused = state_ == State::waiting_for_head;
        finish(refused ? Drop::finish : Drop::abort, EndCause::harness);
      }
      break;
    }
    if (walk_.waiting()) break;
    // After the Close of both sides nothing is played any more.
    if (transcript_.close_received && !dialogue_.keeps_close_open) break;
    if (step_ >= dialogue_.steps.size()) {
      if (state_ == State::open) finish(Drop::finish, EndCause::harness);
      break;
    }
    const DialogueStep& step = dialogue_.steps[step_];
    const bool is_request = std::holds_alternative<PutRequest>(step);
    const bool is_expectation = std::holds_alternative<Expect>(step);
    if (state_ == State::waiting_for_head && !is_request && !is_expectation) {
      // As a client: the last answer did not open the connection that the other steps are for.
      if (settings_.role == Role::client) finish(Drop::finish, EndCause::harness);
      break;
    }
    if (is_expectation) {
      expected_within_ = begin_waiting(std::get<Expect>(step));
      asked_for_ = unwritten_;
      arm(Alarm::expect, expected_within_);
      const auto index = static_cast<int>(step_);
      feed({.kind = Kind::waiting, .step = index});
      if (walk_.waiting()) break;
      continue;
    }
    if (std::holds_alternative<Rest>(step)) {
      resting_ = true;
      arm(Alarm::rest, std::get<Rest>(step).length);
      break;
    }
    run_step(step);
    if (!errand_ && flood_ == nullptr) ++step_;
  }
  playing_ = false;
}

/// The peer has ended what the steps before the next expectation would go on with.
void DialoguePlayer::skip_to_expectation() {
  while (!walk_.is_over() && !walk_.waiting() && step_ < dialogue_.steps.size()) {
    if (std::holds_alternative<Expect>(dialogue_.steps[step_])) {
      feed({.kind = Kind::waiting, .step = static_cast<int>(step_)});
      if (walk_.waiting()) return;
    } else {
      ++step_;
    }
  }
}

void DialoguePlayer::run_step(const DialogueStep& step) {
  std::visit(Overloaded{
                 [&](const PutFrame& put) { put_frame(put); },
                 [&](const PutMessage& put) { put_message(put); },
                 [&](const PutBytes& bytes) { put(text_of(expand(bytes.bytes))); },
                 [&](const PutClose& close) {
                   transcript_.closed_by_harness = !transcript_.close_received;
                   put_close(close.code, text_of(expand(close.reason)));
                 },
                 [&](const PutRequest& request) {
                   transcript_.response.clear();
                   disarm(Alarm::answer);  // the first request has been answered
                   send_request(request.head());
                 },
                 [&](const Ask& ask) {
                   const std::string words = "x-wsproof " + ask.words;
                   asked_ = true;
                   feed({.kind = Kind::asked, .text = words});
                   put_message({.payload = text(words)});
                 },
                 [&](const HalfClose&) { half_closed_ = true; },
                 [&](const Reset&) { finish(Drop::abort, EndCause::harness); },
                 [&](const Reading& reading) { reading_ = reading; },
                 [&](const Measure& measure) { errand_ = measure; },
                 [&](const Crowd& crowd) { errand_ = crowd; },
                 [&](const Visitors& visitors) { errand_ = visitors; },
                 [&](const Gather& gather) { errand_ = gather; },
                 [&](const Abandon& abandon) { errand_ = abandon; },
                 [&](const Standstill& standstill) { errand_ = standstill; },
                 [&](const TlsAct& act) { errand_ = act; },
                 [&](const Flood& flood) {
                   flood_ = &flood;
                   flooded_ = taken_ = 0;
                   if (flood.type == Opcode::ping)
                     pinged_ = text_of(expand(flood_payload(flood, 0)));
                   arm(Alarm::stall, flood.patience);
                   arm(Alarm::flood, flood.longest);
                   go_on_flooding();
                 },
                 [](const Rest&) {},
                 [](const Expect&) {},
             },
             step);
}

namespace {

/// Makes ASCII stay ASCII under `key`, and a code stay what it is: a client that takes a frame
/// which must not be masked, and does not unmask it, is not to be saved by what it reads then.
void keep_legible(std::array<std::byte, 4>& key, unsigned opcode) {
  for (std::byte& octet : key) octet &= std::byte{0x7f};
  if (opcode == 8) key[0] = key[1] = std::byte{0};
}

}  // namespace

void DialoguePlayer::put_frame(const PutFrame& frame) {
  oracle::RawFrame raw = unmasked_frame_of(frame);
  const bool reversed = frame.masking == PutFrame::Masking::reversed;
  if ((settings_.role == Role::client) != reversed) {
    raw.masking_key = masking_key();
    if (reversed) keep_legible(*raw.masking_key, frame.opcode);
    if (frame.masking == PutFrame::Masking::key) {
      std::ranges::transform(frame.key, raw.masking_key->begin(),
                             [](std::uint8_t byte) { return std::byte{byte}; });
    }
  }
  const std::string_view payload(reinterpret_cast<const char*>(raw.payload.data()),
                                 raw.payload.size());
  record({.kind = Record::Kind::frame_out,
          .at = now_,
          .bytes = std::string(payload.substr(0, Record::kMaxShown)),
          .length = payload.size(),
          .fin = frame.fin,
          .rsv = frame.rsv,
          .opcode = static_cast<std::uint8_t>(frame.opcode),
          .masked = raw.masking_key.has_value()});
  if (frame.opcode == 9 && flood_ == nullptr) {
    feed({.kind = Kind::ping_sent,
          .bytes = std::string(payload.substr(0, DialogueEvent::kMaxKept)),
          .length = payload.size(),
          .digest = payload_digest_of(payload)});
  }
  if (frame.opcode == 8) close_sent_ = true;
  const std::vector<std::byte> encoded = oracle::encode(raw);
  raw.payload = {};  // there may be megabytes of it
  std::string bytes = text_of(encoded);
  if (frame.cut != 0 && frame.cut < bytes.size()) {
    rest_of_frame_ = bytes.substr(frame.cut);
    bytes.resize(frame.cut);
    resting_ = true;
    piece_ = frame.piece;
    piece_pause_ = frame.piece_pause.count() == 0 ? settings_.cut_pause * 5 : frame.piece_pause;
    arm(Alarm::cut, piece_pause_);
  }
  put(std::move(bytes));
}

void DialoguePlayer::put_rest_of_frame() {
  resting_ = piece_ != 0 && piece_ < rest_of_frame_.size();
  if (!resting_) return put(std::exchange(rest_of_frame_, {}));
  put(rest_of_frame_.substr(0, piece_));
  rest_of_frame_.erase(0, piece_);
  arm(Alarm::cut, piece_pause_);
}

/// A little is always waiting to be written, so that the peer alone sets the pace.
void DialoguePlayer::go_on_flooding() {
  constexpr std::size_t kWaiting = std::size_t{256} * 1024;
  constexpr std::uint64_t kPingsAtOnce = 256;
  while (flooded_ < flood_->count && unwritten_ < kWaiting) {
    if (flood_->type != Opcode::ping) {
      put_message({.type = flood_->type, .payload = flood_payload(*flood_, flooded_)});
      ++flooded_;
      continue;
    }
    if (pings_at_once_.empty()) {
      put_frame(frame(Opcode::ping, text(pinged_)));
      for (std::uint64_t i = 0; i < kPingsAtOnce; ++i) pings_at_once_ += writes_.back();
    }
    put(pings_at_once_);
    flooded_ += kPingsAtOnce;
  }
  if (flooded_ >= flood_->count && unwritten_ == 0) end_flood(false);
}

void DialoguePlayer::end_flood(bool stalled) {
  feed({.kind = Kind::flooded,
        .length = taken_,
        .code = stalled ? DialogueEvent::kStalled : std::uint16_t{0},
        .count = flooded_});
  note(stalled ? "the peer takes no more" : "the flood is over");
  flood_ = nullptr;
  disarm(Alarm::stall);
  disarm(Alarm::flood);
  ++step_;
}

void DialoguePlayer::put_message(const PutMessage& message) {
  PutFrame frame{.opcode = static_cast<unsigned>(message.type)};
  const bool is_given = message.coding == PutMessage::Coding::given;
  const bool is_compressed = message.coding == PutMessage::Coding::compressed && compressor_;
  if (!is_given && !is_compressed && message.fragments.empty()) {
    frame.payload = message.payload;  // as it is described; there may be megabytes of it
    return put_frame(frame);
  }
  std::string bytes = text_of(expand(message.payload));
  if (is_compressed) {
    bytes = compressor_->compress(bytes);
    frame.rsv = 4;
  } else if (is_given) {
    bytes = text_of(expand(message.deflated));
    frame.rsv = 4;
    // The compressor knows nothing of these bytes, so it may not refer to what was before them.
    if (our_direction_) compressor_.emplace(*our_direction_);
  }
  std::size_t begin = 0;
  for (const std::uint64_t fragment : message.fragments) {
    if (fragment > bytes.size() - begin) break;
    frame.fin = false;
    frame.payload = text(std::string_view(bytes).substr(begin, static_cast<std::size_t>(fragment)));
    put_frame(frame);
    begin += static_cast<std::size_t>(fragment);
    frame = {.opcode = 0};
  }
  frame.payload = text(std::string_view(bytes).substr(begin));
  put_frame(frame);
}

void DialoguePlayer::put_close(std::optional<std::uint16_t> code, std::string_view reason) {
  std::string payload;
  if (code) {
    payload += static_cast<char>(*code >> 8U);
    payload += static_cast<char>(*code);
  }
  payload += reason;
  transcript_.local_code = code;
  put_frame(frame(Opcode::close, text(payload)));
}

void DialoguePlayer::feed(DialogueEvent event) {
  event.at = now_;
  const auto waited = walk_.waiting();
  const bool ran_out = event.kind == Kind::time_is_up;
  const bool was_over = walk_.is_over();
  walk_.feed(event);
  const bool is_decided = walk_.is_over() || !walk_.waiting();
  if (waited && !was_over && is_decided) end_waiting(*waited, ran_out);
  if (flooded_ == 0 || event.kind != Kind::message) ++kept_;
  transcript_.events.push_back(std::move(event));
  // A step that was waited for, or that needed no waiting, is done.
  const bool was_waiting = transcript_.events.back().kind == Kind::waiting;
  if ((waited || was_waiting) && !walk_.waiting()) {
    disarm(Alarm::expect);
    const int step = waited ? *waited : transcript_.events.back().step;
    if (step >= 0) step_ = static_cast<std::size_t>(step) + 1;
  }
}

/// As a server, after the Close of both sides: ends the harness's side of TCP, and takes what the
/// client sends behind its Close for the wire check.
void DialoguePlayer::linger() {
  if (settings_.linger == Time{}) return finish(Drop::finish, EndCause::harness);
  lingering_ = true;
  half_closed_ = true;
  reading_ = {};
  timers_.clear();
  arm(Alarm::linger, settings_.linger);
}

void DialoguePlayer::finish(Drop drop, EndCause cause) {
  if (state_ == State::over) return;
  state_ = State::over;
  drop_ = drop;
  reading_ = {};
  transcript_.end = cause;
  transcript_.ended = now_;
  transcript_.dropped_by_harness = cause == EndCause::harness;
  if (!transcript_.opened) return;
  output_ += std::string_view(input_).substr(input_begin_);
  auto broken = check_wire(output_,
                           {.sender = peer_of(settings_.role),
                            .starts_closing = asked_,
                            .close_code = transcript_.remote_code},
                           their_deflation_);
  if (!broken) return;
  // A server that took the early frames for its next request answers that.
  if (dialogue_.sends_too_early && output_.contains("HTTP/1.")) {
    *broken = {.what = "what came ahead of the response is taken for another request",
               .source = "RFC 6455 4.1",
               .is_must = false};
  }
  transcript_.violations.push_back(*std::move(broken));
}

// Writing.

/// Answers the Pings that have come, once the harness is not inside a frame of its own.
void DialoguePlayer::put_pongs() {
  if (is_inside_frame()) return;
  for (const std::string& payload : std::exchange(pongs_due_, {})) {
    if (!close_sent_ && !half_closed_) put_frame(frame(Opcode::pong, text(payload)));
  }
}

/// Keeps count of the harness's own frames, legal or not.
void DialoguePlayer::follow(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::uint64_t payload = std::min<std::uint64_t>(own_payload_left_, bytes.size());
    own_payload_left_ -= payload;
    bytes.remove_prefix(payload);
    if (bytes.empty()) return;
    own_header_ += bytes.front();
    bytes.remove_prefix(1);
    const auto header = header_of(own_header_);
    if (!header) continue;
    own_payload_left_ = header->length;
    own_header_.clear();
  }
}

void DialoguePlayer::put(std::string bytes) {
  if (state_ == State::open) follow(bytes);
  record({.kind = Record::Kind::octets_out,
          .at = now_,
          .bytes = bytes.substr(0, Record::kMaxShown),
          .length = bytes.size()});
  unwritten_ += bytes.size();
  writes_.push_back(std::move(bytes));
  if (!pongs_due_.empty()) put_pongs();
}

void DialoguePlayer::arm(Alarm alarm, Time after) { timers_.push_back({now_ + after, alarm}); }

void DialoguePlayer::disarm(Alarm alarm) {
  std::erase_if(timers_, [&](const Timer& timer) { return timer.alarm == alarm; });
}

void DialoguePlayer::record(Record entry) {
  constexpr std::size_t kMaxRecords = 1000;
  if (transcript_.records.size() > kMaxRecords) return;
  if (transcript_.records.size() == kMaxRecords) {
    entry = {.kind = Record::Kind::note, .at = now_, .text = "the log ends here, the case goes on"};
  }
  transcript_.records.push_back(std::move(entry));
}

void DialoguePlayer::note(std::string text) {
  record({.kind = Record::Kind::note, .at = now_, .text = std::move(text)});
}

std::array<std::byte, 4> DialoguePlayer::masking_key() {
  std::array<std::byte, 4> key{};
  const std::uint64_t bits = random_();
  for (unsigned i = 0; i < 4; ++i) key[i] = static_cast<std::byte>(bits >> (8 * i));
  return key;
}

}  // namespace ws::conformance
