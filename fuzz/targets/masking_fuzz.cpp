// Any payload, at any alignment, from any offset, in any pieces, in every variant of the kernel:
// masked as section 5.3 defines it.
#include <vector>

#include "fuzz/fuzz_input.hpp"
#include "impl/wire/kernels/variant.hpp"
#include "impl/wire/masking.hpp"

namespace ws::fuzz {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const Cuts cuts = input.take_cuts();
  const unsigned place = input.take_byte();
  const std::size_t alignment = place % 64;
  std::uint64_t offset = 0;
  for (const std::byte byte : input.take_bytes(8)) {
    offset = offset << 8U | std::to_integer<std::uint64_t>(byte);
  }
  offset >>= 1U;  // the payload ends below 2^63
  MaskingKey key{};
  std::ranges::copy(input.take_bytes(key.size()), key.begin());
  std::span<const std::byte> payload = input.rest();
  // Kernels take long payloads by other ways, and long inputs would make all of them slow.
  std::vector<std::byte> longer;
  if (place / 64 == 3) {
    longer.assign(payload.begin(), payload.end());
    for (unsigned i = 0; i < 448; ++i) longer.push_back(static_cast<std::byte>(i * i * 31 + i / 7));
    payload = longer;
  }

  std::vector<std::byte> expected(alignment);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    expected.push_back(payload[i] ^ key[(offset + i) % 4]);
  }

  for (const kernels::Variant variant : kernels::runnable_variants()) {
    kernels::use_variant(variant);
    for (const Cuts& each : {Cuts(), cuts}) {
      std::vector<std::byte> in_place(alignment);
      in_place.insert(in_place.end(), payload.begin(), payload.end());
      std::vector<std::byte> copied(alignment + payload.size());
      std::size_t done = 0;
      each.for_each_read(payload, [&](std::span<const std::byte> piece) {
        const std::size_t begin = alignment + done;
        apply_mask(std::span(in_place).subspan(begin, piece.size()), key, offset + done);
        copy_masked(piece, std::span(copied).subspan(begin, piece.size()), key, offset + done);
        done += piece.size();
        return true;
      });
      require(in_place == expected, "apply_mask follows the definition");
      require(copied == expected, "copy_masked follows the definition");
    }
  }
  return 0;
}

}  // namespace ws::fuzz
