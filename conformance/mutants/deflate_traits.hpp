// What a compressed message makes use of (RFC 1951): things that zlib never sends, or seldom, and
// that inflaters written at home get wrong.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace ws::conformance::mutants {

struct DeflateTraits {
  struct Match {
    std::size_t position = 0;  ///< in the message, bytes
    std::size_t length = 0;
    std::size_t distance = 0;
  };
  std::vector<Match> matches{};
  std::size_t farthest = 0;        ///< distance of a match, bytes
  int longest_code = 0;            ///< of a Huffman code, bits
  bool has_one_distance = false;   ///< a dynamic block with one distance code
  bool has_no_distance = false;    ///< a dynamic block with none
  bool repeats_across = false;     ///< code lengths run from the literals into the distances
  bool overlaps_in_words = false;  ///< a match of more bytes than its distance, which is 3 to 7
};

/// Of the blocks of `message`, without the tail that its sender left out; of those before the first
/// that makes no sense.
DeflateTraits find_traits(std::string_view message);

}  // namespace ws::conformance::mutants
