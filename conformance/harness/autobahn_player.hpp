// Plays a case of Autobahn's catalogue.
//
// Its states, timers and strictness are those of Autobahn's fuzzer, so that the compatible verdict
// comes out the same.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/known_echoes.hpp"
#include "conformance/harness/player.hpp"
#include "conformance/harness/prepared_messages.hpp"
#include "conformance/harness/received_message.hpp"

namespace ws::conformance {

class AutobahnPlayer : public Player {
 public:
  AutobahnPlayer(const Case& test, PlayerSettings settings);

  void start(Time now) override;
  void receive(Time now, std::span<const std::byte> read) override;
  void end(Time now, EndCause cause) override;
  void pass_time(Time now) override;
  std::optional<Time> next_deadline() const override;
  std::deque<std::string> take_writes() override;
  Drop drop() const override { return drop_; }
  bool is_over() const override { return state_ == State::closed; }
  Transcript take_transcript() override;

 private:
  enum class State { connecting, open, closing, closed };
  enum class TimerKind { open, close, drop, test, pause };
  struct Deadline {
    Time at{};
    TimerKind kind{};
  };

  // The opening handshake.
  void send_request();
  void receive_response();
  void receive_request();
  void take_request(const std::string& key, const std::string& extension);
  void agree(const Agreement& agreement);
  void refuse_opening(std::string why);
  void open();

  // Frames of the peer.
  void receive_frames();
  bool take_frame_header();
  void take_payload();
  bool decompress(std::string_view piece, bool is_last);
  void finish_frame();
  void finish_message();
  void handle_control();
  void handle_close_frame();
  void check_text();
  void tear_down(const std::string& why);
  void violate(std::string what, std::string source);
  void note_violation(std::string what, std::string source);

  // The case.
  void run_script();
  void run_step(const Step& step);
  void fire_timer();
  void log(LogEntry entry);
  void handle_message();
  void send_next_of_loop();
  void send_message(Opcode type, std::string_view message, std::size_t fragment_size);

  // Autobahn's operations on the connection.
  void close(std::optional<std::uint16_t> code, std::string_view reason = {});
  void fail(std::uint16_t code, std::string_view reason);
  void do_drop(Drop drop);
  void send_close_frame(std::optional<std::uint16_t> code, std::string_view reason);

  /// Where a frame's payload is taken from: `pattern` repeated and cut to `length` bytes.
  struct Source {
    std::string_view pattern{};
    std::uint64_t length = 0;
  };
  struct Head {
    bool fin = true;
    unsigned rsv = 0;
    Opcode opcode = Opcode::text;
  };
  void put_frame(const Head& head, const Source& payload, std::size_t chop = 0,
                 bool own_write = false);
  void put_frame(const Head& head, std::string_view payload) {
    put_frame(head, {payload, payload.size()});
  }
  std::string& begin_write(bool own_write);
  void record_write(std::string_view bytes);
  void put(std::string_view bytes, bool own_write);
  void arm(TimerKind kind, Time after);
  void disarm(TimerKind kind);
  std::string masking_key();
  std::string mask_streamed(const Payload& payload);
  const Payload* expected_message() const;
  std::size_t room_in_record() const;
  Record& record(Record::Kind kind, std::string_view bytes, std::uint64_t length);
  void note(Record::Kind kind, std::string text);

  const Case& case_;
  PlayerSettings settings_;
  std::mt19937_64 random_;
  Transcript transcript_;
  std::vector<Record> latest_;  // of what has no room in the transcript, in a ring once it is full
  std::size_t left_out_ = 0;    // records
  std::size_t recorded_ = 0;    // bytes
  State state_ = State::connecting;
  Drop drop_ = Drop::none;
  Time now_{};
  std::vector<Deadline> deadlines_;
  std::deque<std::string> writes_;
  bool last_write_open_ = false;  // more of this step may join it

  std::string_view unread_;  // of the read at hand
  std::string input_;        // of earlier reads, not used yet
  std::string key_;          // Sec-WebSocket-Key, as a client

  // The frame being received.
  struct Incoming {
    bool fin = false;
    unsigned rsv = 0;
    std::uint8_t opcode = 0;
    bool masked = false;
    std::string key{};
    std::uint64_t length = 0;
    std::uint64_t taken = 0;
    std::string control_payload{};
    std::string beginning{};  // of the payload, for the log
  };
  std::optional<Incoming> frame_;
  bool inside_message_ = false;
  LogEntry::Kind message_kind_ = LogEntry::Kind::text;
  ReceivedMessage message_;
  std::size_t utf8_checked_ = 0;  // bytes of message_ known to be good
  std::string piece_;             // of a payload, unmasked

  bool message_compressed_ = false;

  // permessage-deflate, once agreed on.
  std::optional<Compressor> compressor_;
  std::optional<PreparedMessages> prepared_;  // instead, in loops over data
  std::optional<Decompressor> decompressor_;
  std::optional<KnownEchoes> known_echoes_;  // in loops over data
  Direction received_direction_{};

  // The script.
  Payload expected_{};  // the echo that a loop waits for
  std::size_t next_step_ = 0;
  std::optional<std::string> streamed_key_;  // of BeginFrame
  std::uint64_t streamed_ = 0;               // bytes of its payload
  std::uint64_t streamed_left_ = 0;          // the rest
  std::optional<std::string> pong_due_;      // once there is no rest
  int loop_sent_ = 0;
};

}  // namespace ws::conformance
