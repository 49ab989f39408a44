#include "conformance/cases/deflate_writer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace ws::conformance {
namespace {

constexpr unsigned kEndOfBlock = 256;

/// Ranges that follow one another from `first`.
std::vector<CodeRange> ranges_from(unsigned first, const std::vector<unsigned>& extra_bits) {
  std::vector<CodeRange> ranges;
  for (const unsigned bits : extra_bits) {
    ranges.push_back({first, bits});
    first += 1U << bits;
  }
  return ranges;
}

/// `alone` codes without extra bits, then `together` codes for each number of them, from 1.
std::vector<unsigned> extra_bits(unsigned count, unsigned alone, unsigned together) {
  std::vector<unsigned> bits(count);
  for (unsigned code = alone; code < count; ++code) bits[code] = 1 + (code - alone) / together;
  return bits;
}

/// Of the codes from 257 on.
const std::vector<CodeRange>& length_ranges() {
  static const std::vector<CodeRange> kRanges = [] {
    auto ranges = ranges_from(3, extra_bits(28, 8, 4));
    ranges.push_back({258, 0});
    return ranges;
  }();
  return kRanges;
}

/// The last range that begins at `value` or before.
unsigned index_in(const std::vector<CodeRange>& ranges, unsigned value) {
  const auto behind = std::ranges::upper_bound(ranges, value, {}, &CodeRange::first);
  return static_cast<unsigned>(behind - ranges.begin() - 1);
}

/// The codes that follow from lengths (section 3.2.2).
std::vector<unsigned> codes_of(const std::vector<unsigned>& lengths) {
  constexpr unsigned kLongest = 15;
  std::array<unsigned, kLongest + 1> counts{};
  for (const unsigned length : lengths) ++counts.at(length);
  std::array<unsigned, kLongest + 1> next{};
  for (unsigned length = 2; length <= kLongest; ++length) {
    next[length] = 2 * (next[length - 1] + counts[length - 1]);
  }
  std::vector<unsigned> codes(lengths.size());
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    if (lengths[symbol] != 0) codes[symbol] = next[lengths[symbol]]++;
  }
  return codes;
}

std::vector<unsigned> fixed_literal_lengths() {
  std::vector<unsigned> lengths(288, 8);
  std::fill(lengths.begin() + 144, lengths.begin() + 256, 9);
  std::fill(lengths.begin() + 256, lengths.begin() + 280, 7);
  return lengths;
}

/// Four bits for the lengths up to 12, and five for the rest: a complete code.
std::vector<unsigned> lengths_of_lengths() {
  std::vector<unsigned> lengths(19, 4);
  std::fill(lengths.begin() + 13, lengths.end(), 5);
  return lengths;
}

}  // namespace

const std::vector<CodeRange>& distance_ranges() {
  static const std::vector<CodeRange> kRanges = ranges_from(1, extra_bits(30, 4, 2));
  return kRanges;
}

std::vector<DeflateToken> literals(std::string_view bytes) {
  std::vector<DeflateToken> tokens;
  for (const char c : bytes) tokens.push_back({.literal = static_cast<unsigned char>(c)});
  return tokens;
}

std::string say(const std::vector<DeflateToken>& tokens) {
  std::string said;
  for (const DeflateToken& token : tokens) {
    if (token.length == 0) said += static_cast<char>(token.literal);
    for (unsigned i = 0; i < token.length; ++i) said += said[said.size() - token.distance];
  }
  return said;
}

void DeflateWriter::put_bits(unsigned value, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    if (used_ == 0) bytes_ += '\0';
    const unsigned bit = (value >> i & 1U) << used_;
    bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | bit);
    used_ = (used_ + 1) % 8;
  }
}

void DeflateWriter::put_code(unsigned code, unsigned length) {
  for (unsigned i = length; i-- > 0;) put_bits(code >> i, 1);
}

void DeflateWriter::put_stored(std::string_view bytes) {
  put_bits(0, 3);
  used_ = 0;
  const auto length = static_cast<unsigned>(bytes.size());
  put_bits(length, 16);
  put_bits(~length, 16);
  bytes_ += bytes;
}

