#include "conformance/oracle/inflater.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace ws::oracle {
namespace {

// How the decoder below is left in the middle of its work; they do not leave this file.
struct BitsMissing {};
struct BadData {};
struct TooBig {};

/// The bits of a payload, and of the octets behind it if they count too.
class BitReader {
 public:
  BitReader(std::span<const std::byte> bytes, std::span<const std::byte> tail)
      : bytes_(bytes), tail_(tail) {}

  unsigned take_bit() { return take_bits(1); }
  /// The number whose bits come least significant first (RFC 1951 section 3.1.1), 16 at the most.
  unsigned take_bits(unsigned count) {
    if (count > remaining()) throw BitsMissing{};
    const auto value = static_cast<unsigned>(peek() % (std::uint64_t{1} << count));
    position_ += count;
    return value;
  }
  void skip_bits(unsigned count) {
    if (count > remaining()) throw BitsMissing{};
    position_ += count;
  }
  /// Returns: whether every bit on the way is 0.
  bool skip_to_byte_boundary() { return take_bits((8 - position_ % 8) % 8) == 0; }
  /// From a byte boundary, as many bytes of the payload as are there, `limit` at the most.
  std::span<const std::byte> take_bytes(std::size_t limit) {
    const std::size_t begin = std::min(position_ / 8, bytes_.size());
    const auto taken = bytes_.subspan(begin, std::min(limit, bytes_.size() - begin));
    position_ += 8 * taken.size();
    return taken;
  }
  /// The next bits, the first of them lowest: at least 57, with zeros for what is missing.
  std::uint64_t peek() const {
    std::uint64_t bits = 0;
    const std::size_t begin = position_ / 8;
    if (begin + sizeof bits <= bytes_.size()) {
      std::memcpy(&bits, bytes_.data() + begin, sizeof bits);
      if constexpr (std::endian::native == std::endian::big) bits = std::byteswap(bits);
    } else {
      for (unsigned i = 0; i < sizeof bits && begin + i < bytes_.size() + tail_.size(); ++i) {
        const std::size_t index = begin + i;
        const std::byte octet =
            index < bytes_.size() ? bytes_[index] : tail_[index - bytes_.size()];
        bits += std::to_integer<std::uint64_t>(octet) << 8 * i;
      }
    }
    return bits >> position_ % 8;
  }
  std::size_t remaining() const { return 8 * (bytes_.size() + tail_.size()) - position_; }
  /// True where the payload ends, and where the tail does.
  bool is_at_an_end() const { return position_ == 8 * bytes_.size() || remaining() == 0; }
  bool is_in_tail() const { return position_ > 8 * bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  std::span<const std::byte> tail_;
  std::size_t position_ = 0;  // bits
};

/// A canonical Huffman code, from the length of each symbol's code word (section 3.2.2).
class HuffmanCode {
 public:
  explicit HuffmanCode(std::span<const unsigned> lengths) {
    for (const unsigned length : lengths) {
      if (length != 0) ++counts_[length];
    }
    unsigned word = 0;
    for (unsigned length = 1; length <= kMaxLength; ++length) {
      word *= 2;
      first_words_[length] = word;
      first_places_[length] = word_count_;
      word += counts_[length];
      word_count_ += counts_[length];
      if (word > 1U << length) throw BadData{};  // more words than there is room for
    }
    is_complete_ = word == 1U << kMaxLength;

    auto next_places = first_places_;
    for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
      const unsigned length = lengths[symbol];
      if (length == 0) continue;
      const unsigned place = next_places[length]++;
      symbols_[place] = static_cast<std::uint16_t>(symbol);
      if (length <= kShortLength) {
        keep_short(first_words_[length] + place - first_places_[length], length, symbol);
      }
    }
  }
  /// True if every sequence of bits stands for something.
  bool is_complete() const { return is_complete_; }
  bool is_empty() const { return word_count_ == 0; }
  /// True for no word at all, or for one of a single bit: "If only one distance code is used, it is
  /// encoded using one bit" (section 3.2.7).
  bool has_one_bit_at_most() const { return word_count_ == counts_[1] && word_count_ <= 1; }
  unsigned take_symbol(BitReader& bits) const {
    const Short found = short_words_[bits.peek() % short_words_.size()];
    if (found.length != 0) {
      bits.skip_bits(found.length);
      return found.symbol;
    }
    unsigned word = 0;
    for (unsigned length = 1; length <= kMaxLength; ++length) {
      word = word * 2 + bits.take_bit();
      const unsigned index =
          word - first_words_[length];  // the words of one length are consecutive
      if (word >= first_words_[length] && index < counts_[length]) {
        return symbols_[first_places_[length] + index];
      }
      if (has_one_bit_at_most()) break;
    }
    throw BadData{};
  }

