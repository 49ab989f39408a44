// What all variants of the UTF-8 kernel have in common, and the table of them.
#include "impl/wire/kernels/utf8_kernel.hpp"

namespace ws::kernels {

std::size_t size_without_cut_sequence(const std::byte* text, std::size_t size) {
  for (std::size_t back = 1; back <= 3 && back <= size; ++back) {
    const auto byte = std::to_integer<unsigned>(text[size - back]);
    if (byte < 0x80) return size;
    if (byte < 0xc0) continue;
    const std::size_t length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? size - back : size;
  }
  return size;
}

std::size_t count_valid_utf8_portable(const std::byte* /*text*/, std::size_t /*size*/) { return 0; }

#if defined(WS_KERNELS_X86)
constinit const Dispatch<CountValidUtf8> kCountValidUtf8{
    {count_valid_utf8_portable, count_valid_utf8_portable, count_valid_utf8_sse4,
     count_valid_utf8_avx2, count_valid_utf8_avx512}};
#elif defined(WS_KERNELS_NEON)
constinit const Dispatch<CountValidUtf8> kCountValidUtf8{
    {count_valid_utf8_portable, count_valid_utf8_neon, count_valid_utf8_portable,
     count_valid_utf8_portable, count_valid_utf8_portable}};
#else
constinit const Dispatch<CountValidUtf8> kCountValidUtf8{
    {count_valid_utf8_portable, count_valid_utf8_portable, count_valid_utf8_portable,
     count_valid_utf8_portable, count_valid_utf8_portable}};
#endif

}  // namespace ws::kernels
