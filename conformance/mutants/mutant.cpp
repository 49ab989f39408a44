#include "conformance/mutants/mutant.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/oracle/accept_key.hpp"
#include "conformance/oracle/raw_frame.hpp"
#include "conformance/oracle/utf8.hpp"

namespace ws::conformance {
namespace {

using oracle::RawFrame;
using std::chrono::milliseconds;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string encode_code(unsigned code) {
  return {static_cast<char>(code / 256), static_cast<char>(code % 256)};
}

struct ParsedFrame {
  bool fin = false;
  unsigned rsv = 0;
  unsigned opcode = 0;
  bool masked = false;
  std::string payload{};
};

class Mutant : public Endpoint {
 public:
  Mutant(Role role, Fault fault) : role_(role), fault_(fault) {}

  void start() override {
    if (role_ == Role::client) {
      output_ =
          "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    }
  }

  void receive(Time now, std::span<const std::byte> read) override {
    now_ = now;
    input_.append(reinterpret_cast<const char*>(read.data()), read.size());
    if (!opened_ && !take_head()) return;
    if (fault_ == Fault::says_nothing) return;
    while (drop_ == Drop::none && !finished_) {
      if (!take_frame()) return;
    }
  }

  std::optional<Time> next_deadline() const override {
    if (late_.empty()) return std::nullopt;
    return late_.front().first;
  }

  void pass_time(Time now) override {
    while (!late_.empty() && late_.front().first <= now) {
      if (!close_sent_) output_ += late_.front().second;
      late_.pop_front();
    }
  }

  std::string take_output() override { return std::exchange(output_, {}); }
  Drop drop() const override { return drop_; }

 private:
  bool has(Fault fault) const { return fault_ == fault; }

  bool take_head() {
    const std::size_t end = input_.find("\r\n\r\n");
    if (end == std::string::npos || has(Fault::never_answers_opening)) return false;
    const std::string head = input_.substr(0, end + 4);
    input_.erase(0, end + 4);
    if (role_ == Role::server) {
      if (has(Fault::refuses_opening)) {
        output_ += "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        drop_ = Drop::finish;
        return false;
      }
      constexpr std::string_view kName = "Sec-WebSocket-Key: ";
      const std::size_t key = head.find(kName) + kName.size();
      output_ +=
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: " +
          oracle::compute_accept(head.substr(key, head.find("\r\n", key) - key)) + "\r\n\r\n";
    }
    opened_ = true;
    if (has(Fault::drops_after_opening)) drop_ = Drop::finish;
    return drop_ == Drop::none;
  }

  /// Takes one frame if it is whole; text is looked at as its bytes arrive.
  bool take_frame() {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(input_[i]); };
    if (input_.size() < 2) return false;
    std::size_t length = at(1) % 128U;
    std::size_t size = 2;
    if (length == 126) {
      if (input_.size() < 4) return false;
      length = at(2) * 256U + at(3);
      size = 4;
    } else if (length == 127) {
      if (input_.size() < 10) return false;
      length = 0;
      for (std::size_t i = 2; i < 10; ++i) length = length * 256 + at(i);
      size = 10;
    }
    ParsedFrame frame{.fin = at(0) >= 128,
                      .rsv = at(0) / 16U % 8U,
                      .opcode = at(0) % 16U,
                      .masked = at(1) >= 128};
    std::string key(4, '\0');
    if (frame.masked) {
      if (input_.size() < size + 4) return false;
      key = input_.substr(size, 4);
      size += 4;
    }
    frame.payload = input_.substr(size, length);
    for (std::size_t i = 0; i < frame.payload.size(); ++i) {
      frame.payload[i] = static_cast<char>(frame.payload[i] ^ key[i % 4]);
    }
    if (frame.payload.size() < length) {
      look_at_partial_text(frame);
      return false;
    }
    input_.erase(0, size + length);
    handle(frame);
    return true;
  }

  void look_at_partial_text(const ParsedFrame& frame) {
    const bool is_text = frame.opcode == 1 || (frame.opcode == 0 && message_opcode_ == 1);
    if (!checks_utf8_early() || !is_text || close_sent_) return;
    if (oracle::find_first_impossible_byte(bytes_of(message_ + frame.payload))) fail(1007);
  }

  bool checks_utf8_early() const {
    return !has(Fault::checks_utf8_at_the_end) && !has(Fault::skips_illegal_frames) &&
           !has(Fault::checks_nothing);
  }

  bool is_legal(const ParsedFrame& frame) const {
    const bool control = frame.opcode >= 8;
    if (frame.rsv != 0) return false;
    if ((frame.opcode > 2 && frame.opcode < 8) || frame.opcode > 10) return false;
    if (control && (!frame.fin || frame.payload.size() > 125)) return false;
    if (frame.opcode == 0 && message_opcode_ == 0) return false;
    if ((frame.opcode == 1 || frame.opcode == 2) && message_opcode_ != 0) return false;
    return true;
  }

