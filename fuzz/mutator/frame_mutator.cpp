#include "fuzz/mutator/frame_mutator.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace ws::fuzz {
namespace {

using oracle::LengthForm;
using oracle::MaskingKey;
using oracle::RawFrame;

constexpr std::size_t kMaxFrames = 64;  // of which a sequence is made no longer

unsigned at(std::span<const std::byte> bytes, std::size_t index) {
  return std::to_integer<unsigned>(bytes[index]);
}

std::uint64_t big_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}

LengthForm shortest_for(std::uint64_t length) {
  if (length < 126) return LengthForm::bits7;
  return length < 0x1'0000U ? LengthForm::bits16 : LengthForm::bits64;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

MaskingKey random_key(Chance& chance) {
  MaskingKey key;
  for (std::byte& byte : key) byte = static_cast<std::byte>(chance.below(256));
  return key;
}

/// What peers do send, as something to begin with.
RawFrame typical_frame(Chance& chance, bool masked) {
  using namespace std::string_view_literals;
  static constexpr std::array kFrames = std::to_array<std::pair<unsigned, std::string_view>>(
      {{0x0, ""sv},
       {0x0, "lo"sv},
       {0x1, "Hello"sv},
       {0x1, "\xce\xba\xe1\xbd\xb9\xcf\x83"sv},
       {0x1, "\xed\xa0\x80"sv},
       {0x1, "\xf4\x8f\xbf\xbf"sv},
       {0x1, "\xf0\x90"sv},
       {0x2, "\x00\xff"sv},
       {0x8, ""sv},
       {0x8, "\x03"sv},
       {0x8, "\x03\xe8"sv},
       {0x8, "\x03\xed\x80"sv},
       {0x8, "\x03\xf3 bye"sv},
       {0x8, "\x0b\xb8"sv},
       {0x9, ""sv},
       {0x9, "ping"sv},
       {0xa, "pong"sv},
       {0x1, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv}});  // compressed: RFC 7692 section 7.2.3.1
  const auto& [opcode, payload] = kFrames[chance.below(kFrames.size())];
  RawFrame frame{.fin = chance.below(4) != 0,
                 .rsv1 = chance.below(8) == 0,
                 .opcode = static_cast<Opcode>(opcode),
                 .payload = bytes_of(payload)};
  if (frame.opcode == Opcode::close && frame.payload.size() >= 2 && chance.below(2) == 0) {
    // The ends of the ranges of codes (section 7.4).
    static constexpr std::array kCodes = {0,    999,  1000, 1003, 1004, 1006, 1007, 1011, 1014,
                                          1015, 1016, 2999, 3000, 3999, 4000, 4999, 5000, 65535};
    const int code = kCodes[chance.below(kCodes.size())];
    frame.payload[0] = static_cast<std::byte>(code / 256);
    frame.payload[1] = static_cast<std::byte>(code % 256);
  }
  if (masked) frame.masking_key = random_key(chance);
  return frame;
}

void change_header(RawFrame& frame, Chance& chance) {
  switch (chance.below(8)) {
    case 0:
      frame.fin = !frame.fin;
      break;
    case 1:
      frame.rsv1 = !frame.rsv1;
      break;
    case 2:
      (chance.below(2) == 0 ? frame.rsv2 : frame.rsv3) ^= true;
      break;
    case 3:
    case 4: {
      static constexpr std::array kUsual = {0x0, 0x1, 0x2, 0x8, 0x9, 0xa};
      frame.opcode =
          static_cast<Opcode>(chance.below(4) == 0 ? static_cast<int>(chance.below(16))
                                                   : kUsual[chance.below(kUsual.size())]);
      break;
    }
    case 5:
      if (frame.masking_key) {
        frame.masking_key.reset();
      } else {
        frame.masking_key = random_key(chance);
      }
      break;
    case 6:
      frame.masking_key = random_key(chance);
      break;
    default:
      frame.length_form = static_cast<LengthForm>(chance.below(4));
      frame.announced_length.reset();
  }
}

/// Announces another length than the payload has, at one of the limits.
void change_length(RawFrame& frame, Chance& chance) {
  static constexpr std::array<std::uint64_t, 12> kLengths = {
      0, 1, 125, 126, 127, 200, 201, 0xffff, 0x10000, 0x7fffffff, 0x100000000, 0x7fffffffffffffff};
  const std::uint64_t actual = frame.payload.size();
  switch (chance.below(4)) {
    case 0:
      frame.announced_length = actual + 1;
      break;
    case 1:
      frame.announced_length = actual > 0 ? actual - 1 : 0x8000000000000000U;
      break;
    default:
      frame.announced_length = kLengths[chance.below(kLengths.size())];
  }
  frame.length_form =
      chance.below(4) == 0 ? LengthForm::bits64 : shortest_for(*frame.announced_length);
}

/// Changes the payload before it is masked, or makes it as long as a limit.
void change_payload(RawFrame& frame, Chance& chance, const MutateBytes& mutate_bytes) {
  frame.announced_length.reset();
  if (chance.below(4) == 0) {
    static constexpr std::array<std::size_t, 14> kSizes = {0,   1,   2,   124, 125, 126, 127,
                                                           200, 201, 256, 257, 300, 301, 520};
    frame.payload.resize(kSizes[chance.below(kSizes.size())], std::byte{'a'});
  } else if (chance.below(4) == 0 && !frame.payload.empty()) {
    // The ends are where a check begins too late or ends too early.
    std::byte& end = chance.below(2) == 0 ? frame.payload.back() : frame.payload.front();
    end = static_cast<std::byte>(chance.below(256));
  } else {
    std::vector<std::byte> buffer = frame.payload;
    buffer.resize(frame.payload.size() + 16);
    buffer.resize(std::min(mutate_bytes(buffer, frame.payload.size()), buffer.size()));
    frame.payload = std::move(buffer);
  }
  if (frame.length_form != LengthForm::bits64) frame.length_form = LengthForm::shortest;
}

/// Makes the payloads of a frame and of what goes on with it add up to a limit, or to one more.
void fit_message(std::vector<RawFrame>& frames, std::size_t index, Chance& chance) {
  static constexpr std::array<std::size_t, 4> kLimits = {8, 200, 300, 1000};
  const std::size_t limit = kLimits[chance.below(kLimits.size())] + chance.below(2);
  std::size_t before = 0;
  for (std::size_t i = index; i > 0 && frames[i].opcode == Opcode::continuation; --i) {
    before += frames[i - 1].payload.size();
  }
  RawFrame& frame = frames[index];
  frame.payload.resize(limit > before ? limit - before : 0, std::byte{'a'});
  frame.announced_length.reset();
  frame.length_form = LengthForm::shortest;
}

/// Sends one frame as two: the rest as a continuation (section 5.4).
void split_frame(std::vector<RawFrame>& frames, std::size_t index, Chance& chance) {
  RawFrame rest = frames[index];
  RawFrame& first = frames[index];
  const std::size_t cut = chance.below(first.payload.size() + 1);
  rest.payload.assign(first.payload.begin() + static_cast<std::ptrdiff_t>(cut),
                      first.payload.end());
  rest.opcode = Opcode::continuation;
  rest.rsv1 = false;
  rest.announced_length.reset();
  rest.length_form = LengthForm::shortest;
  first.payload.resize(cut);
  first.fin = false;
  first.announced_length.reset();
  first.length_form = LengthForm::shortest;
  frames.insert(frames.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(rest));
}

}  // namespace

