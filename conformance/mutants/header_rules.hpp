// What a frame's header may say (sections 5.1, 5.2 and 5.5, and RFC 7692 section 6).
#pragma once

#include <cstdint>
#include <optional>

#include "conformance/mutants/frame_reader.hpp"
#include "conformance/mutants/message_reader.hpp"
#include "conformance/mutants/switches.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::mutants {

class HeaderRules {
 public:
  HeaderRules(Role reader, Switches& switches) : reader_(reader), switches_(switches) {}

  /// permessage-deflate was agreed on; `keeps_no_window`: for what the reader sends.
  void enable_deflate(bool keeps_no_window = false) {
    deflate_ = true;
    keeps_no_window_ = keeps_no_window;
  }
  /// It was, with parameters that no inflater can be made for: only a fault does that.
  void break_deflate() { broken_ = true; }

  struct Judgement {
    std::optional<Failure> failure{};
    bool skip = false;             ///< pass over the frame
    bool arm_compression = false;  ///< take the next message for compressed
  };
  /// `inside`: a fragmented message has begun and not ended.
  /// What is judged next came with the head of the opening handshake.
  void set_early(bool early) { is_early_ = early; }

  /// `place` counts from 1 in the read that the frame came with.
  Judgement judge(const FrameHeader& header, bool inside, int place);

 private:
  Judgement judge_rsv(const FrameHeader& header);
  Judgement judge_opcode(const FrameHeader& header);
  Judgement judge_mask(const FrameHeader& header);
  Judgement judge_control(const FrameHeader& header);
  bool lets_rsv_pass(const FrameHeader& header);
  bool lets_unmasked_pass(const FrameHeader& header);
  bool lets_masked_pass(const FrameHeader& header);
  bool lets_control_pass(const FrameHeader& header);
  Judgement judge_length(const FrameHeader& header);
  bool has(FaultId fault) { return switches_.has(fault); }

  Role reader_;
  Switches& switches_;
  bool inside_ = false;
  int place_ = 1;
  bool is_early_ = false;
  unsigned previous_opcode_ = 0;  // of the frame before
  unsigned opcode_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t data_frames_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t last_length_ = 0;  // of the frame before
  std::uint64_t second_last_length_ = 0;
  bool deflate_ = false;
  bool keeps_no_window_ = false;
  bool broken_ = false;
};

}  // namespace ws::conformance::mutants
