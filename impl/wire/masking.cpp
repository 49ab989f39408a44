#include "impl/wire/masking.hpp"

#include "impl/wire/kernels/masking_kernel.hpp"

namespace ws::detail {

void mask_long(const std::byte* source, std::byte* destination, std::size_t size,
               std::uint32_t key) {
  kernels::chosen_mask(source, destination, size, key);
}

}  // namespace ws::detail