 private:
  static constexpr unsigned kMaxLength = 15;
  static constexpr unsigned kShortLength = 9;  // most words of most messages
  static constexpr std::size_t kMaxSymbols = 288;
  struct Short {
    std::uint16_t symbol = 0;
    std::uint16_t length = 0;  // 0: no word of kShortLength begins like this
  };

  /// Notes the word under whatever may follow it; a word's first bit comes first, unlike a
  /// number's.
  void keep_short(unsigned word, unsigned length, unsigned symbol) {
    std::size_t reversed = 0;
    for (unsigned i = 0; i < length; ++i) reversed = reversed * 2 + (word >> i & 1U);
    for (std::size_t i = reversed; i < short_words_.size(); i += std::size_t{1} << length) {
      short_words_[i] = {.symbol = static_cast<std::uint16_t>(symbol),
                         .length = static_cast<std::uint16_t>(length)};
    }
  }

  std::array<unsigned, kMaxLength + 1> counts_{};        // of the words of each length
  std::array<unsigned, kMaxLength + 1> first_words_{};   // of each length
  std::array<unsigned, kMaxLength + 1> first_places_{};  // in symbols_
  std::array<std::uint16_t, kMaxSymbols> symbols_{};     // in the order of their words
  std::array<Short, 1U << kShortLength> short_words_{};
  unsigned word_count_ = 0;
  bool is_complete_ = false;
};

struct Codes {
  HuffmanCode literals;
  HuffmanCode distances;
};

const Codes& fixed_codes() {  // section 3.2.6
  static const Codes codes = [] {
    std::vector<unsigned> literals(288);
    for (unsigned symbol = 0; symbol < literals.size(); ++symbol) {
      literals[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    }
    return Codes{HuffmanCode(literals), HuffmanCode(std::vector<unsigned>(32, 5))};
  }();
  return codes;
}

Codes take_dynamic_codes(BitReader& bits) {  // section 3.2.7
  const unsigned literal_count = 257 + bits.take_bits(5);
  const unsigned distance_count = 1 + bits.take_bits(5);
  const unsigned length_count = 4 + bits.take_bits(4);
  if (literal_count > 286 || distance_count > 30) throw BadData{};

  constexpr std::array kOrder{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  std::vector<unsigned> length_lengths(19);
  for (unsigned i = 0; i < length_count; ++i) {
    length_lengths[static_cast<std::size_t>(kOrder[i])] = bits.take_bits(3);
  }
  const HuffmanCode length_code(length_lengths);
  if (length_code.is_empty()) {
    // No length can be read. Where that shows is a matter of reading; zlib takes a bit for each.
    bits.skip_bits(literal_count + distance_count);
    throw BadData{};
  }
  if (!length_code.is_complete()) throw BadData{};

  std::vector<unsigned> lengths;
  const auto repeat = [&](unsigned length, unsigned count) {
    lengths.insert(lengths.end(), count, length);
    if (lengths.size() > literal_count + distance_count) throw BadData{};
  };
  while (lengths.size() < literal_count + distance_count) {
    const unsigned symbol = length_code.take_symbol(bits);
    if (symbol < 16) {
      repeat(symbol, 1);
    } else if (symbol == 16) {
      const unsigned count = 3 + bits.take_bits(2);
      if (lengths.empty()) throw BadData{};
      repeat(lengths.back(), count);
    } else if (symbol == 17) {
      repeat(0, 3 + bits.take_bits(3));
    } else {
      repeat(0, 11 + bits.take_bits(7));
    }
  }
  if (lengths[256] == 0) throw BadData{};  // nothing could end the block
  const auto all = std::span(lengths);
  Codes codes{HuffmanCode(all.first(literal_count)), HuffmanCode(all.subspan(literal_count))};
  for (const HuffmanCode* code : {&codes.literals, &codes.distances}) {
    if (!code->is_complete() && !code->has_one_bit_at_most()) throw BadData{};
  }
  return codes;
}

class MessageDecoder {
 public:
  MessageDecoder(BitReader bits, std::span<const std::byte> history, std::size_t window_size,
                 std::size_t max_size)
      : bits_(bits), history_(history), window_size_(window_size), max_size_(max_size) {}

  /// Decodes blocks to the end of the payload, and to that of the tail if a block goes on there.
  /// Throws BitsMissing unless they end with a block.
  void decode() {
    while (!bits_.is_at_an_end()) {
      const bool is_final = bits_.take_bit() == 1;
      take_block(bits_.take_bits(2));
      if (is_final && !bits_.skip_to_byte_boundary()) pads_with_ones_ = true;
    }
  }
  bool pads_with_ones() const { return pads_with_ones_; }
  bool takes_tail() const { return bits_.is_in_tail(); }
  std::vector<std::byte> take_output() { return std::move(output_); }

 private:
  void take_block(unsigned type) {  // section 3.2.3
    switch (type) {
      case 0:
        return take_stored_block();
      case 1:
        return take_compressed_block(fixed_codes());
      case 2:
        return take_compressed_block(take_dynamic_codes(bits_));
      default:
        throw BadData{};
    }
  }
  void take_stored_block() {  // section 3.2.4
    bits_.skip_to_byte_boundary();
    const unsigned length = bits_.take_bits(16);
    if (bits_.take_bits(16) != 0xffffU - length) throw BadData{};
    const auto taken = bits_.take_bytes(std::min<std::size_t>(length, max_size_ - output_.size()));
    output_.insert(output_.end(), taken.begin(), taken.end());
    for (std::size_t i = taken.size(); i < length; ++i) {
      put(static_cast<std::byte>(bits_.take_bits(8)));
    }
  }
  void take_compressed_block(const Codes& codes) {  // section 3.2.5
    while (true) {
      const unsigned symbol = codes.literals.take_symbol(bits_);
      if (symbol == 256) return;
      if (symbol < 256) {
        put(static_cast<std::byte>(symbol));
      } else {
        take_match(symbol, codes.distances);
      }
    }
  }
  void take_match(unsigned symbol, const HuffmanCode& distances) {
    constexpr std::array<unsigned, 29> kLengths{3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                67, 83, 99, 115, 131, 163, 195, 227, 258};
    constexpr std::array<unsigned, 29> kLengthBits{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                   2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    if (symbol - 257 >= kLengths.size()) throw BadData{};
    const unsigned length = kLengths[symbol - 257] + bits_.take_bits(kLengthBits[symbol - 257]);

    // Distance codes come in pairs that share a number of extra bits.
    const unsigned code = distances.take_symbol(bits_);
    if (code >= 30) throw BadData{};
    const unsigned extra = code < 4 ? 0 : code / 2 - 1;
    const unsigned first = code < 4 ? 1 + code : 1 + ((2 + code % 2) << extra);
    const std::size_t distance = first + bits_.take_bits(extra);
    if (distance > window_size_ || distance > history_.size() + output_.size()) throw BadData{};

    const std::size_t begin = output_.size();
    const std::size_t end = begin + std::min<std::size_t>(length, max_size_ - begin);
    output_.resize(end);
    for (std::size_t i = begin; i < end; ++i) {
      output_[i] =
          distance <= i ? output_[i - distance] : history_[history_.size() - (distance - i)];
    }
    if (end - begin < length) throw TooBig{};
  }
  void put(std::byte byte) {
    if (output_.size() == max_size_) throw TooBig{};
    output_.push_back(byte);
  }

  BitReader bits_;
  std::span<const std::byte> history_;
  std::size_t window_size_;
  std::size_t max_size_;
  std::vector<std::byte> output_;
  bool pads_with_ones_ = false;
};

Inflated decode(BitReader bits, std::span<const std::byte> history, std::size_t window_size,
                std::size_t max_size) {
  MessageDecoder decoder(bits, history, window_size, max_size);
  InflateEnd end = InflateEnd::complete;
  try {
    decoder.decode();
  } catch (const BitsMissing&) {
    end = InflateEnd::wants_more;
  } catch (const BadData&) {
    end = InflateEnd::bad_data;
  } catch (const TooBig&) {
    end = InflateEnd::too_big;
  }
  return {.output = decoder.take_output(),
          .end = end,
          .takes_tail = end == InflateEnd::complete && decoder.takes_tail(),
          .pads_with_ones = decoder.pads_with_ones()};
}

}  // namespace

Inflated Inflater::inflate_beginning(std::span<const std::byte> payload,
                                     std::size_t max_size) const {
  Inflated result =
      decode(BitReader(payload, {}), history_, std::size_t{1} << deflation_.window_bits, max_size);
  if (result.end == InflateEnd::complete) result.end = InflateEnd::wants_more;
  return result;
}

Inflated Inflater::inflate(std::span<const std::byte> payload, std::size_t max_size) {
  const std::size_t window_size = std::size_t{1} << deflation_.window_bits;
  // "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload" (section 7.2.2)
  constexpr std::array kTail{std::byte{0x00}, std::byte{0x00}, std::byte{0xff}, std::byte{0xff}};
  Inflated result = decode(BitReader(payload, kTail), history_, window_size, max_size);
  if (result.end == InflateEnd::wants_more) result.end = InflateEnd::bad_data;
  if (deflation_.no_context_takeover) {
    history_.clear();
  } else {
    history_.insert(history_.end(), result.output.begin(), result.output.end());
  }
  if (history_.size() > window_size) {
    history_.erase(history_.begin(), history_.end() - static_cast<std::ptrdiff_t>(window_size));
  }
  return result;
}

}  // namespace ws::oracle
