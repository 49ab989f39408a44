#include "fuzz/decoder_ways.hpp"

namespace ws::fuzz {

std::expected<void, Violation> decode_in(Way way, FrameDecoder& decoder,
                                         std::span<const std::byte>& input, TakePart take,
                                         const void* taker) {
  if (way == Way::all) {
    return decoder.decode(input, [=](const FramePart& part) { return take(taker, part); });
  }
  while (true) {
    const auto part = decoder.next(input);
    if (!part) return std::unexpected(part.error());
    if (!*part || !take(taker, **part)) return {};
  }
}

}  // namespace ws::fuzz
