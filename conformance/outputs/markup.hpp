// Characters that text in HTML and XML cannot hold as they are.
#pragma once

#include <string_view>

namespace ws::conformance {

/// What stands for `c` in text and in an attribute between double quotes; empty for most.
constexpr std::string_view entity_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return {};
  }
}

}  // namespace ws::conformance
