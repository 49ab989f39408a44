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
  if (wanted_ > 0 && is_carried_ && has("own-u8-cut-twice")) return false;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const auto byte = static_cast<unsigned char>(piece[i]);
    if (byte >= 0x80 && !is_seen(piece, i)) {
      ++position_;
      continue;
    }
    if (wanted_ > 0 && byte < 0x80 && position_ > 0) {
      if ((position_ % 16 == 0 && has("own-u8-open-at-16")) ||
          (position_ % 32 == 0 && has("own-u8-open-at-32")) ||
          (position_ % 64 == 0 && has("own-u8-open-at-64"))) {
        wanted_ = 0;
      }
    }
    if (wanted_ > 0 && fails_at_a_block_edge()) return false;
    if (wanted_ > 0 && wanted_ == length_ - 1 && (lowest_ != 0x80 || highest_ != 0xbf) &&
        ((position_ % 16 == 0 && has("own-u8-limits-behind-16")) ||
         (position_ % 64 == 0 && has("own-u8-limits-behind-64")))) {
      lowest_ = 0x80;
      highest_ = 0xbf;
    }
    if (!feed_byte(byte)) return false;
    ++position_;
  }
  is_carried_ = wanted_ > 0 && piece.size() < static_cast<std::size_t>(length_ - wanted_);
  return true;
}

/// Faults that lose a good sequence over the edge of a block.
bool Utf8Checker::fails_at_a_block_edge() {
  if (position_ % 16 == 0 && has("own-u8-across-16-refused")) return true;
  if (position_ % 64 == 0 && has("own-u8-across-64-refused")) return true;
  if (position_ % 1024 == 0 && has("own-u8-across-1024-refused")) return true;
  if (position_ % 4096 == 0 && has("own-u8-across-4096-refused")) return true;
  return position_ == 65'536 && has("own-u8-across-65536-refused");
}

void Utf8Checker::reset() {
  wanted_ = 0;
  position_ = 0;
  is_carried_ = false;
}