std::vector<RawFrame> parse_frames(std::span<const std::byte> stream) {
  std::vector<RawFrame> frames;
  while (stream.size() >= 2) {
    const unsigned first = at(stream, 0);
    const unsigned second = at(stream, 1);
    RawFrame frame{.fin = (first & 0x80U) != 0,
                   .rsv1 = (first & 0x40U) != 0,
                   .rsv2 = (first & 0x20U) != 0,
                   .rsv3 = (first & 0x10U) != 0,
                   .opcode = static_cast<Opcode>(first & 0x0fU)};
    const unsigned short_length = second & 0x7fU;
    const std::size_t length_size = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    const bool is_masked = (second & 0x80U) != 0;
    const std::size_t header_size = 2 + length_size + (is_masked ? 4U : 0U);
    if (stream.size() < header_size) break;
    const std::uint64_t length =
        length_size == 0 ? short_length : big_endian(stream.subspan(2, length_size));
    frame.length_form = length_size == 0   ? LengthForm::bits7
                        : length_size == 2 ? LengthForm::bits16
                                           : LengthForm::bits64;
    if (frame.length_form == shortest_for(length)) frame.length_form = LengthForm::shortest;
    if (is_masked) {
      frame.masking_key = MaskingKey{};
      std::ranges::copy(stream.subspan(2 + length_size, 4), frame.masking_key->begin());
    }
    stream = stream.subspan(header_size);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(length, stream.size()));
    if (size != length) frame.announced_length = length;
    frame.payload.assign(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size));
    for (std::size_t i = 0; is_masked && i < size; ++i) {
      frame.payload[i] ^= (*frame.masking_key)[i % 4];
    }
    stream = stream.subspan(size);
    frames.push_back(std::move(frame));
  }
  return frames;
}

