// UTF-8 as it arrives, cut anywhere (RFC 3629 section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "conformance/mutants/switches.hpp"

namespace ws::conformance::mutants {

class Utf8Checker {
 public:
  explicit Utf8Checker(Switches& switches) : switches_(switches) {}

  /// Returns: false as soon as no continuation can make the text valid.
  bool feed(std::string_view piece);

  /// True if the text may end here.
  bool is_complete() const { return wanted_ == 0; }

  /// True if what was wrong is ASCII inside a sequence.
  bool met_ascii_inside() const { return met_ascii_inside_; }

  void reset();

 private:
  bool feed_byte(unsigned char byte);
  bool begin_sequence(unsigned char byte);
  bool is_seen(std::string_view piece, std::size_t index);
  bool is_let_in(unsigned char byte);
  bool refuses_code_point();
  bool fails_at_a_block_edge();
  bool has(FaultId fault) { return switches_.has(fault); }

  Switches& switches_;
  int wanted_ = 0;  // bytes of the sequence still to come
  int length_ = 0;  // of the sequence
  unsigned char lead_ = 0;
  unsigned char lowest_ = 0x80;  // of the next byte
  unsigned char highest_ = 0xbf;
  std::uint64_t position_ = 0;
  unsigned code_point_ = 0;
  bool met_ascii_inside_ = false;
  bool is_carried_ = false;  // the sequence began before the last piece
};

}  // namespace ws::conformance::mutants