/// False for bytes that a fault makes the checker pass over.
bool Utf8Checker::is_seen(std::string_view piece, std::size_t index) {
  if (wanted_ == 0) {
    const std::size_t block = index - index % 16;
    if (index % 8 == 0 && index > 0 && static_cast<unsigned char>(piece[index]) < 0xc0 &&
        std::ranges::all_of(piece.substr(index - 8, 8),
                            [](char c) { return static_cast<unsigned char>(c) < 0x80; }) &&
        has("own-u8-first-of-8-unseen")) {
      return false;
    }
    const auto first_half = piece.substr(block, 8);
    if (index % 16 >= 8 && block + 16 <= piece.size() &&
        std::ranges::all_of(first_half,
                            [](char c) { return static_cast<unsigned char>(c) < 0x80; }) &&
        has("u8-simd-lane-missed")) {
      return false;
    }
    const std::size_t left = piece.size() - index;
    if (piece.size() >= 8 && left <= piece.size() % 8 && has("own-u8-tail-of-8-unseen"))
      return false;
    if (piece.size() >= 16 && left <= piece.size() % 16 && has("own-u8-tail-of-16-unseen")) {
      return false;
    }
    if (piece.size() >= 64 && left <= piece.size() % 64 && has("own-u8-tail-of-64-unseen")) {
      return false;
    }
    if (piece.size() >= 64 && left > piece.size() % 64 && has("own-u8-blocks-of-64-unseen")) {
      return false;
    }
    if (index == 0 && piece.size() > 16 && has("own-u8-first-byte-unseen")) return false;
    if (position_ / 64 == 1 && has("own-u8-64-to-127-unseen")) return false;
    if (position_ / 16 == 1 && has("own-u8-16-to-31-unseen")) return false;
  }
  if (position_ >= 65'536 && has("own-u8-first-64k-only")) return false;
  if (position_ >= 1024 * 1024 && has("own-u8-first-mebibyte-only")) return false;
  if (position_ >= 4096 && has("own-u8-first-4096-only")) return false;
  return true;
}

bool Utf8Checker::feed_byte(unsigned char byte) {
  if (wanted_ == 0) return begin_sequence(byte);
  if ((byte < lowest_ || byte > highest_) && !is_let_in(byte)) {
    met_ascii_inside_ = byte < 0x80;
    return false;
  }
  lowest_ = 0x80;
  highest_ = 0xbf;
  code_point_ = code_point_ * 64 + byte % 64U;
  if (--wanted_ != 0) return true;
  if ((code_point_ & 0xfffeU) == 0xfffeU && has("own-u8-noncharacters-refused")) return false;
  if (code_point_ >= 0x80 && code_point_ < 0xa0 && has("own-u8-c1-refused")) return false;
  if (code_point_ >= 0x100000 && has("own-u8-plane-16-refused")) return false;
  return !refuses_code_point();
}

/// Faults that take a byte for a continuation that is none here.
bool Utf8Checker::is_let_in(unsigned char byte) {
  const bool is_second = wanted_ == length_ - 1;
  if (byte >= 0xc0 && has("own-u8-continuation-by-top-bit")) return true;
  if (byte < 0x80) {
    if (has("own-u8-continuation-unchecked")) return true;
    if (length_ == 2 && has("own-u8-second-of-two-unchecked")) return true;
  }
  if (byte < 0x80 && is_second && (lead_ == 0xed || lead_ == 0xf4) && has("u8-upper-limit-alone")) {
    return true;
  }
  if (byte >= 0xc0 && is_second && (lead_ == 0xe0 || lead_ == 0xf0) &&
      has("own-u8-lower-limit-alone")) {
    return true;
  }
  if ((byte < 0x80 || byte >= 0xc0) && !is_second &&
      (lead_ == 0xe0 || lead_ == 0xed || lead_ == 0xf4) && has("own-u8-behind-limits-unchecked")) {
    return true;
  }
  if (byte < 0x80 || byte >= 0xc0) {
    if (length_ == 3 && wanted_ == 1 && has("own-u8-third-of-three-unchecked")) return true;
    if (length_ == 4 && wanted_ == 2 && has("own-u8-third-of-four-unchecked")) return true;
    return length_ == 4 && wanted_ == 1 && has("own-u8-fourth-unchecked");
  }
  if (!is_second) return false;
  switch (lead_) {
    case 0xe0:
      return has("own-u8-overlong-3") || (byte == 0x9f && has("own-u8-e0-9f-accepted"));
    case 0xed:
      return (byte == 0xa0 && has("own-u8-ed-a0-accepted")) ||
             (byte >= 0xb0 && has("own-u8-low-surrogates"));
    case 0xf0:
      return byte == 0x8f && has("own-u8-f0-8f-accepted");
    case 0xf4:
      return byte == 0x90 && has("own-u8-f4-90-accepted");
    default:
      return false;
  }
}

/// Faults that refuse a code point that is a fine one.
bool Utf8Checker::refuses_code_point() {
  switch (code_point_) {
    case 0x80:
      return has("own-u8-80-refused");
    case 0x7ff:
      return has("own-u8-7ff-refused");
    case 0x800:
      return has("own-u8-800-refused");
    case 0xd7ff:
      return has("own-u8-d7ff-refused");
    case 0xe000:
      return has("own-u8-e000-refused");
    case 0xfdd0:
      return has("own-u8-fdd0-refused");
    case 0xfeff:
      return has("own-u8-bom-refused");
    case 0xfffd:
      return has("own-u8-fffd-refused");
    case 0x10000:
      return has("own-u8-10000-refused");
    case 0x3ffff:
    case 0x40000:
      return has("own-u8-planes-from-4-refused");
    case 0x10ffff:
      return has("own-u8-10ffff-refused");
    default:
      return code_point_ >= 0xf000 && code_point_ < 0xfeff && has("own-u8-ef-refused");
  }
}

bool Utf8Checker::begin_sequence(unsigned char byte) {
  lead_ = byte;
  lowest_ = 0x80;
  highest_ = 0xbf;
  if (byte == 0x7f) return !has("own-u8-del-refused");
  if (byte == 0x1b) return !has("own-u8-escape-refused");
  if (byte < 0x80) return byte != 0 || !has("own-u8-nul-refused");
  if (byte < 0xc0) return has("own-u8-lone-continuation");
  length_ = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  code_point_ = byte < 0xe0 ? byte % 32U : byte < 0xf0 ? byte % 16U : byte % 8U;
  wanted_ = length_ - 1;
  if (byte < 0xc2) {
    if (byte == 0xc1 && has("own-u8-c1-lead-accepted")) return true;
    if (byte == 0xc0 && has("own-u8-c0-80-accepted")) {
      highest_ = 0x80;
      return true;
    }
    return has("u8-overlong");
  }
  if (byte == 0xe0) {
    if (!has("u8-overlong")) lowest_ = 0xa0;
  } else if (byte == 0xed) {
    if (!has("own-u8-surrogates")) highest_ = 0x9f;
  } else if (byte == 0xf0) {
    if (!has("u8-overlong") && !has("own-u8-overlong-4")) lowest_ = 0x90;
  } else if (byte == 0xf4) {
    if (!has("u8-above-10ffff")) highest_ = 0x8f;
  } else if (byte > 0xf4) {
    if (byte < 0xf8) {
      return has("u8-above-10ffff") || (byte == 0xf5 && has("own-u8-f5-accepted"));
    }
    if (byte == 0xff && has("own-u8-ff-accepted")) {
      wanted_ = 0;
      return true;
    }
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
