// Incremental UTF-8 validation (RFC 6455 section 8.1, RFC 3629).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "impl/wire/kernels/short_runs.hpp"
#include "impl/wire/kernels/utf8_kernel.hpp"

namespace ws {

/// Checks a text that arrives in pieces, and fails at the first byte that no valid text can have
/// there, not at the end of a sequence or message.
class Utf8Validator {
 public:
  /// Takes the next piece of the text.
  ///
  /// Returns: false from the first impossible byte on, also for later pieces.
  bool feed(std::span<const std::byte> piece);

  /// True if the text so far is valid and does not end inside a sequence.
  bool is_complete() const { return state_ == 0; }

  /// Bytes taken before the first impossible one.
  std::uint64_t accepted_bytes() const { return accepted_; }

  /// Starts over with a new text.
  void reset() { *this = {}; }

 private:
  std::uint8_t state_ = 0;  // of the automaton in utf8.cpp; 0: between two code points
  std::uint64_t accepted_ = 0;
};

/// True if `text` as a whole is valid UTF-8.
bool is_valid_utf8(std::span<const std::byte> text);

namespace detail {
bool is_valid_utf8_by_automaton(std::span<const std::byte> text);
}

// Here, so that short texts in ASCII, which most are, are known without a call, and others with
// one.
inline bool is_valid_utf8(std::span<const std::byte> text) {
  if (kernels::is_short_ascii(text.data(), text.size())) return true;
  const std::size_t known = kernels::chosen_count_valid_utf8(text.data(), text.size());
  return known == text.size() || detail::is_valid_utf8_by_automaton(text.subspan(known));
}

}  // namespace ws
