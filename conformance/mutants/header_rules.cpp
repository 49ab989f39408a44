#include "conformance/mutants/header_rules.hpp"

#include <array>

namespace ws::conformance::mutants {
namespace {

using Judgement = HeaderRules::Judgement;

Judgement fine() { return {}; }
Judgement wrong() { return {.failure = Failure{}}; }
Judgement skipped() { return {.skip = true}; }
Judgement fine_if(bool condition) { return condition ? fine() : wrong(); }

bool is_fine(const Judgement& judgement) { return !judgement.failure && !judgement.skip; }

}  // namespace

Judgement HeaderRules::judge(const FrameHeader& header) {
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
  if (broken_ && (header.rsv & 4U) != 0) return {.failure = kCrash};
  const bool rsv1_defined = deflate_ && (header.opcode == 1 || header.opcode == 2);
  if (header.rsv == 4 && rsv1_defined) {
    return fine_if(header.opcode != 2 || !has("own-df-binary-refused"));
  }
  if (header.opcode == 9 || header.opcode == 10) {
    if (has("fr-rsv-ignored-pingpong")) return fine();
    if (header.opcode == 9 && header.rsv == 4 && deflate_ && has("df-rsv1-ping-arms")) {
      return {.arm_compression = true};
    }
    return wrong();
  }
  if (header.opcode == 8) return fine_if(has("own-fr-rsv-ignored-close"));
  if (header.opcode == 0) {
    if (header.rsv == 4 && deflate_ && has("df-rsv1-continuation")) return fine();
    if (has("own-fr-rsv-ignored-continuation")) return fine();
  }
  const unsigned undefined = rsv1_defined ? header.rsv & 3U : header.rsv;
  if (undefined < 4 && has("fr-rsv23-ignored")) return fine();
  if (undefined == 1 && has("own-fr-rsv3-ignored")) return fine();
  if (header.rsv == 4 && !deflate_ && has("own-fr-rsv1-ignored")) return fine();
  return has("own-fr-rsv-frame-skipped") ? skipped() : wrong();
}

Judgement HeaderRules::judge_opcode(const FrameHeader& header) {
  const unsigned opcode = header.opcode;
  if (opcode <= 2 || (opcode >= 8 && opcode <= 10)) return fine();
  if (opcode < 8 && has("fr-reserved-data-opcode")) return fine();
  if (opcode == 7 && has("own-fr-opcode-7-skipped")) return skipped();
  if (opcode == 15 && has("own-fr-opcode-15-skipped")) return skipped();
  return has("fr-reserved-opcode-silent") ? skipped() : wrong();
}

Judgement HeaderRules::judge_mask(const FrameHeader& header) {
  if (reader_ == Role::client) {
    return fine_if(!header.masked || has("own-mk-cli-masked-accepted"));
  }
  if (!header.masked) {
    if (has("mk-srv-unmasked-accepted")) return fine();
    if (header.is_control() && has("own-mk-srv-unmasked-control")) return fine();
    if (header.length == 0 && has("own-mk-srv-unmasked-empty")) return fine();
    return fine_if(header.opcode == 0 && has("own-mk-srv-unmasked-continuation"));
  }
  const bool is_zero = header.key == std::array<unsigned char, 4>{};
  return fine_if(!is_zero || !has("own-mk-zero-key-refused"));
}

Judgement HeaderRules::judge_control(const FrameHeader& header) {
  if (!header.is_control()) return fine();
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
  return fine_if(header.opcode != 9 || header.length != 125 || !has("own-ct-ping-125-refused"));
}

Judgement HeaderRules::judge_length(const FrameHeader& header) {
  if (header.length_form == 127 && header.length >> 63U != 0) {
    return has("fr-len64-msb-accepted") ? skipped() : wrong();  // and waits for its end
  }
  const bool minimal = header.length_form < 126 ||
                       (header.length_form == 126 ? header.length >= 126 : header.length >= 65'536);
  if (minimal || header.is_control()) return fine();
  if (header.length_form == 126 && has("own-fr-nonminimal-16-accepted")) return fine();
  if (header.length_form == 127 && has("own-fr-nonminimal-64-accepted")) return fine();
  return fine_if(has("fr-len64-low32"));  // the length that it kept is not the one sent
}

}  // namespace ws::conformance::mutants
