// Which form of the kernels runs: chosen when the program starts, by what the processor can do.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#if defined(__x86_64__)
#define WS_KERNELS_X86 1
#elif defined(__aarch64__) && defined(__ARM_NEON) && !defined(__ARM_BIG_ENDIAN)
#define WS_KERNELS_NEON 1
#endif

// Compiles the functions between the two for a processor that has more than the build asks for.
// Templates and inline functions of headers must not be defined between them: the linker could take
// such a copy for code that runs on every processor.
#if defined(__clang__)
#define WS_PRAGMA(text) _Pragma(#text)
#define WS_BEGIN_TARGET(features) \
  WS_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define WS_END_TARGET _Pragma("clang attribute pop")
#else
#define WS_PRAGMA(text) _Pragma(#text)
#define WS_BEGIN_TARGET(features) _Pragma("GCC push_options") WS_PRAGMA(GCC target(features))
#define WS_END_TARGET _Pragma("GCC pop_options")
#endif

namespace ws::kernels {

/// A form of every kernel. Each needs what the ones before it on the same kind of processor need.
enum class Variant : std::uint8_t {
  portable,  ///< standard C++
  neon,      ///< AArch64
  sse4,      ///< x86-64 with SSSE3 and SSE4.1
  avx2,      ///< and AVX2
  avx512,    ///< and AVX-512 F, BW, VL and VBMI
};

inline constexpr std::size_t kVariantCount = 5;

std::string_view name_of(Variant variant);

/// The variants that this build has and this processor can run, the fastest last.
std::span<const Variant> runnable_variants();

/// True if the processor has instructions for SHA-1, and a variant other than portable is in use.
bool may_use_sha_instructions();

namespace detail {
// Before the program has asked the processor, which is during static initialisation: portable.
inline constinit std::atomic<Variant> active_variant{Variant::portable};
}  // namespace detail

/// The variant in use: the fastest runnable one, unless another was asked for.
inline Variant active_variant() { return detail::active_variant.load(std::memory_order_relaxed); }

/// Makes all kernels of this process use `variant`. For tests, fuzz targets and benchmarks.
///
/// Requires: it is runnable.
void use_variant(Variant variant);

/// One function for each variant; variants that a build does not have repeat another one.
template <typename Function>
struct Dispatch {
  std::array<Function*, kVariantCount> functions{};

  Function* of(Variant variant) const { return functions[static_cast<std::size_t>(variant)]; }

  template <typename... Arguments>
  auto operator()(Arguments... arguments) const {
    return of(active_variant())(arguments...);
  }
};

/// The same for what takes some nanoseconds: the function in use is kept, so that a call needs one
/// load. use_variant() has to know it.
template <typename Function>
class FastDispatch {
 public:
  constexpr explicit FastDispatch(const Dispatch<Function>& functions)
      : functions_(functions), used_(functions.functions.front()) {}

  void use(Variant variant) { used_.store(functions_.of(variant), std::memory_order_relaxed); }

  template <typename... Arguments>
  auto operator()(Arguments... arguments) const {
    return used_.load(std::memory_order_relaxed)(arguments...);
  }

 private:
  Dispatch<Function> functions_;
  std::atomic<Function*> used_;
};

}  // namespace ws::kernels
