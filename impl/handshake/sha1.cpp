// SHA-1, block by block (FIPS 180-4 sections 5.1.1 and 6.1.2).
#include "impl/handshake/sha1.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "impl/handshake/sha1_blocks.hpp"

namespace ws {
namespace {

constexpr std::size_t kBlockSize = 64;
using State = std::array<std::uint32_t, 5>;
using Block = std::span<const std::byte, kBlockSize>;

template <typename Word>
constexpr Word to_big_endian(Word word) {
  return std::endian::native == std::endian::little ? std::byteswap(word) : word;
}

void add_block(State& state, Block block) {
  std::array<std::uint32_t, 80> schedule{};
  for (std::size_t t = 0; t < 16; ++t) {
    for (std::size_t i = 0; i < 4; ++i) {
      schedule[t] = schedule[t] << 8 | std::to_integer<std::uint32_t>(block[4 * t + i]);
    }
  }
  for (std::size_t t = 16; t < 80; ++t) {
    schedule[t] =
        std::rotl(schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16], 1);
  }

  auto [a, b, c, d, e] = state;
  for (std::size_t t = 0; t < 80; ++t) {
    std::uint32_t mix = 0;
    std::uint32_t constant = 0;
    if (t < 20) {
      mix = (b & c) ^ (~b & d);
      constant = 0x5a827999;
    } else if (t < 40) {
      mix = b ^ c ^ d;
      constant = 0x6ed9eba1;
    } else if (t < 60) {
      mix = (b & c) ^ (b & d) ^ (c & d);
      constant = 0x8f1bbcdc;
    } else {
      mix = b ^ c ^ d;
      constant = 0xca62c1d6;
    }
    const std::uint32_t next = std::rotl(a, 5) + mix + e + constant + schedule[t];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

void add_blocks(State& state, std::span<const std::byte> blocks) {
#if defined(WS_KERNELS_X86)
  if (kernels::may_use_sha_instructions()) {
    return add_sha1_blocks_x86(state, blocks.data(), blocks.size() / kBlockSize);
  }
#endif
  for (; !blocks.empty(); blocks = blocks.subspan(kBlockSize)) {
    add_block(state, blocks.first<kBlockSize>());
  }
}

}  // namespace

std::array<std::byte, 20> compute_sha1(std::span<const std::byte> message) {
  const std::uint64_t bit_count = std::uint64_t{message.size()} * 8;
  State state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const std::size_t whole = message.size() / kBlockSize * kBlockSize;
  add_blocks(state, message.first(whole));
  message = message.subspan(whole);

  // The rest, a single 1 bit, zeros, and the length in bits: one block, or two where one is short.
  std::array<std::byte, 2 * kBlockSize> tail{};
  std::ranges::copy(message, tail.begin());
  tail[message.size()] = std::byte{0x80};
  const std::size_t tail_size = message.size() + 9 <= kBlockSize ? kBlockSize : 2 * kBlockSize;
  const std::uint64_t big_endian = to_big_endian(bit_count);
  std::memcpy(&tail[tail_size - sizeof big_endian], &big_endian, sizeof big_endian);
  add_blocks(state, std::span(tail).first(tail_size));

  for (std::uint32_t& word : state) word = to_big_endian(word);
  return std::bit_cast<std::array<std::byte, 20>>(state);
}

}  // namespace ws
