// DEFLATE, bit by bit (RFC 1951), as messages use it (RFC 7692 section 7.2.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ws::oracle {

/// How one direction of a connection was compressed (RFC 7692 section 7.1).
struct Deflation {
  int window_bits = 15;  ///< 8 to 15; no match may reach further back than 2 to this power, bytes
  bool no_context_takeover = false;
};

enum class InflateEnd {
  complete,    ///< the message is whole
  wants_more,  ///< everything so far is right
  bad_data,    ///< no continuation can be decompressed
  too_big,     ///< one more byte would come out than allowed
};

struct Inflated {
  std::vector<std::byte> output{};  ///< all that came out before the end
  InflateEnd end = InflateEnd::complete;
  bool takes_tail = false;      ///< a block was open for the octets that the sender left out, as it
                                ///< has to be (RFC 7692 section 7.2.1); of whole messages
  bool pads_with_ones = false;  ///< between a block with BFINAL and the next byte, where every bit
                                ///< has to be 0 (section 7.2.1)
};

/// The messages of one direction. Blocks with BFINAL set are taken anywhere; the next block begins
/// on a byte boundary then.
class Inflater {
 public:
  explicit Inflater(Deflation deflation) : deflation_(deflation) {}

  /// Decompresses the whole payload of the next message, without the tail that the sender left out,
  /// and remembers it for the one after.
  Inflated inflate(std::span<const std::byte> payload, std::size_t max_size);

  /// Decompresses what has arrived of the next message, and remembers nothing.
  Inflated inflate_beginning(std::span<const std::byte> payload, std::size_t max_size) const;

 private:
  Deflation deflation_;
  std::vector<std::byte> history_;
};

}  // namespace ws::oracle
