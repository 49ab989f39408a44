// What the output of every endpoint must keep, whatever it was sent.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "conformance/oracle/frames.hpp"
#include "conformance/oracle/inflater.hpp"
#include "impl/wire/role.hpp"

namespace ws::oracle {

/// Looks for the first rule that `output`, all the bytes that `sender` sent after the opening
/// handshake, breaks: headers and their reserved bits, masking, shortest lengths, control frames,
/// Close payloads and codes, the order of fragments, UTF-8 of text, compressed data within the
/// agreed window, and `frame_after_close`. `deflation` is the sender's; absent if
/// permessage-deflate was not agreed on.
///
/// An output may end inside a frame, as an endpoint may be cut off.
std::optional<BrokenRule> broken_rule(std::span<const std::byte> output, Role sender,
                                      const std::optional<Deflation>& deflation = {});

}  // namespace ws::oracle
