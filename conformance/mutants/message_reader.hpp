// Data frames to messages: fragments, compression, UTF-8 and the limit (sections 5.4, 5.6 and 8.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/mutants/agreement.hpp"
#include "conformance/mutants/compression.hpp"
#include "conformance/mutants/frame_reader.hpp"
#include "conformance/mutants/switches.hpp"
#include "conformance/mutants/utf8_checker.hpp"

namespace ws::conformance::mutants {

/// Why a connection is failed; code 0 kills the endpoint instead.
struct Failure {
  unsigned code = 1002;
};
constexpr Failure kCrash{.code = 0};

struct Message {
  unsigned opcode = 1;
  std::string payload{};
  bool in_fragments = false;
  bool compressed = false;
};

class MessageReader {
 public:
  MessageReader(std::size_t max_message, Switches& switches)
      : max_message_(max_message), switches_(switches), utf8_(switches) {}

  /// The peer compresses.
  void enable(const Deflation& deflation) {
    inflater_.emplace(deflation, max_message_, switches_);
    window_bits_ = deflation.window_bits;
  }

  /// A data frame's header was read.
  std::optional<Failure> begin_frame(const FrameHeader& header, std::size_t at_hand);
  std::optional<Failure> take_payload(std::string_view piece);
  /// Whether the frame was its message's last is looked up in `fin`.
  std::optional<Failure> end_frame(bool fin);

  /// What is read next came with the head of the opening handshake.
  void set_early(bool early) { is_early_ = early; }

  /// What the read has behind the frame that ends, for a fault that reads too far.
  void set_following(std::optional<char> byte) { following_ = byte; }

  /// A control frame, complete, came between two data frames.
  std::optional<Failure> see_control_frame(unsigned opcode, std::string_view payload);

  /// The message that ended last.
  std::optional<Message> take_message();

  bool is_inside_message() const { return inside_; }
  bool is_inside_compressed() const { return inside_ && compressed_; }
  bool is_inside_text() const { return inside_ && opcode_ == 1; }

  /// What there is of the message so far.
  const std::string& partial() const { return message_; }

  /// Forgets what there is of it.
  void forget_partial() { message_.clear(); }

  /// What there is to come of it is not compressed, or has another type.
  void take_for_plain() { compressed_ = false; }
  void take_type(unsigned opcode) { opcode_ = opcode; }

  /// The next message is not checked as text.
  void leave_unchecked(bool unchecked) { is_unchecked_ = unchecked; }

  /// The message that has begun is refused when it ends.
  void fail_at_end() { fails_at_end_ = true; }

  /// Forgets what the peer's next message may refer to.
  void forget_window() {
    if (inflater_) inflater_->forget();
  }

  /// The next message has so much less room up to the limit.
  void count_before(std::uint64_t bytes) { counted_before_ = bytes; }

  /// A message that has not arrived as a whole.
  struct Unfinished {
    bool is_inside = false;
    unsigned opcode = 1;
    std::string payload{};     ///< so far
    std::string character{};   ///< the beginning of one, at its end
    std::string compressed{};  ///< what of the payload was inflated
    std::uint64_t received{};  ///< bytes of the payload
  };
  Unfinished unfinished() const;
  /// Goes on with a message of another connection.
  void take_up(const Unfinished& other);
  /// The next message begins with bytes of another.
  void begin_with(const std::string& bytes) { message_ = bytes; }
  /// The next text begins inside a character.
  void begin_inside(const std::string& character) { character_ = character; }
  /// The text that has begun goes on inside another character, or none.
  void go_on_inside(const std::string& character) {
    utf8_.reset();
    utf8_.feed(character);
  }
  /// What there was to inflate on another connection is inflated first.
  void inflate_first(const std::string& compressed);

  /// What the peer's next message may refer to.
  std::string window() const { return inflater_ ? inflater_->window() : std::string(); }
  void set_window(const std::string& window) {
    if (inflater_) inflater_->set_window(window);
  }

  /// The next message counts as compressed, whatever it says.
  void arm_compression() { armed_ = true; }

  /// Steps of work beyond what is due, since the last call.
  std::uint64_t take_extra_work();

