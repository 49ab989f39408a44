// Frames as they arrive, cut into reads anywhere (section 5.2). What a frame may be is checked
// elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/mutants/switches.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::mutants {

struct FrameHeader {
  bool fin = true;
  unsigned rsv = 0;  ///< the three bits as a number: 4 is RSV1
  unsigned opcode = 0;
  bool masked = false;
  unsigned length_form = 0;  ///< the 7 bits as they stand
  std::uint64_t length = 0;  ///< bytes
  std::array<unsigned char, 4> key{};
  bool is_misread = false;  ///< a fault has made the length another

  bool is_control() const { return opcode >= 8; }
};

/// What a reader calls. Each returns false to be sent nothing more.
class FrameSink {
 public:
  FrameSink() = default;
  FrameSink(const FrameSink&) = delete;
  FrameSink& operator=(const FrameSink&) = delete;
  virtual ~FrameSink() = default;

  /// `at_hand` is how many bytes of the payload have arrived with the header.
  virtual bool begin_frame(FrameHeader& header, std::size_t at_hand) = 0;
  virtual bool take_payload(std::string_view unmasked) = 0;
  /// `fin` as in the header, but for faults.
  virtual bool end_frame(bool fin) = 0;
};

class FrameReader {
 public:
  FrameReader(Role reader, Switches& switches) : switches_(switches), reader_(reader) {}

  /// Reads on. Requires: no call returned false.
  ///
  /// Returns: false once `sink` did.
  bool receive(std::string_view read, FrameSink& sink);

  /// True if the last read was not read to its end.
  bool has_unread() const { return has_unread_; }

  bool is_inside_header() const { return !raw_header_.empty(); }

  /// A frame that has not arrived as a whole.
  struct Unfinished {
    std::string header{};
    std::optional<FrameHeader> frame{};
    std::uint64_t taken = 0;  ///< bytes of its payload

    bool is_begun() const { return !header.empty() || frame; }
  };
  Unfinished unfinished() const { return {raw_header_, frame_, taken_}; }
  /// Goes on with a frame of another connection.
  void take_up(const Unfinished& other, FrameSink& sink);

  /// Forgets the frame that has begun.
  void forget();

  /// The frame that has begun has another key.
  void replace_key(const std::array<unsigned char, 4>& key) { frame_->key = key; }

  /// Takes the rest of a header that has begun for zeros.
  void complete_header();

  /// Forgets what the read has behind the frame that ends.
  void drop_rest() { drops_rest_ = true; }

  /// The next frame is unmasked from another place of its key.
  void shift_key(std::uint64_t phase) { shift_ = phase; }

  /// The frame that has begun goes on at another place of its key.
  void set_key(std::uint64_t phase) { key_phase_ = phase; }

  /// The first byte of this read behind the frame that has ended; nothing at the read's end.
  std::optional<char> following() const { return following_; }

  /// All of this read behind the frame that has ended; nothing when the read is over. Valid until
  /// the next frame.
  std::string_view behind() const { return behind_; }

  /// What the next read brings came behind the head of the opening handshake, in the same read.
  void set_early(bool early) { is_early_ = early; }

  /// Steps of work beyond what reading takes, since the last call.
  std::uint64_t take_extra_work();

 private:
  bool receive_read(std::string_view read, FrameSink& sink);
  bool read_frames(std::string_view& read, FrameSink& sink);
  bool take_header(std::string_view& read);
  std::size_t header_size() const;
  std::size_t misread_header_size();
  static bool is_cut_short(std::string_view read);
  bool looks_like_frame(std::string_view read) const;
  void lose_header_bytes();
  std::string_view hold_back(std::string_view read);
  void misread_length(FrameHeader& header, std::uint64_t header_size);
  void choose_key(FrameHeader& header);
  bool spoils_by_size(const FrameHeader& header, std::size_t header_size);
  void decode_header();
  bool begin(std::string_view read, FrameSink& sink);
  bool take_payload(std::string_view& read, FrameSink& sink);
  void unmask(std::string& piece, std::size_t offset_in_read);
  bool is_left_masked(const FrameHeader& frame, std::size_t size);
  bool has(FaultId fault) { return switches_.has(fault); }

  Switches& switches_;
  std::string raw_header_;
  std::string held_back_;  // of this read, for the next
  std::string shifted_;    // this read, as a fault sees it
  std::optional<FrameHeader> frame_;
  std::string_view rest_;  // of this read, behind its header
  std::optional<char> following_;
  std::string_view behind_;
  std::uint64_t taken_ = 0;      // bytes of its payload
  std::uint64_t key_phase_ = 0;  // of the next byte
  std::uint64_t shift_ = 0;      // of the phase of the next frame's key
  std::uint64_t previous_length_ = 0;
  std::uint64_t message_length_ = 0;  // of the fragments before
  std::uint64_t position_ = 0;        // in all that came behind the head, of what is read next
  std::uint64_t extra_work_ = 0;
  std::size_t read_size_ = 0;
  Role reader_;
  int frames_in_read_ = 0;
  std::size_t header_of_earlier_reads_ = 0;  // bytes
  unsigned previous_opcode_ = 0;
  unsigned previous_form_ = 0;                // of its length
  std::array<unsigned char, 4> first_key_{};  // of the message
  std::array<unsigned char, 4> last_key_{};   // of any frame
  std::array<unsigned char, 4> read_key_{};   // of the first frame of this read
  bool is_begun_ = false;                     // the sink knows of frame_
  bool is_first_read_ = true;                 // of its payload
  bool has_unread_ = false;
  bool is_early_ = false;
  bool is_stuck_ = false;  // a fault waits for ever
  bool spoils_last_ = false;
  std::array<unsigned char, 4> kept_key_{};  // of the last frame with a payload
  std::uint64_t key_left_at_ = 0;
  bool drops_rest_ = false;
  bool began_inside_payload_ = false;  // this read
  bool began_inside_header_ = false;
  std::string early_;             // of the payload, as a fault sees it: the header's end
  std::string smashed_;           // what a fault makes of a read
  std::uint64_t begin_ = 0;       // of the frame, in all that came behind the head
  std::size_t cut_header_ = 0;    // bytes of its header that earlier reads brought
  bool leaves_rsv1_ = false;      // a read cut the header of a compressed frame
  std::uint64_t cut_phase_ = 0;   // in which a read cut the frame, or the one before
  std::uint64_t frames_ = 0;      // that have ended
  std::uint64_t last_piece_ = 0;  // bytes of its payload that the last read brought
  bool previous_fin_ = true;
  int reads_of_payload_ = 0;
  bool skips_rest_ = false;    // of the payload, by a fault
  bool smashes_next_ = false;  // byte of the payload, by a fault
};

}  // namespace ws::conformance::mutants