std::vector<std::byte> format_frames(std::span<const RawFrame> frames, std::size_t max_size) {
  std::vector<std::byte> stream;
  for (const RawFrame& frame : frames) {
    const auto bytes = oracle::encode(frame);
    if (stream.size() + bytes.size() > max_size) break;
    stream.insert(stream.end(), bytes.begin(), bytes.end());
  }
  return stream;
}

void mutate_frames(std::vector<RawFrame>& frames, Chance& chance, const MutateBytes& mutate_bytes) {
  const bool masked = frames.empty() ? chance.below(2) == 0 : frames[0].masking_key.has_value();
  const auto place = [&](std::size_t index) {
    return frames.begin() + static_cast<std::ptrdiff_t>(index);
  };
  if (frames.empty()) {
    frames.push_back(typical_frame(chance, masked));
    return;
  }
  const std::size_t index = chance.below(frames.size());
  const bool has_room = frames.size() < kMaxFrames;
  switch (chance.below(13)) {
    case 0:
    case 1:
      if (has_room) {
        frames.insert(place(chance.below(frames.size() + 1)), typical_frame(chance, masked));
        break;
      }
      [[fallthrough]];
    case 2:
      frames.erase(place(index));
      break;
    case 3:
      if (has_room) frames.insert(place(chance.below(frames.size() + 1)), RawFrame(frames[index]));
      break;
    case 4:
      std::swap(frames[index], frames[chance.below(frames.size())]);
      break;
    case 5:
      if (has_room) split_frame(frames, index, chance);
      break;
    case 6:
      change_length(frames[index], chance);
      break;
    case 7:
    case 8:
    case 9:
      change_header(frames[index], chance);
      break;
    case 10:
      fit_message(frames, index, chance);
      break;
    default:
      change_payload(frames[index], chance, mutate_bytes);
  }
}

std::vector<RawFrame> cross_over(std::span<const RawFrame> first, std::span<const RawFrame> second,
                                 Chance& chance) {
  std::vector<RawFrame> crossed;
  const auto head = first.first(chance.below(first.size() + 1));
  const auto tail = second.subspan(chance.below(second.size() + 1));
  crossed.insert(crossed.end(), head.begin(), head.end());
  crossed.insert(crossed.end(), tail.begin(), tail.end());
  if (crossed.size() > kMaxFrames) crossed.resize(kMaxFrames);
  return crossed;
}

}  // namespace ws::fuzz
