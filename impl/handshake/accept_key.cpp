// The key is base64 of a nonce; the accept value is base64 of SHA-1 over key and GUID.
#include "impl/handshake/accept_key.hpp"

#include <algorithm>
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
  return key.size() == kKeySize && key.ends_with("==") &&
         std::ranges::all_of(key.substr(0, kKeySize - 2), is_base64_digit);
}

std::string compute_accept(std::string_view key) {
  std::string text;
  text.reserve(key.size() + kGuid.size());
  text.append(key).append(kGuid);
  return encode_base64(compute_sha1(std::as_bytes(std::span(text))));
}

}  // namespace ws
