#include "conformance/oracle/raw_frame.hpp"

#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"

namespace ws::oracle {
namespace {

using testing::bytes;
using testing::bytes_of;

constexpr MaskingKey kKey{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

TEST(RawFrame, EncodesTheExamplesOfSection57) {
  EXPECT_EQ(encode({.payload = bytes_of("Hello")}), bytes("81 05 48 65 6c 6c 6f"));
  EXPECT_EQ(encode({.masking_key = kKey, .payload = bytes_of("Hello")}),
            bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
  EXPECT_EQ(encode({.fin = false, .payload = bytes_of("Hel")}), bytes("01 03 48 65 6c"));
  EXPECT_EQ(encode({.opcode = Opcode::continuation, .payload = bytes_of("lo")}),
            bytes("80 02 6c 6f"));
  EXPECT_EQ(encode({.opcode = Opcode::ping, .payload = bytes_of("Hello")}),
            bytes("89 05 48 65 6c 6c 6f"));
}

TEST(RawFrame, ChoosesTheShortestLengthForm) {
  const auto header = [](std::size_t length, std::size_t size) {
    auto frame = encode({.opcode = Opcode::binary, .payload = std::vector<std::byte>(length)});
    EXPECT_EQ(frame.size(), size + length);
    frame.resize(size);
    return frame;
  };
  EXPECT_EQ(header(125, 2), bytes("82 7d"));
  EXPECT_EQ(header(126, 4), bytes("82 7e 00 7e"));
  EXPECT_EQ(header(65'535, 4), bytes("82 7e ff ff"));
  EXPECT_EQ(header(65'536, 10), bytes("82 7f 00 00 00 00 00 01 00 00"));
}

TEST(RawFrame, BreaksTheRulesItIsToldTo) {
  EXPECT_EQ(encode({.fin = false,
                    .rsv1 = true,
                    .rsv2 = true,
                    .rsv3 = true,
                    .opcode = static_cast<Opcode>(0xb)}),
            bytes("7b 00"));
  EXPECT_EQ(encode({.payload = bytes_of("a"), .length_form = LengthForm::bits16}),
            bytes("81 7e 00 01 61"));
  EXPECT_EQ(encode({.payload = bytes_of("a"), .length_form = LengthForm::bits64}),
            bytes("81 7f 00 00 00 00 00 00 00 01 61"));
  EXPECT_EQ(encode({.payload = bytes_of("a"), .announced_length = 0x8000'0000'0000'0002}),
            bytes("81 7f 80 00 00 00 00 00 00 02 61"));
}

}  // namespace
}  // namespace ws::oracle
