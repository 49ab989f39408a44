// What a peer takes of messages by their size, and what it refuses as too big (RFC 6455 section
// 7.4.1, 1009). A limit is legal, so that a message is over it is no fault; that a longer one came
// back elsewhere only the whole run tells.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "impl/wire/opcode.hpp"

namespace ws::conformance {

struct GradedVerdict;

/// What one play tells.
struct TakenSizes {
  /// Bytes of the longest text and of the longest binary message that came back and had been sent
  /// in one frame, uncompressed.
  std::array<std::uint64_t, 2> plain{};
  std::uint64_t refused = 0;  ///< bytes of the message that was refused with 1009; 0: none was
  /// The refused one was sent like that, and is of this type.
  std::optional<Opcode> refused_plain{};
};

/// Index of a type in `TakenSizes::plain`.
constexpr std::size_t index_of(Opcode type) { return type == Opcode::binary ? 1 : 0; }

/// The sizes of a whole run.
class SizeRecord {
 public:
  void add(std::string_view id, const TakenSizes& sizes);

  /// Returns: the verdict that stands in place of a case's own, if that is no failure; nothing if
  /// there is no contradiction.
  std::optional<GradedVerdict> compare(const GradedVerdict& own) const;

 private:
  struct Longest {
    std::uint64_t length = 0;  // bytes
    std::string_view id{};     // of the case
  };
  std::array<Longest, 2> longest_{};
};

}  // namespace ws::conformance
