// The key is base64 of a nonce; the accept value is base64 of SHA-1 over key and GUID.
#include "impl/handshake/accept_key.hpp"

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
  if (key.size() != kKeySize) return false;
  const auto nonce = decode_base64(key);
  return nonce && nonce->size() == Nonce{}.size();
}

std::string compute_accept(std::string_view key) {
  const std::string text = std::string(key).append(kGuid);
  return encode_base64(compute_sha1(std::as_bytes(std::span(text))));
}

}  // namespace ws
