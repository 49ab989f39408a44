#include "conformance/mutants/faulty_endpoint.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "conformance/mutants/commands.hpp"
#include "conformance/mutants/echo_faults.hpp"
#include "conformance/mutants/frame_reader.hpp"
#include "conformance/mutants/frame_writer.hpp"
#include "conformance/mutants/header_rules.hpp"
#include "conformance/mutants/leftovers.hpp"
#include "conformance/mutants/message_reader.hpp"
#include "conformance/oracle/utf8.hpp"

namespace ws::conformance::mutants {
namespace {

bool is_valid_utf8(std::string_view text) {
  return oracle::is_valid_utf8(std::as_bytes(std::span(text)));
}

bool ends_inside_sequence(std::string_view text) {
  return !is_valid_utf8(text) &&
         !oracle::find_first_impossible_byte(std::as_bytes(std::span(text)));
}

/// The characters of `text` in a byte each; those above U+00FF as a question mark.
std::string as_latin_1(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if (lead < 0xc4 && i + 1 < text.size()) {
      bytes += static_cast<char>((lead & 3U) << 6U | (static_cast<unsigned char>(text[++i]) & 63U));
    } else if (lead >= 0xc0) {
      bytes += '?';
    }
  }
  return bytes;
}

std::string encode_code(unsigned code) {
  return {static_cast<char>(code / 256), static_cast<char>(code % 256)};
}

/// What a head says of its content, in bytes.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  if (at == std::string_view::npos) return 0;
  std::size_t length = 0;
  for (const char digit : head.substr(at + kName.size())) {
    if (digit < '0' || digit > '9') break;
    length = length * 10 + static_cast<std::size_t>(digit - '0');
  }
  return length;
}

constexpr std::chrono::milliseconds kImpatience(100);
constexpr std::chrono::milliseconds kLateness(1500);
constexpr std::size_t kFragment = 16'384;  // bytes
/// Of a loop that looks for the rest of something until it comes.
constexpr std::uint64_t kSpin = 400'000'000;  // steps
/// Of one that does not end.
constexpr std::uint64_t kEndless = 60'000'000'000;  // steps

class EndpointWithFault : public FaultyEndpoint, private FrameSink {
 public:
  explicit EndpointWithFault(const FaultySettings& settings)
      : settings_(settings),
        switches_(settings.fault),
        frames_(settings.role, switches_),
        rules_(settings.role, switches_),
        messages_(settings.max_message, switches_),
        writer_(settings.role, settings.seed, switches_),
        echo_faults_(switches_) {}

  EndpointWithFault(const EndpointWithFault&) = delete;
  EndpointWithFault& operator=(const EndpointWithFault&) = delete;

  ~EndpointWithFault() override {
    if (!settings_.leftovers) return;
    auto& open = settings_.leftovers->open;
    if (is_server() && open.back() != this && has("own-cn-slot-of-last")) {
      open.back()->stop_reading();
    }
    std::erase(open, this);
    settings_.leftovers->last = state();
    settings_.leftovers->has_last = true;
    if (is_opened_ && !peer_closed_ && !close_sent_) ++settings_.leftovers->dropped;
  }

  void start() override {
    open_deadline_ = settings_.open_timeout;
    if (settings_.role == Role::server) {
      opening_ = make_server_opening(settings_.policy, switches_);
    } else {
      opening_ = make_client_opening({.host = settings_.host,
                                      .resource = settings_.resource,
                                      .seed = settings_.seed,
                                      .origin = settings_.policy.origin},
                                     switches_);
      output_ += opening_->take_output();
    }
    if (!settings_.leftovers) return;
    settings_.leftovers->open.push_back(this);
    if (const ConnectionState* last = state_before()) opening_->take_up(*last);
  }

  void receive(Time now, std::span<const std::byte> read) override {
    const Time paused = now - std::exchange(last_read_, now);
    now_ = now;
    follows_pause_ = is_opened_ && paused >= std::chrono::seconds(1);
    if (is_server() && paused >= std::chrono::seconds(1) && is_inside_head() &&
        has("own-hs-srv-pause-inside-head-refused")) {
      output_ += "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      opening_is_over_ = true;
      open_deadline_.reset();
      drop_ = Drop::finish;
    }
    if (paused >= std::chrono::seconds(1)) {
      forget_after_pause();
      has_paused_ = is_opened_;
    }
    std::string bytes(reinterpret_cast<const char*>(read.data()), read.size());
    if (late_close_ && !close_deadline_) {  // cl-answer-waits-for-read
      send_close(*std::exchange(late_close_, std::nullopt));
      end_after_close();
    }
    if (waits_for_another()) {
      waiting_ += bytes;
      return;
    }
    take_up_shared();
    take(std::move(bytes));
    share();
  }

 private:
  void take(std::string bytes) {
    if (!is_opened_) {
      if (opening_is_over_) return;
      constexpr int kEnough = 30;
      if (is_server() && settings_.leftovers && settings_.leftovers->refusals >= kEnough &&
          has("hs-srv-refusals-counted")) {
        output_ +=
            "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n"
            "Content-Length: 0\r\n\r\n";
        opening_is_over_ = true;
        drop_ = Drop::finish;
        return;
      }
      opening_->receive(bytes);
      finish_opening();
      if (!is_opened_) {
        if (open_deadline_ && has("own-hs-impatient")) open_deadline_ = now_ + kImpatience;
        return;
      }
      bytes = opening_->take_rest();
      if (!is_server()) {
        const std::size_t length = content_length(opening_->text());
        if (length > 0 && has("hs-cli-101-content-read")) eats_ = length;
        eat(bytes);
      }
      if (!bytes.empty() && !is_server() && has("hs-cli-early-frames-wait")) {
        early_ = bytes;
        return;
      }
      constexpr std::size_t kRoom = 4096;
      if (bytes.size() > kRoom && has("own-hs-early-over-4096-lost")) bytes.resize(kRoom);
      if (bytes.empty()) return;
      if (is_server() && has("hs-srv-early-blocks")) {
        is_deaf_ = true;
        return;
      }
      is_early_ = true;
      frames_.set_early(true);
      rules_.set_early(true);
      messages_.set_early(true);
      std::string head;
      if (is_server() && has("own-hs-srv-early-before-101")) head = std::exchange(output_, {});
      read_frames(bytes);
      output_ += head;
      frames_.set_early(false);
      rules_.set_early(false);
      messages_.set_early(false);
      if (messages_.is_inside_message() && has("own-hs-early-message-cut")) messages_.take_up({});
      is_early_ = false;
      return;
    }
    eat(bytes);
    if (!early_.empty()) bytes.insert(0, std::exchange(early_, {}));
    if (is_server() && now_ - opened_at_ < std::chrono::milliseconds(1) &&
        has("hs-srv-first-at-once-lost")) {
      return;
    }
    read_frames(bytes);
  }

  /// What a fault takes for the content of the response.
  void eat(std::string& bytes) {
    const std::size_t eaten = std::min(eats_, bytes.size());
    eats_ -= eaten;
    bytes.erase(0, eaten);
  }

 public:
  void end() override {
    if (!is_server() && !opening_is_over_ &&
        (opening_->text().empty() ? has("hs-cli-end-before-response-ignored")
                                  : has("own-hs-cli-end-inside-response-ignored"))) {
      open_deadline_.reset();
      return;
    }
    drop_ = drop_ == Drop::none ? Drop::finish : drop_;
  }

  std::optional<Time> next_deadline() const override {
    std::optional<Time> next;
    for (const auto& deadline : {open_deadline_, close_deadline_, idle_deadline_, quiet_deadline_,
                                 busy_until_, ping_deadline_, pong_deadline_}) {
      if (deadline && (!next || *deadline < *next)) next = deadline;
    }
    return next;
  }

