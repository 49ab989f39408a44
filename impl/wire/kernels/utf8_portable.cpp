// What all variants of the UTF-8 kernel have in common, and the table of them.
#include "impl/wire/kernels/utf8_kernel.hpp"

namespace ws::kernels {

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