void DeflateWriter::put_fixed(const std::vector<DeflateToken>& tokens) {
  put_bits(2, 3);
  put_tokens(tokens, fixed_literal_lengths(), std::vector<unsigned>(32, 5));
}

void DeflateWriter::put_dynamic(const DynamicBlock& block) {
  begin_dynamic(static_cast<unsigned>(block.literal_lengths.size()),
                static_cast<unsigned>(block.distance_lengths.size()));
  std::vector<unsigned> lengths = block.literal_lengths;
  lengths.insert(lengths.end(), block.distance_lengths.begin(), block.distance_lengths.end());
  if (block.repeats) {
    put_lengths(lengths);
  } else {
    for (const unsigned length : lengths) put_length(length);
  }
  put_tokens(block.tokens, block.literal_lengths, block.distance_lengths);
}

void DeflateWriter::begin_dynamic(unsigned literal_count, unsigned distance_count) {
  constexpr std::array<std::size_t, 19> kOrder{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                               11, 4,  12, 3, 13, 2, 14, 1, 15};
  put_bits(4, 3);
  put_bits(literal_count - 257, 5);
  put_bits(distance_count - 1, 5);
  put_bits(19 - 4, 4);
  for (const std::size_t symbol : kOrder) put_bits(lengths_of_lengths()[symbol], 3);
}

void DeflateWriter::put_length(unsigned symbol, unsigned more) {
  static const std::vector<unsigned> kLengths = lengths_of_lengths();
  static const std::vector<unsigned> kCodes = codes_of(kLengths);
  put_code(kCodes[symbol], kLengths[symbol]);
  if (symbol > 15) put_bits(more, symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
}

void DeflateWriter::put_lengths(const std::vector<unsigned>& lengths) {
  for (std::size_t i = 0; i < lengths.size();) {
    std::size_t run = 1;
    while (i + run < lengths.size() && lengths[i + run] == lengths[i]) ++run;
    if (lengths[i] == 0 && run >= 3) {
      run = std::min<std::size_t>(run, 138);
      const unsigned least = run > 10 ? 11 : 3;
      put_length(run > 10 ? 18 : 17, static_cast<unsigned>(run) - least);
      i += run;
      continue;
    }
    put_length(lengths[i++]);
    if (run < 4) continue;
    run = std::min<std::size_t>(run - 1, 6);
    put_length(16, static_cast<unsigned>(run) - 3);
    i += run;
  }
}

void DeflateWriter::put_tokens(const std::vector<DeflateToken>& tokens,
                               const std::vector<unsigned>& literal,
                               const std::vector<unsigned>& distance) {
  const std::vector<CodeRange>& lengths = length_ranges();
  const std::vector<CodeRange>& distances = distance_ranges();
  const std::vector<unsigned> literal_codes = codes_of(literal);
  const std::vector<unsigned> distance_codes = codes_of(distance);
  const auto put_literal = [&](unsigned symbol) {
    put_code(literal_codes[symbol], literal[symbol]);
  };
  for (const DeflateToken& token : tokens) {
    if (token.length == 0) {
      put_literal(token.literal);
      continue;
    }
    const unsigned length = index_in(lengths, token.length);
    put_literal(257 + length);
    put_bits(token.length - lengths[length].first, lengths[length].extra_bits);
    const unsigned far = index_in(distances, token.distance);
    put_code(distance_codes[far], distance[far]);
    put_bits(token.distance - distances[far].first, distances[far].extra_bits);
  }
  put_literal(kEndOfBlock);
}

std::string DeflateWriter::take_message() {
  put_bits(0, 3);
  used_ = 0;
  return std::exchange(bytes_, {});
}

std::string stored(std::string_view bytes) {
  DeflateWriter writer;
  writer.put_stored(bytes);
  return writer.take_message();
}

std::vector<unsigned> staircase(unsigned count, const std::vector<unsigned>& symbols) {
  std::vector<unsigned> lengths(count);
  unsigned length = 1;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    lengths[symbols[i]] = length;
    if (i + 2 < symbols.size()) ++length;
  }
  return lengths;
}

}  // namespace ws::conformance
