// Compressed messages block by block, code by code (RFC 1951): what no compressor makes, and every
// inflater has to understand, or to refuse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ws::conformance {

/// A literal, or a match.
struct DeflateToken {
  unsigned literal = 0;  ///< a byte
  unsigned length = 0;   ///< bytes, 3 to 258; 0: it is a literal
  unsigned distance = 0;
};

/// What a length or distance code stands for: `first` and what its extra bits add (section 3.2.5).
struct CodeRange {
  unsigned first = 0;
  unsigned extra_bits = 0;
};

/// Of the 30 distance codes.
const std::vector<CodeRange>& distance_ranges();

std::vector<DeflateToken> literals(std::string_view bytes);

/// What inflating the tokens brings.
std::string say(const std::vector<DeflateToken>& tokens);

/// A block with codes of its own (section 3.2.7). A symbol's code follows from the lengths.
struct DynamicBlock {
  std::vector<unsigned> literal_lengths{};   ///< 257 to 286 of them, bits
  std::vector<unsigned> distance_lengths{};  ///< 1 to 30 of them
  std::vector<DeflateToken> tokens{};
  bool repeats = false;  ///< lengths that repeat are written so, across both lists too
};

class DeflateWriter {
 public:
  /// The lowest bit first.
  void put_bits(unsigned value, unsigned count);
  /// A Huffman code, the highest bit first.
  void put_code(unsigned code, unsigned length);

  void put_stored(std::string_view bytes);
  void put_fixed(const std::vector<DeflateToken>& tokens);
  void put_dynamic(const DynamicBlock& block);

  /// The header of a dynamic block, and the code for code lengths that `put_length` uses.
  void begin_dynamic(unsigned literal_count, unsigned distance_count);
  /// A code length, or 16 to 18 with how often something is repeated beyond the least number.
  void put_length(unsigned symbol, unsigned more = 0);

  /// The message so far, ended by an empty block without its last four bytes.
  std::string take_message();

 private:
  void put_lengths(const std::vector<unsigned>& lengths);
  void put_tokens(const std::vector<DeflateToken>& tokens, const std::vector<unsigned>& literal,
                  const std::vector<unsigned>& distance);

  std::string bytes_;
  unsigned used_ = 0;  // bits of the last byte; 0: all of them
};

/// A message of one stored block.
std::string stored(std::string_view bytes);

/// Lengths of a complete code in which each symbol of `symbols` but the last two has a bit more
/// than the one before; the others of `count` have none. Requires: 2 to 16 symbols.
std::vector<unsigned> staircase(unsigned count, const std::vector<unsigned>& symbols);

}  // namespace ws::conformance
