// Compressed messages of every kind that DEFLATE has (RFC 1951, RFC 7692 section 7.2.1): which
// blocks, which codes, and which matches there are is left to chance, not to what is shortest.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace ws::conformance::explorer {

using Engine = std::mt19937_64;

/// A number below `limit`, the same from the same engine in every standard library. Requires:
/// `limit` > 0.
inline std::uint64_t below(Engine& engine, std::uint64_t limit) { return engine() % limit; }

/// True in `percent` of a hundred cases.
inline bool chance(Engine& engine, unsigned percent) { return below(engine, 100) < percent; }

class Deflater {
 public:
  struct Settings {
    int window_bits = 15;
    bool keeps_context = true;  ///< messages may refer to those before
    bool has_final_blocks = false;
  };

  explicit Deflater(Settings settings) : settings_(settings) {}

  /// The payload of a message that is inflated to `message`.
  std::string deflate(std::string_view message, Engine& engine);

 private:
  Settings settings_;
  std::string history_;
};

}  // namespace ws::conformance::explorer
