#include "conformance/explorer/deflater.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace ws::conformance::explorer {
namespace {

// RFC 1951 section 3.2.5.
constexpr std::array<unsigned, 29> kLengthBase{3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                               15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                               67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<unsigned, 29> kLengthBits{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                               2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<unsigned, 30> kDistanceBase{
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr std::array<unsigned, 30> kDistanceBits{0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                                 4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                                 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};
constexpr unsigned kEndOfBlock = 256;
constexpr unsigned kMaxMatch = 258;
constexpr unsigned kMinMatch = 3;

class BitWriter {
 public:
  void put(unsigned bits, unsigned count) {
    for (unsigned i = 0; i < count; ++i) put_bit((bits >> i) & 1U);
  }

  /// A Huffman code, "packed starting with the most-significant bit" (section 3.1.1).
  void put_code(unsigned code, unsigned length) {
    for (unsigned i = length; i > 0; --i) put_bit((code >> (i - 1)) & 1U);
  }

  void align() { used_ = 0; }

  void put_bytes(std::string_view bytes) {
    align();
    bytes_ += bytes;
  }

  std::string take() { return std::move(bytes_); }

 private:
  void put_bit(unsigned bit) {
    if (used_ == 0) bytes_ += '\0';
    const unsigned byte = static_cast<unsigned char>(bytes_.back()) | (bit << used_);
    bytes_.back() = static_cast<char>(byte);
    used_ = (used_ + 1) % 8;
  }

  std::string bytes_;
  unsigned used_ = 0;  // bits of the last byte; 0: all, or there is none
};

/// A byte, or a match.
struct Token {
  unsigned literal = 0;
  unsigned length = 0;  // 0: a literal
  unsigned distance = 0;
};

struct Code {
  std::vector<unsigned> lengths{};  // for each symbol; 0: it has none
  std::vector<unsigned> codes{};
};

/// The codes that follow from lengths (section 3.2.2).
Code make_code(std::vector<unsigned> lengths) {
  Code code{.lengths = std::move(lengths)};
  code.codes.resize(code.lengths.size());
  unsigned next = 0;
  for (unsigned length = 1; length <= 15; ++length) {
    next <<= 1U;
    for (std::size_t symbol = 0; symbol < code.lengths.size(); ++symbol) {
      if (code.lengths[symbol] == length) code.codes[symbol] = next++;
    }
  }
  return code;
}

/// A complete code of chance for the symbols that are used, at least two of them.
Code random_code(const std::vector<bool>& used, unsigned longest, Engine& engine) {
  std::vector<std::size_t> symbols;
  for (std::size_t symbol = 0; symbol < used.size(); ++symbol) {
    if (used[symbol]) symbols.push_back(symbol);
  }
  for (std::size_t other = 0; symbols.size() < 2; ++other) {
    if (std::ranges::find(symbols, other) == symbols.end()) symbols.push_back(other);
  }
  std::vector<unsigned> leaves{0};
  const bool lopsided = chance(engine, 30);
  while (leaves.size() < symbols.size()) {
    std::size_t leaf = lopsided ? leaves.size() - 1 : below(engine, leaves.size());
    // The shallowest can always be split: there are less symbols than 2 to the power of `longest`.
    if (leaves[leaf] >= longest || chance(engine, 50)) {
      leaf = static_cast<std::size_t>(std::ranges::min_element(leaves) - leaves.begin());
    }
    leaves.push_back(++leaves[leaf]);
  }
  for (std::size_t i = leaves.size() - 1; i > 0; --i) {
    std::swap(leaves[i], leaves[below(engine, i + 1)]);
  }
  std::vector<unsigned> lengths(used.size());
  for (std::size_t i = 0; i < symbols.size(); ++i) lengths[symbols[i]] = leaves[i];
  return make_code(std::move(lengths));
}

Code fixed_literals() {
  std::vector<unsigned> lengths(288, 8);
  std::fill(lengths.begin() + 144, lengths.begin() + 256, 9);
  std::fill(lengths.begin() + 256, lengths.begin() + 280, 7);
  return make_code(std::move(lengths));
}

template <std::size_t Size>
std::size_t find_base(const std::array<unsigned, Size>& bases, unsigned value) {
  return static_cast<std::size_t>(std::ranges::upper_bound(bases, value) - bases.begin()) - 1;
}

class Writer {
 public:
  explicit Writer(Engine& engine) : engine_(engine) {}

  void put_header(bool is_final, unsigned type) {
    bits_.put(is_final ? 1 : 0, 1);
    bits_.put(type, 2);
  }

  void put_stored(std::string_view bytes, bool is_final) {
    put_header(is_final, 0);
    bits_.align();
    const auto size = static_cast<unsigned>(bytes.size());
    bits_.put(size, 16);
    bits_.put(~size & 0xffffU, 16);
    bits_.put_bytes(bytes);
  }

  void put_fixed(const std::vector<Token>& tokens, bool is_final) {
    put_header(is_final, 1);
    static const Code kLiterals = fixed_literals();
    static const Code kDistances = make_code(std::vector<unsigned>(32, 5));
    put_tokens(tokens, kLiterals, kDistances);
  }

  void put_dynamic(const std::vector<Token>& tokens, bool is_final) {
    put_header(is_final, 2);
    std::vector<bool> used_literals(286);
    std::vector<bool> used_distances(30);
    used_literals[kEndOfBlock] = true;
    for (const Token& token : tokens) {
      if (token.length == 0) {
        used_literals[token.literal] = true;
      } else {
        used_literals[257 + find_base(kLengthBase, token.length)] = true;
        used_distances[find_base(kDistanceBase, token.distance)] = true;
      }
    }
    Code literals = random_code(used_literals, 15, engine_);
    const bool has_distances = std::ranges::find(used_distances, true) != used_distances.end();
    // "One distance code of zero bits means that there are no distance codes used at all" (3.2.7)
    Code distances = has_distances || chance(engine_, 50) ? random_code(used_distances, 15, engine_)
                                                          : make_code({0});
    trim(literals.lengths, 257);
    trim(distances.lengths, 1);
    put_lengths(literals.lengths, distances.lengths);
    put_tokens(tokens, literals, distances);
  }

  BitWriter& bits() { return bits_; }

 private:
  struct RunLength {
    unsigned symbol = 0;
    unsigned extra = 0;
    unsigned bits = 0;
  };

  static void trim(std::vector<unsigned>& lengths, std::size_t least) {
    while (lengths.size() > least && lengths.back() == 0) lengths.pop_back();
  }

  /// Code lengths, some of them as repetitions (section 3.2.7).
  std::vector<RunLength> shorten(const std::vector<unsigned>& lengths) {
    std::vector<RunLength> runs;
    const bool repeats = chance(engine_, 80);
    for (std::size_t i = 0; i < lengths.size();) {
      std::size_t run = 1;
      while (i + run < lengths.size() && lengths[i + run] == lengths[i]) ++run;
      if (repeats && lengths[i] == 0 && run >= 3) {
        const auto count = static_cast<unsigned>(std::min<std::size_t>(run, 138));
        runs.push_back(count < 11 ? RunLength{17, count - 3, 3} : RunLength{18, count - 11, 7});
        i += count;
      } else if (repeats && i > 0 && lengths[i] == lengths[i - 1] && run >= 3) {
        const auto count = static_cast<unsigned>(std::min<std::size_t>(run, 6));
        runs.push_back({16, count - 3, 2});
        i += count;
      } else {
        runs.push_back({lengths[i], 0, 0});
        ++i;
      }
    }
    return runs;
  }

  void put_lengths(const std::vector<unsigned>& literals, const std::vector<unsigned>& distances) {
    constexpr std::array<std::size_t, 19> kOrder{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                 11, 4,  12, 3, 13, 2, 14, 1, 15};
    std::vector<unsigned> all = literals;
    all.insert(all.end(), distances.begin(), distances.end());
    const std::vector<RunLength> runs = shorten(all);
    std::vector<bool> used(19);
    for (const RunLength& run : runs) used[run.symbol] = true;
    const Code code = random_code(used, 7, engine_);
    std::size_t count = 19;
    while (count > 4 && code.lengths[kOrder[count - 1]] == 0) --count;
    bits_.put(static_cast<unsigned>(literals.size() - 257), 5);
    bits_.put(static_cast<unsigned>(distances.size() - 1), 5);
    bits_.put(static_cast<unsigned>(count - 4), 4);
    for (std::size_t i = 0; i < count; ++i) bits_.put(code.lengths[kOrder[i]], 3);
    for (const RunLength& run : runs) {
      bits_.put_code(code.codes[run.symbol], code.lengths[run.symbol]);
      bits_.put(run.extra, run.bits);
    }
  }

  void put_tokens(const std::vector<Token>& tokens, const Code& literals, const Code& distances) {
    const auto put = [&](const Code& code, std::size_t symbol) {
      bits_.put_code(code.codes[symbol], code.lengths[symbol]);
    };
    for (const Token& token : tokens) {
      if (token.length == 0) {
        put(literals, token.literal);
        continue;
      }
      const std::size_t length = find_base(kLengthBase, token.length);
      put(literals, 257 + length);
      bits_.put(token.length - kLengthBase[length], kLengthBits[length]);
      const std::size_t distance = find_base(kDistanceBase, token.distance);
      put(distances, distance);
      bits_.put(token.distance - kDistanceBase[distance], kDistanceBits[distance]);
    }
    put(literals, kEndOfBlock);
  }

  Engine& engine_;
  BitWriter bits_;
};

/// Where the same three bytes stood before.
class Places {
 public:
  explicit Places(std::string_view stream) : stream_(stream), previous_(stream.size()) {}

  /// Learns of what stands at `at`, in order.
  void add(std::size_t at) {
    if (at + kMinMatch > stream_.size()) return;
    std::size_t& last = last_[hash_of(at)];
    previous_[at] = last;
    last = at + 1;
  }

  /// One of the places no more than `reach` bytes before `at`; nothing if there is none.
  std::optional<std::size_t> find(std::size_t at, std::size_t reach, Engine& engine) const {
    std::optional<std::size_t> found;
    std::size_t place = last_[hash_of(at)];
    for (std::uint64_t steps = below(engine, 16); place != 0 && at - (place - 1) <= reach;
         place = previous_[place - 1]) {
      if (stream_.substr(place - 1, kMinMatch) != stream_.substr(at, kMinMatch)) continue;
      found = place - 1;
      if (steps-- == 0) break;
    }
    return found;
  }

 private:
  std::size_t hash_of(std::size_t at) const {
    const auto octet = [&](std::size_t i) -> unsigned {
      return static_cast<unsigned char>(stream_[at + i]);
    };
    return (octet(0) * 33U * 33U + octet(1) * 33U + octet(2)) % last_.size();
  }

  std::string_view stream_;
  std::vector<std::size_t> previous_;  // one more than the index; 0: none
  std::vector<std::size_t> last_ = std::vector<std::size_t>(std::size_t{1} << 14U);
};

/// Splits `stream` from `begin` to `end` into literals and matches with what is before, no further
/// back than `window` bytes nor than `first`.
std::vector<Token> find_tokens(std::string_view stream, Places& places, std::size_t first,
                               std::size_t begin, std::size_t end, std::size_t window,
                               Engine& engine) {
  std::vector<Token> tokens;
  const unsigned likely = below(engine, 4) == 0 ? 0 : 80;
  for (std::size_t at = begin; at < end;) {
    Token token{.literal = static_cast<unsigned char>(stream[at])};
    const std::size_t reach = std::min(window, at - first);
    if (reach > 0 && end - at >= kMinMatch && chance(engine, likely)) {
      if (const auto found = places.find(at, reach, engine)) {
        const auto most = static_cast<unsigned>(std::min<std::size_t>(end - at, kMaxMatch));
        unsigned length = kMinMatch;
        while (length < most && stream[*found + length] == stream[at + length]) ++length;
        if (chance(engine, 20)) {
          length = kMinMatch + static_cast<unsigned>(below(engine, length - kMinMatch + 1));
        }
        token.length = length;
        token.distance = static_cast<unsigned>(at - *found);
      }
    }
    tokens.push_back(token);
    for (const std::size_t next = at + std::max(1U, token.length); at < next; ++at) places.add(at);
  }
  return tokens;
}

}  // namespace

std::string Deflater::deflate(std::string_view message, Engine& engine) {
  if (!settings_.keeps_context) history_.clear();
  const std::string stream = history_ + std::string(message);
  const std::size_t begin = history_.size();
  const std::size_t window = std::size_t{1} << static_cast<unsigned>(settings_.window_bits);
  // Behind a block with BFINAL few know the window any more, so nothing refers to it.
  std::size_t first = 0;
  Writer writer(engine);
  Places places(stream);
  for (std::size_t known = 0; known < begin; ++known) places.add(known);
  std::size_t at = begin;
  const std::size_t blocks = chance(engine, 60) ? 1 : 1 + below(engine, 4);
  for (std::size_t block = 0; block < blocks; ++block) {
    const bool is_last = block + 1 == blocks;
    const std::size_t left = stream.size() - at;
    const std::size_t size = is_last ? left : below(engine, left + 1);
    const bool is_final = settings_.has_final_blocks && chance(engine, 30);
    std::uint64_t kind = below(engine, 3);
    if (kind == 0 && size > 0xffff) kind = 1 + below(engine, 2);
    if (kind == 0) {
      writer.put_stored(std::string_view(stream).substr(at, size), is_final);
      for (std::size_t known = at; known < at + size; ++known) places.add(known);
    } else {
      const auto tokens = find_tokens(stream, places, first, at, at + size, window, engine);
      kind == 1 ? writer.put_fixed(tokens, is_final) : writer.put_dynamic(tokens, is_final);
    }
    at += size;
    if (is_final) {
      writer.bits().align();
      first = at;
    }
    if (chance(engine, 8)) writer.put_stored({}, false);
  }
  // An empty stored block, without the four octets behind its header (section 7.2.1).
  writer.put_header(false, 0);
  history_ = stream.substr(std::max(first, stream.size() - std::min(stream.size(), window)));
  return writer.bits().take();
}

}  // namespace ws::conformance::explorer
