// Base64, three bytes to four characters (RFC 4648 section 4).
#include "impl/handshake/base64.hpp"

#include <cstdint>

namespace ws {
std::string encode_base64(std::span<const std::byte> bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

void append_base64(std::string& text, std::span<const std::byte> bytes) {
  const std::size_t start = text.size();
  text.append((bytes.size() + 2) / 3 * 4, '=');
  char* out = text.data() + start;
  const auto put = [&out](std::uint32_t bits) { *out++ = kBase64Alphabet[bits & 63]; };
  for (; bytes.size() >= 3; bytes = bytes.subspan(3)) {
    const std::uint32_t bits = std::to_integer<std::uint32_t>(bytes[0]) << 16 |
                               std::to_integer<std::uint32_t>(bytes[1]) << 8 |
                               std::to_integer<std::uint32_t>(bytes[2]);
    put(bits >> 18);
    put(bits >> 12);
    put(bits >> 6);
    put(bits);
  }
  if (!bytes.empty()) {
    std::uint32_t bits = std::to_integer<std::uint32_t>(bytes[0]) << 16;
    if (bytes.size() == 2) bits |= std::to_integer<std::uint32_t>(bytes[1]) << 8;
    put(bits >> 18);
    put(bits >> 12);
    if (bytes.size() == 2) put(bits >> 6);
  }
}

}  // namespace ws
