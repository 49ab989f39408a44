// The vectors of RFC 4648 section 10, and what is no base64.
#include "impl/handshake/base64.hpp"

#include <gmock/gmock.h>

namespace ws {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

struct Vector {
  std::string_view plain{};
  std::string_view encoded{};
};

TEST(Base64, EncodesAndDecodesTheVectorsOfItsRfc) {
  for (const auto& [plain, encoded] :
       {Vector{"", ""}, Vector{"f", "Zg=="}, Vector{"fo", "Zm8="}, Vector{"foo", "Zm9v"},
        Vector{"foob", "Zm9vYg=="}, Vector{"fooba", "Zm9vYmE="}, Vector{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(encode_base64(bytes_of(plain)), encoded);
    const auto decoded = decode_base64(encoded);
    ASSERT_TRUE(decoded) << encoded;
    EXPECT_THAT(*decoded, ::testing::ElementsAreArray(bytes_of(plain)));
  }
}

TEST(Base64, KeepsEveryByteAtEveryPlace) {
  std::vector<std::byte> all;
  for (int value = 0; value < 256; ++value) all.push_back(static_cast<std::byte>(value));
  for (std::size_t start = 0; start < 3; ++start) {
    const auto bytes = std::span(all).subspan(start);
    EXPECT_THAT(decode_base64(encode_base64(bytes)),
                ::testing::Optional(::testing::ElementsAreArray(bytes)));
  }
}

TEST(Base64, UsesTheAlphabetWithPlusAndSlash) {
  EXPECT_EQ(encode_base64(bytes_of("\xfb\xef\xbe")), "++++");
  EXPECT_EQ(encode_base64(bytes_of("\xff\xff\xff")), "////");
}

TEST(Base64, IsNotDecodedWithWrongPaddingOrOtherCharacters) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Z===", "====", "Zm8", "Zm9v=", "=Zm9", "Zg==Zg==", "Zm=v", "Zm9-",
        "Zm9_", "Zm 9", "Zm9v\n", "Zm\xc3\xa4"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

TEST(Base64, IgnoresBitsBeyondTheLastByte) {
  EXPECT_EQ(decode_base64("Zh=="), decode_base64("Zg=="));
  EXPECT_EQ(decode_base64("Zm9="), decode_base64("Zm8="));
}

}  // namespace
}  // namespace ws
