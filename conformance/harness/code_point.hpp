// Code points to UTF-8, for texts that cases are made of.
#pragma once

#include <string>

namespace ws::conformance {

/// The bytes of `point` (RFC 3629 section 3), up to 0x10ffff; a surrogate is encoded like any
/// other.
inline std::string encode_code_point(unsigned point) {
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80U | (point >> shift) % 64U);
  };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0U | point >> 6U), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xe0U | point >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xf0U | point >> 18U), tail(12), tail(6), tail(0)};
}

}  // namespace ws::conformance
