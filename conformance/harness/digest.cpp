#include "conformance/harness/digest.hpp"

#include <array>
#include <cstring>

namespace ws::conformance {
namespace {

/// The 128 bits of a product, folded.
std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

std::uint64_t digest_of(std::string_view bytes) {
  std::uint64_t digest = 0xcbf29ce484222325U;
  for (const char byte : bytes) {
    digest = (digest ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
  return digest;
}

std::uint64_t payload_digest_of(std::string_view bytes) {
  constexpr std::uint64_t kFirst = 0xa076'1d64'78bd'642f;
  constexpr std::uint64_t kSecond = 0xe703'7ed1'a0b4'28db;
  std::uint64_t state = kFirst ^ bytes.size();
  const auto take = [&](std::string_view piece) {
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), piece.data(), piece.size());
    state = mix(words[0] ^ kFirst, words[1] ^ kSecond ^ state);
  };
  constexpr std::size_t kStride = 2 * sizeof(std::uint64_t);
  for (; bytes.size() >= kStride; bytes.remove_prefix(kStride)) take(bytes.substr(0, kStride));
  take(bytes);
  return mix(state, kSecond);
}

}  // namespace ws::conformance
