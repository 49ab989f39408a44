// What messages of chance say, and how long they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/explorer/deflater.hpp"

namespace ws::conformance::explorer {

/// Something of chance, and the name of its kind, which coverage counts.
struct Content {
  std::string bytes{};
  std::string kind{};
};

/// A size up to `most` bytes: small, near a boundary of the protocol, or near a power of two.
std::size_t random_size(Engine& engine, std::size_t most);

/// "0", "1", "short", "125", ..
std::string size_class(std::uint64_t size);

/// The same, with some more sizes by themselves, for coverage.
std::string size_event(std::uint64_t size);

/// Valid UTF-8 of about `size` bytes.
Content random_text(Engine& engine, std::size_t size);

/// Exactly `size` bytes.
Content random_bytes(Engine& engine, std::size_t size);

/// Text with one thing in it that makes it no UTF-8.
Content random_bad_text(Engine& engine, std::size_t size);

}  // namespace ws::conformance::explorer
