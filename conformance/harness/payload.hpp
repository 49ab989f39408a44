// The bytes of a frame or message in a case, described so that 16 MiB of them fit in a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/shared_text.hpp"

namespace ws::conformance {

/// A pattern, repeated and cut to a length. The empty pattern stands for the empty payload.
struct Payload {
  SharedText pattern{};      ///< bytes, not text
  std::uint64_t length = 0;  ///< bytes

  /// The same bytes, however they are described.
  friend bool operator==(const Payload& left, const Payload& right);
};

/// The bytes of `text` as they stand.
Payload text(std::string_view text);

/// Bytes in hex, with white space wherever it helps.
Payload hex(std::string_view digits);

/// `pattern` repeated and cut to `length` bytes.
Payload repeat(std::string_view pattern, std::uint64_t length);

/// The payloads one after the other, written out.
Payload join(const std::vector<Payload>& parts);

/// `length` bytes of `payload` from `offset` on, written out.
Payload slice(const Payload& payload, std::uint64_t offset, std::uint64_t length);

/// All the bytes.
std::vector<std::byte> expand(const Payload& payload);

/// True if `payload` is exactly `bytes`; does not expand it.
bool equals(const Payload& payload, std::string_view bytes);

/// For people: quoted text or hex, cut after about 60 bytes, with the length where it was cut.
std::string describe(const Payload& payload);

/// The text with whatever is not printable ASCII as \xNN.
std::string escape_bytes(std::string_view text);

}  // namespace ws::conformance