 private:
  std::optional<Failure> see_control_inside(unsigned opcode, std::string_view payload);
  Failure as_bad_data(Failure failure);
  bool delivers_raw(const Failure& failure);
  std::string split_character();
  bool may_end_inside_code_point();
  void see_end_with_deflate();
  bool takes_out_of_order(const FrameHeader& header);
  bool leaves_text_unchecked();
  bool leaves_inflated_text_unchecked();
  void mistake_compressed(const FrameHeader& header);
  bool may_pass_limit(const FrameHeader& header);
  std::size_t passes_over(std::string_view fresh, std::size_t from);
  void lose_bytes(std::size_t before);
  void change_message();
  void change_by_neighbours();
  void change_fresh_text(std::size_t from);
  std::optional<Failure> check_order(const FrameHeader& header);
  std::optional<Failure> check_size(const FrameHeader& header, std::size_t at_hand);
  void start_message(const FrameHeader& header);
  std::optional<Failure> check_text(std::size_t from);
  bool calls_too_big();
  std::optional<Failure> finish_message();
  std::optional<Failure> change_text();
  bool has(FaultId fault) { return switches_.has(fault); }

  std::size_t max_message_;
  Switches& switches_;
  Utf8Checker utf8_;
  std::optional<Inflater> inflater_;
  std::optional<Message> done_;

  bool inside_ = false;
  unsigned opcode_ = 1;
  bool compressed_ = false;
  bool armed_ = false;
  std::string message_;
  std::uint64_t received_ = 0;  // payload bytes of this message as received
  std::uint64_t frame_length_ = 0;
  bool frame_is_continuation_ = false;
  std::size_t frame_begin_ = 0;  // in message_
  std::size_t first_end_ = 0;    // of the first fragment, likewise
  std::size_t fragments_ = 0;
  unsigned last_opcode_ = 0;  // of the message before
  bool text_is_bad_ = false;  // and a fault lets that wait, or pass
  bool skips_limit_ = false;
  std::uint64_t extra_work_ = 0;

  unsigned last_fragments_ = 0;  // of the message before
  std::optional<char> following_;
  unsigned type_of_fragmented_ = 0;  // of the last message in fragments
  bool last_was_compressed_ = false;
  std::uint64_t messages_ = 0;
  std::uint64_t compressed_messages_ = 0;
  std::uint64_t all_fragments_ = 0;   // of all messages
  bool ping_came_ = false;            // right before the data frame
  bool control_came_ = false;         // since the last data frame
  bool control_came_inside_ = false;  // since the message began
  std::uint64_t texts_ = 0;
  struct {
    unsigned opcode = 0;
    unsigned fragments = 0;
    bool compressed = false;
  } before_;  // the message before the one that has ended
  int controls_inside_ = 0;
  int cut_bytes_ = 0;  // fragments of a byte inside a character
  int empty_fragments_ = 0;
  bool pong_came_ = false;  // since the last data frame
  bool long_control_came_ = false;
  bool pong_before_last_ = false;  // of the frames so far
  bool long_control_before_last_ = false;
  int window_bits_ = 15;  // of the peer
  bool is_lost_ = false;  // by a fault
  bool is_early_ = false;
  bool has_cut_text_ = false;    // inside a code point, with a fragment
  bool was_bad_binary_ = false;  // the message before, as text
  bool pong_came_inside_ = false;
  bool fails_at_end_ = false;                  // of the message
  std::optional<std::size_t> ping_came_at_{};  // bytes of the message so far
  std::uint64_t first_length_ = 0;             // of the message's first frame
  std::string character_;                      // that the next text begins inside of
  int pieces_of_frame_ = 0;                    // reads
  std::size_t second_piece_begin_ = 0;         // in message_
  bool loses_type_ = false;                    // by a fault
  bool fails_at_frame_end_ = false;
  bool ended_empty_ = false;           // the message before: with an empty last fragment
  bool ping_came_before_ = false;      // right before the message
  bool control_behind_first_ = false;  // fragment
  unsigned control_inside_ = 0;        // the opcode of the first one
  unsigned first_fragmented_ = 0;      // the type of the first message in fragments
  std::uint64_t counted_before_ = 0;
  bool cuts_to_limit_ = false;      // by a fault
  bool counts_characters_ = false;  // likewise
  bool ping_before_last_ = false;   // of the frames so far
  std::string kept_;                // of a frame in pieces, by a fault
  std::size_t piece_begin_ = 0;     // in message_
  std::size_t cut_at_ = 0;          // in message_, of a character by a fragment's end
  bool cut_twice_ = false;          // the same character
  bool cut_with_empty_ = false;     // with an empty fragment inside the character
  bool cut_with_control_ = false;   // with a control frame inside it
  bool is_unchecked_ = false;       // by a fault
  int compressed_fragmented_ = 0;   // messages
  int compressed_texts_ = 0;
  bool came_in_pieces_ = false;  // the last compressed message, in more than one read
};

}  // namespace ws::conformance::mutants
