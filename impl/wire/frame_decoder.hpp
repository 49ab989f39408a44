// Reads to frames: finds the headers in a stream and hands out the payload in the stretches in
// which it arrives, without storing it (RFC 6455 sections 5.2 and 6.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <limits>
#include <optional>
#include <span>

#include "impl/wire/frame_header.hpp"
#include "impl/wire/role.hpp"
#include "impl/wire/violation.hpp"

namespace ws {

/// A stretch of one frame's payload as it arrived, still masked.
struct FramePart {
  FrameHeader header{};
  std::span<const std::byte> payload{};  ///< borrowed from the read; may be empty
  std::uint64_t offset = 0;              ///< of `payload` in the frame's payload, bytes
  bool is_first = false;                 ///< the header was completed just now
  bool is_last = false;                  ///< the frame ends with this part
};

struct FrameDecoderSettings {
  Role sender = Role::client;  ///< the side whose frames are decoded
  bool rsv1_defined = false;   ///< see check_frame_header
  std::uint64_t max_frame_size = std::numeric_limits<std::uint64_t>::max();  ///< payload bytes
};

/// Checks each header before its payload is looked at, and as early as its bytes allow.
class FrameDecoder {
 public:
  explicit FrameDecoder(FrameDecoderSettings settings) : settings_(settings) {}

  /// Takes bytes from the front of `input` and hands out the next part of a frame.
  ///
  /// The first part of a frame comes as soon as its header is complete, with as much payload as
  /// `input` has. A frame without payload is one part. `input` is shortened by what was taken.
  /// Returns: nothing when `input` is used up.
  /// Errors: the first rule broken, after which the decoder is not to be used again.
  std::expected<std::optional<FramePart>, Violation> next(std::span<const std::byte>& input);

  /// Hands each part of `input` to `take`, as next() would, until it returns false or `input` is
  /// used up. next() is slower for small frames: what it returns has to be put together and taken
  /// apart.
  ///
  /// Errors: the first rule broken, as of next().
  template <typename Take>
  std::expected<void, Violation> decode(std::span<const std::byte>& input, const Take& take) {
    while (true) {
      if (is_at_frame_boundary()) {
        const bool goes_on = settings_.sender == Role::client
                                 ? decode_plain_frames<Role::client>(input, take)
                                 : decode_plain_frames<Role::server>(input, take);
        if (!goes_on) return {};
      }
      const auto part = next(input);
      if (!part) return std::unexpected(part.error());
      if (!*part || !take(**part)) return {};
    }
  }

  /// True between two frames.
  bool is_at_frame_boundary() const { return header_size_ == 0 && !in_payload_; }

 private:
  std::expected<bool, Violation> take_header(std::span<const std::byte>& input);

  /// Decodes what nearly every frame has: the header of a data frame without reserved bits that
  /// keeps all rules.
  ///
  /// Returns: its size; 0 for any other, which is then for take_header to judge.
  static std::size_t decode_plain_header(std::span<const std::byte, kMaxFrameHeaderSize> bytes,
                                         const FrameDecoderSettings& settings, FrameHeader& header);

  /// Takes a frame with such a header, or what `input` has of one, if that is next.
  ///
  /// Requires: the place is a frame boundary.
  bool take_plain_frame(std::span<const std::byte>& input, const FrameDecoderSettings& settings,
                        FramePart& part) {
    if (input.size() < kMaxFrameHeaderSize) return false;
    const std::size_t size =
        decode_plain_header(input.first<kMaxFrameHeaderSize>(), settings, part.header);
    if (size == 0) return false;
    part.is_first = true;
    const std::size_t available = input.size() - size;
    if (part.header.payload_length <= available) [[likely]] {
      const auto payload_size = static_cast<std::size_t>(part.header.payload_length);
      part.payload = input.subspan(size, payload_size);
      part.is_last = true;
      input = input.subspan(size + payload_size);
    } else {
      part.payload = input.subspan(size);
      input = {};
      keep_place(part);
    }
    return true;
  }

  /// Takes such frames of kSender, which settings_ has, as long as they come.
  ///
  /// Returns: false if `take` did.
  /// Requires: the place is a frame boundary.
  template <Role kSender, typename Take>
  bool decode_plain_frames(std::span<const std::byte>& input, const Take& take) {
    // Copies whose place nobody knows, so that they stay in registers whatever `take` does.
    std::span<const std::byte> rest = input;
    FrameDecoderSettings settings = settings_;
    settings.sender = kSender;
    bool goes_on = true;
    for (FramePart part; goes_on && take_plain_frame(rest, settings, part); part = {}) {
      goes_on = take(part);
    }
    input = rest;
    return goes_on;
  }

  /// Takes what `input` has of the payload of `part`, whose header and offset are there.
  void take_payload(std::span<const std::byte>& input, FramePart& part) {
    const std::uint64_t missing = part.header.payload_length - part.offset;
    const std::size_t size =
        missing < input.size() ? static_cast<std::size_t>(missing) : input.size();
    part.payload = input.first(size);
    part.is_last = size == missing;
    input = input.subspan(size);
    if (in_payload_ || !part.is_last) keep_place(part);
  }

  /// Goes on behind `part` in the next call. A frame that is whole leaves nothing behind: writing
  /// it down and reading it back would cost more than decoding it.
  void keep_place(const FramePart& part) {
    header_ = part.header;
    payload_offset_ = part.offset + part.payload.size();
    in_payload_ = !part.is_last;
  }

  FrameDecoderSettings settings_;
  std::array<std::byte, kMaxFrameHeaderSize> header_bytes_{};  // of a header cut by a read
  std::uint8_t header_size_ = 0;                               // of them
  bool in_payload_ = false;
  FrameHeader header_{};
  std::uint64_t payload_offset_ = 0;
};

// Here, and decode() with it, so that a caller's loop over small frames has no call in it.
inline std::size_t FrameDecoder::decode_plain_header(
    std::span<const std::byte, kMaxFrameHeaderSize> bytes, const FrameDecoderSettings& settings,
    FrameHeader& header) {
  const bool is_masked = settings.sender == Role::client;
  const auto first = std::to_integer<unsigned>(bytes[0]);
  // 128 and more, if the MASK bit is not as it has to be.
  const unsigned second = std::to_integer<unsigned>(bytes[1]) ^ (is_masked ? 0x80U : 0U);
  const bool is_plain_data = (first & 0x7fU) <= 2;  // no reserved bits; 0x0, 0x1 or 0x2
  if (!is_plain_data) return 0;

  std::uint64_t length = second;
  std::size_t size = 2;
  if (second < 126) [[likely]] {
    // as it stands
  } else if (second >= 128) {
    return 0;
  } else if (second == 126) {
    length =
        std::to_integer<std::uint64_t>(bytes[2]) << 8U | std::to_integer<std::uint64_t>(bytes[3]);
    size = 4;
    if (length < 126) return 0;
  } else {
    length = 0;
    for (size = 2; size < 10; ++size) {
      length = length << 8U | std::to_integer<std::uint64_t>(bytes[size]);
    }
    if (length < 0x1'0000U || length >> 63U != 0) return 0;
  }
  if (length > settings.max_frame_size) return 0;
  header.fin = (first & 0x80U) != 0;
  header.opcode = static_cast<Opcode>(first & 0x0fU);
  header.payload_length = length;
  if (!is_masked) return size;
  MaskingKey key;
  std::memcpy(key.data(), &bytes[size], key.size());  // in one piece, as it is read again at once
  header.masking_key = key;
  return size + key.size();
}

}  // namespace ws
