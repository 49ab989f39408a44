#include "impl/transport/random.hpp"

#include <algorithm>
#include <openssl/rand.h>
#include <span>
#include <stdexcept>

namespace ws {
namespace {

void fill(std::span<std::byte> bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's idea of a byte
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  if (RAND_bytes(data, static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("OpenSSL's random generator is not seeded");
  }
}

/// Bytes that are each handed out once.
class Pool {
 public:
  template <std::size_t kSize>
  std::array<std::byte, kSize> take() {
    if (bytes_.size() - next_ < kSize) {
      fill(bytes_);
      next_ = 0;
    }
    std::array<std::byte, kSize> taken{};
    const auto source = std::span(bytes_).subspan(next_, kSize);
    std::ranges::copy(source, taken.begin());
    std::ranges::fill(source, std::byte{0});
    next_ += kSize;
    return taken;
  }

 private:
  std::array<std::byte, 4096> bytes_{};
  std::size_t next_ = bytes_.size();
};

Pool& pool() {
  thread_local Pool pool;
  return pool;
}

}  // namespace

MaskingKey random_masking_key() { return pool().take<std::tuple_size_v<MaskingKey>>(); }

Nonce random_nonce() { return pool().take<std::tuple_size_v<Nonce>>(); }

}  // namespace ws
