// The UTF-8 kernel of processors for which there is no other.
#include "impl/wire/kernels/utf8_kernel.hpp"

namespace ws::kernels {

std::size_t count_valid_utf8_portable(const std::byte* /*text*/, std::size_t /*size*/) { return 0; }

}  // namespace ws::kernels
