// A z_stream that takes its memory from operator new, as everything else does, so that a program
// which replaces it is asked for zlib's memory too.
#pragma once

#include <cstddef>
#include <new>

#define ZLIB_CONST
#include <zlib.h>

namespace ws {

inline z_stream make_zlib_stream() {
  z_stream stream{};
  stream.zalloc = [](voidpf, uInt items, uInt size) -> voidpf {
    return ::operator new(std::size_t{items} * size, std::nothrow);
  };
  stream.zfree = [](voidpf, voidpf memory) { ::operator delete(memory); };
  return stream;
}

}  // namespace ws
