// Comparison of names in any letter case, eight bytes at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ws {

/// A name of letters and hyphens that is known beforehand, such as that of a field.
template <std::size_t kSize>
class KnownName {
  static_assert(kSize >= 4);

 public:
  /// From a literal in any letter case.
  explicit consteval KnownName(const char (&name)[kSize + 1]) {
    for (std::size_t i = 0; i < kSize; ++i) {
      const bool is_letter = name[i] != '-';
      case_bits_[i] = is_letter ? '\x20' : '\0';
      lower_[i] = static_cast<char>(name[i] | case_bits_[i]);
    }
  }

  /// True if `text` is the name, in any letter case.
  bool matches(std::string_view text) const {
    return text.size() == kSize &&
           (kSize < 8 ? matches_in<std::uint32_t>(text) : matches_in<std::uint64_t>(text));
  }

 private:
  template <typename Word>
  bool matches_in(std::string_view text) const {
    Word difference = 0;
    std::size_t i = 0;
    for (; i + sizeof(Word) <= kSize; i += sizeof(Word)) difference |= difference_at<Word>(text, i);
    if (i < kSize) difference |= difference_at<Word>(text, kSize - sizeof(Word));
    return difference == 0;
  }

  template <typename Word>
  Word difference_at(std::string_view text, std::size_t i) const {
    const auto load = [i](const auto& from) {
      Word word{};
      std::memcpy(&word, from.data() + i, sizeof word);
      return word;
    };
    return (load(text) | load(case_bits_)) ^ load(lower_);
  }

  // With room for a word, so that none is read beyond them.
  std::array < char, kSize<8 ? 8 : kSize> lower_{};
  std::array < char, kSize<8 ? 8 : kSize> case_bits_{};  // the bit of lower case where there is one
};

template <std::size_t kSizeWithZero>
KnownName(const char (&)[kSizeWithZero]) -> KnownName<kSizeWithZero - 1>;

}  // namespace ws
