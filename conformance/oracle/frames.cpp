#include "conformance/oracle/frames.hpp"

#include <algorithm>

namespace ws::oracle {
namespace {

/// What the first two bytes break, in the project's order; empty if nothing.
std::string_view broken_by(unsigned first, unsigned second, const FrameSettings& settings) {
  const unsigned opcode = first % 16;
  const bool fin = first >= 128;
  const bool rsv1 = first / 64 % 2 == 1;
  const bool masked = second >= 128;
  const bool rsv1_allowed = settings.rsv1_defined && (opcode == 1 || opcode == 2);

  if (first / 16 % 4 != 0 || (rsv1 && !rsv1_allowed)) return "reserved_bit_set";
  if ((opcode > 2 && opcode < 8) || opcode > 10) return "reserved_opcode";
  if (opcode >= 8 && !fin) return "fragmented_control_frame";
  if (opcode >= 8 && second % 128 > 125) return "control_payload_too_long";
  if (settings.sender == Role::client && !masked) return "unmasked_client_frame";
  if (settings.sender == Role::server && masked) return "masked_server_frame";
  return {};
}

}  // namespace

FrameList decode_frames(std::span<const std::byte> stream, const FrameSettings& settings) {
  FrameList list;
  list.frames.reserve(4);  // most streams of a fuzz target have no more
  std::size_t begin = 0;
  while (begin < stream.size()) {
    const auto at = [&](std::size_t index) {
      return std::to_integer<std::uint64_t>(stream[begin + index]);
    };
    const std::size_t available = stream.size() - begin;
    const auto broken = [&](std::string_view rule, std::size_t index) {
      list.broken = {.rule = rule, .position = begin + index};
      return list;
    };
    list.ends_inside_header = true;
    if (available < 2) return list;
    const std::string_view rule =
        broken_by(static_cast<unsigned>(at(0)), static_cast<unsigned>(at(1)), settings);
    if (!rule.empty()) return broken(rule, 1);

    Frame frame{.fin = at(0) >= 128,
                .rsv1 = at(0) / 64 % 2 == 1,
                .opcode = static_cast<Opcode>(at(0) % 16),
                .announced_length = at(1) % 128,
                .begin = begin};
    std::size_t size = 2;
    if (frame.announced_length == 126) {
      if (available < 4) return list;
      frame.announced_length = at(2) * 256 + at(3);
      size = 4;
      if (frame.announced_length < 126) return broken("non_minimal_length", 3);
    } else if (frame.announced_length == 127) {
      if (available >= 3 && at(2) >= 128) return broken("length_top_bit_set", 2);
      // Six zeros leave room for no more than 65,535.
      if (available >= 8 && at(2) + at(3) + at(4) + at(5) + at(6) + at(7) == 0) {
        return broken("non_minimal_length", 7);
      }
      if (available < 10) return list;
      frame.announced_length = 0;
      for (std::size_t i = 2; i < 10; ++i)
        frame.announced_length = frame.announced_length * 256 + at(i);
      size = 10;
    }
    if (at(1) >= 128) {
      if (available < size + 4) return list;
      frame.masking_key = {stream[begin + size], stream[begin + size + 1], stream[begin + size + 2],
                           stream[begin + size + 3]};
      size += 4;
    }
    if (frame.announced_length > settings.max_frame_size) {
      return broken("frame_too_big", size - 1);
    }
    list.ends_inside_header = false;

    frame.payload_begin = begin + size;
    const auto payload_size =
        static_cast<std::size_t>(std::min<std::uint64_t>(frame.announced_length, available - size));
    const auto payload = stream.subspan(frame.payload_begin, payload_size);
    frame.payload.assign(payload.begin(), payload.end());
    if (frame.masking_key) mask(frame.payload, *frame.masking_key);
    begin = frame.payload_begin + payload_size;
    list.frames.push_back(std::move(frame));
  }
  return list;
}

}  // namespace ws::oracle
