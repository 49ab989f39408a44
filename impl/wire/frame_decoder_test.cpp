// The decoder over streams in every split, and each violation at the byte that shows it.
#include "impl/wire/frame_decoder.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "conformance/oracle/frames.hpp"
#include "conformance/oracle/raw_frame.hpp"
#include "impl/testing/bytes.hpp"
#include "impl/testing/split.hpp"

namespace ws {
namespace {

using ::ws::testing::bytes;
using ::ws::testing::bytes_of;
using ::ws::testing::for_each_split;
using ::ws::testing::Reads;

struct WholeFrame {
  FrameHeader header{};
  std::vector<std::byte> payload{};  // as on the wire

  bool operator==(const WholeFrame&) const = default;
};

struct Decoded {
  std::vector<WholeFrame> frames{};
  std::optional<Violation> violation{};
  std::size_t reads = 0;  // that were fed, the one with the violation included
};

/// Puts the parts of frames together, and checks what FramePart says of them.
Decoded decode(const Reads& reads, const FrameDecoderSettings& settings) {
  FrameDecoder decoder(settings);
  Decoded decoded;
  bool is_inside = false;
  for (std::span<const std::byte> input : reads) {
    ++decoded.reads;
    while (true) {
      const auto part = decoder.next(input);
      if (!part) {
        decoded.violation = part.error();
        return decoded;
      }
      if (!*part) break;
      EXPECT_EQ((*part)->is_first, !is_inside);
      if ((*part)->is_first) decoded.frames.push_back({.header = (*part)->header});
      WholeFrame& frame = decoded.frames.back();
      EXPECT_EQ((*part)->header, frame.header);
      EXPECT_EQ((*part)->offset, frame.payload.size());
      frame.payload.insert(frame.payload.end(), (*part)->payload.begin(), (*part)->payload.end());
      EXPECT_EQ((*part)->is_last, frame.payload.size() == frame.header.payload_length);
      is_inside = !(*part)->is_last;
      EXPECT_EQ(decoder.is_at_frame_boundary(), !is_inside);
    }
    EXPECT_TRUE(input.empty());
  }
  return decoded;
}

std::vector<std::byte> join(std::initializer_list<std::vector<std::byte>> parts) {
  std::vector<std::byte> joined;
  for (const auto& part : parts) joined.insert(joined.end(), part.begin(), part.end());
  return joined;
}

TEST(FrameDecoder, DecodesTheUnmaskedExamplesOfSection5Point7InEverySplit) {
  const auto stream = join({bytes("81 05 48 65 6c 6c 6f"), bytes("01 03 48 65 6c 80 02 6c 6f"),
                            bytes("89 05 48 65 6c 6c 6f"), bytes("82 7e 01 00"),
                            std::vector<std::byte>(256, std::byte{0xaa})});
  const std::vector<WholeFrame> expected = {
      {{.opcode = Opcode::text, .payload_length = 5}, bytes_of("Hello")},
      {{.fin = false, .opcode = Opcode::text, .payload_length = 3}, bytes_of("Hel")},
      {{.opcode = Opcode::continuation, .payload_length = 2}, bytes_of("lo")},
      {{.opcode = Opcode::ping, .payload_length = 5}, bytes_of("Hello")},
      {{.opcode = Opcode::binary, .payload_length = 256},
       std::vector<std::byte>(256, std::byte{0xaa})},
  };
  for_each_split(stream, [&](const Reads& reads) {
    const Decoded decoded = decode(reads, {.sender = Role::server});
    EXPECT_EQ(decoded.frames, expected);
    EXPECT_EQ(decoded.violation, std::nullopt);
  });
}

TEST(FrameDecoder, DecodesTheMaskedExamplesOfSection5Point7InEverySplit) {
  const auto stream = bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58 8a 85 37 fa 21 3d 7f 9f 4d 51 58");
  const MaskingKey key = {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
  const std::vector<WholeFrame> expected = {
      {{.opcode = Opcode::text, .masking_key = key, .payload_length = 5}, bytes("7f 9f 4d 51 58")},
      {{.opcode = Opcode::pong, .masking_key = key, .payload_length = 5}, bytes("7f 9f 4d 51 58")},
  };
  for_each_split(stream, [&](const Reads& reads) {
    EXPECT_EQ(decode(reads, {.sender = Role::client}).frames, expected);
  });
}

TEST(FrameDecoder, HandsOutInOneCallWhatItHandsOutOneByOne) {
  const auto stream = join({bytes("82 85 37 fa 21 3d 7f 9f 4d 51 58 01 80 01 02 03 04"),
                            bytes("89 82 01 01 01 01 aa bb 80 fe 00 80 05 06 07 08"),
                            std::vector<std::byte>(128, std::byte{0x7b}),
                            bytes("82 ff 00 00 00 00 00 01 00 01 09 09 09 09"),
                            std::vector<std::byte>(65'537, std::byte{0x5a}), bytes("83 80")});
  for (const std::size_t read_size : {1U, 5U, 14U, 15U, 16U, 33U, 1000U, 70'000U}) {
    SCOPED_TRACE(read_size);
    const FrameDecoderSettings settings{.sender = Role::client};
    FrameDecoder one_by_one(settings);
    FrameDecoder at_once(settings);
    std::expected<void, Violation> ended;
    for (std::span<const std::byte> rest = stream; !rest.empty() && ended;) {
      auto read = rest.first(std::min(read_size, rest.size()));
      rest = rest.subspan(read.size());
      std::vector<FramePart> parts;
      auto rest_of_read = read;
      ended = at_once.decode(rest_of_read, [&](const FramePart& part) {
        parts.push_back(part);
        return true;
      });
      for (const FramePart& part : parts) {
        const auto next = one_by_one.next(read).value().value();
        EXPECT_EQ(next.header, part.header);
        EXPECT_TRUE(std::ranges::equal(next.payload, part.payload));
        EXPECT_EQ(next.offset, part.offset);
        EXPECT_EQ(next.is_first, part.is_first);
        EXPECT_EQ(next.is_last, part.is_last);
      }
      const auto last = one_by_one.next(read);
      EXPECT_EQ(last.has_value(), ended.has_value());
    }
    EXPECT_EQ(ended, std::unexpected(Violation::reserved_opcode));
  }
}

TEST(FrameDecoder, DecodesA64KiBFrameOfSection5Point7) {
  const std::vector<std::byte> payload(65'536, std::byte{0x5a});
  const auto stream = join({bytes("82 7f 00 00 00 00 00 01 00 00"), payload, bytes("8a 00")});
  const std::vector<WholeFrame> expected = {
      {{.opcode = Opcode::binary, .payload_length = 65'536}, payload},
      {{.opcode = Opcode::pong}, {}},
  };
  for (const std::size_t read_size : {1U, 7U, 4096U, 65'545U, 65'546U, 65'547U, 70'000U}) {
    SCOPED_TRACE(read_size);
    Reads reads;
    for (std::size_t i = 0; i < stream.size(); i += read_size) {
      reads.push_back(std::span(stream).subspan(i, std::min(read_size, stream.size() - i)));
    }
    EXPECT_TRUE(decode(reads, {.sender = Role::server}).frames == expected);
  }
}

TEST(FrameDecoder, AgreesWithTheOracleOnEveryLengthFormInEverySplit) {
  std::vector<std::byte> stream;
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 300U}) {
    const auto frame = oracle::encode({.opcode = Opcode::binary,
                                       .masking_key = oracle::MaskingKey{std::byte(9)},
                                       .payload = std::vector<std::byte>(size, std::byte{0xc3})});
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  const auto expected = oracle::decode_frames(stream, {.sender = Role::client}).frames;
  for_each_split(stream, [&](const Reads& reads) {
    const auto frames = decode(reads, {.sender = Role::client}).frames;
    ASSERT_EQ(frames.size(), expected.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
      auto payload = frames[i].payload;
      apply_mask(payload, frames[i].header.masking_key.value());
      EXPECT_EQ(payload, expected[i].payload);
    }
  });
}

TEST(FrameDecoder, LendsThePayloadFromTheRead) {
  const auto read = bytes("82 05 01 02 03");
  std::span<const std::byte> input = read;
  FrameDecoder decoder({.sender = Role::server});
  const auto part = decoder.next(input);
  ASSERT_TRUE(part && *part);
  EXPECT_EQ((*part)->payload.data(), read.data() + 2);
  EXPECT_EQ((*part)->payload.size(), 3U);
  EXPECT_FALSE((*part)->is_last);
}

TEST(FrameDecoder, HandsOutAHeaderWithoutWaitingForPayload) {
  const auto read = bytes("82 7f 7f ff ff ff ff ff ff ff");
  std::span<const std::byte> input = read;
  FrameDecoder decoder({.sender = Role::server});
  const auto part = decoder.next(input);
  ASSERT_TRUE(part && *part);
  EXPECT_TRUE((*part)->is_first);
  EXPECT_FALSE((*part)->is_last);
  EXPECT_TRUE((*part)->payload.empty());
  EXPECT_EQ((*part)->header.payload_length, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(decoder.next(input), std::nullopt);
}

TEST(FrameDecoder, KnowsWhenItIsBetweenFrames) {
  FrameDecoder decoder({.sender = Role::server});
  EXPECT_TRUE(decoder.is_at_frame_boundary());
  const auto stream = bytes("82 02 01 02");
  for (std::size_t i = 0; i < stream.size(); ++i) {
    std::span<const std::byte> input = std::span(stream).subspan(i, 1);
    while (decoder.next(input).value()) {
    }
    EXPECT_EQ(decoder.is_at_frame_boundary(), i + 1 == stream.size()) << i;
  }
}

struct Broken {
  std::string_view hex{};  // up to the byte that shows it
  Violation violation{};
  FrameDecoderSettings settings{.sender = Role::server};
};

constexpr FrameDecoderSettings kClient{.sender = Role::client};
constexpr FrameDecoderSettings kDeflate{.sender = Role::server, .rsv1_defined = true};
constexpr FrameDecoderSettings kLimited{.sender = Role::server, .max_frame_size = 200};
constexpr FrameDecoderSettings kLimitedClient{.sender = Role::client, .max_frame_size = 200};

TEST(FrameDecoder, NamesEachViolationAtTheByteThatShowsIt) {
  for (const Broken& broken : {
           Broken{"c1 05", Violation::reserved_bit_set},
           Broken{"a1 05", Violation::reserved_bit_set},
           Broken{"91 7e", Violation::reserved_bit_set},
           Broken{"c0 05", Violation::reserved_bit_set, kDeflate},
           Broken{"c9 05", Violation::reserved_bit_set, kDeflate},
           Broken{"83 05", Violation::reserved_opcode},
           Broken{"8b 05", Violation::reserved_opcode},
           Broken{"09 05", Violation::fragmented_control_frame},
           Broken{"89 7e", Violation::control_payload_too_long},
           Broken{"88 7f", Violation::control_payload_too_long},
           Broken{"81 85", Violation::masked_server_frame},
           Broken{"81 05", Violation::unmasked_client_frame, kClient},
           Broken{"82 7e 00 7d", Violation::non_minimal_length},
           Broken{"82 7f 00 00 00 00 00 00", Violation::non_minimal_length},
           Broken{"82 ff 00 00 00 00 00 00", Violation::non_minimal_length, kClient},
           Broken{"82 7f 80", Violation::length_top_bit_set},
           Broken{"82 7e 00 c9", Violation::frame_too_big, kLimited},
           Broken{"82 7f 00 00 00 00 00 01 00 00", Violation::frame_too_big, kLimited},
           Broken{"82 fe 00 c9 01 02 03 04", Violation::frame_too_big, kLimitedClient},
       }) {
    SCOPED_TRACE(broken.hex);
    const auto stream = bytes(broken.hex);
    for_each_split(stream, [&](const Reads& reads) {
      const Decoded decoded = decode(reads, broken.settings);
      EXPECT_EQ(decoded.violation, broken.violation);
      EXPECT_EQ(decoded.reads, reads.size());
      EXPECT_EQ(decoded.frames.size(), 0U);
    });
    // The same behind a good frame, with more behind it.
    const bool is_masked = broken.settings.sender == Role::client;
    const auto good = is_masked ? bytes("81 81 01 02 03 04 05") : bytes("81 01 05");
    const auto longer = join({good, stream, bytes("00 00 00 00 00 00 00 00 00 00 00 00")});
    for_each_split(longer, [&](const Reads& reads) {
      const Decoded decoded = decode(reads, broken.settings);
      EXPECT_EQ(decoded.violation, broken.violation);
      EXPECT_EQ(decoded.frames.size(), 1U);
    });
  }
}

TEST(FrameDecoder, TakesAFrameOfExactlyTheLimit) {
  const auto stream = join({bytes("82 7e 00 c8"), std::vector<std::byte>(200)});
  const Decoded decoded = decode({stream}, kLimited);
  EXPECT_EQ(decoded.violation, std::nullopt);
  EXPECT_EQ(decoded.frames.size(), 1U);
}

TEST(FrameDecoder, TakesADefinedRsv1) {
  EXPECT_TRUE(decode({bytes("c1 00")}, kDeflate).frames.at(0).header.rsv1);
}

}  // namespace
}  // namespace ws
