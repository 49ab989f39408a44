// Plays a dialogue: the opening handshake, then step after step, waiting where the steps say so.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/dialogue_walk.hpp"
#include "conformance/harness/player.hpp"
#include "conformance/oracle/http_head.hpp"
#include "conformance/oracle/inflater.hpp"

namespace ws::conformance {

/// The note on a client that goes on with HTTP behind a response that did not open.
inline constexpr std::string_view kNextRequest =
    "the client sends its next request on this connection";

class DialoguePlayer : public Player {
 public:
  /// Requires: `test` has a dialogue.
  DialoguePlayer(const Case& test, PlayerSettings settings);

  void start(Time now) override;
  void receive(Time now, std::span<const std::byte> read) override;
  void end(Time now, EndCause cause) override;
  void pass_time(Time now) override;
  std::optional<Time> next_deadline() const override;
  std::deque<std::string> take_writes() override;
  void written(Time now, std::size_t size) override;
  bool reads() const override { return reading_.on; }
  std::pair<std::size_t, Time> read_pace() const override {
    return {reading_.piece, reading_.pause};
  }
  const Errand* errand() const override {
    return errand_ && state_ != State::over ? &*errand_ : nullptr;
  }
  void report(Time now, const ErrandReport& report) override;
  bool wants_half_close() const override { return half_closed_; }
  Drop drop() const override { return drop_; }
  bool is_over() const override { return state_ == State::over; }
  Transcript take_transcript() override { return std::move(transcript_); }

 private:
  enum class State { waiting_for_head, open, over };
  enum class Alarm { answer, respond, head, expect, rest, cut, drop, linger, stall, flood };
  struct Timer {
    Time at{};
    Alarm alarm{};
  };

  struct Pause {
    Alarm alarm{};
    Time length{};
    bool has_begun = false;
  };

  // The opening handshake.
  void send_request(const Head& head);
  void put_head(const std::string& head);
  void put_piece_of_head();
  void go_on_with_head(Alarm alarm);
  void pause(Alarm alarm, Time length);
  void measure_pause();
  void go_on_pausing(const std::string& name, const ErrandReport& report);
  void take_response();
  void note_refusal(const oracle::HttpHead& head, std::string text);
  bool take_endless_refusal();
  bool take_body(const oracle::HttpHead& head);
  void take_request();
  void refuse_early_bytes();
  bool goes_on_as_http();
  void respond();
  void agree(const Agreement& agreement);
  void open();
  std::string fill(const Head& head) const;
  std::string fill(std::string text) const;

  // Frames of the peer.
  void take_frames();
  void cut_off(std::string_view what);
  bool take_frame();
  void finish_frame(unsigned first, const std::string& payload);
  void finish_message();
  void take_close(const std::string& payload);

  // The steps.
  void run();
  void skip_to_expectation();
  void run_step(const DialogueStep& step);
  void put_frame(const PutFrame& frame);
  void put_message(const PutMessage& message);
  void put_rest_of_frame();
  void go_on_flooding();
  void end_flood(bool stalled);
  void put_close(std::optional<std::uint16_t> code, std::string_view reason);
  Patience* patience_for(const Expect& expect) const;
  Time begin_waiting(const Expect& expect);
  void end_waiting(int step, bool ran_out);
  void feed(DialogueEvent event);
  void linger();
  void finish(Drop drop, EndCause cause);

  void put(std::string bytes);
  void follow(std::string_view bytes);
  void put_pongs();
  bool is_inside_frame() const { return !own_header_.empty() || own_payload_left_ != 0; }
  void arm(Alarm alarm, Time after);
  void disarm(Alarm alarm);
  void record(Record entry);
  void note(std::string text);
  std::array<std::byte, 4> masking_key();

  const Dialogue& dialogue_;
  PlayerSettings settings_;
  std::mt19937_64 random_;
  Transcript transcript_;
  DialogueWalk walk_;
  State state_ = State::waiting_for_head;
  Drop drop_ = Drop::none;
  Time now_{};
  std::vector<Timer> timers_;
  std::deque<std::string> writes_;
  Reading reading_{};
  bool half_closed_ = false;
  bool lingering_ = false;
  bool playing_ = false;  // inside run()

  std::string input_;
  std::size_t inflated_ = 0;     // bytes of messages, decompressed
  std::size_t input_begin_ = 0;  // what is before it was taken
  std::string key_;
  std::string extension_;  // that answers the client's offers
  std::string protocol_;   // the first that the client offers
  std::string last_protocol_;
  ForbiddenAnswers forbidden_;  // by what the client offers
  std::string_view lacks_;      // what the client does not do, as the response needs it
  std::string client_key_;
  bool response_due_ = false;
  std::string rest_of_head_;
  bool went_on_as_http_ = false;

  std::size_t step_ = 0;
  bool resting_ = false;
  std::string rest_of_frame_;
  std::size_t piece_ = 0;  // in which it goes out
  Time piece_pause_{};
  std::string own_header_{};  // of the frame that is going out, until it is complete
  std::uint64_t own_payload_left_ = 0;
  std::vector<std::string> pongs_due_{};  // behind that frame
  bool close_sent_ = false;
  std::optional<Errand> errand_;
  std::optional<Pause> pause_;  // of the head, that is measured
  int pauses_ = 0;              // that there were, this one included
  bool errand_is_for_pause_ = false;
  const Flood* flood_ = nullptr;  // under way
  std::string pinged_;            // by a flood; the Pongs are not looked at one by one
  std::string pings_at_once_;     // a block of them
  std::uint64_t flooded_ = 0;     // messages of it
  bool is_steady_ = true;         // nothing in the dialogue keeps the peer busy for long
  Time answer_within_{};          // as a client, of the opening handshake
  Time expected_within_{};        // of the step that waits
  Time waiting_since_{};          // likewise
  std::size_t asked_for_ = 0;     // bytes that were to be written when it began to
  std::size_t unwritten_ = 0;     // bytes that the socket has not taken
  std::uint64_t taken_ = 0;       // bytes of the flood that it has
  std::size_t kept_ = 0;          // events that no flood has asked for

  // What the peer sends after the opening.
  std::string output_;
  std::string message_;
  bool inside_message_ = false;
  int pings_ = 0;
  bool asked_ = false;  // by the control convention
  bool message_compressed_ = false;
  Opcode message_type_ = Opcode::text;

  std::optional<Direction> our_direction_;
  std::optional<Compressor> compressor_;
  std::optional<Decompressor> decompressor_;
  std::optional<oracle::Deflation> their_deflation_;
};

}  // namespace ws::conformance
