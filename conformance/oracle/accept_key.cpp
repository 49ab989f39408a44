#include "conformance/oracle/accept_key.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ws::oracle {
namespace {

using Words = std::array<std::uint32_t, 5>;

Words compute_sha1(std::string message) {  // FIPS 180-4 section 6.1
  const std::uint64_t bit_length = message.size() * 8;
  message += '\x80';
  while (message.size() % 64 != 56) message += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) {
    message += static_cast<char>(bit_length >> static_cast<unsigned>(shift) & 0xffU);
  }
  Words hash{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (std::size_t block = 0; block < message.size(); block += 64) {
    std::vector<std::uint32_t> w;
    for (std::size_t t = 0; t < 80; ++t) {
      if (t < 16) {
        std::uint32_t word = 0;
        for (std::size_t i = 0; i < 4; ++i) {
          word = word * 256 + static_cast<unsigned char>(message[block + 4 * t + i]);
        }
        w.push_back(word);
      } else {
        w.push_back(std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1));
      }
    }
    auto [a, b, c, d, e] = hash;
    for (std::size_t t = 0; t < 80; ++t) {
      const std::uint32_t ch = (b & c) ^ (~b & d);
      const std::uint32_t parity = b ^ c ^ d;
      const std::uint32_t majority = (b & c) ^ (b & d) ^ (c & d);
      const std::uint32_t f = t < 20 ? ch : t < 40 ? parity : t < 60 ? majority : parity;
      const std::uint32_t k = t < 20   ? 0x5a827999
                              : t < 40 ? 0x6ed9eba1
                              : t < 60 ? 0x8f1bbcdc
                                       : 0xca62c1d6;
      const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[t];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    hash = {hash[0] + a, hash[1] + b, hash[2] + c, hash[3] + d, hash[4] + e};
  }
  return hash;
}

}  // namespace

std::string compute_accept(std::string_view key) {
  const Words hash = compute_sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::string bits;  // as '0' and '1'
  for (const std::uint32_t word : hash) {
    for (unsigned shift = 32; shift > 0; --shift) bits += (word >> (shift - 1) & 1U) ? '1' : '0';
  }
  bits += "00";  // 160 bits to 27 digits of six
  std::string base64;
  for (std::size_t i = 0; i < bits.size(); i += 6) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    base64 += kAlphabet[std::stoul(bits.substr(i, 6), nullptr, 2)];
  }
  return base64 + "=";
}

}  // namespace ws::oracle
