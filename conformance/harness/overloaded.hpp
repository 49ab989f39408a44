// For std::visit: one callable of several.
#pragma once

namespace ws::conformance {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace ws::conformance
