// Any text, cut into pieces anywhere, in every variant of the kernel: the first impossible byte is
// where the oracle finds it.
#include "conformance/oracle/utf8.hpp"
#include "fuzz/fuzz_input.hpp"
#include "impl/wire/kernels/variant.hpp"
#include "impl/wire/utf8.hpp"

namespace ws::fuzz {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const Cuts cuts = input.take_cuts();
  const auto text = input.rest();
  const auto impossible = oracle::find_first_impossible_byte(text);
  const bool is_valid = oracle::is_valid_utf8(text);

  for (const kernels::Variant variant : kernels::runnable_variants()) {
    kernels::use_variant(variant);
    for (const Cuts& each : {Cuts(), cuts}) {
      Utf8Validator validator;
      std::size_t end = 0;  // of the pieces so far
      each.for_each_read(text, [&](std::span<const std::byte> piece) {
        end += piece.size();
        const bool possible = !impossible || *impossible >= end;
        require(validator.feed(piece) == possible, "the piece with the impossible byte fails");
        require(validator.accepted_bytes() == (possible ? end : *impossible),
                "the bytes before the impossible one are counted");
        return true;
      });
      require(validator.is_complete() == is_valid, "a text is complete if it is valid");
    }
    require(is_valid_utf8(text) == is_valid, "is_valid_utf8 agrees");
  }
  return 0;
}

}  // namespace ws::fuzz
