// Any bytes, cut into reads anywhere: the frames, and the broken rule, that the oracle finds in
// them.
#include <algorithm>

#include "conformance/oracle/frames.hpp"
#include "fuzz/decoder_ways.hpp"
#include "fuzz/fuzz_input.hpp"
#include "fuzz/judge_memory.hpp"

namespace ws::fuzz {
namespace {

/// Compares a part with the frame that it belongs to, and its header with the stream's bytes.
void check_part(const FramePart& part, const oracle::Frame& frame,
                std::span<const std::byte> stream) {
  const FrameHeader& header = part.header;
  require(header.fin == frame.fin && header.rsv1 == frame.rsv1 && !header.rsv2 && !header.rsv3 &&
              header.opcode == frame.opcode && header.masking_key == frame.masking_key &&
              header.payload_length == frame.announced_length,
          "a header is decoded as the oracle does");
  require(part.offset + part.payload.size() <= frame.payload.size(), "a part lies in its frame");
  require(std::ranges::equal(
              part.payload, stream.subspan(frame.payload_begin + part.offset, part.payload.size())),
          "a part has the payload of its frame, still masked");
  if (part.is_first) {
    require(std::ranges::equal(encode_frame_header(header).bytes(),
                               stream.subspan(frame.begin, frame.payload_begin - frame.begin)),
            "encoding a header gives the bytes that it was decoded from");
  }
}

/// A TakePart that has a lambda for its taker.
template <typename Take>
bool hand_to(const void* take, const FramePart& part) {
  return (*static_cast<const Take*>(take))(part);
}

void check(const FrameDecoderSettings& settings, Way way, std::span<const std::byte> stream,
           const Cuts& cuts, const oracle::FrameList& expected) {
  FrameDecoder decoder(settings);
  std::size_t frame = 0;       // index of the next part's
  std::uint64_t offset = 0;    // of the next part in its frame
  std::size_t read_begin = 0;  // in the stream
  bool inside_frame = false;   // after its first part
  bool failed = false;

  cuts.for_each_read(stream, [&](std::span<const std::byte> read) {
    auto rest = read;
    const auto take_part = [&](const FramePart& part) {
      require(frame < expected.frames.size(), "there are no frames but the oracle's");
      require(part.is_first != inside_frame, "the first part of a frame says so");
      require(part.offset == offset, "parts follow one another");
      check_part(part, expected.frames[frame], stream);
      offset += part.payload.size();
      require(part.is_last == (offset == expected.frames[frame].announced_length),
              "the last part of a frame says so");
      inside_frame = !part.is_last;
      if (part.is_last) {
        ++frame;
        offset = 0;
      }
      return true;
    };
    const auto decoded = decode_in(way, decoder, rest, hand_to<decltype(take_part)>, &take_part);
    if (!decoded) {
      require(expected.broken && describe(decoded.error()).name == expected.broken->rule,
              "the same rule is broken as for the oracle");
      require(expected.broken->position >= read_begin &&
                  expected.broken->position < read_begin + read.size(),
              "a broken rule is noticed in the read that shows it");
      failed = true;
      return false;
    }
    require(rest.empty(), "a read is used up unless a rule is broken");
    read_begin += read.size();
    return true;
  });

  const bool ends_inside_payload = !expected.frames.empty() && !expected.frames.back().is_whole();
  require(frame + (ends_inside_payload ? 1 : 0) == expected.frames.size(), "every frame comes");
  require(failed == expected.broken.has_value(), "a broken rule is noticed");
  require(failed || decoder.is_at_frame_boundary() ==
                        (!expected.ends_inside_header && !ends_inside_payload),
          "the decoder knows whether it is between two frames");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const unsigned flags = input.take_byte();
  FrameDecoderSettings settings{.sender = (flags & 1U) != 0 ? Role::server : Role::client,
                                .rsv1_defined = (flags & 2U) != 0};
  if ((flags & 4U) != 0) settings.max_frame_size = 200;
  const Way way = (flags & 8U) != 0 ? Way::each : Way::all;
  const Cuts cuts = input.take_cuts();

  const JudgeMemory judge_memory;  // the decoder itself allocates nothing
  const auto expected =
      oracle::decode_frames(input.rest(), {.sender = settings.sender,
                                           .rsv1_defined = settings.rsv1_defined,
                                           .max_frame_size = settings.max_frame_size});
  // Whole if the input says so; each way is held to the oracle, so one is enough for an input.
  check(settings, way, input.rest(), cuts, expected);
  return 0;
}

}  // namespace ws::fuzz
