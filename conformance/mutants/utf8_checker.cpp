#include "conformance/mutants/utf8_checker.hpp"

#include <algorithm>

namespace ws::conformance::mutants {

bool Utf8Checker::feed(std::string_view piece) {
  if (piece.empty()) return true;
  // A piece begins behind a lead byte.
  if (wanted_ > 0 && wanted_ == length_ - 1 && (lowest_ != 0x80 || highest_ != 0xbf) &&
      has("u8-split-lead-accepted")) {
    lowest_ = 0x80;
    highest_ = 0xbf;
  }
  if (wanted_ > 0 && length_ == 4 && wanted_ == 1 && has("own-u8-four-bytes-cut-late")) {
    return false;
  }
  if (wanted_ > 0 && position_ >= 1024 && has("own-u8-cut-behind-1024")) return false;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const auto byte = static_cast<unsigned char>(piece[i]);
    if (byte >= 0x80 && !is_seen(piece, i)) {
      ++position_;
      continue;
    }
    if (!feed_byte(byte)) return false;
    ++position_;
  }
  return true;
}

void Utf8Checker::reset() {
  wanted_ = 0;
  position_ = 0;
}

/// False for bytes that a fault makes the checker pass over.
bool Utf8Checker::is_seen(std::string_view piece, std::size_t index) {
  if (wanted_ == 0) {
    const std::size_t block = index - index % 16;
    const auto first_half = piece.substr(block, 8);
    if (index % 16 >= 8 && block + 16 <= piece.size() &&
        std::ranges::all_of(first_half,
                            [](char c) { return static_cast<unsigned char>(c) < 0x80; }) &&
        has("u8-simd-lane-missed")) {
      return false;
    }
  }
  if (position_ >= 4096 && has("own-u8-first-4096-only")) return false;
  return true;
}

bool Utf8Checker::feed_byte(unsigned char byte) {
  if (wanted_ == 0) return begin_sequence(byte);
  if (byte < lowest_ || byte > highest_) return false;
  lowest_ = 0x80;
  highest_ = 0xbf;
  code_point_ = code_point_ * 64 + byte % 64U;
  if (--wanted_ != 0) return true;
  if ((code_point_ & 0xfffeU) == 0xfffeU && has("own-u8-noncharacters-refused")) return false;
  if (code_point_ >= 0x80 && code_point_ < 0xa0 && has("own-u8-c1-refused")) return false;
  if (code_point_ >= 0x100000 && has("own-u8-plane-16-refused")) return false;
  return true;
}

bool Utf8Checker::begin_sequence(unsigned char byte) {
  lead_ = byte;
  lowest_ = 0x80;
  highest_ = 0xbf;
  if (byte < 0x80) return byte != 0 || !has("own-u8-nul-refused");
  if (byte < 0xc0) return has("own-u8-lone-continuation");
  length_ = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  code_point_ = byte < 0xe0 ? byte % 32U : byte < 0xf0 ? byte % 16U : byte % 8U;
  wanted_ = length_ - 1;
  if (byte < 0xc2) return has("u8-overlong");
  if (byte == 0xe0) {
    if (!has("u8-overlong")) lowest_ = 0xa0;
  } else if (byte == 0xed) {
    if (!has("own-u8-surrogates")) highest_ = 0x9f;
  } else if (byte == 0xf0) {
    if (!has("u8-overlong") && !has("own-u8-overlong-4")) lowest_ = 0x90;
  } else if (byte == 0xf4) {
    if (!has("u8-above-10ffff")) highest_ = 0x8f;
  } else if (byte > 0xf4) {
    if (byte < 0xf8) return has("u8-above-10ffff");
    if (byte < 0xfe && has("own-u8-five-bytes")) {
      wanted_ = byte < 0xfc ? 4 : 5;
      length_ = wanted_ + 1;
      return true;
    }
    return false;
  }
  return true;
}

}  // namespace ws::conformance::mutants
