#include "conformance/mutants/frame_reader.hpp"

#include <algorithm>
#include <utility>

namespace ws::conformance::mutants {

bool FrameReader::receive(std::string_view read, FrameSink& sink) {
  const bool goes_on = receive_read(read, sink);
  behind_ = {};
  return goes_on;
}

bool FrameReader::receive_read(std::string_view read, FrameSink& sink) {
  const std::string joined = held_back_.empty() ? std::string() : held_back_ + std::string(read);
  if (!joined.empty()) read = joined;
  held_back_.clear();
  std::string ends_in_nul;
  if (read.size() == 65'536 && has("fr-read-of-65536-ends-in-nul")) {
    ends_in_nul = std::string(read.substr(0, read.size() - 1)) + '\0';
    read = ends_in_nul;
  }
  read = hold_back(read);
  read_size_ = read.size();
  frames_in_read_ = 0;
  began_inside_payload_ = frame_.has_value();
  began_inside_header_ = !raw_header_.empty();
  if (frame_ && taken_ < frame_->length) {
    if (taken_ > 0 || is_begun_) is_first_read_ = false;
    if (taken_ % 4 != 0) cut_phase_ = taken_ % 4;
    if (last_piece_ % 4 != taken_ % 4 && has("own-mk-phase-of-last-read")) key_phase_ = last_piece_;
    if (taken_ % 4 != 0 && has("own-mk-phase-reset-at-read")) key_phase_ = 0;
    if (taken_ % 4 != 0 && ((frame_->opcode == 0 && has("own-mk-cut-continuation-phase")) ||
                            (frame_->is_control() && has("own-mk-cut-control-phase")) ||
                            (frame_->length_form == 127 && has("own-mk-cut-64-bit-phase")) ||
                            (frame_->rsv == 4 && has("own-mk-cut-compressed-phase")))) {
      key_phase_ = 0;
    }
    if (taken_ % 2 != 0 && has("mk-rotation-backwards")) key_phase_ = 4 - taken_ % 4;
    if (has("lm-chunk-quadratic")) extra_work_ += taken_;
  }
  if (frame_ && taken_ % 4 != 0 && taken_ < frame_->length) {
    if (taken_ % 256 > 128 && has("own-mk-phase-signed-byte")) key_phase_ = 0;
    if (taken_ % 65'536 > 32'768 && has("own-mk-phase-signed-short")) key_phase_ = 0;
  }
  if (is_stuck_) return true;
  if (frame_ && is_begun_ && taken_ > 0 && taken_ < frame_->length && !read.empty() &&
      ((looks_like_frame(read) && has("fr-rest-like-frame")) ||
       (read[0] == '\x88' && has("own-fr-rest-like-close")) ||
       (looks_like_frame(read) && (read[0] == '\x89' || read[0] == '\x8a') &&
        has("own-fr-rest-like-control")))) {
    forget();
  }
  const bool goes_on = read_frames(read, sink);
  has_unread_ = !read.empty();
  if (!goes_on) return false;
  header_of_earlier_reads_ = raw_header_.size();
  if (is_early_ && !frame_ && !raw_header_.empty()) {
    const bool is_long = raw_header_.size() > 2;
    if ((is_long && has("own-hs-early-long-header-cut")) ||
        (frames_in_read_ > 0 && has("own-hs-early-second-header-cut"))) {
      raw_header_.clear();
    }
  }
  if (is_early_ && frame_ && frame_->is_control() && has("own-hs-early-control-cut")) forget();
  if (is_early_ && frame_ && frame_->length_form > 125 && has("own-hs-early-long-payload-cut")) {
    forget();
  }
  if (is_early_ && (frame_ || !raw_header_.empty()) && has("own-hs-early-part-lost")) {
    raw_header_.clear();
    frame_.reset();
    is_begun_ = false;
  }
  if (!frame_ && !raw_header_.empty()) lose_header_bytes();
  if (frame_ && is_begun_ && taken_ > 0 && taken_ < frame_->length &&
      has("fr-cut-payload-taken-whole")) {
    const bool fin = frame_->fin;
    forget();
    return sink.end_frame(fin);
  }
  if (frame_ && is_begun_ && frames_in_read_ > 0 && taken_ > 0 && taken_ < frame_->length) {
    if (frames_in_read_ > 1 && frame_->opcode == 0 && has("fg-cut-continuation-of-read-ends")) {
      skips_rest_ = true;
      return sink.end_frame(true);
    }
    if (began_inside_payload_ && has("own-fr-begins-and-ends-in-payload")) smashes_next_ = true;
    const std::uint64_t begun = position_ - begin_;
    if (frames_in_read_ > 1 && begun > read_size_ - begun && has("own-fr-leftover-overlaps")) {
      smashes_next_ = true;
    }
  }
  if (frame_ && is_begun_ && taken_ > 0 && taken_ + 1 == frame_->length &&
      has("own-fr-cut-before-last-byte")) {
    skips_rest_ = true;
    return sink.end_frame(frame_->fin);
  }
  if (frame_ && is_begun_ && taken_ > 0 && taken_ < frame_->length &&
      (position_ - begin_) % 1024 == 0 && has("own-fr-begun-of-1024")) {
    smashes_next_ = true;
  }
  reads_of_payload_ = frame_ && taken_ > 0 ? reads_of_payload_ + 1 : 0;
  if (frame_ && is_begun_ && taken_ < frame_->length && reads_of_payload_ > 1 &&
      has("fr-second-read-ends-payload")) {
    const FrameHeader cut = *frame_;
    const auto missing = static_cast<std::size_t>(cut.length - taken_);
    forget();
    if (!sink.take_payload(std::string(missing, '\0'))) return false;
    return sink.end_frame(cut.fin);
  }
  if (frame_ && frame_->opcode == 10 && taken_ > 0 && has("ct-cut-pong-desync")) forget();
  if (frame_ && is_begun_ && taken_ == 0 && frame_->length_form > 125 && frame_->length > 0 &&
      (frame_->opcode == 1 || frame_->opcode == 2) && has("own-fr-long-header-alone-empty")) {
    const bool fin = frame_->fin;
    forget();
    return sink.end_frame(fin);
  }
  if (frame_ && frame_->opcode == 8 && taken_ == 0 && frame_->length > 0 && has("cl-cut-waits")) {
    is_stuck_ = true;
  }
  if (frame_ && is_begun_ && taken_ == 0 && frame_->opcode == 0 &&
      has("fg-header-at-read-end-empty")) {
    const bool fin = frame_->fin;
    forget();
    return sink.end_frame(fin);
  }
  if (frame_ && is_begun_ && taken_ > 0 && taken_ < frame_->length && !frame_->fin &&
      !frame_->is_control() && has("fg-fin-assumed-on-split")) {
    frame_->fin = true;
  }
  return true;
}

/// True if `read` begins with a whole frame that a peer might send.
bool FrameReader::looks_like_frame(std::string_view read) const {
  if (read.size() < 2) return false;
  const auto first = static_cast<unsigned char>(read[0]);
  const auto second = static_cast<unsigned char>(read[1]);
  const bool is_known =
      std::string_view("\x81\x82\x88\x89\x8a").find(read[0]) != std::string_view::npos;
  const bool is_masked = second >= 128;
  return first >= 128 && is_known && is_masked == (reader_ == Role::server) && second % 128 < 126 &&
         read.size() >= (is_masked ? 6U : 2U) + second % 128U;
}

void FrameReader::forget() {
  raw_header_.clear();
  frame_.reset();
  is_begun_ = false;
}

void FrameReader::complete_header() {
  while (raw_header_.size() < header_size()) raw_header_ += '\0';
}

void FrameReader::take_up(const Unfinished& other, FrameSink& sink) {
  raw_header_ = other.header;
  frame_ = other.frame;
  taken_ = key_phase_ = other.taken;
  is_begun_ = frame_.has_value();
  if (is_begun_) sink.begin_frame(*frame_, 0);
}

/// Faults that wait for more where a read fills their buffer exactly.
std::string_view FrameReader::hold_back(std::string_view read) {
  const std::size_t size = read.size();
  if (size == 0) return read;
  if ((size % 512 == 0 && has("own-fr-read-of-512-waits")) ||
      (size % 1024 == 0 && has("own-fr-read-of-1024-waits")) ||
      (size % 4096 == 0 && has("own-fr-read-of-4096-waits")) ||
      (size % 16'384 == 0 && has("own-fr-read-of-16384-waits"))) {
    held_back_ = read.substr(size - 1);
    read.remove_suffix(1);
  }
  return read;
}

std::uint64_t FrameReader::take_extra_work() { return std::exchange(extra_work_, 0); }

bool FrameReader::read_frames(std::string_view& read, FrameSink& sink) {
  while (true) {
    if (!frame_) {
      if (!take_header(read)) return true;
      if (header_of_earlier_reads_ > 0 && !read.empty() && has("fr-cut-header-shifts-payload")) {
        // The last bytes of the header come up once more.
        const std::string_view tail =
            std::string_view(raw_header_).substr(raw_header_.size() - header_of_earlier_reads_);
        shifted_ = std::string(tail) + std::string(read);
        read = shifted_;
      }
      cut_header_ = std::exchange(header_of_earlier_reads_, 0);
      if (const std::size_t size = misread_header_size(); size < raw_header_.size()) {
        shifted_ = raw_header_.substr(size) + std::string(read);
        raw_header_.resize(size);
        read = shifted_;
      }
      rest_ = read;
      decode_header();
      ++frames_in_read_;
      if (frame_->length > 0 && ((frame_->opcode == 0 && has("fg-continuation-payload-left")) ||
                                 (frame_->opcode == 9 && has("ct-ping-payload-left")))) {
        frame_->length = 0;
      }
      if (frame_->is_control() && frame_->length == 0 && !read.empty() &&
          has("fr-empty-control-eats-next")) {
        frame_->length = 1;
      }
      if (frame_->is_control() && frame_->length == 0 && read.empty() &&
          has("fr-empty-control-eats-next-read")) {
        frame_->length = 1;
      }
      if (!frame_->is_control() && frame_->length == 0 && !read.empty() &&
          has("fr-empty-data-eats-next")) {
        frame_->length = 1;
      }
      if (frame_->length == 0 && !read.empty() && has("fr-empty-takes-read")) {
        frame_->length = read.size();
      }
      if (is_stuck_) {
        read = {};
        return true;
      }
    }
    if (is_begun_ && frame_->masked && !is_first_read_ && !frame_->is_control() &&
        read.size() >= frame_->length - taken_ && has("mk-cut-payload-lost")) {
      read.remove_prefix(static_cast<std::size_t>(frame_->length - taken_));
      taken_ = frame_->length;
    }
    if (!is_begun_) {
      if (frame_->length == 0 && read.empty() && frames_in_read_ > 0 &&
          has("fr-empty-at-read-end")) {
        frames_in_read_ = 0;
        return true;  // comes up again when more has arrived
      }
      if (!begin(read, sink)) return false;
    }
    if (!take_payload(read, sink)) return false;
    if (taken_ < frame_->length) return true;
    const FrameHeader done = *std::exchange(frame_, std::nullopt);
    is_begun_ = false;
    previous_length_ = done.length;
    previous_opcode_ = done.opcode;
    previous_form_ = done.length_form;
    previous_fin_ = done.fin;
    ++frames_;
    if (!done.is_control()) message_length_ = done.fin ? 0 : message_length_ + done.length;
    following_ = read.empty() ? std::nullopt : std::optional(read.front());
    behind_ = read;
    if (done.masked && done.length == 0 && reader_ == Role::server &&
        has("mk-srv-empty-key-left")) {
      raw_header_.assign(done.key.begin(), done.key.end());
    }
    if (std::exchange(skips_rest_, false)) continue;
    if (!sink.end_frame(done.fin)) return false;
    if (read.empty()) continue;
    if (std::exchange(drops_rest_, false)) {
      read = {};
      return true;
    }
    if (done.rsv == 4 && done.fin && has("df-tail-smashes-next")) {
      smashed_ = std::string("\0\0\xff\xff", 4).substr(0, read.size()) +
                 std::string(read.substr(std::min<std::size_t>(4, read.size())));
      read = smashed_;
    }
    if (done.masked && done.length % 4 != 0 && has("own-mk-smashes-next")) {
      smashed_ = read;
      for (std::size_t i = 0; i < 4 - done.length % 4 && i < smashed_.size(); ++i) {
        smashed_[i] = static_cast<char>(smashed_[i] ^ done.key[(done.length + i) % 4]);
      }
      read = smashed_;
    }
    if (frames_in_read_ == 0 && !is_early_) {  // its header came with an earlier read
      if (has("fr-rest-from-other-place")) {
        const std::uint64_t earlier = position_ - begin_ - (read_size_ - read.size());
        read.remove_prefix(static_cast<std::size_t>(std::min<std::uint64_t>(earlier, read.size())));
        continue;
      }
      if (has("fr-behind-rest-lost")) return true;
      if (done.is_control() && has("own-fr-behind-cut-control-lost")) return true;
    }
    if (frames_in_read_ > 0 && is_cut_short(read) && has("own-fr-cut-frame-behind-whole-lost")) {
      return true;
    }
    const std::size_t done_size = (done.masked ? 6 : 2) + static_cast<std::size_t>(done.length);
    if (frames_in_read_ > 0 && done_size < 14 && has("fr-short-eats-next")) {
      read.remove_prefix(std::min(read.size(), 14 - done_size));
    }
    if (read_size_ > 65'536 + read.size() && has("fr-64k-of-read-then-waits")) {
      held_back_ = read;
      return true;
    }
    if (done.length == 0 && has("fr-empty-then-waits")) {
      held_back_ = read;
      return true;
    }
    if (!done.fin && !done.is_control() && has("fg-behind-fragment-waits")) {
      held_back_ = read;
      return true;
    }
    if (frames_in_read_ == 2 && has("fr-third-of-read-waits")) {
      held_back_ = read;
      return true;
    }
    if (frames_in_read_ == 1 && !done.is_control() && has("own-fr-second-frame-waits")) {
      held_back_ = read;
      return true;
    }
    if (has("own-lm-frames-quadratic")) extra_work_ += read.size() / 16;
    if (!done.is_control() && has("fr-behind-data-dropped")) return true;
    if (frames_in_read_ == 2 && has("fr-third-of-read-refused")) {
      smashed_ = read;
      smashed_[0] = static_cast<char>(smashed_[0] | 0x70);
      read = smashed_;
    }
    if (done.opcode == 9 && has("fr-behind-ping-dropped")) return true;
    if (done.opcode == 10 && has("own-fr-behind-pong-dropped")) return true;
    if ((is_early_ && has("own-hs-early-second-waits")) ||
        (frames_in_read_ == 64 && has("own-fr-64-frames-then-waits"))) {
      held_back_ = read;
      return true;
    }
    if (is_early_ && has("own-hs-early-second-lost")) {
      read = {};
      return true;
    }
    if (frames_in_read_ == 64 && has("own-fr-64-frames-a-read")) return true;
    if (frames_in_read_ == 256 && has("own-fr-256-frames-a-read")) return true;
    if (frames_in_read_ == 1024 && has("own-fr-1024-frames-a-read")) return true;
    if (frames_in_read_ == 4096 && has("own-fr-4096-frames-a-read")) return true;
    if (frames_in_read_ == 16 && has("own-fr-sixteen-frames-a-read")) return true;
  }
}

/// True if `read` has the beginning of a frame, and less than its header.
bool FrameReader::is_cut_short(std::string_view read) {
  if (read.size() < 2) return true;
  const auto second = static_cast<unsigned char>(read[1]);
  const std::size_t length_size = second % 128 == 126 ? 2 : second % 128 == 127 ? 8 : 0;
  return read.size() < 2 + length_size + (second >= 128 ? 4 : 0);
}

std::size_t FrameReader::header_size() const {
  if (raw_header_.size() < 2) return 2;
  const auto second = static_cast<unsigned char>(raw_header_[1]);
  const std::size_t length_size = second % 128 == 126 ? 2 : second % 128 == 127 ? 8 : 0;
  return 2 + length_size + (second >= 128 ? 4 : 0);
}

bool FrameReader::take_header(std::string_view& read) {
  while (true) {
    std::size_t size = header_size();
    if (raw_header_.size() >= 2 && reader_ == Role::server && (raw_header_[1] & 0x80) == 0 &&
        has("mk-srv-maskbit-ignored")) {
      size += 4;
    }
    if (raw_header_.size() >= size) return true;
    if (read.empty()) return false;
    const std::size_t wanted = std::min(size - raw_header_.size(), read.size());
    raw_header_ += read.substr(0, wanted);
    position_ += wanted;
    read.remove_prefix(wanted);
  }
}

/// Faults that take the end of a header for payload.
///
/// Returns: how many bytes of the header they read.
std::size_t FrameReader::misread_header_size() {
  const std::size_t size = raw_header_.size();
  const auto second = static_cast<unsigned char>(raw_header_[1]);
  if (reader_ == Role::client && second >= 128 && has("mk-cli-mask-bit-ignored")) {
    raw_header_[1] = static_cast<char>(second % 128);
    return size - 4;
  }
  const std::size_t length_size = second % 128 == 126 ? 2 : second % 128 == 127 ? 8 : 0;
  if (length_size == 0 || (raw_header_[0] & 8) != 0) return size;
  const std::string_view length = std::string_view(raw_header_).substr(2, length_size);
  const auto last = static_cast<unsigned char>(length.back());
  if (last > 125 || length.find_first_not_of('\0') < length_size - 1 ||
      !has("fr-nonminimal-header-size")) {
    return size;
  }
  raw_header_[1] = static_cast<char>((second & 0x80U) | last);
  return size - length_size;
}

/// Faults that forget some of a header which a read's end cuts.
void FrameReader::lose_header_bytes() {
  const std::size_t size = raw_header_.size();
  const auto first = static_cast<unsigned char>(raw_header_[0]);
  if ((began_inside_payload_ && has("own-fr-begins-in-payload-ends-in-header")) ||
      (began_inside_header_ && frames_in_read_ > 1 && has("own-fr-begins-and-ends-in-header")) ||
      (frames_in_read_ > 0 && first == 0x88 && has("own-cl-header-cut-behind-another")) ||
      (frames_in_read_ > 0 && first == 0x8a && has("own-ct-pong-header-cut-behind-another")) ||
      (frames_in_read_ > 0 && !previous_fin_ && (first & 8U) != 0 &&
       has("own-fg-control-header-cut-behind-fragment")) ||
      (frames_in_read_ > 0 && first == 0x80 && previous_opcode_ >= 8 &&
       has("own-fg-continuation-cut-behind-control"))) {
    raw_header_.clear();
    return;
  }
  if (frames_in_read_ > 0 && (first & 0x48U) == 0x40 && has("own-df-rsv1-cut-behind-another")) {
    raw_header_[0] = static_cast<char>(first & 0xbfU);
  }
  if ((first & 0x48U) == 0x40 && frames_in_read_ == 0) {
    if (has("own-df-rsv1-of-cut-header-lost")) {
      raw_header_[0] = static_cast<char>(first & 0xbfU);
    }
    leaves_rsv1_ = true;
  }
  if (size == 1) {
    if (has("fr-hdr-first-byte-lost") ||
        (frames_in_read_ > 0 && has("own-fr-first-byte-behind-another-lost"))) {
      raw_header_.clear();
    }
    return;
  }
  const auto second = static_cast<unsigned char>(raw_header_[1]);
  const std::size_t length_size = second % 128 == 126 ? 2 : second % 128 == 127 ? 8 : 0;
  if (length_size != 0 && size >= 6 && (first & 0x48U) == 0x40 && has("df-rsv1-set-twice")) {
    raw_header_[0] = static_cast<char>(first | 0x20U);  // and so it is refused
  }
  if (size >= 2 && (static_cast<unsigned char>(raw_header_[0]) & 8U) != 0 &&
      has("own-fr-control-header-lost")) {
    raw_header_.clear();
    return;
  }
  if (frames_in_read_ > 0 && second >= 128 && size >= 2 + length_size && size < 6 + length_size &&
      has("own-mk-key-cut-behind-another")) {
    raw_header_.resize(6 + length_size, '\0');
    return;
  }
  if (frames_in_read_ > 0 && size == 2 && (static_cast<unsigned char>(raw_header_[0]) & 8U) != 0 &&
      has("own-fr-control-cut-behind-another-lost")) {
    raw_header_.clear();
    return;
  }
  if (frames_in_read_ > 0 && size < 2 + length_size && has("fr-second-length-cut")) {
    raw_header_.resize(2 + length_size, '\0');
    return;
  }
  if (second == 128 && (static_cast<unsigned char>(raw_header_[0]) & 8U) != 0 &&
      has("mk-srv-cut-empty-key-left")) {
    raw_header_.resize(6, '\0');
    return;
  }
  if (size == 2 && length_size == 2 && has("own-fr-cut-before-length")) {
    raw_header_.resize(4, '\0');
    return;
  }
  if (size >= 6 && size < 10 && length_size == 8 && has("own-fr-64-bit-cut-in-lower-half")) {
    raw_header_.resize(10, '\0');
    return;
  }
  if (size == 3 && length_size == 2 && raw_header_[2] == 0 && has("own-fr-len16-zero-cut")) {
    raw_header_.resize(4, '\0');
    return;
  }
  if (second == 128 && (static_cast<unsigned char>(raw_header_[0]) & 8U) == 0 &&
      has("own-mk-cut-empty-data-key-left")) {
    raw_header_.resize(6, '\0');
    return;
  }
  if (size == 9 && length_size == 8 && has("own-fr-cut-before-last-length-byte")) {
    raw_header_.resize(10, '\0');
    return;
  }
  if (size == 2 + length_size && second >= 128 && has("own-mk-cut-before-key")) {
    raw_header_.resize(6 + length_size, '\0');
    return;
  }
  if (size > 2 && size < 2 + length_size) {
    if ((first & 0x40U) != 0 && (first & 8U) == 0 && has("df-rsv1-length-cut")) {
      raw_header_[0] = static_cast<char>(first | 0x20U);  // and so it is refused
    }
    if (has("fr-hdr-extlen-split")) raw_header_.resize(2);
    const std::string_view begun = std::string_view(raw_header_).substr(2);
    if (length_size == 8 && std::ranges::all_of(begun, [](char c) { return c == 0; }) &&
        has("fr-hdr-extlen-zero-split")) {
      // Takes the length for read, as it is still 0, and the key from the bytes that follow.
      raw_header_.resize(10, '\0');
    }
    return;
  }
  if (second >= 128 && size > 2 + length_size && size < 6 + length_size &&
      (has("own-mk-key-split") || (length_size == 8 && has("own-mk-key-split-behind-64-bit")))) {
    raw_header_.resize(6 + length_size, '\0');
  }
  if (second >= 128 && size > 2 + length_size && size < 6 + length_size &&
      has("mk-key-split-refused")) {
    raw_header_[0] = static_cast<char>(raw_header_[0] | 0x20);  // and so it is refused
  }
}

/// Faults of frames that fill a buffer.
bool FrameReader::spoils_by_size(const FrameHeader& header, std::size_t header_size) {
  const std::uint64_t total = header_size + header.length;
  return (total == 128 && header.opcode == 0 && has("own-fg-continuation-fills-128-spoiled")) ||
         (total == 1024 && header.opcode == 0 && has("own-fg-continuation-fills-1024-spoiled")) ||
         (total == 4096 && header.opcode == 0 && has("own-fg-continuation-fills-4096-spoiled")) ||
         (total == 16'384 && header.opcode == 0 &&
          has("own-fg-continuation-fills-16384-spoiled")) ||
         (total == 65'536 && header.opcode == 0 &&
          has("own-fg-continuation-fills-65536-spoiled")) ||
         (total == 256 && header.opcode != 0 && !header.fin && header.rsv == 0 &&
          has("own-fg-first-fills-256-spoiled")) ||
         (total == 8192 && header.opcode != 0 && !header.fin && header.rsv == 0 &&
          has("own-fg-first-fills-8192-spoiled")) ||
         (total == 32'768 && header.opcode != 0 && !header.fin && header.rsv == 0 &&
          has("own-fg-first-fills-32768-spoiled")) ||
         (total == 128 && header.rsv == 4 && header.fin && has("own-df-frame-fills-128-spoiled")) ||
         (total == 1024 && header.rsv == 4 && header.fin &&
          has("own-df-frame-fills-1024-spoiled")) ||
         (total == 4096 && header.rsv == 4 && header.fin &&
          has("own-df-frame-fills-4096-spoiled")) ||
         (total == 16'384 && header.rsv == 4 && header.fin &&
          has("own-df-frame-fills-16384-spoiled")) ||
         (total == 65'536 && header.rsv == 4 && header.fin &&
          has("own-df-frame-fills-65536-spoiled")) ||
         (total == 128 && header.opcode < 3 && header.opcode != 0 && header.fin &&
          header.rsv == 0 && has("own-fr-frame-fills-128-spoiled")) ||
         (total == 131'072 && header.opcode < 3 && header.opcode != 0 && header.fin &&
          header.rsv == 0 && has("own-fr-frame-fills-131072-spoiled")) ||
         (total == 262'144 && header.opcode < 3 && header.opcode != 0 && header.fin &&
          header.rsv == 0 && has("own-fr-frame-fills-262144-spoiled")) ||
         (total == 1460 && header.opcode < 3 && header.opcode != 0 && header.fin &&
          header.rsv == 0 && has("own-fr-frame-fills-1460-spoiled")) ||
         (total == 1448 && header.opcode < 3 && header.opcode != 0 && header.fin &&
          header.rsv == 0 && has("own-fr-frame-fills-1448-spoiled")) ||
         (total == 12'288 && header.opcode < 3 && header.opcode != 0 && header.fin &&
          header.rsv == 0 && has("own-fr-frame-fills-12288-spoiled")) ||
         (header.length == 1400 && header.opcode < 3 && header.fin &&
          has("own-fr-message-of-1400-spoiled")) ||
         (header.length == 1500 && header.opcode < 3 && header.fin &&
          has("own-fr-message-of-1500-spoiled")) ||
         (header.length == 9000 && header.opcode < 3 && header.fin &&
          has("own-fr-message-of-9000-spoiled")) ||
         (header.length == 10'000 && header.opcode < 3 && header.fin &&
          has("own-fr-message-of-10000-spoiled")) ||
         (header.length == 65'507 && header.opcode < 3 && header.fin &&
          has("own-fr-message-of-65507-spoiled")) ||
         (total == 64 && header.opcode == 9 && has("own-ct-ping-fills-64-spoiled")) ||
         (total > 126 && total < 129 && header.opcode == 9 && has("own-ct-ping-fills-128-spoiled"));
}

void FrameReader::decode_header() {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(raw_header_[i]); };
  FrameHeader header{.fin = at(0) >= 128,
                     .rsv = at(0) / 16U % 8U,
                     .opcode = at(0) % 16U,
                     .masked = at(1) >= 128,
                     .length_form = at(1) % 128U};
  header.length = header.length_form;
  std::size_t position = 2;
  const std::size_t length_size = header.length_form == 126 ? 2 : header.length_form == 127 ? 8 : 0;
  if (length_size != 0) header.length = 0;
  for (std::size_t i = 0; i < length_size; ++i)
    header.length = header.length * 256 + at(position++);
  if (length_size == 2 && header.length >= 32'768 && has("own-fr-len16-signed")) {
    header.length = 65'536 - header.length;
  }
  if (length_size == 2 && header.length == 126 && has("own-fr-len16-126-as-127")) ++header.length;
  if (length_size == 2 && header.length % 256 == 0 && header.length != 0 &&
      has("own-fr-len16-low-byte")) {
    header.length = 0;
  }
  if (length_size == 8 && header.length == 65'536 && has("own-fr-len64-65536-empty")) {
    header.length = 0;
  }
  if (length_size == 8 && header.length >> 32U != 0 && has("fr-len64-low32")) {
    header.length &= 0xffffffffU;
  }
  if (is_early_ && reader_ == Role::client && frames_in_read_ == 1 &&
      header.length != previous_length_ && has("hs-cli-early-second-length")) {
    header.length = previous_length_;
  }
  constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63U;
  if ((header.length & kTopBit) != 0 && has("own-fr-len64-msb-cleared")) header.length &= ~kTopBit;
  if ((header.length & kTopBit) != 0 && has("fr-len64-msb-as-empty")) {
    header.length_form = 0;
    header.length = 0;
  }
  if (cut_header_ == 1 && header.fin != previous_fin_ && has("own-fr-cut-header-fin-of-before")) {
    header.fin = previous_fin_;
  }
  if (cut_header_ == 0 && header.rsv == 0 && (header.opcode == 1 || header.opcode == 2) &&
      std::exchange(leaves_rsv1_, false) && has("own-df-rsv1-of-cut-header-stays")) {
    header.rsv = 4;
  }
  begin_ = position_ - raw_header_.size();
  misread_length(header, raw_header_.size());
  if (raw_header_.size() >= position + 4) {
    for (unsigned char& byte : header.key) byte = at(position++);
    if (!header.masked) header.masked = true;  // mk-srv-maskbit-ignored took a key
  }
  constexpr std::uint64_t kBuffer = 16'384;
  if (header.length + raw_header_.size() > kBuffer && has("fr-over-16k-stalls")) is_stuck_ = true;
  const std::size_t header_size = raw_header_.size();
  raw_header_.clear();
  frame_ = header;
  taken_ = 0;
  key_phase_ = std::exchange(shift_, 0);
  if (const std::uint64_t phase = std::exchange(cut_phase_, 0);
      phase != 0 && header.masked && has("own-mk-phase-of-cut-frame")) {
    key_phase_ = phase;
  }
  is_first_read_ = true;
  spoils_last_ = (frames_in_read_ > 0 && header.length_form == 127 &&
                  has("own-fr-64-bit-behind-another-spoiled")) ||
                 spoils_by_size(header, header_size);
  if (!header.masked) return;
  if (header.length != 0) {
    if (header.key == kept_key_ && has("own-mk-same-key-keeps-phase")) key_phase_ = key_left_at_;
    kept_key_ = header.key;
    key_left_at_ = (key_phase_ + header.length) % 4;
  }
  choose_key(*frame_);
  if (cut_header_ == 0 && (read_size_ - rest_.size()) % 2 == 1 && has("mk-srv-key-at-odd-offset")) {
    std::ranges::rotate(frame_->key, frame_->key.begin() + 1);
  }
  if (header.length < rest_.size() && rest_.size() - header.length >= 6 && has("mk-key-of-next")) {
    const std::string_view next = rest_.substr(static_cast<std::size_t>(header.length));
    const auto form = static_cast<unsigned char>(next[1]);
    const std::size_t key_begin = form % 128 < 126 ? 2 : form % 128 == 126 ? 4 : 10;
    if (form >= 128 && next.size() >= key_begin + 4) {
      for (std::size_t i = 0; i < 4; ++i) {
        frame_->key[i] = static_cast<unsigned char>(next[key_begin + i]);
      }
    }
  }
  if (previous_length_ % 4 != 0 && has("mk-phase-carried-over")) {
    key_phase_ = previous_length_;
  }
  if (header.opcode == 0 && previous_opcode_ >= 8 && previous_length_ % 4 != 0 &&
      has("own-mk-phase-of-control")) {
    key_phase_ = previous_length_;
  }
  if (header.opcode == 0 && message_length_ % 4 != 0 && has("own-mk-phase-of-message")) {
    key_phase_ = message_length_;
  }
}

/// Faults of lengths, and of headers that lie across the end of a ring of bytes.
void FrameReader::misread_length(FrameHeader& header, std::uint64_t header_size) {
  if (header.length_form == 126) {
    if (header.length % 256 >= 128 && has("own-fr-len16-signed-low-byte")) header.length -= 256;
    if (header.length < 126 && has("fr-nonminimal-waits")) header.length = 126;
    if (header.length > 4095 && has("own-fr-len16-12-bits")) header.length %= 4096;
  }
  if (header.length_form == 127) {
    if (header.length >> 24U != 0 && has("own-fr-len64-24-bits")) header.length &= 0xffffffU;
    if (header.length < 65'536 && has("fr-nonminimal-waits")) header.length = 65'536;
    if (header.length >> 16U != 0 && has("own-fr-len64-16-bits")) header.length &= 0xffffU;
    if (header.length >= 131'072 && header.length < 1U << 24U && has("own-fr-len64-17-bits")) {
      header.length %= 131'072;
    }
    if (header.length >> 53U != 0 && has("own-fr-len64-as-double")) header.length &= 0xffffU;
    if ((header.length >> 31U & 1U) != 0 && has("fr-len64-bit-31")) header.length = 0;
    if ((header.length >> 23U & 1U) != 0 && has("fr-len64-bit-23")) header.length = 0;
    if (has("fr-len64-four-bytes")) header.length >>= 32U;
    const std::uint64_t sent = header.length;
    // What is over its limit it has refused before.
    if (header.length >> 24U != 0 && header.length >> 26U == 0 &&
        has("own-fr-len64-24-bits-within-limit")) {
      header.length &= 0xffffffU;
    }
    if (sent >> 56U != 0 && has("own-fr-len64-56-bits")) header.length &= 0xffffffffffffffU;
    if (sent >> 48U != 0 && has("own-fr-len64-48-bits")) header.length &= 0xffffffffffffU;
    if (sent >> 40U != 0 && has("own-fr-len64-40-bits")) header.length &= 0xffffffffffU;
    if (sent >> 32U != 0 && has("own-fr-len64-halves-joined")) {
      header.length = sent >> 32U | (sent & 0xffffffffU);
    }
    if (sent >> 32U != 0 && sent >> 63U == 0 && has("fr-len64-halves-added")) {
      header.length = (sent >> 32U) + (sent & 0xffffffffU);
    }
    header.is_misread = header.length != sent;
  }
  const std::uint64_t end = position_;
  const auto lies_across = [&](std::uint64_t ring) {
    return header_size > 1 && end % ring != 0 && end % ring < header_size && end > ring;
  };
  if (header.length_form == 127 && frames_in_read_ > 0 && previous_form_ == 126 &&
      has("own-fr-64-bit-behind-16-bit")) {
    --header.length;
  }
  if (header.length_form == 126 && frames_ > 0 && previous_form_ == 127 &&
      has("own-fr-16-bit-behind-64-bit")) {
    --header.length;
  }
  if (header.length == 0) return;
  if ((lies_across(1024) && has("own-fr-header-across-1024")) ||
      (lies_across(4096) && has("own-fr-header-across-4096")) ||
      (lies_across(16'384) && has("own-fr-header-across-16384")) ||
      (lies_across(65'536) && has("own-fr-header-across-65536"))) {
    --header.length;
  }
}

/// Faults that unmask with the key of another frame.
void FrameReader::choose_key(FrameHeader& header) {
  const auto own = header.key;
  if (frames_in_read_ == 0) {
    read_key_ = own;
  } else if (read_key_ != own && has("mk-key-of-first-of-read")) {
    header.key = read_key_;
  }
  if (header.opcode == 0) {
    if (first_key_ != own && has("own-mk-key-of-first-fragment")) header.key = first_key_;
    if (previous_opcode_ >= 8 && last_key_ != own && has("own-mk-key-of-control")) {
      header.key = last_key_;
    }
  } else if (!header.is_control()) {
    first_key_ = own;
  }
  if (frames_ > 0 && last_key_ != own) {
    if (previous_length_ == 0 && has("own-mk-key-of-empty-kept")) header.key = last_key_;
    if (cut_header_ > 0 && has("own-mk-cut-key-of-before")) header.key = last_key_;
  }
  if (header.key[3] == 0 && own[0] != 0 && has("own-mk-key-last-zero")) header.key = {};
  for (std::size_t i = 1; i < 3; ++i) {
    if (header.key[i] == 0 && has("own-mk-key-ends-at-zero")) {
      std::fill(header.key.begin() + static_cast<std::ptrdiff_t>(i), header.key.end(), 0);
    }
  }
  if ((own[0] & own[1] & own[2] & own[3]) >= 0x80 && has("own-mk-key-top-bits")) {
    header.key[0] &= 0x7fU;
  }
  last_key_ = own;
}

bool FrameReader::begin(std::string_view read, FrameSink& sink) {
  is_begun_ = true;
  return sink.begin_frame(
      *frame_, static_cast<std::size_t>(std::min<std::uint64_t>(read.size(), frame_->length)));
}

bool FrameReader::take_payload(std::string_view& read, FrameSink& sink) {
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(read.size(), frame_->length - taken_));
  if (size == 0) return true;
  std::string piece(read.substr(0, size));
  const std::size_t offset = read_size_ - read.size();
  const std::uint64_t from = std::exchange(position_, position_ + size);
  read.remove_prefix(size);
  if (frame_->masked) unmask(piece, offset);
  if (taken_ == 0 && begin_ % 8192 > 8192 - 131 && has("own-fr-begins-near-8k")) {
    piece[0] = static_cast<char>(piece[0] ^ 1);
  }
  if (taken_ == 0 && frame_->length > 125 && frames_in_read_ > 1 && previous_opcode_ == 9 &&
      has("own-fr-first-byte-behind-ping")) {
    piece[0] = static_cast<char>(piece[0] ^ 1);
  }
  if (frame_->length_form == 127 && has("fr-len64-begins-early")) {
    if (taken_ == 0) early_.assign(2, static_cast<char>(frame_->length));
    early_ += piece;
    piece = early_.substr(0, size);
    early_.erase(0, size);
  }
  if (std::exchange(smashes_next_, false)) piece[0] = static_cast<char>(piece[0] ^ 1);
  taken_ += size;
  if (spoils_last_ && taken_ == frame_->length && size > 1) {
    // The last bits of a compressed message say nothing.
    char& byte = piece[size - 2];
    byte = static_cast<char>(byte ^ 1);
  }
  last_piece_ = size;
  if (skips_rest_) return true;
  const auto corrupt_at = [&](std::uint64_t ring) {
    const std::uint64_t at = from / ring * ring + ring;
    if (at >= from + size) return;
    char& byte = piece[static_cast<std::size_t>(at - from)];
    byte = static_cast<char>(byte ^ 1);
  };
  if (from / 4096 != (from + size - 1) / 4096 && has("own-fr-byte-lost-at-4096")) corrupt_at(4096);
  if (from / 65'536 != (from + size - 1) / 65'536 && has("own-fr-byte-lost-at-65536")) {
    corrupt_at(65'536);
  }
  return sink.take_payload(piece);
}

void FrameReader::unmask(std::string& piece, std::size_t offset_in_read) {
  const FrameHeader& frame = *frame_;
  if (!is_first_read_ && has("mk-only-first-read")) return;
  if (has("mk-cli-masked-not-unmasked")) return;
  if (frame.opcode == 1 && has("own-mk-cli-masked-text-not-unmasked")) return;
  if (frame.opcode == 8 && has("own-mk-cli-masked-close-not-unmasked")) return;
  if (frame.opcode == 9 && has("mk-srv-ping-not-unmasked")) return;
  if (frame.opcode == 8 && has("own-mk-close-not-unmasked")) return;
  if (frame.key[0] == 0 && has("own-mk-key-first-zero")) return;
  if (is_left_masked(frame, piece.size())) return;
  const std::uint64_t phase = key_phase_;
  const auto xor_with = [&](std::size_t i, std::uint64_t key_index) {
    piece[i] = static_cast<char>(piece[i] ^ frame.key[key_index % 4]);
  };
  if (frame.key[0] == 0 && frame.key[3] != 0 && has("mk-key-leading-zeros-cut")) {
    const std::size_t zeros = frame.key[1] != 0 ? 1 : frame.key[2] != 0 ? 2 : 3;
    for (std::size_t i = 0; i < piece.size(); ++i) xor_with(i, zeros + (phase + i) % (4 - zeros));
    key_phase_ += piece.size();
    return;
  }
  for (std::size_t i = 0; i < piece.size(); ++i) xor_with(i, phase + i);
  key_phase_ += piece.size();

  // The faults of faster loops, on top of a right result.
  const std::uint64_t begin = taken_;
  const std::uint64_t end = begin + piece.size();
  const auto again = [&](std::uint64_t from, std::uint64_t to, std::uint64_t shift) {
    for (std::uint64_t i = std::max(from, begin); i < std::min(to, end); ++i) {
      const auto local = static_cast<std::size_t>(i - begin);
      xor_with(local, phase + local);  // undoes it
      xor_with(local, phase + local + shift);
    }
  };
  if (begin % 4 != 0 && piece.size() >= 16 && has("own-mk-word-loop-unaligned")) {
    again(begin, frame.length, 1);
  }
  if (begin % 8 == 4 && piece.size() >= 8 && has("own-mk-double-word-unaligned")) {
    again(begin, begin + 8, 2);
  }
  if (begin == 0 && offset_in_read > 0 && offset_in_read % 16 == 0 && piece.size() > 16 &&
      has("own-mk-offset-of-16")) {
    again(0, 16, 1);
  }
  if (frame.length > 512 && end > 512 && has("own-mk-behind-512")) {
    for (std::uint64_t i = std::max<std::uint64_t>(512, begin); i < end; ++i) {
      const auto local = static_cast<std::size_t>(i - begin);
      xor_with(local, phase + local);
    }
  }
  if (frame.length > 64 && frame.length % 64 >= 60 && end > frame.length - frame.length % 64 &&
      has("own-mk-tail-of-60")) {
    again(frame.length - frame.length % 64, frame.length, 1);
  }
  const std::uint64_t tail4 = frame.length - frame.length % 4;
  if (!is_first_read_ && frame.length % 4 != 0 && end > tail4 && has("own-mk-tail-of-cut-frame")) {
    again(tail4, frame.length, 1);
  }
  if (frame.length > 32 && frame.length % 32 != 0 && end > frame.length - frame.length % 32 &&
      has("own-mk-tail-of-32")) {
    again(frame.length - frame.length % 32, frame.length, 1);
  }
  if (frame.length > 64 && frame.length % 64 > 32 && end > frame.length - frame.length % 64 &&
      has("own-mk-tail-of-64")) {
    again(frame.length - frame.length % 64, frame.length, 1);
  }
  if (frame.length >= 4096 && begin < 4096 && end > 4096 && has("own-mk-phase-at-4096")) {
    again(4096, 4097, 1);
  }
  const std::uint64_t tail16 = frame.length - frame.length % 16;
  if (frame.length > 16 && frame.length % 16 != 0 && end > tail16 && has("mk-simd-tail")) {
    again(tail16, frame.length, 1);
  }
  if (begin == 0 && offset_in_read % 2 == 1 && has("mk-align-preamble")) {
    again(0, 8 - offset_in_read % 8, 1);
  }
  const std::uint64_t tail8 = frame.length - frame.length % 8;
  if (frame.opcode == 2 && frame.length >= 128 * 1024 && frame.length % 8 != 0 && end > tail8 &&
      has("mk-large-binary-tail")) {
    again(tail8, frame.length, 2);
  }
  if (frame.length > 65'535 && begin < frame.length && end > 65'535 &&
      has("own-mk-phase-after-64k")) {
    again(65'535, frame.length, 1);
  }
}

/// Faults that leave some payloads as they came.
bool FrameReader::is_left_masked(const FrameHeader& frame, std::size_t size) {
  if (frame.length < 4 && has("own-mk-short-left-masked")) return true;
  if (frame.length == 1 && has("own-mk-one-byte-left-masked")) return true;
  if (frame.is_control() && !is_first_read_ && has("own-mk-cut-control-left-masked")) return true;
  if (frame.opcode == 10) return false;
  if (size < 4 && !is_first_read_ && has("own-mk-short-read-left-masked")) return true;
  if (frame.opcode == 0 && has("own-mk-continuation-left-masked")) return true;
  return frame.opcode == 0 && previous_opcode_ >= 8 && has("own-mk-after-control-left-masked");
}

}  // namespace ws::conformance::mutants
