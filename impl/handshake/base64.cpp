#include "impl/handshake/base64.hpp"

namespace ws {

std::string encode_base64(std::span<const std::byte> bytes) {
  std::string text(base64_size(bytes.size()), '=');
  write_base64(bytes, text.data());
  return text;
}

}  // namespace ws
