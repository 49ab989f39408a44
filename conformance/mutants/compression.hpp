// The messages of one direction, compressed by zlib (RFC 7692 section 7.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/mutants/agreement.hpp"
#include "conformance/mutants/switches.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::mutants {

class Deflater {
 public:
  Deflater(const Deflation& deflation, Switches& switches);
  ~Deflater();

  /// The payload of one message.
  std::string deflate(std::string_view message);

  /// A stream of its own, which ends with a final block.
  static std::string finish(std::string_view message);

  /// What the next message may refer to.
  const std::string& window() const { return window_; }
  void set_window(const std::string& window);

 private:
  std::string run(std::string_view message);
  void change_output(std::string_view message, std::string& payload);
  bool keeps_window(std::string_view message);
  bool has(FaultId fault) { return switches_.has(fault); }

  struct Stream;
  Deflation deflation_;
  Switches& switches_;
  std::unique_ptr<Stream> stream_;
  std::string window_;
  int messages_ = 0;
};

class Inflater {
 public:
  enum class Result { fine, bad_data, too_big, crash };

  Inflater(const Deflation& deflation, std::size_t max_message, Switches& switches);
  ~Inflater();

  void begin_message();

  /// Appends what comes out of `piece` to `output`.
  Result inflate(std::string_view piece, std::string& output);

  /// `is_last`: the fragment that ended was the message's.
  Result end_fragment(bool is_last, std::string& output);

  /// What the next message may refer to.
  std::string window() const;
  void set_window(const std::string& window);

  /// What there was of the message so far, as it came.
  const std::string& begun() const { return begun_; }

  /// True if a fault has begun to look for an end that does not come, since the last call.
  bool take_spins() { return std::exchange(spins_, false); }

  /// Something else came between two messages or fragments.
  /// `inside_plain` if it stands inside a message that is not compressed.
  void see_control_frame(unsigned opcode, bool inside_plain);
  void see_plain_message();

  /// Forgets what the next message may refer to.
  void forget();

 private:
  Result look_at_traits(std::string& output);
  Result look_at_end(const std::string& output);
  Result run(std::string_view input, std::string& output);
  Result look_at_block(std::string_view input);
  void restart_behind_final_block();
  bool forgets_after(const std::string& output);
  bool has(FaultId fault) { return switches_.has(fault); }

  struct Stream;
  Deflation deflation_;
  std::size_t max_message_;
  Switches& switches_;
  std::unique_ptr<Stream> stream_;
  bool ended_exactly_ = false;  // at a final block, with nothing behind it
  bool saw_final_block_ = false;
  bool ignores_rest_ = false;
  bool is_poisoned_ = false;
  bool spins_ = false;
  bool output_pending_ = false;
  bool is_between_blocks_ = true;
  std::optional<std::size_t> first_block_end_;  // in this message's output
  std::uint64_t total_out_ = 0;
  std::size_t message_in_ = 0;
  int messages_ = 0;
  std::size_t pieces_ = 0;  // of this message
  bool cut_to_limit_ = false;
  bool saw_large_final_ = false;
  bool is_dead_ = false;          // a fault dies of the next piece
  bool is_mute_ = false;          // and one makes nothing of it
  bool had_ping_inside_ = false;  // likewise
  bool had_pong_inside_ = false;
  bool has_final_block_ = false;  // this message
  std::string rest_;              // behind a final block, kept by a fault
  std::string begun_;
  std::string payload_;             // of this message
  std::size_t fragment_in_ = 0;     // bytes of this fragment
  std::size_t fragment_begin_ = 0;  // in this message's output
  int fragments_ended_ = 0;
  bool control_came_ = false;  // since the last of the message's bytes
  int blocks_ = 0;             // of this message
};

}  // namespace ws::conformance::mutants