  void handle(const ParsedFrame& frame) {
    if (!is_legal(frame) && !has(Fault::checks_nothing)) {
      if (has(Fault::skips_illegal_frames)) return;
      return fail(1002);
    }
    switch (frame.opcode) {
      case 8:
        return handle_close(frame.payload);
      case 9:
        return send(Opcode::pong, frame.payload);
      case 0:
      case 1:
      case 2:
        if (frame.opcode != 0) message_opcode_ = frame.opcode;
        message_ += frame.payload;
        return handle_data(frame.fin);
      default:
        return;
    }
  }

  void handle_data(bool fin) {
    const bool is_text = message_opcode_ == 1;
    if (is_text && checks_utf8_early() && oracle::find_first_impossible_byte(bytes_of(message_))) {
      return fail(1007);
    }
    if (!fin) return;
    if (is_text && (checks_utf8_early() || has(Fault::checks_utf8_at_the_end)) &&
        !oracle::is_valid_utf8(bytes_of(message_))) {
      return fail(1007);
    }
    const Opcode opcode = is_text ? Opcode::text : Opcode::binary;
    const std::string message = std::exchange(message_, {});
    message_opcode_ = 0;
    send(opcode, message);
    if (has(Fault::echoes_twice)) send(opcode, message);
  }

  static bool is_legal_close(std::string_view payload) {
    if (payload.empty()) return true;
    if (payload.size() == 1) return false;
    const unsigned code =
        static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
    const bool legal_code = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                            (code >= 3000 && code <= 4999);
    return legal_code && oracle::is_valid_utf8(bytes_of(payload.substr(2)));
  }

  void handle_close(const std::string& payload) {
    if (has(Fault::ignores_close) && payload.size() != 1) return;
    if (has(Fault::checks_nothing) && payload.size() > 125) return;
    if (!has(Fault::checks_nothing) && !is_legal_close(payload)) {
      if (has(Fault::skips_illegal_frames)) return;
      const bool bad_reason = payload.size() > 2 && is_legal_close(payload.substr(0, 2));
      return fail(bad_reason ? 1007 : 1002);
    }
    if (!close_sent_) {
      switch (fault_) {
        case Fault::answers_close_with_empty:
          send(Opcode::close, {});
          break;
        case Fault::answers_close_with_1012:
          send(Opcode::close, encode_code(1012));
          break;
        case Fault::answers_close_with_1005:
          send(Opcode::close, encode_code(1005));
          break;
        case Fault::answers_close_with_1001:
          send(Opcode::close, encode_code(1001));
          break;
        default:
          send(Opcode::close, payload);
      }
    }
    finished_ = true;
    if (role_ == Role::server && !has(Fault::keeps_tcp_open)) drop_ = Drop::finish;
  }

  void fail(unsigned code) {
    if (has(Fault::answers_close_with_1001)) code = 1011;
    if (!has(Fault::drops_without_close)) send(Opcode::close, encode_code(code));
    finished_ = true;
    const bool waits = role_ == Role::client || has(Fault::keeps_tcp_open);
    if (!waits || has(Fault::drops_without_close)) drop_ = Drop::finish;
  }

  void send(Opcode opcode, std::string_view payload) {
    const bool is_data = opcode == Opcode::text || opcode == Opcode::binary;
    if (close_sent_) return;
    RawFrame frame{.opcode = opcode};
    frame.payload.assign(bytes_of(payload).begin(), bytes_of(payload).end());
    const bool masks = (role_ == Role::client) != has(Fault::masks_the_wrong_way_round);
    if (masks) {
      key_ = key_ * 69'069 + 1;
      frame.masking_key.emplace();
      for (unsigned i = 0; i < 4; ++i) {
        (*frame.masking_key)[i] = static_cast<std::byte>(key_ >> (8 * i));
      }
    }
    const auto encoded = oracle::encode(frame);
    std::string bytes(reinterpret_cast<const char*>(encoded.data()), encoded.size());
    if (opcode == Opcode::close) close_sent_ = true;
    if (is_data && has(Fault::echoes_late)) {
      late_.emplace_back(now_ + milliseconds(50), std::move(bytes));
    } else {
      output_ += bytes;
    }
  }

  Role role_;
  Fault fault_;
  Time now_{};
  bool opened_ = false;
  bool close_sent_ = false;
  bool finished_ = false;  // looks at nothing any more
  Drop drop_ = Drop::none;
  unsigned message_opcode_ = 0;  // 0 between two messages
  unsigned key_ = 1;
  std::string message_;
  std::string input_;
  std::string output_;
  std::deque<std::pair<Time, std::string>> late_;
};

}  // namespace

std::unique_ptr<Endpoint> make_mutant(Role role, Fault fault) {
  return std::make_unique<Mutant>(role, fault);
}

}  // namespace ws::conformance
