// Any text, cut into pieces anywhere, in every variant of the kernel: the first impossible byte is
// where the oracle finds it. Inputs are short, so one may ask for valid text around its own:
// kernels take long texts by other ways.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "conformance/oracle/utf8.hpp"
#include "fuzz/fuzz_input.hpp"
#include "impl/wire/kernels/variant.hpp"
#include "impl/wire/utf8.hpp"

namespace ws::fuzz {
namespace {

/// Appends `size` bytes of valid text: ASCII, or sequences of every length.
void append_valid_text(std::size_t size, bool is_ascii, std::vector<std::byte>& text) {
  constexpr std::string_view kUnit = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  for (; !is_ascii && size >= kUnit.size(); size -= kUnit.size()) {
    std::ranges::transform(kUnit, std::back_inserter(text),
                           [](char c) { return static_cast<std::byte>(c); });
  }
  text.insert(text.end(), size, std::byte{'a'});
}

/// Sets what runs beside what the oracle says, in `variant` of the kernels.
void check(std::span<const std::byte> text, std::optional<std::size_t> impossible, bool is_valid,
           const Cuts& cuts, kernels::Variant variant) {
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

/// The input's text with valid text before and behind it. Takes long, so in one of the variants.
void check_surrounded(FuzzInput input, const Cuts& cuts) {
  const unsigned place = input.take_byte();  // in a line of the cache, and what kinds of text
  const std::size_t before = 3 * std::size_t{input.take_byte()};
  const unsigned more = input.take_byte();
  const std::size_t behind = 3 * std::size_t{more};
  const auto inner = input.rest();
  std::vector<std::byte> text;
  // Without room to spare, so that a sanitizer sees who reads behind it.
  text.reserve(place % 64 + before + inner.size() + behind);
  text.resize(place % 64);
  append_valid_text(before, place % 128 < 64, text);
  text.insert(text.end(), inner.begin(), inner.end());
  append_valid_text(behind, place < 128, text);

  // All that the oracle has to see: whatever is behind the inner text begins with ASCII.
  const auto looked_at =
      std::span(text).subspan(place % 64 + before, inner.size() + std::min<std::size_t>(behind, 1));
  auto impossible = oracle::find_first_impossible_byte(looked_at);
  if (impossible) *impossible += before;
  const auto variants = kernels::runnable_variants();
  check(std::span(text).subspan(place % 64), impossible, oracle::is_valid_utf8(looked_at), cuts,
        variants[variants.size() - 1 - (place + more) % variants.size()]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const bool is_surrounded = size > 0 && data[0] / 8 == 16;  // what the number of cuts leaves
  const Cuts cuts = input.take_cuts();
  if (is_surrounded) {
    check_surrounded(input, cuts);
    return 0;
  }
  const auto text = input.rest();
  const auto impossible = oracle::find_first_impossible_byte(text);
  const bool is_valid = oracle::is_valid_utf8(text);
  for (const kernels::Variant variant : kernels::runnable_variants()) {
    check(text, impossible, is_valid, cuts, variant);
  }
  return 0;
}

}  // namespace ws::fuzz
