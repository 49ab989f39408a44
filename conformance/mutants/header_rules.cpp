#include "conformance/mutants/header_rules.hpp"

#include <array>
#include <utility>

namespace ws::conformance::mutants {
namespace {

using Judgement = HeaderRules::Judgement;

Judgement fine() { return {}; }
Judgement wrong() { return {.failure = Failure{}}; }
Judgement skipped() { return {.skip = true}; }
Judgement fine_if(bool condition) { return condition ? fine() : wrong(); }

bool is_fine(const Judgement& judgement) { return !judgement.failure && !judgement.skip; }

}  // namespace

Judgement HeaderRules::judge(const FrameHeader& header, bool inside, int place) {
  inside_ = inside;
  place_ = place;
  previous_opcode_ = std::exchange(opcode_, header.opcode);
  second_last_length_ = std::exchange(last_length_, length_);
  length_ = header.length;
  ++frames_;
  if (!header.is_control()) ++data_frames_;
  const Judgement rsv = judge_rsv(header);
  if (!is_fine(rsv)) return rsv;
  for (const auto rule : {&HeaderRules::judge_opcode, &HeaderRules::judge_mask,
                          &HeaderRules::judge_control, &HeaderRules::judge_length}) {
    const Judgement judgement = (this->*rule)(header);
    if (!is_fine(judgement)) return judgement;
  }
  return rsv;
}

Judgement HeaderRules::judge_rsv(const FrameHeader& header) {
  if (header.rsv == 0) return fine();
  if (header.rsv == 4 && !header.fin && header.opcode > 2 && header.opcode < 8 &&
      has("own-fr-reserved-with-rsv-dies")) {
    return {.failure = kCrash};
  }
  if (header.rsv == 4 && header.is_control() && !header.fin && has("ct-rsv1-without-fin-dies")) {
    return {.failure = kCrash};
  }
  if (broken_ && (header.rsv & 4U) != 0) return {.failure = kCrash};
  const bool rsv1_defined = deflate_ && (header.opcode == 1 || header.opcode == 2);
  if (header.rsv == 4 && rsv1_defined) {
    if (data_frames_ == 1 && frames_ > 1 && has("df-refused-behind-first-control")) return wrong();
    if (reader_ == Role::client && has("ng-cli-offers-what-it-lacks")) return wrong();
    if (header.length == 126 && has("own-df-length-of-126-refused")) return wrong();
    if (header.length == 65'536 && has("own-df-length-of-65536-refused")) return wrong();
    return fine_if(header.opcode != 2 || !has("own-df-binary-refused"));
  }
  if (lets_rsv_pass(header)) return fine();
  if (header.opcode == 9 || header.opcode == 10) {
    if (has("fr-rsv-ignored-pingpong")) return fine();
    if (header.opcode == 9 && header.rsv == 4 && deflate_ && has("df-rsv1-ping-inflated")) {
      return fine();
    }
    if (header.opcode == 9 && header.rsv == 4 && deflate_ && has("df-rsv1-ping-arms")) {
      return {.arm_compression = true};
    }
    return wrong();
  }
  if (header.opcode == 8) return fine_if(has("own-fr-rsv-ignored-close"));
  if (header.opcode == 0) {
    if (header.rsv == 4 && deflate_ && has("df-rsv1-continuation")) return fine();
    if (header.rsv == 4 && deflate_ && previous_opcode_ >= 8 &&
        has("df-rsv1-continuation-behind-control")) {
      return fine();
    }
    if (has("own-fr-rsv-ignored-continuation")) return fine();
  }
  const unsigned undefined = rsv1_defined ? header.rsv & 3U : header.rsv;
  if (undefined < 4 && has("fr-rsv23-ignored")) return fine();
  if (undefined == 1 && has("own-fr-rsv3-ignored")) return fine();
  if (header.rsv == 4 && !deflate_ && has("own-fr-rsv1-ignored")) return fine();
  if (header.rsv == 4 && !deflate_ && header.opcode != 0 && has("df-inflates-unagreed")) {
    return fine();
  }
  return has("own-fr-rsv-frame-skipped") ? skipped() : wrong();
}

/// Faults that look at reserved bits in some states and frames only.
bool HeaderRules::lets_rsv_pass(const FrameHeader& header) {
  if (is_early_ && header.rsv < 4 && has("own-fr-rsv-early-ignored")) return true;
  const bool rsv1_fits = header.opcode == 1 || header.opcode == 2;
  if (frames_ > 1 && has("own-fr-rsv-of-first-frame-only")) return true;
  if (frames_ > 100 && has("own-fr-rsv-behind-100-ignored")) return true;
  if (frames_ > 1000 && has("own-fr-rsv-late-ignored")) return true;
  if (header.length == 0 && has("own-fr-rsv-of-empty-ignored")) return true;
  if (!header.fin && has("own-fr-rsv-without-fin-ignored")) return true;
  if (header.length_form == 127 && has("own-fr-rsv-of-64-bit-ignored")) return true;
  if (header.length_form == 126 && has("own-fr-rsv-of-16-bit-ignored")) return true;
  if (inside_ && header.is_control() && has("own-fr-rsv-inside-ignored")) return true;
  if (header.rsv == 2 && header.opcode == 2 && has("own-fr-rsv2-of-binary-ignored")) return true;
  if (header.rsv == 7 && has("own-fr-rsv-all-ignored")) return true;
  if (header.opcode == 10 && has("own-fr-rsv-of-pong-ignored")) return true;
  if (previous_opcode_ == 10 && header.opcode == 0 && has("own-fr-rsv-behind-pong-ignored"))
    return true;
  if (frames_ > 16 && header.length % 2 == 1 && has("own-fr-rsv-of-odd-later-ignored")) return true;
  if (last_length_ > 125 && second_last_length_ < 126 && has("own-fr-rsv-behind-longer-ignored")) {
    return true;
  }
  if (keeps_no_window_ && (header.rsv & 3U) != 0 && (rsv1_fits || header.rsv < 4) &&
      has("df-rsv23-without-takeover")) {
    return true;
  }
  if (deflate_ && header.rsv == 5 && has("own-df-rsv3-with-rsv1-ignored")) return true;
  if (deflate_ && header.rsv == 4 && header.opcode == 8 && has("own-df-rsv1-of-close-ignored")) {
    return true;
  }
  if (deflate_ && header.rsv == 4 && header.opcode == 10 && has("df-rsv1-of-pong-ignored")) {
    return true;
  }
  if (deflate_ && inside_ && header.rsv == 4 &&
      ((header.opcode == 9 && has("own-df-rsv1-of-ping-inside-ignored")) ||
       (header.opcode == 10 && has("own-df-rsv1-of-pong-inside-ignored")) ||
       (header.is_control() && previous_opcode_ >= 8 &&
        has("own-df-rsv1-of-second-control-inside-ignored")))) {
    return true;
  }
  return deflate_ && header.rsv == 4 && header.opcode == 0 && header.fin &&
         has("own-df-rsv1-of-last-ignored");
}

Judgement HeaderRules::judge_opcode(const FrameHeader& header) {
  const unsigned opcode = header.opcode;
  if (opcode <= 2 || (opcode >= 8 && opcode <= 10)) return fine();
  if (opcode < 8 && has("fr-reserved-data-opcode")) return fine();
  if (is_early_ && has("own-fr-reserved-early-skipped")) return skipped();
  if (opcode < 8 && !header.fin && has("fr-reserved-without-fin-refused-at-end")) return fine();
  if (opcode == 15 && has("fr-opcode-15-dies")) return {.failure = kCrash};
  if (inside_ && has("own-fr-reserved-inside-skipped")) return skipped();
  if (header.length == 0 && has("own-fr-reserved-empty-skipped")) return skipped();
  if (!header.fin && has("own-fr-reserved-without-fin-skipped")) return skipped();
  if (frames_ > 100 && has("own-fr-reserved-behind-100-skipped")) return skipped();
  if (opcode == 3 && has("own-fr-opcode-3-skipped")) return skipped();
  if (opcode == 11 && has("own-fr-opcode-11-skipped")) return skipped();
  if (opcode > 11 && opcode < 15 && has("own-fr-opcodes-12-to-14-skipped")) return skipped();
  if (frames_ > 1 && has("own-fr-opcode-of-first-frame-only")) return skipped();
  if (previous_opcode_ == 9 && header.length > 64 && has("own-fr-reserved-behind-ping-skipped")) {
    return skipped();
  }
  if (opcode == 13 && header.length % 4 != 0 && has("own-fr-opcode-13-odd-skipped"))
    return skipped();
  if (opcode == 7 && has("own-fr-opcode-7-skipped")) return skipped();
  if (opcode == 15 && has("own-fr-opcode-15-skipped")) return skipped();
  return has("fr-reserved-opcode-silent") ? skipped() : wrong();
}

Judgement HeaderRules::judge_mask(const FrameHeader& header) {
  if (reader_ == Role::client) {
    if (header.masked && has("mk-cli-masked-dies")) return {.failure = kCrash};
    return fine_if(!header.masked || lets_masked_pass(header));
  }
  if (!header.masked) {
    if (has("mk-srv-unmasked-accepted")) return fine();
    if (lets_unmasked_pass(header)) return fine();
    if (header.is_control() && has("own-mk-srv-unmasked-control")) return fine();
    if (header.length == 0 && has("own-mk-srv-unmasked-empty")) return fine();
    return fine_if(header.opcode == 0 && has("own-mk-srv-unmasked-continuation"));
  }
  if (header.length_form > 125 && header.key[1] < 128 && has("mk-srv-key-as-mask-bit")) {
    return wrong();
  }
  const bool is_zero = header.key == std::array<unsigned char, 4>{};
  return fine_if(!is_zero || !has("own-mk-zero-key-refused"));
}

/// Faults of a server that takes some frames without a mask.
bool HeaderRules::lets_unmasked_pass(const FrameHeader& header) {
  if (place_ > 1 && has("mk-first-of-read-only")) return true;
  if (is_early_ && has("own-mk-srv-unmasked-early")) return true;
  if (frames_ > 1 && has("own-mk-srv-first-frame-only")) return true;
  if (frames_ > 1000 && has("own-mk-srv-unmasked-late")) return true;
  if (inside_ && header.is_control() && has("own-mk-srv-unmasked-inside")) return true;
  if (header.length_form == 126 && has("own-mk-srv-unmasked-16-bit")) return true;
  if (header.length_form == 127 && has("own-mk-srv-unmasked-64-bit")) return true;
  if (!header.fin && has("own-mk-srv-unmasked-without-fin")) return true;
  if (last_length_ == 0 && frames_ > 1 && has("own-mk-srv-unmasked-behind-empty")) return true;
  if (header.opcode == 0 && header.length == 0 && has("own-mk-srv-unmasked-empty-continuation")) {
    return true;
  }
  if (previous_opcode_ == 10 && has("own-mk-srv-unmasked-behind-pong")) return true;
  if (deflate_ && header.rsv == 4 && has("own-mk-srv-unmasked-compressed")) return true;
  switch (header.opcode) {
    case 2:
      return has("own-mk-srv-unmasked-binary");
    case 8:
      return has("own-mk-srv-unmasked-close");
    case 9:
      return has("own-mk-srv-unmasked-ping");
    case 10:
      return has("own-mk-srv-unmasked-pong");
    default:
      return false;
  }
}

/// Faults of a client that takes some frames with a mask.
bool HeaderRules::lets_masked_pass(const FrameHeader& header) {
  if (has("own-mk-cli-masked-accepted") || has("mk-cli-masked-not-unmasked")) return true;
  if (header.opcode == 1 && has("own-mk-cli-masked-text-not-unmasked")) return true;
  if (header.opcode == 8 && has("own-mk-cli-masked-close-not-unmasked")) return true;
  if (place_ > 1 && has("mk-first-of-read-only")) return true;
  if (is_early_ && has("own-mk-cli-masked-early")) return true;
  if (frames_ > 1 && has("own-mk-cli-first-frame-only")) return true;
  if (last_length_ == 0 && frames_ > 1 && has("own-mk-cli-masked-behind-empty")) return true;
  if (header.length == 0 && has("own-mk-cli-masked-empty")) return true;
  if (header.is_control() && has("own-mk-cli-masked-control")) return true;
  if (header.opcode == 0 && has("own-mk-cli-masked-continuation")) return true;
  if (header.opcode == 2 && has("own-mk-cli-masked-binary")) return true;
  if (header.opcode == 10 && has("mk-cli-masked-pong")) return true;
  if (deflate_ && header.rsv == 4 && has("mk-cli-masked-compressed")) return true;
  if (header.length_form == 127 && has("own-mk-cli-masked-64-bit")) return true;
  return header.key == std::array<unsigned char, 4>{} && has("own-mk-cli-masked-with-zero");
}

/// Faults that take some control frames that break the limits.
bool HeaderRules::lets_control_pass(const FrameHeader& header) {
  if (is_early_ && !header.fin && has("own-ct-fin0-early")) return true;
  if (is_early_ && header.length_form > 125 && has("own-ct-over-125-early")) return true;
  if (!header.fin) {
    if (header.length == 0 && has("own-ct-fin0-empty")) return true;
    if (frames_ > 512 && has("own-ct-fin0-late")) return true;
    if (inside_ && has("own-ct-fin0-inside")) return true;
    if (previous_opcode_ == 10 && has("own-ct-fin0-behind-pong")) return true;
    if (header.length > 64 && has("own-ct-fin0-long")) return true;
  }
  if (header.length_form <= 125) return false;
  if (header.length == 126 && has("own-ct-126-taken")) return true;
  if (previous_opcode_ == header.opcode && has("own-ct-over-125-behind-its-like")) return true;
  if (header.length == 256 && has("own-ct-256-taken")) return true;
  if (header.length_form == 127 && has("own-ct-64-bit-taken")) return true;
  return inside_ && has("own-ct-over-125-inside");
}

Judgement HeaderRules::judge_control(const FrameHeader& header) {
  if (!header.is_control() || lets_control_pass(header)) return fine();
  if (header.opcode == 9 && !header.fin && header.length_form < 126 &&
      has("ct-ping-fragments-joined")) {
    return fine();
  }
  if (header.opcode == 8 && !header.fin && header.length_form < 126 &&
      has("own-cl-fragments-joined")) {
    return fine();
  }
  if (!header.fin) {
    const bool passes = header.opcode == 8   ? has("ct-fin0-close")
                        : header.opcode == 9 ? has("own-ct-fin0-ping")
                                             : has("own-ct-fin0-pong");
    if (!passes) return wrong();
  }
  if (header.length_form > 125) {
    if (header.length < 126) return fine_if(has("ct-extended-length-small"));
    const bool passes = header.opcode == 8   ? has("own-cl-over-125")
                        : header.opcode == 9 ? has("own-ct-ping-over-125")
                                             : has("ct-pong-over-125");
    if (!passes) return wrong();
  }
  if (header.opcode == 9) return fine_if(header.length != 125 || !has("own-ct-ping-125-refused"));
  if (header.opcode == 8) return fine();
  if (header.length == 0) return fine_if(!has("own-ct-empty-pong-refused"));
  if (header.length == 125) return fine_if(!has("own-ct-pong-125-refused"));
  return fine_if(frames_ != 1 || !has("own-ct-first-pong-refused"));
}

Judgement HeaderRules::judge_length(const FrameHeader& header) {
  if (header.length + (header.masked ? 6 : 2) < 9 && has("fr-under-9-bytes-refused"))
    return wrong();
  if (header.length_form == 127 && header.length + 14 < header.length &&
      has("fr-len-wraps-with-header")) {
    return {.failure = kCrash};
  }
  if (header.length_form == 127 && header.length == ~std::uint64_t{0} >> 1U &&
      has("fr-len63-wraps")) {
    return {.failure = kCrash};
  }
  if (header.length_form == 127 && header.opcode == 0) {
    // With the message so far, which has fewer bytes than this in the cases for it.
    constexpr std::uint64_t kMostBefore = 125;
    const auto sum_passes = [&](std::uint64_t most) {
      return header.length <= most && header.length + kMostBefore > most;
    };
    if ((sum_passes(~std::uint64_t{0} >> 1U) && has("own-fr-continuation-63-bits-wrap")) ||
        (sum_passes(0xffffffffU) && has("own-fr-continuation-32-bits-wrap"))) {
      return {.failure = kCrash};
    }
    if (header.length >= ~kMostBefore && has("fr-continuation-length-wraps")) return skipped();
  }
  if (header.length_form == 127 && header.length >> 63U != 0) {
    return has("fr-len64-msb-accepted") ? skipped() : wrong();  // and waits for its end
  }
  const bool minimal = header.length_form < 126 ||
                       (header.length_form == 126 ? header.length >= 126 : header.length >= 65'536);
  if (minimal || header.is_control() || header.is_misread) return fine();
  if (header.length == 125 && has("own-fr-nonminimal-125")) return fine();
  if (header.length == 0 && has("own-fr-nonminimal-0")) return fine();
  if (header.length == 65'535 && has("own-fr-nonminimal-65535")) return fine();
  if (header.length == 126 && has("own-fr-nonminimal-126")) return fine();
  if (header.opcode == 0 && has("own-fr-nonminimal-continuation")) return fine();
  if (header.opcode == 2 && has("own-fr-nonminimal-binary")) return fine();
  if (header.length_form == 127 && header.length < 126 && has("own-fr-nonminimal-64-for-7")) {
    return fine();
  }
  if (header.length_form == 126 && has("own-fr-nonminimal-16-accepted")) return fine();
  if (header.length_form == 127 && has("own-fr-nonminimal-64-accepted")) return fine();
  return fine_if(has("fr-len64-low32"));  // the length that it kept is not the one sent
}

}  // namespace ws::conformance::mutants
