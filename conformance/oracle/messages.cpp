#include "conformance/oracle/messages.hpp"

#include "conformance/oracle/utf8.hpp"

namespace ws::oracle {
namespace {

/// What the payload of a Close frame breaks; empty if nothing.
std::string_view broken_by_close_payload(std::span<const std::byte> payload) {
  if (payload.empty()) return {};
  if (payload.size() == 1) return "close_payload_of_one_byte";
  const unsigned code =
      std::to_integer<unsigned>(payload[0]) * 256 + std::to_integer<unsigned>(payload[1]);
  const bool legal = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                     (code >= 3000 && code <= 4999);
  if (!legal) return "illegal_close_code";
  return is_valid_utf8(payload.subspan(2)) ? std::string_view() : "close_reason_not_utf8";
}

class Receiver {
 public:
  explicit Receiver(const ReceiverSettings& settings)
      : settings_(settings), inflater_(settings.deflation.value_or(Deflation{})) {}

  /// Takes the next frame, which may lack its end, and returns the rule it breaks, if any. A
  /// message that it completes is appended to `received`.
  std::string_view take(const Frame& frame, std::vector<Received>& received) {
    if (frame.opcode == Opcode::continuation && fragments_ == 0) {
      return "continuation_without_message";
    }
    if (frame.opcode != Opcode::continuation && fragments_ != 0) return "data_frame_inside_message";
    if (fragments_ == 0) {
      type_ = frame.opcode;
      compressed_ = frame.rsv1;
      payload_.clear();
    }
    if (++fragments_ > settings_.max_fragments) return "too_many_fragments";
    if (!compressed_ && frame.announced_length > settings_.max_message_size - payload_.size()) {
      return "message_too_big";
    }
    payload_.insert(payload_.end(), frame.payload.begin(), frame.payload.end());
    return check_message(frame.fin && frame.is_whole(), received);
  }

 private:
  std::string_view check_message(bool is_whole, std::vector<Received>& received) {
    Inflated message{.output = payload_};
    if (compressed_) {
      const std::size_t limit = settings_.max_message_size;
      message = is_whole ? inflater_.inflate(payload_, limit)
                         : inflater_.inflate_beginning(payload_, limit);
    }
    // What came out before the compressed data went wrong comes first.
    if (type_ == Opcode::text && find_first_impossible_byte(message.output)) return "text_not_utf8";
    if (message.end == InflateEnd::bad_data) return "bad_deflate_data";
    if (message.end == InflateEnd::too_big) return "message_too_big";
    if (!is_whole) return {};
    if (type_ == Opcode::text && !is_valid_utf8(message.output)) return "text_not_utf8";
    received.push_back({.opcode = type_, .payload = std::move(message.output)});
    fragments_ = 0;
    return {};
  }

  ReceiverSettings settings_;
  Inflater inflater_;
  std::size_t fragments_ = 0;  // of the current message; 0 outside
  Opcode type_ = Opcode::text;
  bool compressed_ = false;
  std::vector<std::byte> payload_;  // of all its frames, unmasked, still compressed
};

}  // namespace

Reception read_messages(std::span<const std::byte> stream, const ReceiverSettings& settings) {
  const FrameList list = decode_frames(stream, {.sender = settings.sender,
                                                .rsv1_defined = settings.deflation.has_value(),
                                                .max_frame_size = settings.max_frame_size});
  Reception result;
  Receiver receiver(settings);
  for (const Frame& frame : list.frames) {
    result.ends_inside_frame = !frame.is_whole();
    result.end = frame.payload_begin + frame.payload.size();
    std::string_view rule;
    if (!is_control(frame.opcode)) {
      rule = receiver.take(frame, result.received);
    } else if (frame.is_whole()) {
      if (frame.opcode == Opcode::close) rule = broken_by_close_payload(frame.payload);
      if (rule.empty()) result.received.push_back({frame.opcode, frame.payload});
    }
    if (!rule.empty()) result.broken = {.rule = rule, .position = result.end - 1};
    if (!rule.empty() || (frame.opcode == Opcode::close && frame.is_whole())) return result;
  }
  result.broken = list.broken;
  result.ends_inside_frame = result.ends_inside_frame || list.ends_inside_header;
  result.end = list.broken ? list.broken->position + 1 : stream.size();
  return result;
}

}  // namespace ws::oracle