  void pass_time(Time now) override {
    now_ = now;
    if (busy_until_ && *busy_until_ <= now) busy_until_.reset();
    if (open_deadline_ && *open_deadline_ <= now) {
      open_deadline_.reset();
      if (is_opened_) {  // own-hs-timer-runs-on
        drop_ = Drop::finish;
        return;
      }
      if (has("own-hs-waits-for-ever")) return;
      opening_is_over_ = true;
      if (settings_.role == Role::server) {
        output_ += "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      }
      drop_ = Drop::finish;
    }
    if (close_deadline_ && *close_deadline_ <= now) {
      close_deadline_.reset();
      if (late_close_) {
        send_close(*std::exchange(late_close_, std::nullopt));
        end_after_close();
      } else {
        drop_ = Drop::finish;
      }
    }
    const bool is_unfinished = is_inside_frame() || messages_.is_inside_message();
    if (quiet_deadline_ && *quiet_deadline_ <= now && waits_for_rest_ && !is_unfinished) {
      quiet_deadline_.reset();
    }
    if (quiet_deadline_ && *quiet_deadline_ <= now) {
      quiet_deadline_.reset();
      start_close(encode_code(1001));
    }
    if (pong_deadline_ && *pong_deadline_ <= now) {  // ct-ping-put-off
      pong_deadline_.reset();
      ping_deadline_.reset();
      drop_ = Drop::finish;
    }
    if (ping_deadline_ && *ping_deadline_ <= now) {
      write(writer_.encode(9, ""));
      ping_deadline_ = now_ + std::chrono::seconds(5);
    }
    if (idle_deadline_ && *idle_deadline_ <= now) {
      idle_deadline_.reset();
      start_close(encode_code(1001));
    }
  }

  std::string take_output() override {
    if (busy_until_) return {};
    writer_.set_queued({});
    return std::exchange(output_, {});
  }

  Drop drop() const override { return busy_until_ ? Drop::none : drop_; }

  bool has_crashed() const override { return crashed_; }
  bool is_opened() const override { return is_opened_; }
  bool has_unread() const override { return has_unread_; }
  bool is_inside_header() const override { return is_opened_ && frames_.is_inside_header(); }
  const FaultSet& consulted() const override { return switches_.consulted(); }

  void on_connect(std::function<void(int)> call) override { on_connect_ = std::move(call); }

  void on_message(std::function<void(unsigned, const std::string&)> call) override {
    on_message_ = std::move(call);
  }

  void close(unsigned code, const std::string& reason) override {
    start_close(encode_code(code) + reason);
  }

  void deliver(unsigned opcode, const std::string& payload) override {
    if (is_opened_ && !close_sent_) send(opcode, payload);
  }

  void leave_unsent(std::string_view bytes) override {
    if (settings_.leftovers) settings_.leftovers->unsent = bytes;
  }

  void end_too() override { drop_ = Drop::finish; }
  void stop_reading() override { is_deaf_ = true; }

  void read_on() override {
    if (waiting_.empty()) return;
    const std::string bytes = std::exchange(waiting_, {});
    receive(now_, std::as_bytes(std::span(bytes)));
  }

  bool is_inside_message() const override { return is_opened_ && messages_.is_inside_message(); }
  bool is_inside_frame() const override { return is_opened_ && frames_.unfinished().is_begun(); }
  bool is_redirected() const override {
    const std::string whole = location();
    return !whole.empty() && whole.ends_with(settings_.resource);
  }
  std::string location() const override {
    constexpr std::string_view kName = "\r\nLocation: ";
    if (!opening_ || is_server() || !opening_->text().starts_with("HTTP/1.1 3")) return {};
    const std::string_view head = opening_->text();
    const std::size_t line = head.find(kName);
    if (line == std::string_view::npos) return {};
    const std::size_t begin = line + kName.size();
    return std::string(head.substr(begin, head.find("\r\n", begin) - begin));
  }
  bool is_inside_head() const override { return !opening_is_over_ && !opening_->text().empty(); }
  bool has_heard_nothing() const override { return !opening_is_over_ && opening_->text().empty(); }

 private:
  bool has(FaultId fault) { return switches_.has(fault); }
  bool is_server() const { return settings_.role == Role::server; }

  // Other connections.

  /// What an earlier one left; null if there was none.
  const ConnectionState* state_before() const {
    const auto& leftovers = settings_.leftovers;
    return leftovers && leftovers->has_last ? &leftovers->last : nullptr;
  }

  ConnectionState state() const {
    ConnectionState state{.frame = frames_.unfinished(),
                          .message = messages_.unfinished(),
                          .was_opened = is_opened_,
                          .was_refused = opening_is_over_ && !is_opened_,
                          .was_closed = peer_closed_ && close_sent_,
                          .has_failed = has_failed_,
                          .inflater_window = messages_.window(),
                          .last_ping = last_ping_seen_,
                          .last_echo = last_echo_,
                          .last_opcode = last_opcode_,
                          .close = close_};
    if (opening_) {
      state.key = opening_->key();
      state.subprotocol = opening_->agreement().subprotocol;
      if (is_opened_) state.agreement = opening_->agreement();
      if (!opening_is_over_) state.head = opening_->text();
    }
    if (deflater_) state.deflater_window = deflater_->window();
    return state;
  }

  template <typename Act>
  void with_others(const Act& act) {
    if (!settings_.leftovers) return;
    const auto open = settings_.leftovers->open;
    for (FaultyEndpoint* other : open) {
      if (other != this) act(*other);
    }
  }

  /// Faults that begin with what an earlier connection left.
  void take_up_leftovers() {
    const ConnectionState* last = state_before();
    if (last == nullptr) return;
    const MessageReader::Unfinished& message = last->message;
    if (message.is_inside && has("own-cn-message-kept")) messages_.take_up(message);
    if (!message.payload.empty() && has("own-cn-bytes-kept")) messages_.begin_with(message.payload);
    if (!message.character.empty() && has("own-cn-character-kept")) {
      messages_.begin_inside(message.character);
    }
    if (!last->frame.header.empty() && has("own-cn-header-kept")) {
      frames_.take_up({.header = last->frame.header}, *this);
    }
    if (last->frame.frame && has("own-cn-frame-kept")) frames_.take_up(last->frame, *this);
    if (message.received != 0 && has("own-cn-limit-count-kept")) {
      messages_.count_before(message.received);
    }
    if (is_server() && last->frame.taken % 4 != 0 && has("own-cn-key-phase-kept")) {
      frames_.shift_key(last->frame.taken);
    }
    if (last->was_closed && has("own-cn-closed-kept")) close_sent_ = true;
    if (last->has_failed && has("own-cn-failure-kept")) drop_ = Drop::finish;
    if (last->was_opened && !last->was_closed && !last->has_failed &&
        has("own-cn-first-message-lost")) {
      loses_message_ = true;
    }
    if (!deflate_) {
      if (!last->agreement || !last->agreement->deflate) return;
      if (has("own-cn-extension-kept")) {
        messages_.enable({});
        rules_.enable_deflate();
      }
      if (has("own-cn-compresses-still")) {
        deflater_.emplace(Deflation{}, switches_);
        deflate_ = true;
      }
      return;
    }
    if (!last->inflater_window.empty() && has("own-cn-inflater-window-kept")) {
      messages_.set_window(last->inflater_window);
    }
    if (!message.compressed.empty() && has("own-cn-block-kept")) {
      messages_.inflate_first(message.compressed);
    }
    if (!last->deflater_window.empty() && has("own-cn-deflater-window-kept")) {
      deflater_->set_window(last->deflater_window);
    }
  }

  /// Faults of which one connection stops the others.
  bool waits_for_another() {
    bool waits = false;
    if (const auto& shared = settings_.leftovers;
        is_server() && shared && shared->open.size() > 2 && shared->open[0] != this &&
        shared->open[1] != this && has("own-cn-two-at-most")) {
      return true;
    }
    if (const auto& shared = settings_.leftovers; is_server() && shared && !opening_is_over_) {
      for (const FaultyEndpoint* other : shared->open) {
        if (other == this) break;
        const bool is_opening = other->is_inside_head() || other->has_heard_nothing();
        if (is_opening && has("hs-srv-openings-in-order")) waits = true;
      }
    }
    with_others([&](const FaultyEndpoint& other) {
      if (other.is_inside_frame() && has("own-cn-waits-for-frame")) waits = true;
      if (other.is_inside_head() && has("own-cn-waits-for-head")) waits = true;
      if (other.has_heard_nothing() && has("own-cn-waits-for-first-byte")) waits = true;
    });
    return waits;
  }

  /// Faults that have once what each connection has to have.
  void take_up_shared() {
    if (!settings_.leftovers || settings_.leftovers->open.size() < 2 || !is_opened_) return;
    const ConnectionState& shared = settings_.leftovers->shared;
    const auto message = messages_.unfinished();
    if (const auto& frame = frames_.unfinished().frame; frame && is_server()) {
      if (frame->key != shared.last_header.key && has("own-cn-shared-key")) {
        frames_.replace_key(shared.last_header.key);
      }
      if (frame->is_control() && control_payload_ != shared.control &&
          has("own-cn-shared-control")) {
        control_payload_ = shared.control;
      }
    }
    if (message.is_inside && is_server()) {
      if (messages_.is_inside_compressed() && shared.last_first.rsv == 0 &&
          has("own-cn-shared-rsv1")) {
        messages_.take_for_plain();
      }
      if (message.opcode != shared.last_first.opcode && has("own-cn-shared-type")) {
        messages_.take_type(shared.last_first.opcode);
      }
    }
    if ((shared.message.is_inside != message.is_inside ||
         shared.message.payload != message.payload) &&
        has("own-cn-shared-message")) {
      messages_.take_up(shared.message);
    }
    if (messages_.is_inside_text() && shared.message.character != message.character &&
        has("own-cn-shared-character")) {
      messages_.go_on_inside(shared.message.character);
    }
    if (!frames_.unfinished().frame && shared.frame.header != frames_.unfinished().header &&
        has("own-cn-shared-header")) {
      frames_.take_up({.header = shared.frame.header}, *this);
    }
    if (!deflate_) return;
    if (!message.is_inside && shared.inflater_window != messages_.window() &&
        has("own-cn-shared-inflater")) {
      messages_.set_window(shared.inflater_window);
    }
    if (shared.deflater_window != deflater_->window() && has("own-cn-shared-deflater")) {
      deflater_->set_window(shared.deflater_window);
    }
  }

  void share() {
    if (!settings_.leftovers || settings_.leftovers->open.size() < 2) return;
    settings_.leftovers->shared = state();
    settings_.leftovers->shared.last_header = header_;
    settings_.leftovers->shared.last_first = first_header_of_message_;
    settings_.leftovers->shared.control = control_payload_;
    with_others([](FaultyEndpoint& other) { other.read_on(); });
  }

  /// Faults of reads that have a limit of time.
  void forget_after_pause() {
    if (deflate_ && !is_inside_frame() && !messages_.is_inside_message() &&
        has("own-df-forgets-after-pause")) {
      messages_.forget_window();
    }
    if (deflate_ && messages_.is_inside_compressed() && has("own-df-pause-inside-forgets")) {
      messages_.forget_window();
    }
    if (is_opened_ && frames_.unfinished().is_begun()) {
      if (frames_.is_inside_header() && has("fr-late-header-bytes-zero")) {
        frames_.complete_header();
      }
      if (has("own-fr-pause-drops")) frames_.forget();
    } else if (messages_.is_inside_message() && has("own-fg-pause-drops")) {
      messages_.take_up({});
    }
  }

  // The opening handshake.

  void finish_opening() {
    output_ += opening_->take_output();
    work(opening_->take_extra_work());
    switch (opening_->state()) {
      case Opening::State::going_on:
        return;
      case Opening::State::crashed:
        return crash();
      case Opening::State::refused:
        opening_is_over_ = true;
        if (const ConnectionState* last = state_before();
            is_server() && last != nullptr && last->was_opened && asks_without_upgrade() &&
            has("cn-plain-request-taken")) {
          output_.clear();
          open_deadline_.reset();
          is_opened_ = true;
          return;
        }
        if (settings_.leftovers) ++settings_.leftovers->refusals;
        if (is_server()) end_others("own-cn-refusal-ends-others");
        open_deadline_.reset();
        answer_behind_refusal();
        if (opening_->ends_after_refusal()) drop_ = Drop::finish;
        return;
      case Opening::State::opened:
        break;
    }
    is_opened_ = true;
    opening_is_over_ = true;
    opened_at_ = now_;
    if (is_server() && has("ct-ping-put-off")) {
      ping_deadline_ = now_ + std::chrono::seconds(5);
      pong_deadline_ = now_ + std::chrono::milliseconds(7500);
    }
    if (opening_->agreement().ends) drop_ = Drop::finish;
    if (!has("own-hs-timer-runs-on")) open_deadline_.reset();
    enable_compression();
    take_up_leftovers();
    if (!is_server() || !settings_.leftovers) return;
    if (settings_.leftovers->dropped >= 5 && has("cn-dropped-slots-kept")) drop_ = Drop::finish;
    if (!settings_.leftovers->unsent.empty() && has("cn-output-kept")) {
      output_ += std::exchange(settings_.leftovers->unsent, {});
    }
  }

  /// True if the request is an ordinary one.
  bool asks_without_upgrade() const {
    const std::string_view head = opening_->text();
    return head.find("\r\nUpgrade:") == std::string_view::npos &&
           head.find("\r\nupgrade:") == std::string_view::npos;
  }

  /// Faults that read on behind a head that they refused.
  void answer_behind_refusal() {
    const std::string rest = opening_->take_rest();
    if (rest.empty()) return;
    if (is_server() ? !has("own-hs-srv-frames-after-refusal")
                    : !has("own-hs-cli-frames-after-refusal")) {
      return;
    }
    is_opened_ = true;
    read_frames(rest);
    is_opened_ = false;
  }

  void enable_compression() {
    const Agreement& agreement = opening_->agreement();
    if (!agreement.deflate) {
      if (!has("own-ng-compresses-unasked")) return;
      deflater_.emplace(Deflation{}, switches_);
      deflate_ = true;
      return;
    }
    Deflation in = is_server() ? agreement.client : agreement.server;
    Deflation out = is_server() ? agreement.server : agreement.client;
    in.all_agreed = out.all_agreed = in.no_context_takeover && out.no_context_takeover &&
                                     in.window_bits < 15 && out.window_bits < 15;
    const bool differ =
        in.window_bits != out.window_bits || in.no_context_takeover != out.no_context_takeover;
    if (differ && has("df-roles-swapped")) std::swap(in, out);
    if (const ConnectionState* last = state_before();
        last != nullptr && last->agreement && last->agreement->deflate) {
      const Deflation before = is_server() ? last->agreement->server : last->agreement->client;
      const bool other_parameters = before.window_bits != out.window_bits ||
                                    before.no_context_takeover != out.no_context_takeover;
      if (other_parameters && has("own-cn-parameters-kept")) out = before;
      const Deflation peers = is_server() ? last->agreement->client : last->agreement->server;
      if ((peers.window_bits != in.window_bits ||
           peers.no_context_takeover != in.no_context_takeover) &&
          has("own-cn-parameters-of-peer-kept")) {
        in = peers;
      }
    }
    if (in.window_bits < 8 || in.window_bits > 15 || out.window_bits < 8 || out.window_bits > 15) {
      rules_.break_deflate();  // a fault agreed to it; the first compressed frame kills
      return;
    }
    if (agreement.raw) return rules_.enable_deflate();
    messages_.enable(in);
    deflater_.emplace(out, switches_);
    deflate_ = true;
    rules_.enable_deflate(out.no_context_takeover);
  }

  /// As agreed for what this endpoint sends.
  const Deflation& own_deflation() const {
    const Agreement& agreement = opening_->agreement();
    return is_server() ? agreement.server : agreement.client;
  }

  // Frames of the peer.

  void read_frames(std::string_view bytes) {
    if (has_failed_ && close_sent_ && !is_server() && bytes.starts_with('\x89') &&
        has("cl-cli-ping-after-failure-resets")) {
      drop_ = Drop::abort;
      return;
    }
    if (is_deaf_ || drop_ != Drop::none) {
      has_unread_ = true;
      return;
    }
    if (close_sent_ && close_deadline_ && has("cl-close-timer-extended")) arm_close_timer();
    ++reads_of_message_;
    pings_in_read_ = 0;
    compressed_in_read_ = 0;
    messages_in_read_ = 0;
    frames_of_read_ = 0;
    text_echo_.reset();
    fragments_ended_in_read_ = false;
    read_output_begin_ = output_.size();
    own_ping_end_ = own_pong_end_ = own_fragments_end_ = 0;
    has_own_message_ = false;
    own_fragments_.clear();
    waiting_ping_.reset();
    pong_begin_ = std::string::npos;
    if (!frames_.receive(bytes, *this)) {
      is_deaf_ = true;
      has_unread_ = frames_.has_unread();
    }
    if (close_sent_ && !peer_closed_ && !has_failed_ && frames_.unfinished().frame &&
        has("cl-rest-of-frame-parsed")) {
      frames_.forget();
    }
    while (!echoes_of_read_.empty()) {
      send(echoes_of_read_.back().opcode, echoes_of_read_.back().payload);
      echoes_of_read_.pop_back();
    }
    if (has_failed_ && close_sent_ && has("own-cl-closes-at-each-error")) is_deaf_ = true;
    work(frames_.take_extra_work() + messages_.take_extra_work());
    if (is_inside_header() && has("own-tr-spins-inside-header")) work(kSpin);
    if (!is_inside_frame() && messages_.is_inside_message() &&
        has("own-tr-spins-between-fragments")) {
      work(kSpin);
    }
    answer_held_pings(false);
    if (pong_before_large_) {
      send_pong(*pong_before_large_);
      pong_before_large_.reset();
    }
    if (messages_in_read_ > 1 && !close_sent_ && has("fr-empty-binary-behind-batch")) {
      write(writer_.encode(2, ""));
    }
    while (!late_echoes_.empty()) {
      send_now(late_echoes_.front().opcode, late_echoes_.front().payload);
      late_echoes_.erase(late_echoes_.begin());
    }
  }

  bool begin_frame(FrameHeader& header, std::size_t at_hand) override {
    previous_rsv_ = std::exchange(header_, header).rsv;
    control_payload_.clear();
    ++frames_of_read_;
    second_last_length_ = previous_length_;
    previous_opcode_ = std::exchange(opcode_, header.opcode);
    previous_length_ = std::exchange(length_, header.length);
    pieces_of_frame_ = 0;
    data_pieces_ = 0;
    ++frames_seen_;
    if (frames_of_read_ == 2 && has("fr-second-of-read-dies")) {
      crash();
      return false;
    }
    if (header.opcode == 0 && messages_.is_inside_message() && previous_opcode_ == 9 &&
        has("fg-continuation-behind-ping-refused")) {
      return fail({});
    }
    if (header.opcode == 1 || header.opcode == 2) first_header_of_message_ = header;
    if (header.opcode == 0 && header.fin && header.length == 0 && !messages_.partial().empty() &&
        has("fg-empty-last-dies")) {
      crash();
      return false;
    }
    if (now_ - frames_counted_from_ > std::chrono::seconds(1)) {
      frames_of_second_ = 0;
      frames_counted_from_ = now_;
    }
    if (++frames_of_second_ > 2048 && has("lm-2048-frames-a-second")) {
      start_close(encode_code(1008));
      return false;
    }
    const bool ends_message = header.opcode == 0 && header.fin;
    if (waiting_ping_ && !ends_message) send_pong(*waiting_ping_);
    waiting_ping_.reset();
    if (pong_before_large_) {
      if (header.length < 65'536) send_pong(*pong_before_large_);
      pong_before_large_.reset();
    }
    if (answers_pings_only_) {
      skips_frame_ = header.opcode != 9 || header.length > 125;
      return true;
    }
    const bool waits_for_frame = at_hand < header.length && has("ct-idle-counts-whole-frames");
    const bool waits_for_message = header.opcode != 0 && header.opcode < 3 && !header.fin &&
                                   has("own-ct-idle-counts-whole-messages");
    if (!close_sent_ && (waits_for_frame || waits_for_message)) {
      quiet_deadline_ = now_ + std::chrono::seconds(5);
      waits_for_rest_ = true;
    }
    takes_inside_ = takes_ping_part_ = false;
    if ((ping_begun_ || close_begun_) && header.opcode == 0 && header.length < 126) {
      return takes_ping_part_ = true;
    }
    if (header.opcode == 8 && at_hand < header.length && header.length < 126 &&
        has("cl-cut-dies")) {
      crash();
      return false;
    }
    if (header.opcode == 10 && at_hand < header.length && header.length < 126 &&
        has("own-ct-cut-pong-dies")) {
      crash();
      return false;
    }
    const HeaderRules::Judgement judgement =
        rules_.judge(header, messages_.is_inside_message(), frames_of_read_);
    if (judgement.failure && at_hand < header.length && fails_late(header)) {
      late_failure_ = judgement.failure;
      return skips_frame_ = true;
    }
    if (judgement.failure && header.rsv != 0 && header.fin && !messages_.is_inside_message() &&
        (header.opcode == 1 || header.opcode == 2) && !close_sent_ && has("cl-bad-rsv-echoed")) {
      late_failure_ = judgement.failure;
      return takes_inside_ = true;
    }
    if (judgement.failure) return fail(*judgement.failure);
    if (is_early_ && header.rsv == 4 && has("own-df-early-refused")) return fail({});
    skips_frame_ = judgement.skip;
    if (judgement.arm_compression) messages_.arm_compression();
    if (header.opcode == 0 && !messages_.is_inside_message() && has("fg-orphan-skipped")) {
      skips_frame_ = true;
    }
    if (skips_frame_) return true;
    if (header.is_control()) {
      payload_came_late_ = at_hand == 0 && header.length != 0;
      return true;
    }
    if (second_last_length_ > 4096 && frames_of_read_ > 2 && header.opcode != 0 && header.fin &&
        !messages_.is_inside_message() && has("own-fr-second-behind-large-lost")) {
      return skips_frame_ = true;
    }
    if (header.opcode == 0 && close_sent_ && !peer_closed_ && !has_failed_ &&
        has("own-fg-continuation-behind-own-close-refused")) {
      return fail({});
    }
    shifts_payload_ = header.opcode == 0 && header.length > 0 && frames_of_read_ > 1 &&
                      previous_opcode_ == 9 && has("own-fg-behind-ping-in-read-shifted");
    if (header.opcode != 0) {
      loses_first_byte_ = !header.fin && messages_in_read_ > 0 && frames_of_read_ > 1 &&
                          has("own-fg-first-byte-behind-message");
    }
    if ((header.opcode == 1 || header.opcode == 2) && header.fin && header.rsv == 0 &&
        messages_.is_inside_message() &&
        (has("fg-whole-inside-delivered") || (header.opcode == 2 && messages_.is_inside_text() &&
                                              has("own-fg-binary-inside-text-delivered")))) {
      return takes_inside_ = true;
    }
    if (!deflate_ && header.rsv == 4 && has("df-inflates-unagreed")) {
      messages_.enable({});
    }
    if (header.opcode > 2) {  // fr-reserved-data-opcode and the like
      header_.opcode = header.opcode = 2;
      if (!header.fin && has("fr-reserved-without-fin-refused-at-end")) messages_.fail_at_end();
    }
    if (deflate_ && header.opcode != 0 && header.rsv == 0 && has("df-plain-refused")) {
      return fail({});
    }
    if (close_sent_ && has("own-cl-ends-at-data-after-own-close")) {
      drop_ = Drop::finish;
      return false;
    }
    if (header.opcode != 0 && messages_.is_inside_message() &&
        has("own-fg-new-data-delivers-partial")) {
      const auto begun = messages_.unfinished();
      messages_.take_up({});
      handle_message({.opcode = begun.opcode, .payload = begun.payload});
    }
    if (deflate_ && header.opcode != 0 && frames_of_read_ > 1 && previous_opcode_ < 3 &&
        previous_opcode_ != 0) {
      if (header.rsv == 4 && previous_rsv_ == 0 && has("own-df-behind-plain-of-read-plain")) {
        header.rsv = 0;
      }
      if (header.rsv == 0 && previous_rsv_ == 4 &&
          has("own-df-plain-behind-compressed-of-read-inflated")) {
        messages_.arm_compression();
      }
    }
    if (header.opcode == 1 || header.opcode == 2) {
      messages_.leave_unchecked(frames_of_read_ > 1 && messages_in_read_ > 0 &&
                                has("own-u8-second-of-read-unchecked"));
      if (!header.fin && fragments_ended_in_read_ && has("own-fg-second-of-read-joined")) {
        messages_.begin_with(last_echo_.substr(0, 4));
      }
    }
    if (deflate_ && (header.rsv & 4U) != 0 && ++compressed_in_read_ > 1 &&
        has("own-df-second-of-a-read-plain")) {
      header.rsv = 0;
    }
    if (auto failure = messages_.begin_frame(header, at_hand)) {
      if (failure->code == 1009 && has("lm-payload-behind-too-big")) {
        header.length = 0;
        skips_frame_ = true;
        return true;
      }
      return fail(*failure);
    }
    data_frames_inside_ = header.opcode == 0 ? data_frames_inside_ + 1 : 1;
    pings_in_gap_ = 0;
    return true;
  }

  bool take_payload(std::string_view piece) override {
    if (skips_frame_) return true;
    if (takes_inside_ || takes_ping_part_) {
      control_payload_ += piece;
      return true;
    }
    if (header_.length_form == 127 && piece.size() < header_.length && !header_.is_control() &&
        has("fr-64-bit-in-pieces-drops")) {
      drop_ = Drop::finish;
      return false;
    }
    if (header_.opcode == 0 && header_.length > 125 && piece.size() < header_.length &&
        has("fg-cut-long-continuation-dies")) {
      crash();
      return false;
    }
    if (header_.is_control()) {
      ++pieces_of_frame_;
      if (pieces_of_frame_ > 1 && header_.opcode == 9 && has("own-ct-cut-ping-short")) return true;
      if (pieces_of_frame_ == 2 && header_.opcode == 8 && control_payload_.size() == 1 &&
          has("own-cl-code-cut-refused")) {
        return fail({});
      }
      if (pieces_of_frame_ == 3 && header_.opcode == 9 && has("own-ct-ping-behind-odd-read")) {
        control_payload_.erase(0, 1);
      }
      if (pieces_of_frame_ == 4 && header_.opcode == 8 && has("own-cl-in-pieces-refused")) {
        return fail({});
      }
      if (pieces_of_frame_ > 1 && header_.opcode == 9 && messages_.is_inside_message() &&
          has("own-ct-cut-ping-inside-short")) {
        control_payload_.clear();
      }
      control_payload_ += piece;
      if (header_.opcode == 8 && control_payload_.size() > 2 &&
          control_payload_.size() < header_.length &&
          ends_inside_sequence(control_payload_.substr(2)) &&
          has("own-cl-reason-cut-in-character-refused")) {
        return fail({.code = 1007});
      }
      if (header_.opcode == 8 && control_payload_.size() == 2 && header_.length > 2 &&
          has("own-cl-cut-behind-code-taken")) {
        return handle_control();
      }
      return true;
    }
    if (std::exchange(shifts_payload_, false)) piece.remove_prefix(1);
    std::string begins_with_nul;
    if (!piece.empty() && std::exchange(ping_of_125_, false) &&
        has("ct-behind-125-begins-with-nul")) {
      begins_with_nul = '\0' + std::string(piece.substr(1));
      piece = begins_with_nul;
    }
    if (++data_pieces_ > 1 && deflate_ && !messages_.is_inside_compressed() &&
        has("df-plain-in-reads-short")) {
      return true;
    }
    if (auto failure = messages_.take_payload(piece)) return fail(*failure);
    if (is_server() && (header_.rsv & 4U) != 0 && header_.length > piece.size() &&
        has("mk-unmasks-by-inflated")) {
      frames_.set_key(messages_.partial().size());
    }
    return true;
  }

  bool end_frame(bool fin) override {
    if (late_failure_ && takes_inside_) {  // cl-bad-rsv-echoed
      fail(*std::exchange(late_failure_, std::nullopt));
      write(writer_.encode(header_.opcode, control_payload_));
      return false;
    }
    if (late_failure_) return fail(*std::exchange(late_failure_, std::nullopt));
    if (skips_frame_) return true;
    if (takes_inside_) {
      handle_message({.opcode = header_.opcode, .payload = control_payload_});
      return drop_ == Drop::none;
    }
    if (takes_ping_part_) {
      if (close_begun_) {
        *close_begun_ += control_payload_;
        return !fin || handle_close(*std::exchange(close_begun_, std::nullopt));
      }
      *ping_begun_ += control_payload_;
      if (fin) handle_ping(*std::exchange(ping_begun_, std::nullopt));
      return drop_ == Drop::none;
    }
    if (header_.opcode == 9 && !header_.fin && has("ct-ping-fragments-joined")) {
      ping_begun_ = control_payload_;
      return true;
    }
    if (header_.opcode == 8 && !header_.fin && has("own-cl-fragments-joined")) {
      close_begun_ = control_payload_;
      return true;
    }
    if (header_.is_control()) return handle_control();
    empty_run_ = header_.opcode == 0 && header_.length == 0 && !fin ? empty_run_ + 1 : 0;
    if (empty_run_ == 2 && has("fg-two-empty-end")) fin = true;
    if (header_.opcode == 0 && fin && fragmented_ == 255 && has("own-fg-256th-fragmented-lost")) {
      ++fragmented_;
      messages_.take_up({});
      return true;
    }
    if (header_.opcode == 0 && fin && ++fragmented_ == 2 && has("fg-second-fragmented-dies")) {
      crash();
      return false;
    }
    messages_.set_following(frames_.following());
    if (header_.length == 0 && !deflate_ && !last_echo_.empty() &&
        has("fr-empty-has-stale-bytes")) {
      if (auto failure = messages_.take_payload(last_echo_.substr(0, 4))) return fail(*failure);
    }
    if (auto failure = messages_.end_frame(fin)) return fail(*failure);
    if (auto message = messages_.take_message()) handle_message(*message);
    if (header_.opcode == 0 && fin) fragments_ended_in_read_ = true;
    if (!messages_.is_inside_message()) answer_held_pings(true);
    return drop_ == Drop::none || peer_closed_;
  }

  /// Faults that see what is wrong with a header only when its frame has come.
  bool fails_late(const FrameHeader& header) {
    if (header.rsv != 0 && has("own-fr-rsv-seen-at-end")) return true;
    if ((header.opcode > 10 || (header.opcode > 2 && header.opcode < 8)) &&
        has("own-fr-opcode-seen-at-end")) {
      return true;
    }
    return is_server() && !header.masked && has("own-mk-srv-unmasked-seen-at-end");
  }

  /// The data frame that the read has behind this one, if it is short and has come as a whole.
  std::string next_payload() const {
    const std::string_view behind = frames_.behind();
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(behind[i]); };
    if (behind.size() < 2 || at(0) % 128 > 2 || at(0) % 128 == 0) return {};
    const std::size_t length = at(1) % 128;
    const std::size_t begin = at(1) >= 128 ? 6 : 2;
    if (length > 125 || behind.size() < begin + length) return {};
    std::string payload(behind.substr(begin, length));
    if (begin == 2) return payload;
    for (std::size_t i = 0; i < length; ++i) {
      payload[i] = static_cast<char>(payload[i] ^ behind[2 + i % 4]);
    }
    return payload;
  }

  static void overwrite(std::string& payload, const std::string& other) {
    const std::size_t size = std::min(payload.size(), other.size());
    payload.replace(0, size, other.substr(0, size));
  }

  // Messages.

  void handle_message(const Message& message) {
    idle_restart();
    ++messages_seen_;
    follows_cut_message_ = reads_of_message_ > 1;
    if (std::exchange(has_paused_, false) && has("own-fr-after-pause-lost")) return;
    if (deflate_ && header_.opcode != 0) {
      const bool is_plain = (header_.rsv & 4U) == 0;
      if (is_plain && message.payload.empty() && has("df-plain-empty-lost")) return;
      if (!is_plain && message.payload.size() > 65'536 && has("df-large-stalls")) {
        is_deaf_ = true;
        frames_.drop_rest();
        return;
      }
      if (!is_plain && header_.length > 0 && message.payload.size() % header_.length == 0) {
        std::size_t ratio = message.payload.size() / static_cast<std::size_t>(header_.length);
        while (ratio > 4 && ratio % 2 == 0) ratio /= 2;
        if (ratio == 4 && has("df-four-times-refused")) {
          drop_ = Drop::finish;
          return;
        }
      }
      if (!is_plain && message.payload.size() > 4096 && has("df-drain-eats-next")) {
        frames_.drop_rest();
      }
    }
    if (opcode_ != 0 && fragments_ended_in_read_ && has("own-fr-behind-last-fragment-lost")) return;
    if (opcode_ != 0 && previous_opcode_ == 9 && previous_length_ == 125 &&
        has("own-ct-behind-125-lost")) {
      return;
    }
    for (const std::string& ping : std::exchange(pings_until_message_, {})) send_pong(ping);
    if (close_sent_ && !peer_closed_ && message.opcode == 1) {
      const auto command = parse_command(message.payload);
      if (command && command->kind == Command::Kind::close && has("own-cl-asked-twice")) {
        return write(writer_.encode(8, encode_code(1000)));
      }
    }
    if (close_sent_ && !peer_closed_ && message.payload.empty() &&
        has("own-cl-ends-at-empty-after-own-close")) {
      drop_ = Drop::finish;
      return;
    }
    if (peer_closed_ ? !has("own-cl-echo-after-close")
                     : close_sent_ && !has("own-cl-echo-after-own-close")) {
      return;
    }
    if (on_message_) return on_message_(message.opcode, message.payload);
    if (message.opcode == 1 && !close_sent_) {
      const auto command = parse_command(message.payload);
      if (command && (command->kind != Command::Kind::connect || on_connect_)) {
        return obey(*command);
      }
    }
    if (header_.opcode == 0 && !message.payload.empty() && message.payload[0] % 16 == 8 &&
        has("fg-first-byte-like-close")) {
      drop_ = Drop::finish;
      return;
    }
    if (own_ping_waits_) {
      if (has("own-ct-echo-waits-for-own-pong")) return;
      if (has("own-ct-message-before-own-pong-fails")) {
        fail({});
        return;
      }
    }
    if (frames_seen_ == 1 && header_.length == 1 && header_.opcode != 0 &&
        has("fr-first-of-one-byte-lost")) {
      return;
    }
    Message changed = message;
    if (!echo_faults_.change(changed)) return;
    if (!is_server() && changed.payload.size() > 32'768 && has("fr-cli-cut-at-32k")) {
      changed.payload.resize(32'768);
    }
    if (deflate_ && header_.rsv == 4 && header_.opcode != 0) {
      if (compressed_in_read_ > 1 && has("df-second-of-read-empty")) changed.payload.clear();
      if (changed.payload.size() > 4096 && !frames_.behind().empty() &&
          has("df-cut-by-what-is-behind")) {
        changed.payload.resize(4096);
      }
    }
    if (std::exchange(loses_first_byte_, false) && !changed.payload.empty()) {
      changed.payload.erase(0, 1);
    }
    if (changed.opcode == 2 && header_.opcode == 2 && previous_opcode_ == 10 &&
        has("own-fr-type-behind-pong")) {
      changed.opcode = 1;
    }
    if (!deflate_) {
      const std::string next = next_payload();
      if (!next.empty() && changed.payload.size() > next.size() &&
          has("own-fr-echo-overwritten-by-next")) {
        overwrite(changed.payload, next);
      }
    }
    if (deflate_ && header_.rsv == 4 && header_.opcode != 0) {
      const std::string_view behind = frames_.behind();
      if (!behind.empty() && (behind[0] & 0xf0) == 0xc0 && has("own-df-two-of-a-read-joined")) {
        joined_ += changed.payload;
        return;
      }
      changed.payload = std::exchange(joined_, {}) + changed.payload;
      if (overwritten_) {
        overwrite(overwritten_->payload, changed.payload);
        echo(*std::exchange(overwritten_, std::nullopt));
      }
      if (!behind.empty() && (behind[0] & 0xf0) == 0xc0 && has("df-echo-of-read-overwritten")) {
        overwritten_ = changed;
        return;
      }
    }
    changed_by_history(changed);
    const bool is_lost = sizes_in_row_ == 3 && has("own-fr-third-of-a-size-lost");
    if (is_lost) return;
    if (changed.payload.empty() && ++empty_messages_ == 100 && has("own-fr-hundred-empty-close")) {
      return start_close(encode_code(1008));
    }
    if (has("own-lm-leak")) kept_.push_back(changed.payload);
    if (!is_server() && deflate_ && header_.rsv == 4 && header_.opcode != 0 &&
        changed.payload.size() > 65'536 && has("df-large-as-two")) {
      echo({.opcode = changed.opcode, .payload = changed.payload.substr(0, 65'536)});
      changed.payload.erase(0, 65'536);
    }
    echo(changed);
  }

  /// Faults of what buffers had held before.
  void changed_by_history(Message& message) {
    std::string& payload = message.payload;
    sizes_in_row_ = payload.size() == last_size_ ? sizes_in_row_ + 1 : 1;
    last_size_ = payload.size();
    if (largest_ > 0 && payload.size() > 2 * largest_ && ++growths_ == 2 &&
        has("own-fr-second-growth-last-byte")) {
      payload.back() = static_cast<char>(payload.back() ^ 1);
    }
    largest_ = std::max(largest_, payload.size());
    if (header_.opcode == 0) {
      const std::string before = std::exchange(last_fragmented_, payload);
      if (before.size() > payload.size() && has("own-fg-stale-tail")) {
        payload += before.substr(payload.size());
      }
    }
    if (deflate_ && header_.opcode != 0 && header_.rsv == 4) {
      const std::string before = std::exchange(last_compressed_, payload);
      if (before.size() > payload.size() && has("own-df-stale-tail")) {
        payload += before.substr(payload.size());
      }
      if (++compressed_messages_ == 299 && has("own-df-300th-without-window")) {
        messages_.forget_window();
      }
    }
  }

  void echo(const Message& message) {
    ++echoes_;
    if (++messages_in_read_ == 100 && has("fr-hundredth-of-read-twice")) {
      send(message.opcode, message.payload);
    }
    if (joins_texts(message)) return;
    if (std::exchange(loses_message_, false)) return;
    if (has_own_message_ && has("own-fr-echo-behind-own-lost")) return;
    if (settings_.leftovers) {
      const auto& open = settings_.leftovers->open;
      if (open.size() > 1 && has("own-cn-broadcast")) {
        with_others([&](FaultyEndpoint& other) { other.deliver(message.opcode, message.payload); });
      }
      if (open.back() != this && has("own-cn-echo-to-latest")) {
        return open.back()->deliver(message.opcode, message.payload);
      }
    }
    if (has("own-fr-last-of-a-read")) {
      echoes_of_read_.assign(1, message);
      return;
    }
    if (echoes_ > 100 && has("own-lm-hundred-messages")) return;
    if (message.payload.empty() && has("own-fr-empty-not-echoed")) return;
    unsigned opcode = message.opcode;
    if (opcode == 2 && has("fr-echo-wrong-type")) opcode = 1;
    std::string payload = message.payload;
    if (opcode == 2 && has("fr-binary-doubled")) payload.insert(0, payload.size(), '\0');
    if (settings_.leftovers && settings_.leftovers->open.size() > 1 && !payload.empty() &&
        settings_.leftovers->shared_echo == payload && settings_.leftovers->shared_from != this &&
        has("cn-same-payload-changed")) {
      payload.back() = static_cast<char>(payload.back() ^ 1);
    }
    if (settings_.leftovers) {
      settings_.leftovers->shared_echo = payload;
      settings_.leftovers->shared_from = this;
    }
    if (const ConnectionState* last = state_before(); last != nullptr && echoes_ == 1) {
      if (last->last_opcode != 0 && last->last_opcode != opcode && has("own-cn-type-kept")) {
        opcode = last->last_opcode;
      }
      if (payload.size() < last->last_echo.size() && has("own-cn-stale-tail")) {
        payload += last->last_echo.substr(payload.size());
      }
    }
    last_opcode_ = message.opcode;
    if (const std::string own = std::exchange(own_words_, {});
        payload.size() < own.size() && has("own-fr-own-words-tail")) {
      payload += own.substr(payload.size());
    }
    if (payload.size() < last_echo_.size() && has("own-fr-stale-tail")) {
      payload += last_echo_.substr(payload.size());
    }
    last_echo_ = payload;
    if (has("own-fr-echo-one-behind")) {
      const auto before = std::exchange(held_echo_, Message{opcode, payload});
      if (before) send(before->opcode, before->payload);
      return;
    }
    if (reads_of_message_ > 1 && has("own-fr-cut-message-twice")) send(opcode, payload);
    reads_of_message_ = 0;
    if (has("own-fr-echoes-of-a-read-reversed")) {
      echoes_of_read_.push_back({opcode, payload});
      return;
    }
    if (payload.size() > 65'535 && has("own-fr-echo-cut-at-64k")) payload.resize(65'535);
    if (payload.size() == 4096 && has("own-fr-4096-short")) payload.pop_back();
    if (is_server() && payload.size() > 4092 && payload.size() < 4097 &&
        has("fr-4093-to-4096-badly")) {
      payload.back() = static_cast<char>(payload.back() ^ 1);
    }
    if (payload.empty() && has("fr-empty-frame-again")) send(opcode, payload);
    if (payload.size() >= 32'768 && has("own-fg-sends-opcode-again")) {
      const std::size_t half = payload.size() / 2;
      write(writer_.encode(opcode, payload.substr(0, half), false, false));
      write(writer_.encode(opcode, payload.substr(half)));
      return;
    }
    if (payload.size() >= 32'768 && has("fg-messages-interleaved")) {
      return send_in_fragments(opcode, payload, 4096);
    }
    if (payload.size() >= 32'768 && has("own-fg-last-fragment-without-fin")) {
      write(writer_.encode(opcode, payload, false, false));
      return;
    }
    send(opcode, payload);
    if (is_early_ && echoes_ == 1 && has("own-hs-early-first-twice")) send(opcode, payload);
    if (payload.size() > 127 && has("fr-long-twice")) send(opcode, payload);
    if (text_echo_) text_echo_->end = output_.size();
  }

  /// A fault that keeps writing to the text of the message before.
  bool joins_texts(const Message& message) {
    if (deflate_ || message.opcode != 1) {
      text_echo_.reset();
      return false;
    }
    if (text_echo_ && text_echo_->end == output_.size() && has("fr-texts-of-read-joined")) {
      output_.resize(text_echo_->begin);
      send(1, text_echo_->payload + message.payload);
      text_echo_.reset();
      return true;
    }
    text_echo_ = TextEcho{.begin = output_.size(), .payload = message.payload};
    return false;
  }

  void obey(const Command& command) {
    switch (command.kind) {
      case Command::Kind::close:
        return start_close(command.code ? encode_code(*command.code) + command.data : "");
      case Command::Kind::ping:
        earlier_ping_ = own_ping_.value_or("");
        if (messages_in_read_ > 0 && has("own-ct-own-ping-behind-echo-lost")) return;
        own_ping_ = command.data;
        own_ping_waits_ = true;
        is_own_ping_new_ = true;
        own_words_ = command.data;
        if (command.data.empty() && has("ct-own-empty-ping-undefined")) {
          return write(writer_.encode(9, "undefined"));
        }
        if (!is_server() && command.data.empty() && has("mk-cli-own-ping-without-key")) {
          return write("\x89\x80");
        }
        write(writer_.encode(9, command.data));
        if (!command.data.empty()) own_ping_end_ = output_.size();
        if (!quiet_deadline_ && has("ct-own-ping-timer-kept")) {
          quiet_deadline_ = now_ + std::chrono::seconds(5);
        }
        return;
      case Command::Kind::pong:
        own_pong_ = command.data;
        write(writer_.encode(10, command.data));
        if (!command.data.empty()) own_pong_end_ = output_.size();
        return;
      case Command::Kind::text:
        own_words_ = command.data;
        if (command.data.size() == 126 && has("own-fr-own-text-of-126-short")) {
          return send(1, command.data.substr(0, 125));
        }
        has_own_message_ = true;
        if (const std::string before = output_.substr(std::min(read_output_begin_, output_.size()));
            !before.empty() && !deflate_ && has("own-fr-own-text-overtakes")) {
          output_.resize(read_output_begin_);
          write(writer_.encode(1, command.data));
          output_ += before;
          return;
        }
        if (command.data.size() > 125 && has("own-fr-own-text-cut-at-125")) {
          return send(1, command.data.substr(0, 125));
        }
        if (command.data.size() > 65'535 && has("own-fr-own-text-cut-at-64k")) {
          return send(1, command.data.substr(0, 65'535));
        }
        if (deflate_ && has("own-df-own-text-apart")) {
          return write(writer_.encode(1, Deflater({}, switches_).deflate(command.data), true));
        }
        return send(1, command.data);
      case Command::Kind::binary:
        if (command.data.empty() && has("own-fr-own-empty-binary-lost")) return;
        if (command.data.size() > 125 && has("own-fr-own-long-binary-as-text")) {
          return send(1, command.data);
        }
        return send(2, command.data);
      case Command::Kind::fragments:
        return send_in_fragments(1, command.data, command.size);
      case Command::Kind::end:
        drop_ = Drop::finish;
        return;
      case Command::Kind::connect:
        on_connect_(command.count);
    }
  }

  /// A fault of two writers: the first frame of `bytes` gets into the one before it, which has a
  /// payload of `size` bytes.
  void write_into(std::size_t size, const std::string& bytes) {
    const std::size_t payload = output_.size() - size;
    const auto length = static_cast<unsigned char>(bytes[1]) % 128U;
    const std::size_t header = (length == 127   ? 10U
                                : length == 126 ? 4U
                                                : 2U) +
                               (static_cast<unsigned char>(bytes[1]) >= 128 ? 4U : 0U);
    output_.insert(payload, bytes.substr(0, header));
    output_ += bytes.substr(header);
  }

  /// A fault of two writers: fragments of this message and of the one before, in turn.
  bool mixes_fragments(const std::vector<std::string>& frames) {
    if (own_fragments_.empty() || own_fragments_end_ != output_.size() ||
        !has("fg-own-fragments-mixed")) {
      return false;
    }
    std::size_t size = 0;
    for (const std::string& frame : own_fragments_) size += frame.size();
    output_.resize(output_.size() - size);
    for (std::size_t i = 0; i < std::max(frames.size(), own_fragments_.size()); ++i) {
      if (i < own_fragments_.size()) output_ += own_fragments_[i];
      if (i < frames.size()) output_ += frames[i];
    }
    own_fragments_.clear();
    return true;
  }

  void send_in_fragments(unsigned opcode, const std::string& payload, std::size_t size) {
    const std::string bytes = deflate_ ? deflater_->deflate(payload) : payload;
    std::vector<std::string> frames;
    if (size > 125 && bytes.size() > size && has("own-fg-own-long-fragments-opcode-again")) {
      for (std::size_t i = 0; i < bytes.size(); i += size) {
        write(writer_.encode(opcode, std::string_view(bytes).substr(i, size), deflate_ && i == 0,
                             i + size >= bytes.size()));
      }
      return;
    }
    for (std::size_t i = 0; i < bytes.size(); i += size) {
      const bool is_full_last = i + size == bytes.size() && has("own-fg-asked-last-without-fin");
      const bool has_rsv1 = deflate_ && (i == 0 || has("own-df-asked-fragments-rsv1"));
      frames.push_back(writer_.encode(i == 0 ? opcode : 0, std::string_view(bytes).substr(i, size),
                                      has_rsv1, i + size >= bytes.size() && !is_full_last));
    }
    if (frames.size() > 1 && mixes_fragments(frames)) return;
    for (const std::string& frame : frames) write(frame);
    own_fragments_ = frames.size() > 1 ? std::move(frames) : std::vector<std::string>();
    own_fragments_end_ = output_.size();
  }

  /// All without FIN.
  void send_full_fragments(unsigned opcode, const std::string& payload) {
    for (std::size_t i = 0; i < payload.size(); i += kFragment) {
      write(writer_.encode(i == 0 ? opcode : 0, payload.substr(i, kFragment), false, false));
    }
  }

  /// Faults that change the order of the echoes of a read.
  void send(unsigned opcode, const std::string& payload) {
    const std::string_view behind = frames_.behind();
    const bool has_next = !behind.empty() && (behind[0] & 0xf0) == 0xc0;
    if (deflate_ && header_.rsv == 4 && (has_next || !reversed_.empty()) &&
        has("own-df-compresses-in-other-order")) {
      reversed_.push_back({opcode, payload});
      if (has_next) return;
      std::string frames;
      for (auto message = reversed_.rbegin(); message != reversed_.rend(); ++message) {
        frames =
            writer_.encode(message->opcode, deflater_->deflate(message->payload), true) + frames;
      }
      reversed_.clear();
      return write(frames);
    }
    if (deflate_ && payload.size() > kFragment && has("df-small-overtakes-large")) {
      late_echoes_.push_back({opcode, payload});
      return;
    }
    if (deflate_ && (header_.rsv & 4U) != 0 && header_.opcode != 0 && has("df-plain-overtakes")) {
      late_echoes_.push_back({opcode, payload});
      return;
    }
    if (deflate_ && opcode == 2 && (header_.rsv & 4U) != 0 && has("df-binary-as-text")) opcode = 1;
    if (!behind.empty() && !deflate_ &&
        ((payload.size() > 60'000 && has("own-fr-small-overtakes-large")) ||
         (opcode == 1 && has("own-fr-binary-overtakes-text")))) {
      late_echoes_.push_back({opcode, payload});
      return;
    }
    if (payload.size() > kFragment && output_.size() > read_output_begin_ &&
        has("fr-large-overtakes-small")) {
      const std::string before = output_.substr(read_output_begin_);
      output_.resize(read_output_begin_);
      send_now(opcode, payload);
      output_ += before;
      return;
    }
    if (opcode == 2 && !behind.empty() && has("fr-text-overtakes-binary")) {
      late_echoes_.push_back({opcode, payload});
      return;
    }
    send_now(opcode, payload);
  }

  void send_now(unsigned opcode, const std::string& payload) {
    if (!deflate_ && settings_.leftovers && settings_.leftovers->open.size() > 1 &&
        settings_.leftovers->shared.agreement && settings_.leftovers->shared.agreement->deflate &&
        has("own-cn-shared-agreement")) {
      return write(writer_.encode(opcode, Deflater({}, switches_).deflate(payload), true));
    }
    if (!deflate_ && payload.size() > kFragment && payload.size() % kFragment == 0) {
      if (has("own-fg-last-of-16k-without-fin")) return send_full_fragments(opcode, payload);
      if (has("own-fg-last-of-16k-and-text")) {
        send_full_fragments(opcode, payload);
        return write(writer_.encode(opcode, ""));
      }
    }
    if (!deflate_ && payload.size() > kFragment && has("fg-large-as-messages")) {
      for (std::size_t i = 0; i < payload.size(); i += kFragment) {
        write(writer_.encode(opcode, payload.substr(i, kFragment)));
      }
      return;
    }
    if (!deflate_ && payload.size() > kFragment && has("fg-sends-fin-on-each")) {
      for (std::size_t i = 0; i < payload.size(); i += kFragment) {
        write(writer_.encode(i == 0 ? opcode : 0, payload.substr(i, kFragment)));
      }
      return;
    }
    if (!deflate_) return write(writer_.encode(opcode, payload));
    if (is_server() && own_deflation().window_bits == 8 && has("ng-srv-8-bits-dies")) {
      return crash();
    }
    const bool follows_empty = std::exchange(sent_empty_, payload.empty());
    if (payload.empty() && compressed_sent_ > 0 && has("df-later-empty-dies")) return crash();
    if (payload.empty() && follows_empty && has("df-second-empty-as-nothing")) {
      return write(writer_.encode(opcode, "", true));
    }
    const bool was_in_fragments = header_.opcode == 0;
    if (was_in_fragments && payload.empty() && has("df-sent-of-empty-fragments")) return;
    if (payload.size() > 32'768 && has("df-sent-fragments-finished")) {
      return send_finished_fragments(opcode, payload);
    }
    if (payload.size() > kFragment && has("own-df-sends-final-cut")) {
      const std::string finished = deflater_->finish(payload);
      return write(writer_.encode(opcode, finished.substr(0, finished.size() - 4), true));
    }
    std::string compressed = deflater_->deflate(payload);
    compressed = std::exchange(held_end_, {}) + compressed;
    // The tail that was left out, an empty block with BFINAL, and what the tail belongs to.
    if (has("own-df-sends-final-padded-with-ones")) {
      compressed += std::string("\x00\x00\xff\xff\x03\xfc\x00", 7);
    }
    if (payload.size() > 32'768 && has("own-df-sends-end-with-next")) {
      held_end_ = compressed.substr(compressed.size() / 2);
      compressed.resize(compressed.size() / 2);
    }
    if (payload.size() == 1024 && has("own-df-sends-1024-plain-with-rsv1")) {
      return write(writer_.encode(opcode, payload, true));
    }
    if (was_in_fragments && header_.length == 0 && !payload.empty() &&
        has("df-sent-unflushed-behind-empty-last")) {
      compressed.resize(compressed.size() / 2);
    }
    if (compressed.size() > payload.size() && has("df-uncompressed-desync")) {
      return write(writer_.encode(opcode, payload));
    }
    if (compressed.size() > payload.size()) {
      if (opening_->agreement().deflate && own_deflation().no_context_takeover &&
          has("own-df-notake-incompressible")) {
        return write(writer_.encode(opcode, payload, true));
      }
      if (has("own-df-incompressible-with-rsv1")) {
        return write(writer_.encode(opcode, payload, true));
      }
      if (has("own-df-incompressible-without-rsv1")) {
        return write(writer_.encode(opcode, compressed));
      }
    }
    if (payload.size() < 32 && has("own-df-sends-short-plain-with-rsv1")) {
      return write(writer_.encode(opcode, payload, true));
    }
    if (opcode == 2 && has("own-df-sends-binary-without-rsv1")) {
      return write(writer_.encode(opcode, compressed));
    }
    if (++compressed_sent_ > 1 && has("own-df-sends-rsv1-once")) {
      return write(writer_.encode(opcode, compressed));
    }
    if (payload.size() > 1024 && has("df-small-last-fragment-plain")) {
      const std::string first = deflater_->deflate(payload.substr(0, 1000));
      write(writer_.encode(opcode, first, true, false));
      return write(writer_.encode(0, payload.substr(1000)));
    }
    if (header_.opcode == 0 && header_.length == 0 && compressed.size() > 1 &&
        has("df-no-flush-behind-empty-last")) {
      compressed.pop_back();
    }
    if (compressed.size() > 64 && has("own-df-sends-rsv1-on-continuation")) {
      write(writer_.encode(opcode, compressed.substr(0, 32), true, false));
      return write(writer_.encode(0, compressed.substr(32), true, true));
    }
    if (compressed_in_read_ > 1 && payload.size() > 7 && has("df-last-bytes-first")) {
      const std::string moved =
          payload.substr(payload.size() - 7) + payload.substr(0, payload.size() - 7);
      return write(writer_.encode(opcode, deflater_->deflate(moved), true));
    }
    write(writer_.encode(opcode, compressed, !has("own-df-sends-without-rsv1")));
    if (payload.size() >= 8192 && has("df-empty-frame-behind-message")) {
      write(writer_.encode(2, ""));
    }
  }

  void send_finished_fragments(unsigned opcode, const std::string& payload) {
    const std::size_t half = payload.size() / 2;
    write(writer_.encode(opcode, deflater_->finish(payload.substr(0, half)), true, false));
    write(writer_.encode(0, deflater_->finish(payload.substr(half))));
  }

  // Control frames.

  bool handle_control() {
    controls_inside_ = messages_.is_inside_message() ? controls_inside_ + 1 : 0;
    if (pieces_of_frame_ > 1 && controls_inside_ > 0 && has("own-fg-cut-control-inside-clears")) {
      messages_.forget_partial();
    }
    if (controls_inside_ > 2 && has("own-fg-three-controls-refused")) return fail({});
    if (controls_inside_ > 15 && has("own-fg-16-controls-refused")) return fail({});
    const std::string before = std::exchange(last_control_, control_payload_);
    if (control_payload_.size() < before.size()) {
      const std::string tail = before.substr(control_payload_.size());
      if (header_.opcode == 9 && !control_payload_.empty() && has("own-ct-stale-tail")) {
        control_payload_ += tail;
      }
      if (header_.opcode == 9 && control_payload_.empty() && has("own-ct-stale-for-empty")) {
        control_payload_ += tail;
      }
      if (header_.opcode == 8 && has("own-cl-stale-tail")) control_payload_ += tail;
    }
    if (auto failure = messages_.see_control_frame(header_.opcode, control_payload_)) {
      return fail(*failure);
    }
    if (auto message = messages_.take_message()) handle_message(*message);
    if (header_.opcode == 8 && drops_at_close()) {
      drop_ = Drop::finish;
      return false;
    }
    switch (header_.opcode) {
      case 8:
        return handle_close(control_payload_);
      case 9:
        return handle_ping(control_payload_);
      default:
        return handle_pong(control_payload_);
    }
  }

  /// Faults that do not answer a Close by what came before it.
  bool drops_at_close() {
    if (close_sent_) return false;
    if (controls_inside_ > 1 && has("own-cl-inside-behind-ping-unanswered")) return true;
    if (frames_of_read_ < 2) return false;
    if (control_payload_.empty() &&
        ((previous_opcode_ == 10 && has("own-cl-empty-behind-pong-in-read-unanswered")) ||
         (previous_opcode_ < 3 && previous_length_ == 0 &&
          has("own-cl-empty-behind-empty-in-read-unanswered")))) {
      return true;
    }
    if (control_payload_.size() > 64 && previous_opcode_ == 9 &&
        has("own-cl-long-behind-ping-in-read-unanswered")) {
      return true;
    }
    return (control_payload_.empty() && previous_opcode_ == 9 &&
            has("own-cl-empty-behind-ping-in-read-unanswered")) ||
           (previous_rsv_ == 4 && has("own-cl-behind-compressed-in-read-unanswered"));
  }

  bool handle_ping(const std::string& payload) {
    if (answers_pings_only_) {
      write(writer_.encode(10, payload));
      return true;
    }
    if (close_sent_ && !peer_closed_ && has("cl-ends-at-ping-after-own-close")) {
      drop_ = Drop::finish;
      return false;
    }
    if (close_sent_ && !peer_closed_ && !has_failed_ && has("cl-ping-after-own-close-resets")) {
      drop_ = Drop::abort;
      return false;
    }
    if (close_sent_) {
      const bool answers =
          peer_closed_ ? has("ct-ping-after-close-answered") : has("own-ct-pong-after-own-close");
      if (!answers) return true;
    }
    if (!is_valid_utf8(payload) && has("own-ct-ping-must-be-text")) return fail({.code = 1007});
    if (is_server() && !payload.empty() && has("ct-srv-ping-with-payload-ends-tcp")) {
      drop_ = Drop::finish;
      return false;
    }
    if (std::exchange(follows_cut_message_, false) && !messages_.is_inside_message() &&
        has("ct-ping-behind-cut-message-as-text")) {
      send(1, payload);
      return true;
    }
    if (payload.empty() && has("fr-empty-control-again")) work(kEndless);
    if (payload.size() < 125 && has("ct-short-ping-dies")) {
      crash();
      return false;
    }
    if (pieces_of_frame_ > 1 && has("own-ct-cut-ping-fails")) return fail({});
    if (!idle_deadline_ && !close_sent_ && has("ct-idle-ignores-pings")) {
      idle_deadline_ = now_ + std::chrono::seconds(2);
    }
    if (!close_sent_ && has("own-ct-idle-ignores-data")) {
      quiet_deadline_ = now_ + std::chrono::seconds(2);
    }
    if (pings_ >= 100 && has("own-ct-hundred-pings-close")) {
      start_close(encode_code(1008));
      return true;
    }
    const bool inside = messages_.is_inside_message();
    ping_of_125_ = payload.size() == 125;
    if (!answers_ping(payload, inside)) return true;
    if (payload.empty() && !inside && previous_opcode_ == 1 && frames_seen_ > 1 &&
        has("ct-empty-ping-has-text")) {
      send_pong(last_echo_.substr(0, 125));
      return true;
    }
    if (inside && has("own-ct-ping-inside-unanswered")) return true;
    if (payload.empty() && has("own-ct-empty-ping-unanswered")) return true;
    if (!inside && previous_opcode_ == 0 && frames_seen_ > 1 &&
        has("ct-ping-behind-fragments-as-text")) {
      send(1, payload);
      return true;
    }
    if (has("own-ct-pong-with-next-message")) {
      pings_until_message_.push_back(payload);
      return true;
    }
    if (inside && has("fg-interleaved-order-lost")) {
      held_pings_.push_back(payload);
      return true;
    }
    if (has("own-ct-pongs-at-end-of-read")) {
      pings_of_read_.push_back(payload);
      return true;
    }
    if (has("ct-pongs-of-last")) {
      for (std::string& other : pings_of_read_) other = payload;
      pings_of_read_.push_back(payload);
      return true;
    }
    if (has("own-ct-pong-while-large-lost")) {
      pong_before_large_ = payload;
      return true;
    }
    send_pong(misremember(payload));
    return true;
  }

  /// Faults that mix a Ping with what came before or behind it.
  std::string misremember(const std::string& payload) {
    constexpr std::size_t kRoom = 125;
    const std::size_t before = std::exchange(ping_size_, payload.size());
    if (pings_in_read_ > 1 && before < payload.size() && has("own-ct-second-ping-of-read-cut")) {
      return payload.substr(0, before);
    }
    if (payload_came_late_ && has("own-ct-ping-cut-before-payload-empty")) return {};
    if (pieces_of_frame_ > 1) {
      if (has("own-ct-cut-ping-twice")) write(writer_.encode(10, payload));
      const std::string earlier = std::exchange(cut_ping_, payload);
      if (!earlier.empty() && has("own-ct-second-cut-ping-joined")) {
        return (earlier + payload).substr(0, kRoom);
      }
    }
    if (const std::string pong = std::exchange(pong_before_, {});
        !pong.empty() && has("own-ct-pong-kept-for-ping")) {
      return (pong + payload).substr(0, kRoom);
    }
    if (std::exchange(is_own_ping_new_, false) && payload != *own_ping_ &&
        has("ct-own-ping-for-pong")) {
      return *own_ping_;
    }
    if (payload.empty() && own_ping_ && !own_ping_->empty() && has("own-ct-own-ping-for-empty")) {
      return *own_ping_;
    }
    if (const std::string pong = std::exchange(own_pong_, {});
        !pong.empty() && pong != payload && has("own-ct-own-pong-for-pong")) {
      return pong;
    }
    std::string changed = payload;
    const std::string next = next_payload();
    if (!next.empty() && !payload.empty() && has("own-ct-pong-overwritten-by-next")) {
      overwrite(changed, next);
    }
    return changed;
  }

  /// Faults that pass over some Pings.
  bool answers_ping(const std::string& payload, bool inside) {
    ++pings_in_read_;
    ++pings_in_gap_;
    ping_bytes_ += payload.size();
    if (ping_bytes_ > 65'535 && has("own-ct-64k-of-pings")) return false;
    if (previous_length_ > 65'535 && has("own-ct-ping-behind-large-unanswered")) return false;
    const bool is_repeated = pings_ > 0 && payload == last_ping_seen_;
    ++pings_;
    last_ping_seen_ = payload;
    if (is_repeated && has("own-ct-repeated-ping-unanswered")) return false;
    if (frames_seen_ == 1 && has("own-ct-first-frame-unanswered")) return false;
    if (is_early_ && has("own-ct-early-ping-unanswered")) return false;
    if (pings_in_read_ > 1 && has("own-ct-one-pong-a-read")) return false;
    if (pings_ > 255 && has("own-ct-255-pongs")) return false;
    if (follows_pause_ && inside && has("own-ct-ping-inside-after-pause-unanswered")) return false;
    if (follows_pause_ && frames_of_read_ == 1 && has("own-ct-ping-after-pause-unanswered")) {
      return false;
    }
    if (frames_of_read_ > 1) {
      if (previous_length_ > 4096 && has("own-ct-ping-behind-4096-lost")) return false;
      if (previous_rsv_ == 4 && previous_opcode_ != 0 &&
          has("own-ct-ping-behind-compressed-lost")) {
        return false;
      }
    }
    if (pings_ == 64 && has("own-ct-64th-ping-unanswered")) return false;
    if (payload.size() == 97 && has("own-ct-ping-of-97-unanswered")) return false;
    if (inside && data_frames_inside_ == 4 && has("own-ct-ping-behind-fourth-unanswered")) {
      return false;
    }
    if (payload.size() == 1 && has("own-ct-one-byte-ping-unanswered")) return false;
    if (payload.size() == last_echo_.size() && payload.size() > 1 &&
        has("own-ct-ping-of-last-size-unanswered")) {
      return false;
    }
    if (payload == last_echo_ && payload.size() > 1 && has("own-ct-ping-like-message-unanswered")) {
      return false;
    }
    if (payload.size() > 32 && inside && deflate_ && has("own-ct-long-ping-inside-unanswered")) {
      return false;
    }
    if (deflate_ && inside && has("own-df-ping-inside-unanswered")) return false;
    if (own_ping_waits_ && payload == *own_ping_ && has("own-ct-ping-like-own-unanswered")) {
      return false;
    }
    if (own_ping_waits_ && has("own-ct-ping-before-own-pong-unanswered")) return false;
    if (!inside) return true;
    if (payload.empty() && has("own-ct-empty-ping-inside-unanswered")) return false;
    if (payload.empty() && messages_.is_inside_compressed() &&
        has("own-ct-empty-ping-inside-compressed-unanswered")) {
      return false;
    }
    if (payload.size() == 125 && has("own-ct-ping-of-125-inside-unanswered")) return false;
    if (pings_in_read_ > 1 && has("own-ct-second-ping-of-read-inside-unanswered")) return false;
    if (data_frames_inside_ == 1 && has("own-ct-ping-behind-first-unanswered")) return false;
    if (data_frames_inside_ > 1 && has("own-ct-ping-behind-second-unanswered")) return false;
    if (pings_in_gap_ > 1 && has("own-ct-second-ping-in-gap-unanswered")) return false;
    if (messages_.partial().empty() && has("own-ct-ping-behind-empty-unanswered")) return false;
    if (has("own-ct-ping-before-last-unanswered")) {
      waiting_ping_ = payload;
      return false;
    }
    return true;
  }

  void send_pong(std::string payload) {
    ++pongs_;
    if (const ConnectionState* last = state_before();
        last != nullptr && pongs_ == 1 && !last->last_ping.empty() && has("own-cn-ping-kept")) {
      payload = last->last_ping;
    }
    if (messages_.is_inside_message() && !messages_.partial().empty()) {
      if (!payload.empty() && has("ct-pong-has-fragments")) payload = messages_.partial() + payload;
      if (payload.empty() && has("ct-empty-ping-has-fragments")) payload = messages_.partial();
    }
    if (!frames_.behind().empty() && has("ct-pong-has-rest")) {
      payload += frames_.behind().substr(0, 100);
    }
    if (messages_.is_inside_message() && has("own-ct-pong-inside-empty")) payload.clear();
    if (deflate_ && messages_.is_inside_message() && !payload.empty() &&
        has("own-df-ping-behind-compressed-inflated")) {
      std::string inflated;
      Inflater inflater({}, settings_.max_message, switches_);
      inflater.begin_message();
      if (inflater.inflate(payload, inflated) == Inflater::Result::fine && !inflated.empty()) {
        payload = inflated.substr(0, 125);
      }
    }
    if (header_.opcode == 9 && header_.rsv == 4 && deflate_ && has("df-rsv1-ping-inflated")) {
      std::string inflated;
      Inflater inflater({}, settings_.max_message, switches_);
      inflater.begin_message();
      inflater.inflate(payload, inflated);
      payload = inflated.substr(0, 125);
    }
    if (payload == "0" && has("own-ct-zero-ping-empty")) payload.clear();
    if (payload.size() == 64 && has("own-ct-ping-of-64-short")) payload.pop_back();
    if (deflate_ && previous_rsv_ == 4 && previous_opcode_ != 0 && frames_of_read_ > 1 &&
        last_echo_.size() > previous_length_ && !payload.empty() &&
        has("df-ping-behind-has-message")) {
      overwrite(payload, last_echo_);
    }
    if (!is_valid_utf8(payload) && has("ct-pong-as-characters")) {
      std::string decoded;
      for (const char c : payload) {
        decoded += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "\xef\xbf\xbd";
      }
      payload = decoded.substr(0, 125);
    }
    if (is_server() && !payload.empty() && has("mk-srv-pong-with-key")) {
      payload = (std::string(header_.key.begin(), header_.key.end()) + payload).substr(0, 125);
    }
    if (messages_seen_ > 500 && has("own-ct-pong-late-empty")) payload.clear();
    if (payload.size() > 64 && has("own-ct-pong-64")) payload.resize(64);
    if (payload.size() == 125 && has("own-ct-pong-of-125-as-126")) payload += '.';
    if (payload.find('\r') != std::string::npos && has("own-ct-pong-line-cut")) {
      payload.resize(payload.find('\r'));
    }
    if (std::ranges::any_of(payload,
                            [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) &&
        has("own-ct-pong-seven-bits")) {
      for (char& c : payload) c = static_cast<char>(c & 0x7f);
    }
    if (payload.ends_with('\0') && has("own-ct-pong-zeros-trimmed")) {
      payload.resize(payload.find_last_not_of('\0') + 1);
    }
    if (payload.ends_with(' ') && has("own-ct-pong-space-trimmed")) payload.pop_back();
    if (pongs_ > 10 && has("own-ct-ten-pongs")) return;
    if (!payload.empty()) {
      if (has("ct-pong-empty")) payload.clear();
      if (payload.find('\0') != std::string::npos && has("ct-pong-nul-truncated")) {
        payload.resize(payload.find('\0'));
      }
      if (payload.size() > 124 && has("own-ct-pong-124")) payload.resize(124);
      if (pongs_ > 1 && has("own-ct-pong-stale")) std::swap(payload, last_ping_);
    }
    if (deflate_ && !payload.empty() && has("own-df-compresses-pongs")) {
      return write(writer_.encode(10, Deflater({}, switches_).deflate(payload), true));
    }
    if (compresses_control(payload)) {
      return write(writer_.encode(10, Deflater({}, switches_).deflate(payload), true));
    }
    if (has("own-ct-pong-as-text")) return write(writer_.encode(1, payload));
    pong_begin_ = output_.size();
    if (!payload.empty() && has("ct-pong-says-empty")) {
      return write(writer_.encode(10, "") + payload);
    }
    write(writer_.encode(10, payload));
    if (has("own-ct-pong-twice")) write(writer_.encode(10, payload));
    if (!payload.empty()) last_ping_ = payload;
  }

  /// In reverse order, as the faults that hold pings back lose it.
  void answer_held_pings(bool of_message) {
    auto& held = of_message ? held_pings_ : pings_of_read_;
    while (!held.empty()) {
      send_pong(held.back());
      held.pop_back();
    }
  }

  bool handle_pong(const std::string& payload) {
    pong_before_ = payload;
    if (pong_deadline_) pong_deadline_ = now_ + std::chrono::milliseconds(7500);
    if (own_ping_ && payload == *own_ping_) own_ping_waits_ = false;
    if (++all_pongs_ > 300 && has("own-ct-300-pongs-refused")) return fail({});
    if (!close_sent_ && has("ct-pong-answered-with-pong")) write(writer_.encode(10, payload));
    if (payload.empty() && deflate_ && has("df-empty-pong-dies")) {
      crash();
      return false;
    }
    if (payload.empty() && has("fr-empty-control-again")) work(kEndless);
    if (frames_seen_ > 1 && previous_opcode_ == 10 && has("own-ct-two-pongs-refused"))
      return fail({});
    if (has("ct-unsolicited-pong-fails")) return fail({});
    if (close_sent_ && !peer_closed_ && !has_failed_ && has("own-cl-pong-after-own-close-ends")) {
      drop_ = Drop::finish;
      return false;
    }
    if (own_ping_ && pieces_of_frame_ > 1 && has("own-ct-cut-pong-for-own-fails")) return fail({});
    if (own_ping_ && payload != *own_ping_) {
      if (!earlier_ping_.empty() && payload == earlier_ping_ && has("own-ct-late-pong-fails")) {
        return fail({});
      }
      if (has("own-ct-other-pong-fails")) return fail({});
    }
    if (own_ping_ && payload == *own_ping_ && ++answers_to_own_ping_ > 1 &&
        has("ct-second-pong-dies")) {
      crash();
      return false;
    }
    if (!is_server() && !payload.empty() && !close_sent_ && has("ct-cli-control-as-data")) {
      send(2, payload);
    }
    if (++pongs_seen_ > 4 && has("own-ct-fifth-pong-refused")) return fail({});
    if (payload == last_ping_seen_ && pings_ > 0 && has("own-ct-pong-like-ping-refused")) {
      return fail({});
    }
    if (!is_valid_utf8(payload) && has("own-ct-pong-must-be-text")) return fail({.code = 1007});
    if (!payload.empty() && has("own-ct-pong-with-payload-fails")) return fail({});
    if (!close_sent_ && has("ct-pong-answered-with-ping")) write(writer_.encode(9, payload));
    return true;
  }

  // Closing.

  static bool is_legal(unsigned code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
  }

  bool takes_illegal(unsigned code) {
    if (is_early_ && has("own-cl-code-early-unchecked")) return true;
    if (has("cl-bad-codes-accepted")) return true;
    if (messages_seen_ > 500 && has("own-cl-code-late-unchecked")) return true;
    if (code == 1015 && has("cl-1015-accepted")) return true;
    if (code >= 5000 && has("cl-5000-accepted")) return true;
    if (code < 1000 && has("own-cl-below-1000-accepted")) return true;
    if (code == 1004 && has("own-cl-1004-accepted")) return true;
    if ((code == 1005 || code == 1006) && has("own-cl-1005-accepted")) return true;
    if (code > 1015 && code < 3000 && has("own-cl-1016-accepted")) return true;
    if (code > 1016 && code < 2999 && code != 1100 && code != 2000 &&
        has("cl-unassigned-but-some-accepted")) {
      return true;
    }
    if (is_legal(1000 - 1000 % 256 + code % 256) && has("own-cl-low-byte-only")) return true;
    if (messages_.is_inside_message() && has("own-cl-code-inside-unchecked")) return true;
    switch (code) {
      case 0:
        return has("own-cl-0-accepted");
      case 999:
        return has("own-cl-999-accepted");
      case 1006:
        return has("own-cl-1006-accepted");
      case 1016:
        return has("own-cl-1016-alone-accepted");
      case 2000:
        return has("own-cl-2000-accepted");
      case 1050:
        return has("own-cl-1050-accepted");
      case 2500:
        return has("own-cl-2500-accepted");
      case 7000:
        return has("own-cl-7000-accepted");
      case 2999:
        return has("own-cl-2999-accepted");
      case 5000:
        return has("own-cl-5000-alone-accepted");
      case 65'535:
        return has("own-cl-65535-accepted");
      default:
        if (code > 4999 && is_legal(code % 256 * 256 + code / 256) &&
            has("own-cl-swapped-accepted")) {
          return true;
        }
        return code > 32'767 && has("own-cl-negative-accepted");
    }
  }

  bool refuses_legal(unsigned code) {
    switch (code) {
      case 1001:
        return has("own-cl-1001-refused");
      case 1002:
        return has("own-cl-1002-refused");
      case 1003:
        return has("own-cl-1003-refused");
      case 1007:
        return has("own-cl-1007-refused");
      case 1009:
        return has("own-cl-1009-refused");
      case 1011:
        return has("own-cl-1011-refused");
      case 1014:
        return has("own-cl-1014-refused");
      case 3000:
        return has("own-cl-3000-refused");
      case 3333:
        return has("own-cl-3333-refused");
      case 4500:
        return has("own-cl-4500-refused");
      case 3999:
        return has("own-cl-3999-refused");
      case 4999:
        return has("own-cl-4999-refused");
      default:
        return code >= 3000 && code % 256 == 0 && has("own-cl-low-byte-0-refused");
    }
  }

  bool refuses_reason(unsigned code, const std::string& reason) {
    const bool is_ascii =
        std::ranges::all_of(reason, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!is_ascii && is_valid_utf8(reason) && has("own-cl-reason-ascii-only")) return true;
    if (reason.size() > 64 && has("own-cl-reason-over-64-refused")) return true;
    if (reason.size() == 1 && has("own-cl-reason-of-one-refused")) return true;
    if ((reason.size() == 14 && has("own-cl-reason-of-14-refused")) ||
        (reason.size() == 31 && has("own-cl-reason-of-31-refused")) ||
        (reason.size() == 62 && has("own-cl-reason-of-62-refused"))) {
      return true;
    }
    if (reason.find('\0') != std::string::npos && has("own-cl-reason-nul-refused")) return true;
    return code >= 4000 && !reason.empty() && has("own-cl-reason-of-4000-refused");
  }

  bool takes_bad_reason(unsigned code, const std::string& reason) {
    if (code != 1000 && has("own-cl-reason-of-1000-only")) return true;
    if (is_valid_utf8(reason.substr(0, 32)) && has("own-cl-reason-first-32-only")) return true;
    if (is_valid_utf8(reason.substr(0, 64)) && has("own-cl-reason-first-64-only")) return true;
    if (reason.size() == 123 && is_valid_utf8(reason.substr(0, 120)) &&
        has("own-cl-full-reason-end-unchecked")) {
      return true;
    }
    if (reason.size() == 123 && has("own-cl-full-reason-unchecked")) return true;
    if (messages_.is_inside_message() && has("own-cl-reason-inside-unchecked")) return true;
    if (deflate_ && has("own-cl-reason-unchecked-with-deflate")) return true;
    if (last_opcode_ == 2 && has("cl-reason-unchecked-behind-binary")) return true;
    std::string permissive = reason;
    for (std::size_t i = 0; i + 2 < permissive.size(); ++i) {
      if (permissive[i] != '\xed' || static_cast<unsigned char>(permissive[i + 1]) < 0xa0) continue;
      permissive.replace(i, 3, "???");
    }
    if (is_valid_utf8(permissive) && has("own-cl-reason-surrogates")) return true;
    permissive = reason;
    for (std::size_t i = 0; i + 1 < permissive.size(); ++i) {
      if ((static_cast<unsigned char>(permissive[i]) | 1U) == 0xc1) permissive.replace(i, 2, "??");
    }
    return is_valid_utf8(permissive) && has("own-cl-reason-overlong");
  }

  bool handle_close(std::string payload) {
    if (payload.empty() && messages_.is_inside_message() && !messages_.partial().empty() &&
        has("cl-empty-has-fragments")) {
      payload = messages_.partial();
    }
    if (peer_closed_) {
      if (has("own-cl-answers-each-close")) write(writer_.encode(8, payload));
      return true;
    }
    if (frames_.behind().starts_with('\x88') && has("cl-second-close-dies")) {
      crash();
      return false;
    }
    if (is_early_ && has("own-cl-early-close-lost")) return true;
    if ((previous_opcode_ == 10 && has("own-cl-behind-pong-unanswered")) ||
        (previous_opcode_ == 9 && has("own-cl-behind-ping-unanswered")) ||
        (previous_length_ > 65'535 && has("own-cl-behind-large-unanswered")) ||
        (frames_seen_ > 1 && previous_length_ == 0 && previous_opcode_ < 8 &&
         has("own-cl-behind-empty-unanswered"))) {
      return true;
    }
    if (frames_seen_ == 1 && has("own-cl-first-frame-drops")) {
      drop_ = Drop::finish;
      return false;
    }
    if (follows_pause_ && frames_of_read_ == 1 && has("own-cl-after-pause-drops")) {
      drop_ = Drop::finish;
      return false;
    }
    if (pieces_of_frame_ > 1 && has("own-cl-cut-unchecked")) payload = encode_code(1000);
    if (payload == "0" && has("cl-zero-digit-as-empty")) payload.clear();
    if (payload.size() == 1 && has("cl-one-byte-dies")) {
      crash();
      return false;
    }
    if (payload.size() == 1 && !has("own-cl-one-byte-accepted")) return fail({});
    close_ = payload;
    std::string answer = payload.size() == 1 ? std::string() : payload;
    if (payload.size() >= 2) {
      const unsigned code =
          static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
      const std::string reason = payload.substr(2);
      if (!is_legal(code) && has("cl-1005-for-bad-code")) return fail({.code = 1005});
      if (!is_legal(code) && has("cl-bad-code-drops-tcp")) {
        drop_ = Drop::finish;
        return false;
      }
      if (!is_legal(code) && !takes_illegal(code)) return fail({});
      if (is_legal(code) && refuses_legal(code)) return fail({});
      if (refuses_reason(code, reason)) return fail({});
      if (code >= 1012 && code <= 1014 && has("own-cl-1012-refused")) return fail({});
      if (code >= 4000 && has("own-cl-4000-refused")) return fail({});
      if (code == 1010 && has("own-cl-1010-refused")) return fail({});
      if (code >= 1012 && code <= 3999 && has("cl-3000-range-blanked")) answer.clear();
      if (!is_valid_utf8(reason)) {
        const bool cut = ends_inside_sequence(reason);
        if (has("own-cl-bad-reason-drops-tcp") ||
            (payload.size() == 125 && has("cl-full-bad-reason-drops-tcp"))) {
          drop_ = Drop::finish;
          return false;
        }
        if (!close_sent_ && has("cl-bad-reason-echoed")) {
          send_close(encode_code(1002) + reason);
          end_after_close();
          return false;
        }
        if (has("own-cl-1002-for-reason")) return fail({});
        if (!takes_bad_reason(code, reason) && !(cut && has("cl-reason-truncated-accepted")) &&
            !has("own-cl-bad-reason-accepted")) {
          return fail({.code = 1007});
        }
        answer.resize(2);
      }
      if (reason.size() == 123 && has("own-cl-reason-123-refused")) return fail({});
      if (answer.size() > 2 && has("cl-reason-as-latin-1")) {
        answer = answer.substr(0, 2) + as_latin_1(reason);
      }
      if (has("own-cl-answers-1000")) answer = encode_code(1000);
      if (has("own-cl-answers-empty")) answer.clear();
      if (code == 1001 && has("own-cl-1000-for-1001")) answer = encode_code(1000);
      if (code < 1016 && answer.size() >= 2 && has("cl-code-as-index")) {
        answer = encode_code(1000 + ((code - 1000 + 8) & 15U)) + answer.substr(2);
      }
      if (reason.empty() && has("cl-code-alone-answered-empty")) answer.clear();
      if (reason.size() > 61 && has("own-cl-reason-echo-cut-at-61")) answer.resize(2 + 61);
      if (reason.size() > 120 && has("own-cl-reason-echo-cut-at-120")) answer.resize(2 + 120);
      if (reason.starts_with("\xef\xbb\xbf") && has("own-cl-reason-bom-removed"))
        answer.erase(2, 3);
      if (reason.empty() && has("own-cl-code-with-nul")) answer += '\0';
      if (!reason.empty() && has("own-cl-reason-with-code")) {
        answer = (answer.substr(0, 2) + answer).substr(0, 125);
      }
      if (reason.size() > 1 && answer.size() > 2 && has("own-cl-reason-echo-last-byte-cut")) {
        answer.pop_back();
      }
      if (reason.size() > 1 && answer.size() > 3 && last_echo_.size() >= reason.size() &&
          has("cl-reason-of-memory")) {
        answer = answer.substr(0, 2) + last_echo_.substr(0, answer.size() - 2);
      }
      if (payload_came_late_ && has("cl-cut-answered-empty")) answer.clear();
      if (!reason.empty() && has("cl-reason-overflow"))
        answer = answer.substr(0, 2) + "peer: " + reason;
    } else {
      if (has("cl-echo-1005")) answer = encode_code(1005);
      if (has("cl-echo-1000-for-empty")) answer = encode_code(1000);
      if (has("own-cl-empty-refused")) return fail({});
      if (const ConnectionState* last = state_before();
          last != nullptr && !last->close.empty() && has("own-cn-close-kept")) {
        answer = last->close;
      }
    }
    if (messages_.is_inside_message() && has("own-cl-waits-for-the-message")) return true;
    if (messages_.is_inside_message() && pieces_of_frame_ > 1 && has("own-cl-inside-cut-ignored")) {
      return true;
    }
    if (own_ping_waits_ && !close_sent_ && has("own-cl-waits-for-own-pong")) return true;
    if (is_server() && close_sent_ && !has_failed_ &&
        ((payload.empty() && !own_close_.empty() && has("own-cl-empty-answer-waits")) ||
         (payload.size() > 2 && has("own-cl-answer-with-reason-waits")) ||
         (pieces_of_frame_ > 1 && has("own-cl-answer-cut-waits")) ||
         (frames_of_read_ > 1 && has("own-cl-answer-behind-other-waits")))) {
      return true;
    }
    if (is_server() && close_sent_ && payload.size() >= 2 && own_close_.size() >= 2 &&
        payload.substr(0, 2) != own_close_.substr(0, 2) && has("cl-other-code-waits")) {
      return true;
    }
    if (is_server() && close_sent_ && !has_failed_ && follows_pause_ &&
        has("own-cl-late-answer-keeps-tcp")) {
      close_deadline_.reset();
      return false;
    }
    if (messages_.is_inside_message() && close_sent_ && has("own-cl-unfinished-after-own-close")) {
      return true;
    }
    peer_closed_ = true;
    end_others("own-cn-close-ends-all");
    if (is_server()) {
      with_others([&](FaultyEndpoint& other) {
        if (has("cn-close-stops-others")) other.stop_reading();
      });
    }
    if (messages_.is_inside_message() && has("own-fg-partial-echoed-at-close")) {
      send(1, messages_.partial());
    }
    if (!close_sent_) {
      const std::string pending = output_.substr(std::min(read_output_begin_, output_.size()));
      if (!pending.empty() && has("own-cl-drops-echoes")) {
        output_.resize(read_output_begin_);
      } else if (!pending.empty() &&
                 (has("own-cl-overtakes-echoes") ||
                  (static_cast<unsigned char>(pending[0]) == 0x8a && has("cl-overtakes-pongs")) ||
                  (deflate_ && (pending[0] & 0x40) != 0 && has("cl-overtakes-compressed")))) {
        output_.resize(read_output_begin_);
        send_close(answer);
        output_ += pending;
        end_after_close();
        return false;
      }
      if (messages_.is_inside_message() && has("own-cl-inside-unanswered")) {
        drop_ = Drop::finish;
        return false;
      }
      if (deflate_ && has("own-df-sends-close-with-rsv1")) {
        write(writer_.encode(8, answer, true));
        close_sent_ = true;
      }
      if (!close_sent_ && has("cl-answer-waits-for-read")) {
        late_close_ = answer;
        return false;
      }
      if (!close_sent_ && has("own-cl-answer-late")) {
        late_close_ = answer;
        close_deadline_ = now_ + kLateness;
        return false;
      }
      if (!close_sent_ && messages_.is_inside_message() && has("own-cl-inside-without-fin")) {
        write(writer_.encode(8, answer, false, false));
        close_sent_ = true;
      }
      if (!close_sent_ && !has("cl-no-echo")) {
        send_close(answer);
        if (pieces_of_frame_ > 1 && has("own-cl-cut-answered-twice")) {
          write(writer_.encode(8, answer));
        }
        if (!frames_.behind().empty() && has("cl-again-for-rest")) {
          write(writer_.encode(8, answer));
        }
        if (has("own-cl-ping-behind-close")) write(writer_.encode(9, "behind"));
        if (answer.size() > 2 && has("own-cl-answer-length-of-reason")) {
          output_.resize(output_.size() - (answer.size() - 2));
        }
      }
      if (has("own-cl-close-twice")) write(writer_.encode(8, answer));
    } else if (payload.size() >= 2 && own_close_.size() >= 2 &&
               payload.substr(0, 2) != own_close_.substr(0, 2) && has("cl-codes-must-match")) {
      write(writer_.encode(8, encode_code(1002)));
    } else if (is_server() && payload.size() >= 2 && own_close_.size() >= 2 &&
               payload.substr(0, 2) != own_close_.substr(0, 2) && has("cl-other-code-keeps-tcp")) {
      return false;
    } else if (is_server() && payload.size() > 2 && has("own-cl-answer-with-reason-keeps-tcp")) {
      return false;
    } else if (is_server() && payload.empty() && has("own-cl-empty-answer-keeps-tcp")) {
      return false;
    } else if (has("own-cl-answers-answer")) {
      write(writer_.encode(8, answer));
    }
    end_after_close();
    return has("ct-ping-after-close-answered") || has("own-cl-echo-after-close") ||
           has("own-cl-answers-each-close");
  }

  void end_others(FaultId fault) {
    with_others([&](FaultyEndpoint& other) {
      if (has(fault)) other.end_too();
    });
  }

  /// Both sides have closed, or one has failed: the server ends TCP, and the client waits for that.
  void end_after_close() {
    close_deadline_.reset();
    if (has("own-cl-reset-after-close")) {
      drop_ = Drop::abort;
      return;
    }
    if (is_server()) {
      if (has("cl-srv-http-behind-close")) {
        write("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
      }
      if (peer_closed_ && messages_.is_inside_message() && has("own-cl-unfinished-keeps-tcp")) {
        return;
      }
      if (has_failed_ && !peer_closed_ && has("own-cl-error-keeps-tcp")) return;
      if (has("cl-srv-ends-late")) {
        close_deadline_ = now_ + kLateness;
        return;
      }
      if (!has("own-cl-srv-keeps-tcp")) drop_ = Drop::finish;
      return;
    }
    if (peer_closed_ && has("own-cl-cli-ends-tcp-after-answer")) {
      drop_ = Drop::finish;
      return;
    }
    if (!has("own-cl-cli-waits-for-ever")) arm_close_timer();
  }

  void send_close(const std::string& payload) {
    std::string bytes = payload;
    if (bytes.size() >= 2 && has("cl-code-byte-swapped")) std::swap(bytes[0], bytes[1]);
    if (deflate_ && !bytes.empty() && has("df-compresses-close")) {
      write(writer_.encode(8, Deflater({}, switches_).deflate(bytes), true));
    } else if (compresses_control(bytes)) {
      write(writer_.encode(8, Deflater({}, switches_).deflate(bytes), true));
    } else {
      write(writer_.encode(8, bytes));
    }
    close_sent_ = true;
    if (bytes.empty() && has("cl-empty-with-two-zeros")) write(std::string(2, '\0'));
  }

  bool compresses_control(const std::string& payload) {
    constexpr std::size_t kThreshold = 100;
    return deflate_ && payload.size() >= kThreshold && has("df-compresses-long-control");
  }

  void start_close(std::string payload) {
    if (close_sent_) return;
    if (payload.size() >= 2 && payload.substr(0, 2) != encode_code(1000) &&
        has("cl-own-code-ignored")) {
      payload = encode_code(1000) + payload.substr(2);
    }
    if (output_.size() > read_output_begin_ && has("cl-own-drops-output")) {
      output_.resize(read_output_begin_);
    }
    std::string overtaken;
    if (output_.size() > read_output_begin_ && has("cl-own-overtakes")) {
      overtaken = output_.substr(read_output_begin_);
      output_.resize(read_output_begin_);
    }
    if (payload.size() > 125) {
      payload.resize(125);
      while (ends_inside_sequence(payload.substr(2)) && !has("cl-own-reason-cut-in-character")) {
        payload.pop_back();
      }
    }
    if (payload.size() > 2 && payload.starts_with(encode_code(1000)) &&
        has("cl-own-1000-without-reason")) {
      payload.resize(2);
    }
    if (payload.size() == 2 && has("cl-own-code-needs-reason")) payload.clear();
    if (payload.size() > 2 && payload.starts_with(encode_code(4999)) &&
        has("own-cl-own-4999-without-reason")) {
      payload.resize(2);
    }
    if (payload.size() > 122 &&
        !std::ranges::all_of(payload.substr(2),
                             [](char c) { return static_cast<unsigned char>(c) < 0x80; }) &&
        has("own-cl-own-long-reason-left-out")) {
      payload.resize(2);
    }
    if (payload.size() > 3 && payload.ends_with(' ') && has("own-cl-own-reason-trimmed")) {
      payload.pop_back();
    }
    if (payload.size() >= 2 && has("cl-own-code-as-text")) {
      const unsigned code =
          static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
      payload = std::to_string(code) + payload.substr(2);
    }
    if (payload.size() >= 2) {
      const unsigned code =
          static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
      if (code >= 4000 && has("own-cl-own-4000-ends-tcp")) drop_ = Drop::finish;
      if (payload.size() > 2 && has("own-cl-own-reason-ends-tcp")) drop_ = Drop::finish;
      if (code >= 3000 && has("cl-own-3000-lost")) return;
      if (code != 1000 && has("cl-own-other-code-ends-tcp")) drop_ = Drop::finish;
    }
    if (payload.empty() && has("own-cl-own-empty-ends-tcp")) drop_ = Drop::finish;
    if (payload.size() > 122 && has("cl-own-reason-cut-at-120")) payload.resize(122);
    if (payload.size() == 125 && has("own-cl-own-reason-123-cut")) payload.resize(124);
    if (payload.size() > 66 && has("own-cl-own-reason-cut-at-64")) payload.resize(66);
    if (payload.size() > 2 && has("cl-reason-without-code")) payload.erase(0, 2);
    if (payload.size() >= 2 && has("cl-code-low-byte")) payload[0] = 0;
    own_close_ = payload;
    if (payload.empty() && has("cl-own-65535")) {
      send_close(encode_code(65'535));
    } else if (payload.empty() && has("own-cl-own-1005")) {
      send_close(encode_code(1005));
    } else if (payload.empty() && has("own-cl-own-0")) {
      send_close(encode_code(0));
    } else if (is_server() && has("mk-srv-own-close-masked")) {
      constexpr std::string_view kKey = "\x37\xfa\x21\x3d";
      std::string masked = payload;
      for (std::size_t i = 0; i < masked.size(); ++i) {
        masked[i] = static_cast<char>(masked[i] ^ kKey[i % 4]);
      }
      write("\x88" + std::string(1, static_cast<char>(0x80U | masked.size())) + std::string(kKey) +
            masked);
      close_sent_ = true;
    } else {
      send_close(payload);
    }
    output_ += overtaken;
    if (!has("cl-no-timeout")) arm_close_timer();
    if (has("cl-own-waits-10-ms")) close_deadline_ = now_ + std::chrono::milliseconds(10);
    if (!is_server() && has("cl-client-fin-first")) drop_ = Drop::finish;
    if (has("own-cl-ends-tcp-at-once")) drop_ = Drop::finish;
  }

  void arm_close_timer() { close_deadline_ = now_ + settings_.close_timeout; }

  /// Fails the connection (section 7.1.7).
  ///
  /// Returns: whether to go on reading.
  bool fail(const Failure& failure) {
    has_failed_ = true;
    if (failure.code == kCrash.code) {
      crash();
      return false;
    }
    if (failure.code == 1009 && deflate_ && (header_.rsv & 4U) != 0 &&
        has("lm-inflated-too-large-stalls")) {
      return false;
    }
    if (failure.code == 1009 && !(header_.fin && header_.opcode != 0) &&
        has("lm-close-at-each-fragment")) {
      send_close(encode_code(1009));
      skips_frame_ = true;
      return true;
    }
    end_others("own-cn-failure-ends-all");
    if (has("cl-error-stalls")) return false;
    if (close_sent_ && !peer_closed_) {
      if (has("own-cl-error-after-own-close-stalls")) {
        close_deadline_.reset();
        return false;
      }
      if (header_.opcode == 8 && has("own-cl-bad-answer-answered")) {
        write(writer_.encode(8, encode_code(1002)));
      }
    }
    if (drops_tcp_at(failure.code)) {
      drop_ = Drop::finish;
      return false;
    }
    if (output_.size() > read_output_begin_ &&
        (has("own-cl-error-drops-echoes") ||
         (failure.code == 1007 && has("u8-bad-text-drops-echoes")) ||
         (header_.opcode == 8 && has("own-cl-bad-close-drops-echoes")) ||
         (failure.code == 1007 && header_.rsv == 4 && has("own-df-bad-data-drops-echoes")) ||
         (header_.opcode < 3 && header_.rsv == 0 && failure.code == 1002 &&
          has("own-fg-bad-order-drops-echoes")))) {
      output_.resize(read_output_begin_);
    }
    if (pong_begin_ < output_.size() && has("own-cl-error-drops-pongs")) {
      const auto length = static_cast<unsigned char>(output_[pong_begin_ + 1]) % 128U;
      output_.erase(pong_begin_, (is_server() ? 2 : 6) + length);
    }
    if (messages_.is_inside_message() && !messages_.partial().empty() && !close_sent_ &&
        has("own-fg-partial-echoed-at-error")) {
      send(1, messages_.partial());
    }
    if (has("cl-error-kills")) {
      crash();
      return false;
    }
    if (has("cl-error-drops-tcp") ||
        (messages_.is_inside_message() && has("own-cl-error-inside-drops-tcp")) ||
        (frames_seen_ == 1 && has("own-cl-error-first-drops-tcp")) ||
        (is_early_ && has("own-cl-error-early-drops-tcp")) ||
        (header_.is_control() && has("own-cl-error-in-control-drops-tcp"))) {
      drop_ = Drop::finish;
      return false;
    }
    unsigned code = failure.code;
    if (has("cl-wrong-error-code")) code = 1000;
    if (code == 1007 && has("own-cl-1002-for-text")) code = 1002;
    if (code == 1009 && has("own-cl-1002-for-size")) code = 1002;
    code = choose_code(code);
    if (has("cl-sends-1006")) code = 1006;
    if (has("cl-code-low-byte")) code %= 256;
    if (has("own-cl-closes-at-each-error")) {
      send_close(encode_code(code));
      skips_frame_ = true;
      end_after_close();
      return true;
    }
    std::string reason;
    if (code == 1007 && messages_.is_inside_text() && has("own-cl-reason-has-bad-text")) {
      const std::string& bad = messages_.partial();
      reason = bad.substr(bad.size() - std::min<std::size_t>(bad.size(), 40));
    }
    if (has("cl-error-reason-too-long")) reason.assign(130, 'x');
    if (!close_sent_ && header_.opcode == 8 && has("cl-invalid-answered-empty")) {
      send_close("");
    }
    if (!is_server() && !close_sent_ && has("mk-cli-error-close-unmasked")) {
      write("\x88\x02" + encode_code(code));
      close_sent_ = true;
    }
    if (!close_sent_ && has("cl-error-text-first")) write(writer_.encode(1, "bad frame"));
    if (!close_sent_) send_close(encode_code(code) + reason);
    if (has("own-cl-goes-on-after-failing")) {
      close_sent_ = false;
      skips_frame_ = true;
      return true;
    }
    end_after_close();
    if (has("own-ct-pong-after-error")) {
      return answers_pings_only_ = skips_frame_ = true;
    }
    return false;
  }

  /// Faults that send no Close for some of what can be wrong.
  bool drops_tcp_at(unsigned code) {
    if (code == 1007 && !header_.is_control() && !deflate_ && has("own-cl-bad-text-drops-tcp")) {
      return true;
    }
    return code == 1009 && header_.opcode == 0 && has("own-lm-fragments-too-big-drops-tcp");
  }

  /// Faults that fail with another code.
  unsigned choose_code(unsigned code) {
    if (code == 1009 && deflate_ && header_.rsv == 4 && has("df-too-big-1007")) return 1007;
    if (header_.opcode == 0) {
      if (code == 1009 && has("own-cl-1002-for-size-of-fragments")) return 1002;
      if (code == 1007 && has("own-cl-1002-for-text-in-fragments")) return 1002;
    }
    if (code == 1007 && !header_.is_control()) {
      if (has("u8-bad-text-0")) return 0;
      if (has("u8-bad-text-1011")) return 1011;
    }
    if (code == 1009 && header_.length >> 32U != 0 && has("cl-1002-for-4-gib")) return 1002;
    if (code != 1002) return code;
    if (has("cl-1003-for-1002")) return 1003;
    if ((header_.opcode > 10 || (header_.opcode > 2 && header_.opcode < 8)) &&
        has("own-cl-1003-for-opcode")) {
      return 1003;
    }
    return header_.masked != is_server() && has("own-cl-1008-for-mask") ? 1008 : code;
  }

  void crash() {
    crashed_ = true;
    drop_ = Drop::abort;
    output_.clear();
  }

  void idle_restart() {
    if (idle_deadline_) idle_deadline_ = now_ + std::chrono::seconds(2);
  }

  void write(const std::string& bytes) {
    if (ping_deadline_) ping_deadline_ = now_ + std::chrono::seconds(5);
    if (output_.empty()) first_header_ = writer_.header_size();
    if (const std::string mask = writer_.take_stray_mask(); !mask.empty()) {
      for (std::size_t i = 0; i < mask.size() && first_header_ + i < output_.size(); ++i) {
        char& byte = output_[first_header_ + i];
        byte = static_cast<char>(byte ^ mask[i]);
      }
    }
    if (bytes.size() > 1 && own_ping_end_ == output_.size() && own_ping_end_ != 0 &&
        has("ct-own-ping-header-first")) {
      own_ping_end_ = 0;
      return write_into(own_ping_->size(), bytes);
    }
    if (bytes.size() > 1 && own_pong_end_ == output_.size() && own_pong_end_ != 0 &&
        has("own-ct-own-pong-header-first")) {
      own_pong_end_ = 0;
      return write_into(own_pong_.size(), bytes);
    }
    output_ += bytes;
    writer_.set_queued(output_.empty() ? std::nullopt : std::optional(first_header_));
    if (writer_.is_dead()) crash();
  }

  /// `steps` of a nanosecond each.
  void work(std::uint64_t steps) {
    if (steps == 0) return;
    if (settings_.virtual_work) {
      const auto more = Time(steps / 1000 + 1);
      busy_until_ = std::max(busy_until_.value_or(now_), now_) + more;
      return;
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(steps);
    while (std::chrono::steady_clock::now() < end) {
    }
  }

  FaultySettings settings_;
  Switches switches_;
  Time now_{};
  std::unique_ptr<Opening> opening_;
  bool opening_is_over_ = false;
  bool is_opened_ = false;
  FrameReader frames_;
  HeaderRules rules_;
  MessageReader messages_;
  FrameWriter writer_;
  bool deflate_ = false;
  std::optional<Deflater> deflater_;
  std::function<void(unsigned, const std::string&)> on_message_;
  std::function<void(int)> on_connect_;

  // The frame being read.
  FrameHeader header_;
  std::string control_payload_;
  bool skips_frame_ = false;
  bool takes_inside_ = false;     // by a fault: a message inside another
  bool takes_ping_part_ = false;  // by a fault
  std::optional<std::string> ping_begun_;
  std::optional<std::string> close_begun_;
  std::string early_;     // by a fault: came with the head, not read yet
  std::size_t eats_ = 0;  // bytes, by a fault

  bool is_deaf_ = false;  // reads nothing any more
  bool has_unread_ = false;
  bool peer_closed_ = false;
  bool close_sent_ = false;
  bool crashed_ = false;
  Drop drop_ = Drop::none;
  std::optional<Time> open_deadline_;
  std::optional<Time> close_deadline_;
  std::optional<Time> idle_deadline_;
  std::optional<Time> quiet_deadline_;
  bool waits_for_rest_ = false;  // of a frame or a message, by that deadline
  std::optional<Time> busy_until_;
  std::optional<Time> ping_deadline_;  // of a fault that pings by itself
  std::optional<Time> pong_deadline_;
  Time opened_at_{};
  Time last_read_{};
  int echoes_ = 0;
  int pongs_ = 0;
  std::string last_ping_;
  std::vector<std::string> held_pings_;
  std::vector<std::string> pings_of_read_;
  std::vector<std::string> pings_until_message_;
  int reads_of_message_ = 0;
  std::string last_echo_;
  std::optional<Message> held_echo_;
  std::vector<Message> echoes_of_read_;
  int controls_inside_ = 0;
  std::string output_;

  EchoFaults echo_faults_;
  bool is_early_ = false;                       // what is being read came with the head
  std::size_t read_output_begin_ = 0;           // in output_, of what answers this read
  std::size_t pong_begin_ = std::string::npos;  // likewise, of its last Pong
  std::uint64_t frames_seen_ = 0;
  int pieces_of_frame_ = 0;
  int frames_of_second_ = 0;
  Time frames_counted_from_{};
  bool payload_came_late_ = false;  // of a control frame: in another read than its header
  int data_frames_inside_ = 0;      // of this message
  int pings_ = 0;
  int pings_in_read_ = 0;
  int pings_in_gap_ = 0;  // between two data frames
  int pongs_seen_ = 0;
  int compressed_sent_ = 0;
  int frames_of_read_ = 0;
  unsigned previous_rsv_ = 0;
  std::uint64_t second_last_length_ = 0;
  bool follows_pause_ = false;       // this read
  bool answers_pings_only_ = false;  // a fault goes on behind an error
  bool shifts_payload_ = false;      // by a fault
  bool loses_first_byte_ = false;    // by a fault
  std::optional<Failure> late_failure_;
  std::size_t ping_size_ = 0;           // of the one before
  std::string cut_ping_;                // the last Ping that came in pieces
  std::string pong_before_;             // since the last Ping
  std::string joined_;                  // messages of a read, by a fault
  std::vector<Message> reversed_;       // of a read, by a fault
  std::string held_end_;                // of a compressed message
  std::optional<Message> overwritten_;  // by the next of a read, by a fault
  bool ping_of_125_ = false;            // came last
  int data_pieces_ = 0;                 // of a data frame
  int empty_run_ = 0;                   // of continuations
  int fragmented_ = 0;                  // messages
  FrameHeader first_header_of_message_;
  int all_pongs_ = 0;
  int sizes_in_row_ = 0;  // messages
  std::size_t last_size_ = 0;
  std::size_t largest_ = 0;  // message
  int growths_ = 0;
  std::string last_fragmented_;
  std::string last_compressed_;
  int compressed_messages_ = 0;
  int empty_messages_ = 0;
  bool sent_empty_ = false;  // the last message, compressed
  int messages_in_read_ = 0;
  struct TextEcho {
    std::size_t begin = 0;  // in output_
    std::size_t end = 0;
    std::string payload{};
  };
  std::optional<TextEcho> text_echo_;  // of this read, right before
  std::string last_ping_seen_;
  std::string last_control_;
  std::optional<std::string> waiting_ping_;
  std::optional<std::string> pong_before_large_;
  std::vector<Message> late_echoes_;  // that others of the same read overtake
  std::optional<std::string> late_close_;

  // Of the frame being read, and of the one before.
  unsigned opcode_ = 0;
  unsigned previous_opcode_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t previous_length_ = 0;
  int compressed_in_read_ = 0;            // messages
  bool fragments_ended_in_read_ = false;  // with a last fragment
  std::uint64_t ping_bytes_ = 0;
  std::uint64_t messages_seen_ = 0;
  bool has_paused_ = false;  // since the last message
  std::string own_close_;    // its payload
  std::optional<std::string> own_ping_;
  bool own_ping_waits_ = false;   // for its Pong
  bool is_own_ping_new_ = false;  // no Ping came since
  std::string own_pong_;          // likewise
  std::size_t own_ping_end_ = 0;  // in output_, of a Ping of its own in this read
  std::size_t own_pong_end_ = 0;
  bool has_own_message_ = false;            // in this read
  std::vector<std::string> own_fragments_;  // the last message of its own in this read
  std::size_t own_fragments_end_ = 0;       // in output_
  bool follows_cut_message_ = false;        // the message before came in more than one read
  std::string own_words_;                   // a text or Ping of its own, until a message comes
  std::size_t first_header_ = 0;            // bytes, of the first frame in output_
  std::string earlier_ping_;
  int answers_to_own_ping_ = 0;
  std::vector<std::string> kept_;  // own-lm-leak

  bool has_failed_ = false;
  bool loses_message_ = false;
  unsigned last_opcode_ = 0;  // of a message
  std::string close_;         // the peer's payload
  std::string waiting_;       // for another connection, not read yet
};

}  // namespace

std::unique_ptr<FaultyEndpoint> make_faulty_endpoint(const FaultySettings& settings) {
  return std::make_unique<EndpointWithFault>(settings);
}

}  // namespace ws::conformance::mutants
