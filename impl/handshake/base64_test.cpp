// The vectors of RFC 4648 section 10, and every byte.
#include "impl/handshake/base64.hpp"

#include <gmock/gmock.h>
#include <string>
#include <string_view>
#include <vector>

namespace ws {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

struct Vector {
  std::string_view plain{};
  std::string_view encoded{};
};

/// The bits of the characters one after the other, and of them the whole bytes.
std::vector<std::byte> decode(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<bool> bits;
  for (const char c : text.substr(0, text.find('='))) {
    for (std::size_t bit = 6; bit > 0; --bit) bits.push_back((kAlphabet.find(c) >> (bit - 1)) & 1);
  }
  std::vector<std::byte> bytes(bits.size() / 8);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    bytes[i / 8] |= static_cast<std::byte>(bits[i] ? 0x80 >> i % 8 : 0);
  }
  return bytes;
}

TEST(Base64, EncodesTheVectorsOfItsRfc) {
  for (const auto& [plain, encoded] :
       {Vector{"", ""}, Vector{"f", "Zg=="}, Vector{"fo", "Zm8="}, Vector{"foo", "Zm9v"},
        Vector{"foob", "Zm9vYg=="}, Vector{"fooba", "Zm9vYmE="}, Vector{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(encode_base64(bytes_of(plain)), encoded);
  }
}

TEST(Base64, KeepsEveryByteAtEveryPlace) {
  std::vector<std::byte> all;
  for (int value = 0; value < 256; ++value) all.push_back(static_cast<std::byte>(value));
  for (std::size_t start = 0; start < 3; ++start) {
    const auto bytes = std::span(all).subspan(start);
    const std::string text = encode_base64(bytes);
    EXPECT_EQ(text.size() % 4, 0U);
    EXPECT_THAT(decode(text), ::testing::ElementsAreArray(bytes));
  }
}

TEST(Base64, UsesTheAlphabetWithPlusAndSlash) {
  EXPECT_EQ(encode_base64(bytes_of("\xfb\xef\xbe")), "++++");
  EXPECT_EQ(encode_base64(bytes_of("\xff\xff\xff")), "////");
}

TEST(Base64, HasDigitsOfItsAlphabetAndNoOthers) {
  std::string digits;
  for (int c = 0; c < 256; ++c) {
    if (is_base64_digit(static_cast<char>(c))) digits += static_cast<char>(c);
  }
  EXPECT_EQ(digits, "+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

}  // namespace
}  // namespace ws
