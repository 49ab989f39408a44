// Memory for what judges, where the judged allocates nothing: from a buffer, in place of a
// sanitizer's allocator, which would be a third of a target's time. To be included by one source of
// a program, whose operators new and delete these are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>

namespace ws::fuzz {

/// While one is alive, what is allocated comes from the buffer as long as there is room. All of it
/// has to be gone before the next is made.
class JudgeMemory {
 public:
  JudgeMemory() {
    is_used = true;
    used = 0;
  }
  ~JudgeMemory() { is_used = false; }
  JudgeMemory(const JudgeMemory&) = delete;
  JudgeMemory& operator=(const JudgeMemory&) = delete;

  /// Returns: nullptr if the memory is to come from elsewhere.
  static void* take(std::size_t size) {
    const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
    if (!is_used || rounded > buffer.size() - used) return nullptr;
    void* const memory = buffer.data() + used;
    used += rounded;
    return memory;
  }

  static bool owns(const void* memory) {
    return std::greater_equal<>()(memory, static_cast<const void*>(buffer.data())) &&
           std::less<>()(memory, static_cast<const void*>(buffer.data() + buffer.size()));
  }

 private:
  static constexpr std::size_t kAlignment = alignof(std::max_align_t);
  static inline bool is_used = false;
  static inline std::size_t used = 0;  // bytes
  alignas(kAlignment) static inline std::array<std::byte, std::size_t{64} * 1024> buffer{};
};

}  // namespace ws::fuzz

// NOLINTBEGIN(misc-definitions-in-headers): one source of a program includes them
void* operator new(std::size_t size) {
  if (void* const memory = ws::fuzz::JudgeMemory::take(size)) return memory;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  if (!ws::fuzz::JudgeMemory::owns(memory)) std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept { operator delete(memory); }

// The standard library's algorithms ask so for room that they can do without.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(size);
}

void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
  operator delete(memory);
}
// NOLINTEND(misc-definitions-in-headers)
