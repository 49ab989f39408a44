// The RFC's own examples of keys and accept values, and keys that are none.
#include "impl/handshake/accept_key.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <span>

namespace ws {
namespace {

TEST(AcceptKey, IsEncodedAsSection1Point3ShowsIt) {
  Nonce nonce{};
  std::ranges::copy(std::as_bytes(std::span(std::string_view("the sample nonce"))), nonce.begin());
  EXPECT_EQ(encode_key(nonce), "dGhlIHNhbXBsZSBub25jZQ==");
}

TEST(AcceptKey, IsEncodedAsTheErratumToSection4Point1ShowsIt) {
  Nonce nonce{};
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::byte>(i + 1);
  EXPECT_EQ(encode_key(nonce), "AQIDBAUGBwgJCgsMDQ4PEA==");
}

TEST(AcceptKey, IsAnsweredAsSections1Point3And4Point2Point2ShowIt) {
  EXPECT_EQ(compute_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(AcceptKey, IsAnsweredAsSentWithoutBeingDecoded) {
  EXPECT_NE(compute_accept("AQIDBAUGBwgJCgsMDQ4PEC=="), compute_accept("AQIDBAUGBwgJCgsMDQ4PEA=="));
}

TEST(AcceptKey, IsValidIfItDecodesTo16Bytes) {
  EXPECT_TRUE(is_valid_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(is_valid_key("AAAAAAAAAAAAAAAAAAAAAA=="));
  EXPECT_TRUE(is_valid_key("AQIDBAUGBwgJCgsMDQ4PEC=="));  // as printed in section 4.1
}

TEST(AcceptKey, IsInvalidWithAnyOtherLengthOrCharacter) {
  for (const std::string_view key : {
           "",
           "AAAAAAAAAAAAAAAAAAAA",                          // 15 bytes
           "AAAAAAAAAAAAAAAAAAAAAAA=",                      // 17 bytes
           "AAAAAAAAAAAAAAAAAAAAAAAA",                      // 18 bytes
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",  // 32 bytes
           "AAAAAAAAAAAAAAAAAAAAAA",                        // no padding
           "!!!!!!!!!!!!!!!!!!!!!!==",                      // 24 characters, but not of base64
           "dGhlIHNhbXBsZSBub25j-_==",                      // the alphabet for URLs
           "dGhlIHNh==XBsZSBub25jZQ=",                      // padding in the middle
           "dGhlIHNhbXBs ZSBub25jZQ==",
           "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==",
       }) {
    EXPECT_FALSE(is_valid_key(key)) << key;
  }
  EXPECT_FALSE(is_valid_key(std::string(100'000, 'A')));
}

}  // namespace
}  // namespace ws
