// A step of a dialogue to the frame that it puts.
#pragma once

#include "conformance/harness/dialogue.hpp"
#include "conformance/oracle/raw_frame.hpp"

namespace ws::conformance {

/// All but the masking key, which is the player's.
inline oracle::RawFrame unmasked_frame_of(const PutFrame& frame) {
  return {.fin = frame.fin,
          .rsv1 = (frame.rsv & 4U) != 0,
          .rsv2 = (frame.rsv & 2U) != 0,
          .rsv3 = (frame.rsv & 1U) != 0,
          .opcode = static_cast<Opcode>(frame.opcode),
          .payload = expand(frame.payload),
          .length_form = frame.form,
          .announced_length = frame.announced};
}

}  // namespace ws::conformance
