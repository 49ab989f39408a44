// The key is base64 of a nonce; the accept value is base64 of SHA-1 over key and GUID.
#include "impl/handshake/accept_key.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "impl/handshake/base64.hpp"
#include "impl/handshake/sha1.hpp"

namespace ws {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // section 1.3
constexpr std::size_t kKeySize = 24;  // characters of 16 bytes in base64

}  // namespace

std::string encode_key(const Nonce& nonce) { return encode_base64(nonce); }

bool is_valid_key(std::string_view key) {
  // 16 bytes are 22 digits, and two characters of padding.
  if (key.size() != kKeySize || !key.ends_with("==")) return false;
  bool is_valid = true;
  for (std::size_t i = 0; i < kKeySize - 2; ++i) is_valid &= is_base64_digit(key[i]);
  return is_valid;
}

std::string compute_accept(std::string_view key) {
  const auto accept = write_accept(key);
  return {accept.begin(), accept.end()};
}

std::array<char, 28> write_accept(std::string_view key) {
  std::array<std::byte, 20> digest{};
  if (key.size() == kKeySize) {
    std::array<char, kKeySize + kGuid.size()> text;  // NOLINT: written below
    std::ranges::copy(kGuid, std::copy_n(key.begin(), kKeySize, text.begin()));
    digest = compute_sha1(std::as_bytes(std::span(text)));
  } else {
    digest = compute_sha1(std::as_bytes(std::span(std::string(key).append(kGuid))));
  }
  std::array<char, 28> accept{};
  static_assert(base64_size(digest.size()) == accept.size());
  write_base64(digest, accept.data());
  return accept;
}

}  // namespace ws
