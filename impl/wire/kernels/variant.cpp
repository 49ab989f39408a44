#include "impl/wire/kernels/variant.hpp"

#include <algorithm>
#include <cassert>

#include "impl/wire/kernels/masking_kernel.hpp"
#include "impl/wire/kernels/utf8_kernel.hpp"

#if defined(WS_KERNELS_X86)
#include <cpuid.h>
#endif

namespace ws::kernels {
namespace {

struct Processor {
  std::array<Variant, kVariantCount> runnable{};
  std::size_t runnable_count = 0;
  bool has_sha = false;

  void add(Variant variant) { runnable[runnable_count++] = variant; }
};

#if defined(WS_KERNELS_X86)
/// __builtin_cpu_supports has no name for the SHA instructions: leaf 7, EBX bit 29.
bool has_sha_instructions() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx >> 29U & 1U) != 0;
}
#endif

Processor ask_processor() {
  Processor processor;
  processor.add(Variant::portable);
#if defined(WS_KERNELS_NEON)
  processor.add(Variant::neon);
#elif defined(WS_KERNELS_X86)
  __builtin_cpu_init();  // needed during static initialisation
  // These look also at whether the system saves the registers.
  const bool sse4 = __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1");
  const bool avx2 = sse4 && __builtin_cpu_supports("avx2");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512vbmi");
  if (sse4) processor.add(Variant::sse4);
  if (avx2) processor.add(Variant::avx2);
  if (avx512) processor.add(Variant::avx512);
  processor.has_sha = sse4 && has_sha_instructions();
#endif
  return processor;
}

const Processor& this_processor() {
  static const Processor kProcessor = ask_processor();
  return kProcessor;
}

[[maybe_unused]] const bool kChosen = [] {
  use_variant(runnable_variants().back());
  return true;
}();

}  // namespace

// Here, so that who links a kernel gets the choice of its variant with it.
#if defined(WS_KERNELS_X86)
constinit FastDispatch<Mask> chosen_mask{
    Dispatch<Mask>{{mask_portable, mask_portable, mask_sse4, mask_avx2, mask_avx512}}};
constinit FastDispatch<CountValidUtf8> chosen_count_valid_utf8{Dispatch<CountValidUtf8>{
    {count_valid_utf8_portable, count_valid_utf8_portable, count_valid_utf8_sse4,
     count_valid_utf8_avx2, count_valid_utf8_avx512}}};
#elif defined(WS_KERNELS_NEON)
constinit FastDispatch<Mask> chosen_mask{
    Dispatch<Mask>{{mask_portable, mask_neon, mask_portable, mask_portable, mask_portable}}};
constinit FastDispatch<CountValidUtf8> chosen_count_valid_utf8{Dispatch<CountValidUtf8>{
    {count_valid_utf8_portable, count_valid_utf8_neon, count_valid_utf8_portable,
     count_valid_utf8_portable, count_valid_utf8_portable}}};
#else
constinit FastDispatch<Mask> chosen_mask{
    Dispatch<Mask>{{mask_portable, mask_portable, mask_portable, mask_portable, mask_portable}}};
constinit FastDispatch<CountValidUtf8> chosen_count_valid_utf8{Dispatch<CountValidUtf8>{
    {count_valid_utf8_portable, count_valid_utf8_portable, count_valid_utf8_portable,
     count_valid_utf8_portable, count_valid_utf8_portable}}};
#endif

std::string_view name_of(Variant variant) {
  switch (variant) {
    case Variant::portable:
      return "portable";
    case Variant::neon:
      return "neon";
    case Variant::sse4:
      return "sse4";
    case Variant::avx2:
      return "avx2";
    case Variant::avx512:
      return "avx512";
  }
  return {};
}

std::span<const Variant> runnable_variants() {
  const Processor& processor = this_processor();
  return std::span(processor.runnable).first(processor.runnable_count);
}

bool may_use_sha_instructions() {
  return active_variant() != Variant::portable && this_processor().has_sha;
}

void use_variant(Variant variant) {
  assert(std::ranges::find(runnable_variants(), variant) != runnable_variants().end());
  detail::active_variant.store(variant, std::memory_order_relaxed);
  chosen_mask.use(variant);
  chosen_count_valid_utf8.use(variant);
}

}  // namespace ws::kernels
