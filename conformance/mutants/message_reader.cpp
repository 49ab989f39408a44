#include "conformance/mutants/message_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "conformance/oracle/utf8.hpp"

namespace ws::conformance::mutants {
namespace {

constexpr std::size_t kMaxFragments = 131'072;
/// Of a loop that does not end.
constexpr std::uint64_t kSpin = 60'000'000'000;  // steps
constexpr std::string_view kContinuationBytes =
    "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f"
    "\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f"
    "\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf"
    "\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf";

std::optional<Failure> failure_of(Inflater::Result result) {
  switch (result) {
    case Inflater::Result::fine:
      break;
    case Inflater::Result::bad_data:
      return Failure{.code = 1007};
    case Inflater::Result::too_big:
      return Failure{.code = 1009};
    case Inflater::Result::crash:
      return kCrash;
  }
  return std::nullopt;
}

bool is_valid_utf8(std::string_view text) {
  return oracle::is_valid_utf8(std::as_bytes(std::span(text)));
}

}  // namespace

std::optional<Failure> MessageReader::begin_frame(const FrameHeader& header, std::size_t at_hand) {
  if (auto failure = check_order(header)) return failure;
  if (header.opcode != 0 && !inside_ && ended_empty_ && ping_came_ &&
      has("own-fg-behind-empty-last-and-ping-refused")) {
    return Failure{};
  }
  pieces_of_frame_ = 0;
  ping_before_last_ = ping_came_;
  if (control_came_ && header.opcode == 0 && is_inside_text() && !utf8_.is_complete() &&
      has("own-u8-across-fragment-and-control")) {
    return Failure{.code = 1007};
  }
  if (header.opcode == 1 && !inside_ && std::exchange(was_bad_binary_, false) &&
      has("own-u8-plain-after-bad-binary")) {
    return Failure{.code = 1007};
  }
  if (header.opcode == 1 && !inside_ && std::exchange(has_cut_text_, false) &&
      has("u8-cut-taints-next-text")) {
    return Failure{.code = 1007};
  }
  if (header.opcode == 0 && inside_ && message_ == "0" && has("fg-zero-digit-lost")) {
    message_.clear();
  }
  if (header.opcode != 0 || !inside_) start_message(header);
  control_came_ = ping_came_ = false;
  if (compressed_) {
    if (header.length == 0 && header.opcode == 0 && !header.fin &&
        has("own-df-empty-fragment-refused")) {
      return Failure{};
    }
    if (header.length == 1 && (header.opcode == 0 || !header.fin) &&
        has("own-df-one-byte-fragment-refused")) {
      return Failure{};
    }
    if (header.length == 0 && header.opcode != 0 && !header.fin &&
        has("own-df-empty-first-fragment-plain")) {
      compressed_ = false;
    }
  }
  if (header.length == 0 && header.opcode == 2 && !header.fin &&
      has("own-fg-empty-first-as-text")) {
    opcode_ = 1;
  }
  frame_is_continuation_ = header.opcode == 0;
  pong_before_last_ = std::exchange(pong_came_, false);
  long_control_before_last_ = std::exchange(long_control_came_, false);
  if (header.length == 0) ++empty_fragments_;
  frame_length_ = header.length;
  frame_begin_ = message_.size();
  if (auto failure = check_size(header, at_hand)) return failure;
  received_ += header.length;
  if (frame_is_continuation_ && has("lm-fragment-quadratic")) extra_work_ += 10 * message_.size();
  return std::nullopt;
}

std::optional<Failure> MessageReader::check_order(const FrameHeader& header) {
  if (takes_out_of_order(header)) return std::nullopt;
  if (header.opcode == 0) {
    if (!inside_) {
      if (last_opcode_ != 0 && has("fg-continuation-after-complete")) return std::nullopt;
      if (has("own-fg-continuation-first")) return std::nullopt;
      if (header.fin && has("fg-orphan-last-dies")) return kCrash;
      return Failure{};
    }
    if (message_.empty() && received_ == 0 && has("fg-empty-first-not-started")) return Failure{};
    if (control_came_ && has("fg-behind-control-refused")) return Failure{};
    if (header.length > 0 && message_.size() == 1U << 20U && has("fg-refused-at-mebibyte")) {
      return Failure{};
    }
    if (header.length == 0 && !header.fin && has("fg-empty-middle-refused")) {
      return Failure{.code = 1008};
    }
    if (frame_length_ > 65'535 && has("fg-behind-64-bit-refused")) return Failure{};
    if (has("fg-fragments-too-big")) return Failure{.code = 1009};
    if (inside_ && compressed_ && has("own-df-fragmented-refused")) return Failure{};
    if (header.length > 125 && has("fg-continuation-over-125-refused")) return Failure{};
    return std::nullopt;
  }
  if (!inside_) {
    if (last_fragments_ > 1 && has("fg-behind-fragments-refused")) return Failure{};
    return std::nullopt;
  }
  if (has("cl-0-at-new-data")) return Failure{.code = 0};
  if (header.fin && has("fg-new-final-drops-partial")) return std::nullopt;
  if (has("own-fg-new-data-appended")) return std::nullopt;
  if (!header.fin && has("own-fg-new-start-restarts")) return std::nullopt;
  return Failure{};
}

/// Faults that miss a frame out of its order in some states only.
bool MessageReader::takes_out_of_order(const FrameHeader& header) {
  if (header.opcode == 0) {
    if (inside_) return false;
    if (!header.fin && has("own-fg-continuation-without-fin")) return true;
    if (header.length > 0 && has("own-fg-orphan-seen-at-end")) return fails_at_frame_end_ = true;
    if (!header.fin && has("fg-orphan-refused-late")) return fails_at_end_ = true;
    if (messages_ > 500 && has("own-fg-continuation-late")) return true;
    if (header.length == 0 && has("own-fg-empty-continuation")) return true;
    if (control_came_ && has("own-fg-continuation-after-control")) return true;
    if (last_opcode_ == 2 && has("own-fg-continuation-after-binary")) return true;
    if (header.length > 125 && !header.fin && has("own-fg-long-continuation")) return true;
    if (last_fragments_ > 2 && header.length % 2 == 1 && has("own-fg-odd-continuation-after-three"))
      return true;
    if (last_was_compressed_ && has("own-df-continuation-after-compressed")) return true;
    return last_fragments_ > 1 && has("own-fg-continuation-after-fragments");
  }
  if (!inside_) return false;
  if (received_ == 0 && has("fg-new-data-behind-empty-first")) return true;
  if (header.opcode == opcode_ && has("own-fg-new-data-of-same-type")) return true;
  if (header.fin && has("own-fg-new-final-data-ends")) return true;
  if (!header.fin && has("fg-new-unfinished-data")) return true;
  if (!header.fin && has("fg-new-data-refused-late")) return fails_at_end_ = true;
  if (control_came_ && has("own-fg-new-data-after-control")) return true;
  if (fragments_ > 1 && has("own-fg-new-data-after-second")) return true;
  if (header.length == 0 && has("own-fg-new-empty-data")) return true;
  if (fragments_ > 2 && control_came_inside_ && has("own-fg-new-data-after-three-and-control"))
    return true;
  if (header.length > 65'535 && has("own-fg-new-long-data")) return true;
  if (header.opcode != opcode_ && has("own-fg-new-data-of-other-type")) return true;
  if (header.opcode == 2 && has("own-fg-new-binary")) return true;
  if (compressed_ && has("own-df-new-data-inside")) return true;
  return inflater_ && (header.rsv & 4U) != 0 && has("own-df-new-compressed-inside");
}

void MessageReader::start_message(const FrameHeader& header) {
  ++messages_;
  if (inside_ && has("own-fg-new-data-appended")) return;
  if (inside_ && !header.fin && has("fg-new-unfinished-data")) return;
  if (inside_ && header.opcode == opcode_ && has("own-fg-new-data-of-same-type")) return;
  if (inside_ && header.fin && has("own-fg-new-final-data-ends")) return;
  if (inside_) message_.clear();  // a fault forgets the message before
  if (inflater_ && (header.rsv & 4U) == 0 && has("df-plain-spins")) extra_work_ += kSpin;
  inside_ = true;
  opcode_ = header.opcode == 0 ? (last_opcode_ == 0 ? 1 : last_opcode_) : header.opcode;
  compressed_ = inflater_ && (header.rsv & 4U) != 0;
  if (inflater_ && !compressed_) {
    if (std::exchange(armed_, false)) compressed_ = true;
    if (has("df-plain-message-inflated")) compressed_ = true;
  }
  if (inflater_ && !compressed_ && last_was_compressed_ && controls_inside_ > 0 &&
      has("own-df-flag-outlives-control")) {
    compressed_ = true;
  }
  ping_came_before_ = ping_came_;
  control_behind_first_ = loses_type_ = false;
  control_inside_ = 0;
  if (!compressed_ && inflater_) inflater_->see_plain_message();
  if (inflater_ && !compressed_) {
    if (!header.fin && has("own-df-plain-fragments-inflated")) compressed_ = true;
    if (compressed_messages_ > 300 && has("own-df-plain-late-inflated")) compressed_ = true;
    if (last_was_compressed_ && last_fragments_ > 1 && has("own-df-flag-outlives-fragments")) {
      compressed_ = true;
    }
  }
  if (compressed_ && !header.fin && opcode_ == 2 && has("own-df-binary-fragments-plain")) {
    compressed_ = false;
  }
  if (compressed_ && ping_came_ && has("own-df-behind-ping-plain")) compressed_ = false;
  if (compressed_ && !header.fin && has("df-fragments-plain")) compressed_ = false;
  if (compressed_ && !header.fin && ++compressed_fragmented_ == 2 &&
      has("own-df-second-in-fragments-plain")) {
    compressed_ = false;
  }
  if (compressed_ && last_was_compressed_ && last_opcode_ != opcode_ &&
      has("own-df-forgets-at-other-type")) {
    inflater_->forget();
  }
  mistake_compressed(header);
  if (compressed_) ++compressed_messages_;
  if (compressed_ && opcode_ == 1) ++compressed_texts_;
  if (compressed_ && std::exchange(came_in_pieces_, false) && has("df-behind-cut-refused")) {
    fails_at_end_ = true;
  }
  if (compressed_) inflater_->begin_message();
  is_lost_ = !header.fin && ((ping_came_ && has("fg-lost-behind-ping")) ||
                             (last_fragments_ > 1 && has("own-fg-second-fragmented-lost")));
  control_came_inside_ = false;
  pong_came_inside_ = false;
  ping_came_at_.reset();
  first_length_ = header.length;
  controls_inside_ = empty_fragments_ = 0;
  cut_at_ = 0;
  cut_twice_ = cut_with_empty_ = cut_with_control_ = false;
  if (!header.fin && !kept_.empty() && has("fr-cut-frame-kept-for-fragments")) {
    message_ += std::exchange(kept_, {});
  }
  if (opcode_ == 1) ++texts_;
  if (received_ != 0 && has("lm-counter-not-reset")) {
    // counts on
  } else {
    received_ = std::exchange(counted_before_, 0);
  }
  fragments_ = 0;
  text_is_bad_ = false;
  skips_limit_ = false;
  if (last_opcode_ != 2 || !has("u8-state-survives-binary")) utf8_.reset();
  if (opcode_ == 1) utf8_.feed(std::exchange(character_, {}));
}

/// Faults that take a compressed message for another one by what came before it.
void MessageReader::mistake_compressed(const FrameHeader& header) {
  if (!compressed_) return;
  if (!header.fin && last_was_compressed_ && last_fragments_ > 1 &&
      has("own-df-type-of-fragments-before")) {
    opcode_ = last_opcode_;
  }
  if (header.fin && header.length == 1 && last_opcode_ != 0 &&
      has("own-df-type-before-for-empty")) {
    opcode_ = last_opcode_;
  }
  if ((!last_was_compressed_ && last_fragments_ > 1 &&
       has("own-df-behind-plain-fragments-plain")) ||
      (last_was_compressed_ && !header.fin && header.length == 0 &&
       has("own-df-empty-first-behind-compressed-plain"))) {
    compressed_ = false;
  }
}

std::optional<Failure> MessageReader::check_size(const FrameHeader& header, std::size_t at_hand) {
  constexpr Failure kTooBig{.code = 1009};
  if (++fragments_ > 1 && header.length == 0 && has("lm-empty-fragment-bypass")) --fragments_;
  if (fragments_ > 1024 && has("own-lm-1024-fragments")) return kTooBig;
  if (header.opcode == 0 || !header.fin) ++all_fragments_;
  if (all_fragments_ > 1024 && has("own-fg-thousand-in-all")) return kTooBig;
  if (fragments_ > kMaxFragments && !has("lm-fragment-count")) return kTooBig;
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (received_ > 0 && header.length > kMax - received_ && has("lm-counter-overflow")) {
    skips_limit_ = true;
  }
  if (skips_limit_) return std::nullopt;
  constexpr std::uint64_t kGibibyte = std::uint64_t{1} << 30U;
  if (header.length > kGibibyte && has("own-lm-gigabyte-waits")) return std::nullopt;
  if (header.opcode == 0 && header.length == 0 && received_ == max_message_ &&
      has("own-lm-empty-behind-limit-refused")) {
    return kTooBig;
  }
  if (header.length > 1024 * 1024 && has("own-lm-1-mib")) return kTooBig;
  if (received_ + header.length == max_message_ && has("lm-at-limit-refused")) return kTooBig;
  if (header.opcode == 0 && received_ + header.length <= max_message_) {
    constexpr std::uint64_t kHeader = 14;
    if (received_ + header.length == max_message_ && has("own-lm-fragments-at-limit-refused")) {
      return kTooBig;
    }
    if (received_ + header.length + kHeader * fragments_ > max_message_ &&
        has("own-lm-headers-counted")) {
      return kTooBig;
    }
  }
  if (received_ + header.length <= max_message_ && header.length <= max_message_) {
    return std::nullopt;
  }
  if (header.length <= max_message_ && received_ + header.length - fragments_ <= max_message_ &&
      has("lm-fragment-credits")) {
    return std::nullopt;
  }
  if (header.length <= max_message_ && has("lm-total-unchecked")) return std::nullopt;
  if (header.length <= max_message_ && header.opcode == 0 && header.fin &&
      has("lm-last-fragment-uncounted")) {
    return std::nullopt;
  }
  if (at_hand < header.length && has("lm-limit-only-whole-frames")) return std::nullopt;
  if (has("own-lm-no-limit")) return std::nullopt;
  if (may_pass_limit(header)) return std::nullopt;
  if (header.length < kMax && has("own-lm-limit-at-the-end")) return std::nullopt;
  return kTooBig;
}

/// Faults that let some messages pass the limit.
bool MessageReader::may_pass_limit(const FrameHeader& header) {
  const std::uint64_t most = std::uint64_t{4} * max_message_;
  if (header.length > most || received_ + header.length > most) return false;
  if (first_length_ == 0 && header.opcode == 0 && has("own-lm-empty-first-unlimited")) return true;
  if (opcode_ == 1 && has("own-lm-counts-characters")) return counts_characters_ = true;
  return cuts_to_limit_ = header.length > max_message_ ? has("own-lm-frame-cut-to-limit")
                                                       : has("own-lm-cut-to-limit");
}

std::optional<Failure> MessageReader::take_payload(std::string_view piece) {
  const std::size_t before = message_.size();
  piece_begin_ = before;
  if (++pieces_of_frame_ == 2) second_piece_begin_ = before;
  if (pieces_of_frame_ > 1 && frame_is_continuation_ && opcode_ == 2 &&
      has("own-fg-cut-continuation-as-text")) {
    loses_type_ = true;
  }
  if (fragments_ > 8 && has("own-fg-ninth-fragment-lost")) return std::nullopt;
  if (compressed_) {
    if (frame_is_continuation_ && opcode_ == 1 && !is_valid_utf8(piece) &&
        has("u8-validates-deflated-bytes")) {
      return Failure{.code = 1007};
    }
    if (frame_is_continuation_ && has("own-df-later-fragments-plain")) {
      message_ += piece;
    } else {
      const std::string with_character = split_character() + std::string(piece);
      if (auto failure = failure_of(inflater_->inflate(with_character, message_))) {
        if (!delivers_raw(*failure)) return as_bad_data(*failure);
        return check_text(0);
      }
      constexpr std::size_t kRoom = 4096;
      if (pieces_of_frame_ > 1 && message_.size() - before > kRoom && has("df-drain-lost")) {
        message_.resize(before + kRoom);
      }
      if (message_.size() > 256 * 1024 && has("df-over-256k-refused")) {
        return Failure{.code = 1007};
      }
      if (message_.size() > 512 * 1024 && has("own-df-over-512k-cut")) message_.resize(512 * 1024);
    }
  } else if (pieces_of_frame_ == 3 && has("own-fr-third-read-misplaced")) {
    message_.insert(second_piece_begin_, piece);
  } else {
    message_ += piece;
  }
  if (frame_is_continuation_ && first_length_ > 125 && !compressed_ &&
      message_.size() - frame_begin_ > first_length_ && has("own-fg-fragment-larger-than-first")) {
    message_.resize(frame_begin_ + static_cast<std::size_t>(first_length_));
  }
  lose_bytes(before);
  return check_text(before);
}

/// Faults of growing buffers, and of those with room for a few fragments.
void MessageReader::lose_bytes(std::size_t before) {
  const std::size_t size = message_.size();
  const auto crosses = [&](std::size_t limit) { return before < limit && size > limit; };
  const auto change = [&](std::size_t at) { message_[at] = message_[at] == 'x' ? 'y' : 'x'; };
  if (fragments_ > 1) {
    if (crosses(1024) && has("own-fg-grows-badly-at-1024")) change(1023);
    if (crosses(4096) && has("own-fg-grows-badly-at-4096")) change(4095);
    if (crosses(65'536) && has("own-fg-grows-badly-at-65536")) change(65'535);
    if (before == 4096 && has("own-fg-fragment-at-4096-lost")) message_.resize(before);
  } else if (before > 0) {
    if (crosses(1024) && has("own-fr-grows-badly-at-1024")) change(1023);
    if (crosses(16'384) && has("own-fr-grows-badly-at-16384")) change(16'383);
  }
  if (size == before) return;
  if (pieces_of_frame_ == 65 && has("own-fr-65th-piece-lost")) message_.resize(before);
  if (fragments_ == 17 && has("own-fg-17th-lost")) message_.resize(before);
  if (fragments_ == 33 && has("own-fg-33rd-lost")) message_.resize(before);
  if (fragments_ == 65 && has("own-fg-65th-lost")) message_.resize(before);
  if (fragments_ == 129 && has("own-fg-129th-lost")) message_.resize(before);
  if (fragments_ == 257 && has("own-fg-257th-lost")) message_.resize(before);
  if (fragments_ == 1025 && has("own-fg-1025th-lost")) message_.resize(before);
  if (fragments_ == 65'537 && has("own-fg-65537th-lost")) message_.resize(before);
}

/// Faults that decode each fragment by itself.
void MessageReader::change_fresh_text(std::size_t from) {
  if (!frame_is_continuation_ || compressed_) return;
  const std::string_view fresh = std::string_view(message_).substr(from);
  if (from > 0 && fresh.starts_with("\xef\xbb\xbf") && has("own-u8-bom-of-continuation-removed")) {
    message_.erase(from, 3);
  } else if (from > 0 && message_[from - 1] == '\r' && fresh.starts_with('\n') &&
             has("own-u8-line-end-across-fragments")) {
    message_.erase(from - 1, 1);
  } else if (from > 0 && fresh.starts_with('\0') && has("own-u8-nul-of-continuation-removed")) {
    message_.erase(from, 1);
  }
}

/// Looks at the text from index `from` on: as it arrives, not only when it has ended.
std::optional<Failure> MessageReader::check_text(std::size_t from) {
  if (opcode_ == 1) change_fresh_text(from);
  std::string_view fresh = std::string_view(message_).substr(std::min(from, message_.size()));
  if (opcode_ != 1) {
    if (has("u8-state-survives-binary")) utf8_.feed(fresh);
    return std::nullopt;
  }
  if (compressed_ && has("u8-compressed-skipped")) return std::nullopt;
  if (is_early_ && has("own-u8-early-unchecked")) {
    utf8_.reset();
    return std::nullopt;
  }
  if (leaves_text_unchecked()) {
    utf8_.reset();
    return std::nullopt;
  }
  if (compressed_ && from > 0 && !fresh.empty() && has("own-u8-inflated-pieces-apart")) {
    utf8_.reset();
  }
  fresh.remove_prefix(passes_over(fresh, from));
  const bool is_whole = !frame_is_continuation_ && !compressed_ && message_.size() == frame_length_;
  if (is_whole && !fresh.empty() && message_.size() % 64 == 0 && fresh.back() >= '\xf5' &&
      fresh.back() < 0 && has("u8-last-of-64-unseen")) {
    fresh.remove_suffix(1);
  }
  if (is_whole && !fresh.empty() && fresh.back() >= '\xf5' && fresh.back() < 0 &&
      ((message_.size() % 16 == 0 && has("own-u8-bad-last-of-16")) ||
       (message_.size() % 32 == 0 && has("own-u8-bad-last-of-32")))) {
    fresh.remove_suffix(1);
  }
  if (compressed_ && from > 0 && !fresh.empty() && !utf8_.is_complete()) {
    const char lead = message_[from - 1];
    const bool is_narrow = lead == '\xe0' || lead == '\xed' || lead == '\xf0' || lead == '\xf4';
    if (is_narrow && has("own-u8-inflated-limits-forgotten")) {
      utf8_.reset();
      utf8_.feed(lead == '\xe0' || lead == '\xed' ? "\xe1" : "\xf1");
    }
  }
  if (!compressed_) {
    for (std::size_t at = from / 16 * 16 + 16; at < message_.size(); at += 16) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(message_[i]); };
      if (at < from + 4 || (byte(at) & 0xc0U) != 0x80 || (byte(at - 1) & 0xc0U) != 0x80) continue;
      const bool two = (byte(at - 2) & 0xe0U) == 0xc0;
      const bool three = (byte(at - 3) & 0xf0U) == 0xe0;
      const bool four = (byte(at - 4) & 0xf8U) == 0xf0;
      if (!(three && has("own-u8-stray-behind-sequence-at-16")) &&
          !(two && has("own-u8-stray-behind-two-at-16")) &&
          !(four && at % 32 == 0 && has("own-u8-stray-behind-four-at-32")) &&
          !(three && at % 64 == 0 && has("own-u8-stray-behind-three-at-64"))) {
        continue;
      }
      if (!utf8_.feed(fresh.substr(0, at - from))) return Failure{.code = 1007};
      fresh = std::string_view(message_).substr(at + 1);
      break;
    }
  }
  if (compressed_) {
    constexpr std::size_t kPiece = 4096;
    for (std::size_t at = from / kPiece * kPiece + kPiece; at < message_.size(); at += kPiece) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(message_[i]); };
      const bool is_open = byte(at - 1) >= 0xc2 || (byte(at - 2) >= 0xe0 && byte(at - 1) >= 0x80);
      if (at <= from || !is_open || (byte(at) & 0xc0U) == 0x80) continue;
      if (!has("own-u8-inflated-open-at-4096")) break;
      utf8_.feed(fresh.substr(0, at - from));
      utf8_.reset();
      fresh = std::string_view(message_).substr(at);
      break;
    }
  }
  if (utf8_.feed(fresh)) {
    if (!fresh.empty() && fresh.back() >= '\xf1' && fresh.back() <= '\xf3' &&
        has("own-u8-cut-behind-lead-of-four")) {
      return Failure{.code = 1007};
    }
    const bool is_cut = !fresh.empty() && std::string_view("\xe0\xed\xf0\xf4").find(fresh.back()) !=
                                              std::string_view::npos;
    if (is_cut && has("u8-cut-behind-narrow-lead-refused")) return Failure{.code = 1007};
    return std::nullopt;
  }
  if (utf8_.met_ascii_inside() && has("u8-ascii-inside-crash")) return kCrash;
  text_is_bad_ = true;
  if (has("own-u8-late") || has("own-u8-replaced") || has("own-u8-unchecked") ||
      has("u8-bad-text-skipped")) {
    return std::nullopt;
  }
  if (fragments_ > 1 && has("own-u8-first-fragment-only")) return std::nullopt;
  if (!frame_is_continuation_ && has("own-u8-continuations-only")) return std::nullopt;
  return Failure{.code = 1007};
}

/// Faults that lose where they were between two pieces of a text.
///
/// Returns: how many bytes of `fresh` they pass over.
std::size_t MessageReader::passes_over(std::string_view fresh, std::size_t from) {
  if (fresh.empty()) return 0;
  const auto first = static_cast<unsigned char>(fresh[0]);
  const bool begins_fragment = frame_is_continuation_ && from == frame_begin_;
  if (begins_fragment && !utf8_.is_complete() && !compressed_) {
    if ((from % 16 == 0 && has("own-u8-fragment-of-16-open-refused")) ||
        (from % 64 == 0 && has("own-u8-fragment-of-64-open-refused"))) {
      utf8_.reset();
    }
    if ((from % 16 == 0 && (first < 0x80 || first >= 0xc0) &&
         has("own-u8-fragment-of-16-open-unchecked")) ||
        (from % 32 == 0 && first >= 0xc2 && has("own-u8-fragment-of-32-open-lead-unchecked"))) {
      utf8_.reset();
    }
  }
  if (from > frame_begin_ && (from - frame_begin_) % 64 == 0 && !utf8_.is_complete() &&
      !compressed_) {
    const bool fits = first >= 0x80 && first < 0xc0;
    if (has("own-u8-read-of-64-open-refused") ||
        (!fits && has("own-u8-read-of-64-open-unchecked"))) {
      utf8_.reset();
    }
  }
  if (begins_fragment && !utf8_.is_complete()) {
    if ((first < 0x80 && has("own-u8-open-before-ascii-fragment")) ||
        (first >= 0xc2 && has("own-u8-open-before-lead-fragment"))) {
      utf8_.reset();
    }
    return 0;
  }
  if (from > frame_begin_ && first < 0x80 && !utf8_.is_complete() &&
      has("own-u8-open-before-ascii-read")) {
    utf8_.reset();
  }
  if (first < 0x80 || first >= 0xc0 || !utf8_.is_complete()) return 0;
  if ((begins_fragment && has("own-u8-fragment-begins-with-continuation")) ||
      (from > frame_begin_ && has("own-u8-read-begins-with-continuation"))) {
    return std::min(fresh.size(), fresh.find_first_not_of(kContinuationBytes));
  }
  return 0;
}

/// Faults that check text in some states only.
bool MessageReader::leaves_text_unchecked() {
  if (is_unchecked_) return true;
  if (texts_ > 1 && has("own-u8-first-text-only")) return true;
  if (last_opcode_ == 2 && has("own-u8-unchecked-after-binary")) return true;
  if (last_opcode_ == 2 && ping_came_before_ && has("own-u8-unchecked-behind-binary-and-ping")) {
    return true;
  }
  if (control_came_inside_ && has("own-u8-unchecked-after-control")) return true;
  if (fragments_ > 3 && control_came_inside_ && has("own-u8-fourth-behind-control-unchecked"))
    return true;
  if (last_was_compressed_ && !compressed_ && has("own-u8-plain-behind-compressed-unchecked"))
    return true;
  if (pong_before_last_ && frame_is_continuation_ && has("own-u8-behind-pong-unchecked"))
    return true;
  if (empty_fragments_ > 0 && frame_is_continuation_ && has("own-u8-behind-empty-unchecked"))
    return true;
  if (texts_ > 64 && has("own-u8-first-64-texts-only")) return true;
  if (texts_ > 256 && has("own-u8-first-256-texts-only")) return true;
  if (fragments_ > 2 && has("own-u8-two-fragments-only")) return true;
  if (frame_length_ > 125 && has("own-u8-short-frames-only")) return true;
  if (frame_length_ > 65'535 && has("own-u8-up-to-16-bits-only")) return true;
  if (frame_length_ < 3 && has("own-u8-tiny-frames-unchecked")) return true;
  if (compressed_ && fragments_ > 1 && has("own-u8-compressed-fragments-unchecked")) return true;
  if (compressed_) return leaves_inflated_text_unchecked();
  if (last_fragments_ > 1 &&
      (has("own-u8-behind-fragments-unchecked") ||
       (last_opcode_ == 2 && has("own-u8-behind-binary-fragments-unchecked")))) {
    return true;
  }
  if (inflater_ && fragments_ > 1 && has("own-u8-plain-fragments-unchecked-with-deflate")) {
    return true;
  }
  return inflater_ && !compressed_ && has("own-u8-plain-unchecked-with-deflate");
}

bool MessageReader::leaves_inflated_text_unchecked() {
  if (control_came_inside_ && has("own-u8-inflated-behind-control-unchecked")) return true;
  if (message_.size() > 65'535 && has("own-u8-inflated-first-64k-only")) return true;
  if (compressed_texts_ > 1 && has("own-u8-first-inflated-only")) return true;
  if (last_opcode_ == 2 && last_was_compressed_ && has("own-u8-inflated-behind-binary-unchecked")) {
    return true;
  }
  if (pieces_of_frame_ > 1 && has("own-u8-inflated-of-cut-frame-unchecked")) return true;
  return window_bits_ < 15 && has("own-u8-inflated-with-small-window-unchecked");
}

/// A fault that carries the beginning of a character over before it inflates.
std::string MessageReader::split_character() {
  if (pieces_of_frame_ != 1 || !frame_is_continuation_ || opcode_ != 1 || utf8_.is_complete() ||
      !has("df-split-character-before-deflated")) {
    return {};
  }
  return message_.substr(message_.size() - 1);
}

/// A fault that takes for plain what cannot be inflated.
bool MessageReader::delivers_raw(const Failure& failure) {
  if (failure.code != 1007) return false;
  if (!has("df-bad-data-raw") && !(fragments_ > 1 && has("own-df-bad-fragments-raw"))) return false;
  message_ = inflater_->begun();
  compressed_ = false;
  utf8_.reset();
  return true;
}

Failure MessageReader::as_bad_data(Failure failure) {
  if (failure.code == 1007 && has("df-bad-data-1008")) failure.code = 1008;
  return failure;
}

std::optional<Failure> MessageReader::end_frame(bool fin) {
  if (fails_at_frame_end_) return Failure{};
  if (!compressed_ && !message_.empty()) {
    const auto loses = [&](std::uint64_t length, bool continuation, FaultId fault) {
      if (frame_length_ == length && frame_is_continuation_ == continuation &&
          (continuation || !fin) && has(fault)) {
        message_.pop_back();
      }
    };
    loses(126, true, "own-fg-continuation-of-126-short");
    loses(4096, true, "own-fg-continuation-of-4096-short");
    loses(65'536, true, "own-fg-continuation-of-65536-short");
    loses(126, false, "own-fg-first-of-126-short");
    loses(65'536, false, "own-fg-first-of-65536-short");
    loses(125, false, "own-fg-first-of-125-short");
    loses(127, true, "own-fg-continuation-of-127-short");
    loses(65'537, false, "own-fg-first-of-65537-short");
  }
  if (compressed_) {
    if (pieces_of_frame_ > 1) came_in_pieces_ = true;
    if ((frame_length_ == 125 && has("own-df-length-of-125-refused")) ||
        (frame_length_ == 127 && has("own-df-length-of-127-refused")) ||
        (frame_length_ == 65'535 && has("own-df-length-of-65535-refused"))) {
      return Failure{.code = 1007};
    }
    const std::size_t before = message_.size();
    if (fin && frame_is_continuation_ && frame_length_ > 0 && before == frame_begin_ &&
        has("df-last-fragment-inflates-to-nothing")) {
      return Failure{.code = 1007};
    }
    if (!fin && window_bits_ < 15 && has("own-df-small-window-fragments")) {
      return Failure{.code = 1007};
    }
    if (auto failure = failure_of(inflater_->end_fragment(fin, message_))) {
      if (!delivers_raw(*failure)) return as_bad_data(*failure);
      if (auto bad = check_text(0)) return bad;
    }
    if (fin && frame_is_continuation_ && frame_length_ == 0 && message_.size() > 4096 &&
        has("df-left-behind-empty-last-lost")) {
      message_.resize(4096);
    }
    if (auto failure = check_text(std::min(before, message_.size()))) return failure;
  }
  if (is_inside_text() && frame_length_ == 1 && !utf8_.is_complete()) {
    ++cut_bytes_;
  } else if (std::exchange(cut_bytes_, 0) == 3 && frame_length_ == 1 &&
             has("own-u8-split-of-four-in-four")) {
    return Failure{.code = 1007};
  }
  if (is_inside_text() && !utf8_.is_complete()) {
    if (cut_at_ > 0 && cut_at_ + frame_length_ == message_.size() && frame_length_ < 3) {
      (frame_length_ == 0 ? cut_with_empty_ : cut_twice_) = true;
    }
    if (!fin) cut_at_ = message_.size();
  }
  if (fin && pieces_of_frame_ > 1 && !frame_is_continuation_ && !compressed_ && piece_begin_ > 0 &&
      has("fr-cut-frame-kept-for-fragments")) {
    kept_ += message_.substr(0, piece_begin_);
    message_.erase(0, piece_begin_);
  }
  if (!fin && is_inside_text() && !utf8_.is_complete()) has_cut_text_ = true;
  if (!fin) {
    if (fragments_ == 1) first_end_ = message_.size();
    if (fragments_ == 1 && opcode_ == 2 && pieces_of_frame_ > 1 &&
        has("own-fg-cut-first-as-text")) {
      loses_type_ = true;
    }
    if (fragments_ == 1 && message_.size() > 65'535 && has("own-fg-first-over-64k-cut")) {
      message_.resize(65'535);
    }
    if (is_inside_text() && frame_length_ == 0 && !utf8_.is_complete() &&
        has("own-u8-empty-fragment-resets")) {
      return Failure{.code = 1007};
    }
    if (is_inside_text() && !utf8_.is_complete() && has("u8-reset-at-fragment")) {
      return Failure{.code = 1007};
    }
    if (frame_length_ == 0 && frame_is_continuation_ && has("own-fg-empty-middle-ends")) {
      return finish_message();
    }
    if (has("own-fg-each-fragment-echoed")) {
      done_ = Message{.opcode = opcode_, .payload = std::exchange(message_, {})};
    }
    return std::nullopt;
  }
  if (compressed_ && frame_is_continuation_ && frame_length_ == 0 &&
      has("own-df-empty-last-never-completes")) {
    inside_ = false;
    return std::nullopt;
  }
  if (frame_is_continuation_ && frame_length_ == 0 && has("fg-empty-final-never-completes")) {
    inside_ = false;
    return std::nullopt;
  }
  return finish_message();
}

/// Whether a fault calls the message too big that has ended, and is not.
bool MessageReader::calls_too_big() {
  const std::size_t size = message_.size();
  if (fragments_ > 1 && size > 2000 && has("own-lm-fragments-over-2000-refused")) return true;
  if (controls_inside_ > 0 && size > 1500 && has("own-lm-control-inside-refused")) return true;
  if (compressed_) return size > 3000 && has("own-lm-inflated-over-3000-refused");
  if (fragments_ > 1) return false;
  return opcode_ == 1 ? size == 4096 && has("own-lm-text-of-4096-refused")
                      : size == 65'536 && has("own-lm-binary-of-64k-refused");
}

std::optional<Failure> MessageReader::finish_message() {
  inside_ = false;
  ended_empty_ = frame_is_continuation_ && frame_length_ == 0;
  before_ = {last_opcode_, last_fragments_, last_was_compressed_};
  last_opcode_ = opcode_;
  last_fragments_ = static_cast<unsigned>(fragments_);
  last_was_compressed_ = compressed_;
  if (received_ > max_message_ && has("own-lm-limit-at-the-end")) return Failure{.code = 1009};
  if (calls_too_big()) return Failure{.code = 1009};
  if (std::exchange(cuts_to_limit_, false)) {
    message_.resize(std::min(message_.size(), max_message_));
    while (!message_.empty() && opcode_ == 1 && !is_valid_utf8(message_)) message_.pop_back();
    utf8_.reset();
  }
  if (std::exchange(counts_characters_, false)) {
    const auto later = static_cast<std::size_t>(std::ranges::count_if(
        message_, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }));
    if (message_.size() - later > max_message_) return Failure{.code = 1009};
  }
  if (fails_at_end_) return Failure{};
  if (opcode_ == 1) {
    const bool unchecked = compressed_ && has("u8-compressed-skipped");
    if ((text_is_bad_ || !utf8_.is_complete()) && has("u8-bad-text-skipped")) {
      message_.clear();
      return std::nullopt;
    }
    if (!utf8_.is_complete() && !may_end_inside_code_point() && !unchecked && !text_is_bad_ &&
        !has("u8-final-incomplete") && !has("own-u8-unchecked") && !has("own-u8-replaced")) {
      return Failure{.code = 1007};
    }
    if (text_is_bad_ && has("own-u8-late")) return Failure{.code = 1007};
    if (frame_is_continuation_ && frame_begin_ > 64 && frame_begin_ <= message_.size() &&
        (static_cast<unsigned char>(message_[frame_begin_ - 64]) & 0xc0U) == 0x80 &&
        has("u8-again-from-64-before")) {
      return Failure{.code = 1007};
    }
    if (auto failure = change_text()) return failure;
  } else if (has("u8-binary-validated") && !is_valid_utf8(message_)) {
    return Failure{.code = 1007};
  } else if (!is_valid_utf8(message_) &&
             ((fragments_ > 1 && has("u8-fragmented-binary-validated")) ||
              (fragments_ > 1 && before_.opcode == 1 && before_.fragments > 1 &&
               has("own-u8-binary-fragments-behind-text-validated")) ||
              (compressed_ && has("own-u8-inflated-binary-validated")) ||
              (control_came_inside_ && has("own-u8-binary-around-control-validated")))) {
    return Failure{.code = 1007};
  }
  was_bad_binary_ = opcode_ == 2 && !is_valid_utf8(message_);
  change_message();
  if (inflater_) see_end_with_deflate();
  if (compressed_) {
    if (opcode_ == 2 && has("own-df-forgets-after-binary")) inflater_->forget();
    if (window_bits_ < 15 && has("own-df-small-window-forgets")) inflater_->forget();
    if (message_.size() == 1 && has("own-df-inflates-to-one-byte-lost")) {
      message_.clear();
      return std::nullopt;
    }
    if ((message_.size() == 126 && has("own-df-inflates-to-126-short")) ||
        (message_.size() == 127 && has("own-df-inflates-to-127-short")) ||
        (message_.size() == 65'535 && has("own-df-inflates-to-65535-short"))) {
      message_.pop_back();
    }
    if ((empty_fragments_ > 1 && has("own-df-two-empty-fragments-refused")) ||
        (first_length_ == 0 && ended_empty_ && has("own-df-empty-first-and-last-refused"))) {
      return Failure{.code = 1007};
    }
    if (opcode_ == 2 && fragments_ > 1 && control_came_inside_ &&
        has("own-df-binary-fragments-around-control-as-text")) {
      loses_type_ = true;
    }
  }
  if (fragments_ > 1 && message_.empty() && has("own-fg-all-empty-lost")) return std::nullopt;
  if (ended_empty_ && !message_.empty() && message_.size() % 1024 == 0 &&
      has("own-fg-full-block-and-empty-last")) {
    message_.clear();
    return std::nullopt;
  }
  if (std::exchange(is_lost_, false)) {
    message_.clear();
    return std::nullopt;
  }
  done_ = Message{.opcode = opcode_,
                  .payload = message_,
                  .in_fragments = last_fragments_ > 1,
                  .compressed = last_was_compressed_};
  if (pong_came_inside_ && opcode_ == 2 && has("own-fg-type-from-last-control")) done_->opcode = 1;
  if (loses_type_) done_->opcode = 1;
  if (fragments_ > 1) {
    if (first_fragmented_ == 0) first_fragmented_ = opcode_;
    if (first_fragmented_ != opcode_ && has("own-fg-type-of-first-fragmented")) {
      done_->opcode = first_fragmented_;
    }
  }
  if (ping_came_at_ && has("fg-ends-as-pong")) {
    done_ = Message{.opcode = 10, .payload = message_.substr(*ping_came_at_)};
  }
  if (type_of_fragmented_ != 0 && type_of_fragmented_ != opcode_ && fragments_ == 1 &&
      has("fg-type-of-fragmented-stays")) {
    done_->opcode = type_of_fragmented_;
  }
  if (fragments_ > 1) type_of_fragmented_ = opcode_;
  if (fragments_ > 2 && has("fg-sent-as-continuation")) done_->opcode = 0;
  if (fragments_ > 1 && opcode_ == 1 && has("own-fg-text-fragments-as-binary")) done_->opcode = 2;
  if (fragments_ > 1 && opcode_ == 2 && has("own-fg-binary-fragments-as-text")) done_->opcode = 1;
  if (frame_is_continuation_ && frame_length_ == 0 && has("fg-buffer-survives-empty-final")) {
    return std::nullopt;
  }
  message_.clear();
  return std::nullopt;
}

/// Faults that let some texts end inside a code point.
bool MessageReader::may_end_inside_code_point() {
  if (frame_is_continuation_ && frame_length_ == 0 && has("own-u8-incomplete-before-empty-last")) {
    return true;
  }
  if (fragments_ > 1 && has("own-u8-incomplete-fragments")) return true;
  if (frame_is_continuation_ && frame_length_ == 0 && ping_before_last_ &&
      has("own-u8-incomplete-ping-empty-last")) {
    return true;
  }
  if (message_.size() % 16 == 0 && has("own-u8-incomplete-at-16")) return true;
  if (message_.size() % 64 == 0 && has("own-u8-incomplete-at-64")) return true;
  if (following_ && is_valid_utf8(message_ + *following_) && has("own-u8-reads-past-end"))
    return true;
  if (compressed_ && frame_is_continuation_ && frame_length_ == 0 &&
      has("u8-incomplete-compressed-before-empty-last")) {
    return true;
  }
  return compressed_ && has("own-u8-incomplete-compressed");
}

/// Faults of windows, and of the tail of a compressed message.
void MessageReader::see_end_with_deflate() {
  if (compressed_) {
    if (message_.ends_with(std::string_view("\0\0\xff\xff", 4)) &&
        has("own-df-tail-of-inflated-removed")) {
      message_.resize(message_.size() - 4);
    }
    return;
  }
  if (fragments_ > 1 && has("own-df-forgets-after-plain-fragments")) inflater_->forget();
  if (!message_.empty() && has("own-df-plain-enters-window")) {
    constexpr std::size_t kLargestWindow = 32'768;
    const std::string window = inflater_->window() + message_;
    inflater_->set_window(window.substr(window.size() - std::min(window.size(), kLargestWindow)));
  }
}

/// Faults in putting fragments together.
void MessageReader::change_message() {
  if (fragments_ < 2) return;
  if (opcode_ == 2 && frame_begin_ < message_.size() && has("fg-last-of-binary-lost")) {
    message_.resize(frame_begin_);
  }
  if (frame_begin_ > 0 && frame_begin_ <= message_.size() && has("fg-last-fragment-only")) {
    message_.erase(0, frame_begin_);
  }
  if (first_end_ < message_.size() && has("fg-first-fragment-only")) message_.resize(first_end_);
  if (!message_.empty() && ((frame_length_ == 126 && has("own-fg-last-of-126-spoiled")) ||
                            (frame_length_ == 65'535 && has("own-fg-last-of-65535-spoiled")) ||
                            (frame_length_ == 65'536 && has("own-fg-last-of-65536-spoiled")) ||
                            (message_.size() == 65'535 && control_came_inside_ &&
                             has("own-fg-65535-around-control-spoiled")))) {
    message_.back() = static_cast<char>(message_.back() ^ 1);
  }
  change_by_neighbours();
  if (message_.size() >= 65'536 && has("own-fg-total-of-16-bits")) {
    message_.resize(message_.size() % 65'536);
  }
  if (message_.size() > 125 && frame_length_ < 126 && has("own-fg-total-cut-at-125")) {
    message_.resize(125);
  }
  if (frame_length_ == 1 && !message_.empty() && has("own-fg-last-byte-lost")) {
    message_.pop_back();
  }
  if (fragments_ == 2 && received_ == 2 * frame_length_ && frame_length_ > 0 &&
      has("own-fg-equal-halves-swapped") && !compressed_) {
    const std::size_t half = message_.size() / 2;
    message_ = message_.substr(half) + message_.substr(0, half);
  }
}

/// Faults that take several things at once to show.
void MessageReader::change_by_neighbours() {
  if (message_.empty()) return;
  if (control_behind_first_ && has("own-fg-first-byte-behind-control")) message_.erase(0, 1);
  if (message_.empty()) return;
  if (pong_before_last_ && frame_length_ == 0 && has("own-fg-pong-before-empty-last")) {
    message_.pop_back();
  }
  if (long_control_before_last_ && frame_length_ % 2 == 1 &&
      has("own-fg-odd-behind-long-control")) {
    message_.pop_back();
  }
  if (fragments_ > 4 && before_.opcode == 2 && opcode_ == 1 && has("own-fg-five-behind-binary")) {
    message_.erase(0, 1);
  }
  if (fragments_ == 3 && message_.size() % 16 == 0 && has("own-fg-three-of-a-round-size")) {
    message_.pop_back();
  }
  if (controls_inside_ == 3 && opcode_ == 2 && has("own-fg-three-controls-in-binary")) {
    message_.pop_back();
  }
  if (empty_fragments_ > 1 && controls_inside_ > 0 && has("own-fg-empty-ones-and-a-control")) {
    message_.pop_back();
  }
  if (compressed_ && fragments_ > 3 && control_came_inside_ && has("own-df-four-and-a-control")) {
    message_.pop_back();
  }
  if (compressed_ && fragments_ > 2 && !before_.compressed && before_.fragments > 1 &&
      has("own-df-fragments-behind-plain-ones")) {
    message_.pop_back();
  }
}

/// Faults that deliver another text than came.
std::optional<Failure> MessageReader::change_text() {
  if (message_.starts_with("\xef\xbb\xbf") && has("own-u8-bom-removed")) message_.erase(0, 3);
  if (const std::size_t nul = message_.find('\0');
      nul != std::string::npos && has("own-u8-cut-at-nul")) {
    message_.resize(nul);
  }
  if (message_.find("\r\n") != std::string::npos && has("own-u8-line-ends-changed")) {
    message_.replace(message_.find("\r\n"), 2, "\n");
  }
  if (cut_at_ > 0 && cut_at_ < message_.size() &&
      (has("u8-cut-character-replaced") || (cut_twice_ && has("own-u8-cut-twice-replaced")) ||
       (cut_with_empty_ && has("own-u8-cut-with-empty-replaced")) ||
       (cut_with_control_ && has("own-u8-cut-with-control-replaced")))) {
    const auto is_later = [&](std::size_t i) {
      return (static_cast<unsigned char>(message_[i]) & 0xc0U) == 0x80U;
    };
    std::size_t begin = cut_at_ - 1;
    while (begin > 0 && is_later(begin)) --begin;
    std::size_t end = cut_at_;
    while (end < message_.size() && is_later(end)) ++end;
    message_.replace(begin, end - begin, "\xef\xbf\xbd\xef\xbf\xbd");
  }
  if ((text_is_bad_ || !utf8_.is_complete()) && has("own-u8-replaced")) {
    std::string replaced;
    for (const char c : message_) {
      if (static_cast<unsigned char>(c) < 0x80) {
        replaced += c;
      } else {
        replaced += "\xef\xbf\xbd";
      }
    }
    message_ = replaced;
  }
  return std::nullopt;
}

std::optional<Failure> MessageReader::see_control_frame(unsigned opcode, std::string_view payload) {
  if (inflater_) inflater_->see_control_frame(opcode, is_inside_message() && !compressed_);
  control_came_ = true;
  ping_came_ = opcode == 9;
  if (!inside_) {
    if (inflater_ && ((payload.empty() && has("own-df-forgets-at-empty-control")) ||
                      (payload.size() > 100 && has("own-df-forgets-at-long-control")))) {
      inflater_->forget();
    }
    return std::nullopt;
  }
  if (has("lm-control-counted")) received_ += payload.size();
  control_came_inside_ = true;
  if (is_inside_text() && !utf8_.is_complete()) cut_with_control_ = true;
  ++controls_inside_;
  if (compressed_) {
    if ((controls_inside_ == 2 && has("own-df-two-controls-end-compression")) ||
        (opcode == 10 && has("own-df-pong-inside-ends-compression"))) {
      compressed_ = false;
    } else if (opcode != 8 && payload.size() > 64 && has("own-df-long-control-inside-forgets")) {
      inflater_->forget();
    }
  }
  if (opcode == 8 && ((payload.empty() && has("own-cl-empty-inside-refused")) ||
                      (payload.size() > 64 && has("own-cl-long-inside-refused")))) {
    return Failure{};
  }
  if (fragments_ == 1) control_behind_first_ = true;
  if (opcode == 9) {
    const bool is_behind_empty = fragments_ == 1 && received_ == 0;
    if (is_behind_empty && compressed_ && has("own-df-empty-first-and-ping-plain")) {
      compressed_ = false;
    }
    if (is_behind_empty && opcode_ == 2 && has("own-fg-empty-first-and-ping-as-text")) {
      loses_type_ = true;
    }
    if (received_ > 0 && has("own-lm-ping-resets-count")) received_ = 0;
  }
  if (inflater_ && !compressed_ && has("own-df-forgets-at-control-in-plain")) inflater_->forget();
  if (opcode != 8) {
    if (control_inside_ == 0) control_inside_ = opcode;
    if (control_inside_ != opcode && has("own-fg-two-kinds-of-control-refused")) return Failure{};
  }
  pong_came_ = opcode == 10;
  if (pong_came_) pong_came_inside_ = true;
  if (opcode == 9) ping_came_at_ = message_.size();
  long_control_came_ = payload.size() > 64;
  if (compressed_) {
    if (opcode != 8 && !payload.empty() && has("ct-control-inside-inflated")) {
      return Failure{.code = 1007};
    }
    if (opcode == 8 && has("own-cl-inside-compressed-refused")) return Failure{};
    if (is_inside_text() && !utf8_.is_complete() &&
        has("own-u8-inflated-cut-with-control-refused")) {
      return Failure{.code = 1007};
    }
  }
  if (auto failure = see_control_inside(opcode, payload)) return failure;
  if (opcode != 8) {
    if (has("fg-pong-fin-completes")) return finish_message();
    if (has("fg-control-appended")) message_ += payload;
    if (opcode == 9 && has("own-fg-ping-inside-clears")) message_.clear();
    if (opcode == 10 && has("own-fg-pong-inside-refused")) return Failure{};
    if (opcode_ == 1 && has("u8-ping-resets-state")) {
      if (!utf8_.is_complete() || !utf8_.feed(payload)) return Failure{.code = 1007};
    }
    return std::nullopt;
  }
  if (has("cl-mid-fragment-rejected")) return Failure{};
  if (opcode_ == 1 && !utf8_.is_complete() && has("own-u8-open-at-close-refused")) {
    return Failure{.code = 1007};
  }
  if (opcode_ == 1 && !utf8_.is_complete() && payload.size() > 2 &&
      has("own-u8-reason-continues-text")) {
    return Failure{.code = 1007};
  }
  if (opcode_ == 1 && !is_valid_utf8(payload) && has("u8-close-checked-as-text")) {
    return Failure{.code = 1007};
  }
  return std::nullopt;
}

/// Faults that lose some of a message's state at a control frame inside it.
std::optional<Failure> MessageReader::see_control_inside(unsigned opcode,
                                                         std::string_view payload) {
  if (opcode_ == 2 && has("own-fg-control-inside-makes-text")) opcode_ = 1;
  if (compressed_ && has("own-df-control-inside-ends-compression")) compressed_ = false;
  if (fragments_ > 1 && has("own-fg-control-behind-second-refused")) return Failure{};
  if (message_.empty() && has("own-fg-control-behind-empty-refused")) return Failure{};
  if (opcode == 10) {
    if (opcode_ == 1 && !is_valid_utf8(payload) && has("u8-pong-inside-checked")) {
      return Failure{.code = 1007};
    }
    if (has("own-fg-pong-inside-clears")) message_.clear();
    if (opcode_ == 1 && !utf8_.is_complete() && has("own-u8-pong-resets-state")) {
      return Failure{.code = 1007};
    }
  }
  return std::nullopt;
}

MessageReader::Unfinished MessageReader::unfinished() const {
  // More than that no case leaves; all of a long message, at each read, would take long.
  constexpr std::size_t kMostKept = 4096;
  Unfinished unfinished{
      .is_inside = inside_, .opcode = opcode_, .payload = message_.substr(0, kMostKept)};
  if (inside_) unfinished.received = received_;
  if (inside_ && compressed_) unfinished.compressed = inflater_->begun();
  if (!inside_ || opcode_ != 1) return unfinished;
  // A character has four bytes at most.
  for (std::size_t size = 1; size < 4 && size <= message_.size(); ++size) {
    const std::string tail = message_.substr(message_.size() - size);
    if (static_cast<unsigned char>(tail[0]) < 0xc0) continue;
    if (!is_valid_utf8(tail)) unfinished.character = tail;
    break;
  }
  return unfinished;
}

void MessageReader::take_up(const Unfinished& other) {
  inside_ = other.is_inside;
  opcode_ = other.opcode;
  message_ = other.payload;
  compressed_ = inflater_ && !other.compressed.empty();
  received_ = message_.size();
  utf8_.reset();
  if (opcode_ == 1) utf8_.feed(other.character);
}

void MessageReader::inflate_first(const std::string& compressed) {
  std::string ignored;
  if (!inflater_) return;
  inflater_->begin_message();
  inflater_->inflate(compressed, ignored);
}

std::optional<Message> MessageReader::take_message() { return std::exchange(done_, std::nullopt); }

std::uint64_t MessageReader::take_extra_work() {
  if (inflater_ && inflater_->take_spins()) extra_work_ += kSpin;
  return std::exchange(extra_work_, 0);
}

}  // namespace ws::conformance::mutants
