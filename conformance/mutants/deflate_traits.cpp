#include "conformance/mutants/deflate_traits.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace ws::conformance::mutants {
namespace {

constexpr unsigned kEndOfBlock = 256;
constexpr int kNone = -1;

/// Extra bits and the first value of each code (section 3.2.5).
struct Range {
  int extra_bits;
  int first;
};

std::vector<Range> make_lengths() {
  std::vector<Range> ranges;
  int first = 3;
  for (int code = 257; code < 285; ++code) {
    const int extra_bits = code < 265 ? 0 : (code - 261) / 4;
    ranges.push_back({extra_bits, first});
    first += 1 << extra_bits;
  }
  ranges.push_back({0, 258});
  return ranges;
}

std::vector<Range> make_distances() {
  std::vector<Range> ranges;
  int first = 1;
  for (int code = 0; code < 30; ++code) {
    const int extra_bits = code < 4 ? 0 : (code - 2) / 2;
    ranges.push_back({extra_bits, first});
    first += 1 << extra_bits;
  }
  return ranges;
}

/// From a code's length and bits to its symbol (section 3.2.2).
using Code = std::map<std::pair<int, int>, int>;

Code make_code(std::span<const int> lengths) {
  Code code;
  int next = 0;
  for (int length = 1; length <= 15; ++length) {
    next *= 2;
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] == length) code[{length, next++}] = static_cast<int>(symbol);
    }
  }
  return code;
}

class Scanner {
 public:
  explicit Scanner(std::string_view message) : message_(message) {}

  DeflateTraits scan() {
    bool goes_on = true;
    while (goes_on) goes_on = scan_block();
    return traits_;
  }

 private:
  /// `count` bits, the lowest first; `kNone` behind the end.
  int take_bits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (position_ / 8 >= message_.size()) return kNone;
      const auto byte = static_cast<unsigned char>(message_[position_ / 8]);
      value |= (byte >> position_ % 8 & 1) << i;
      ++position_;
    }
    return value;
  }

  int take_symbol(const Code& code) {
    int bits = 0;
    for (int length = 1; length <= 15; ++length) {
      const int bit = take_bits(1);
      if (bit == kNone) return kNone;
      bits = bits * 2 + bit;
      const auto found = code.find({length, bits});
      if (found == code.end()) continue;
      traits_.longest_code = std::max(traits_.longest_code, length);
      return found->second;
    }
    return kNone;
  }

  bool scan_block() {
    const int is_final = take_bits(1);
    const int type = take_bits(2);
    if (is_final == kNone || type == kNone || type == 3) return false;
    if (type == 0) {
      if (!skip_stored()) return false;
    } else {
      Code literals;
      Code distances;
      if (type == 1) {
        std::array<int, 288> lengths{};
        for (std::size_t i = 0; i < 288; ++i)
          lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
        literals = make_code(lengths);
        distances = make_code(std::array<int, 32>{5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
                                                  5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5});
      } else if (!take_codes(literals, distances)) {
        return false;
      }
      if (!scan_symbols(literals, distances)) return false;
    }
    if (is_final != 0) position_ = (position_ + 7) / 8 * 8;
    return true;
  }

  bool skip_stored() {
    position_ = (position_ + 7) / 8 * 8;
    const int length = take_bits(16);
    if (length == kNone || take_bits(16) == kNone) return false;
    position_ += static_cast<std::size_t>(length) * 8;
    said_ += static_cast<std::size_t>(length);
    return true;
  }

  /// The codes of a dynamic block (section 3.2.7).
  bool take_codes(Code& literals, Code& distances) {
    const int literal_count = take_bits(5) + 257;
    const int distance_count = take_bits(5) + 1;
    const int length_count = take_bits(4) + 4;
    constexpr std::array<std::size_t, 19> kOrder{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                 11, 4,  12, 3, 13, 2, 14, 1, 15};
    std::array<int, 19> lengths_of_lengths{};
    for (int i = 0; i < length_count; ++i) {
      const int length = take_bits(3);
      if (length == kNone) return false;
      lengths_of_lengths[kOrder[static_cast<std::size_t>(i)]] = length;
    }
    const Code code = make_code(lengths_of_lengths);
    const auto border = static_cast<std::size_t>(literal_count);
    const std::size_t total = border + static_cast<std::size_t>(distance_count);
    std::vector<int> lengths;
    while (lengths.size() < total) {
      const int symbol = take_symbol(code);
      if (symbol == kNone) return false;
      if (symbol < 16) {
        lengths.push_back(symbol);
        continue;
      }
      if (symbol == 16 && lengths.empty()) return false;
      const int extra = take_bits(symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
      if (extra == kNone) return false;
      const std::size_t before = lengths.size();
      const int count = extra + (symbol == 18 ? 11 : 3);
      lengths.insert(lengths.end(), static_cast<std::size_t>(count),
                     symbol == 16 ? lengths.back() : 0);
      if (before < border && lengths.size() > border) traits_.repeats_across = true;
    }
    if (lengths.size() > total) return false;
    literals = make_code(std::span(lengths).first(border));
    distances = make_code(std::span(lengths).subspan(border));
    if (distances.empty()) traits_.has_no_distance = true;
    if (distances.size() == 1) traits_.has_one_distance = true;
    return true;
  }

  bool scan_symbols(const Code& literals, const Code& distances) {
    static const std::vector<Range> kLengths = make_lengths();
    static const std::vector<Range> kDistances = make_distances();
    while (true) {
      const int symbol = take_symbol(literals);
      if (symbol == kNone) return false;
      if (symbol < static_cast<int>(kEndOfBlock)) {
        ++said_;
        continue;
      }
      if (symbol == static_cast<int>(kEndOfBlock)) return true;
      if (symbol > 285) return false;
      const Range& range = kLengths[static_cast<std::size_t>(symbol - 257)];
      const int more = take_bits(range.extra_bits);
      if (more == kNone) return false;
      const int length = range.first + more;
      const int code = take_symbol(distances);
      if (code == kNone || code > 29) return false;
      const Range& far = kDistances[static_cast<std::size_t>(code)];
      const int further = take_bits(far.extra_bits);
      if (further == kNone) return false;
      const int distance = far.first + further;
      traits_.farthest = std::max(traits_.farthest, static_cast<std::size_t>(distance));
      traits_.matches.push_back({.position = said_,
                                 .length = static_cast<std::size_t>(length),
                                 .distance = static_cast<std::size_t>(distance)});
      said_ += static_cast<std::size_t>(length);
      if (distance >= 3 && distance <= 7 && length > distance) traits_.overlaps_in_words = true;
    }
  }

  std::string_view message_;
  std::size_t position_ = 0;  // bits
  std::size_t said_ = 0;      // bytes that came out so far
  DeflateTraits traits_;
};

}  // namespace

DeflateTraits find_traits(std::string_view message) { return Scanner(message).scan(); }

}  // namespace ws::conformance::mutants
