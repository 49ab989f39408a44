#include "conformance/harness/payload.hpp"

#include <algorithm>
#include <cassert>
#include <span>

#include "conformance/harness/bytes.hpp"

namespace ws::conformance {
namespace {

bool is_printable(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c >= ' ' && c <= '~'; });
}

/// Appends `length` bytes of `payload` from `offset` on.
void append(const Payload& payload, std::uint64_t offset, std::uint64_t length,
            std::string& bytes) {
  if (length == 0) return;
  const std::string_view pattern = payload.pattern;
  const std::size_t begin = bytes.size();
  const std::size_t end = begin + static_cast<std::size_t>(length);
  bytes.reserve(end);
  bytes += pattern.substr(static_cast<std::size_t>(offset % pattern.size())).substr(0, end - begin);
  bytes += pattern.substr(0, end - bytes.size());
  // All periods that are there at once, so short ones take few steps.
  while (bytes.size() < end) {
    const std::size_t done = bytes.size() - begin;
    const std::size_t periods = done - done % pattern.size();
    bytes.append(bytes, bytes.size() - periods, std::min(periods, end - bytes.size()));
  }
}

std::string first_bytes(const Payload& payload, std::uint64_t limit) {
  std::string bytes;
  append(payload, 0, std::min(payload.length, limit), bytes);
  return bytes;
}

}  // namespace

bool operator==(const Payload& left, const Payload& right) {
  if (left.length != right.length) return false;
  // A description written out needs no expanding.
  if (right.pattern.size() == right.length) return equals(left, right.pattern);
  if (left.pattern.size() == left.length) return equals(right, left.pattern);
  return left.pattern == right.pattern || expand(left) == expand(right);
}

Payload text(std::string_view text) { return {text, text.size()}; }

Payload hex(std::string_view digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string bytes;
  int high = -1;
  for (const char digit : digits) {
    if (digit == ' ') continue;
    const auto value = kDigits.find(digit);
    assert(value != std::string_view::npos);
    if (high < 0) {
      high = static_cast<int>(value);
    } else {
      bytes += static_cast<char>(high * 16 + static_cast<int>(value));
      high = -1;
    }
  }
  assert(high < 0);
  return text(bytes);
}

Payload repeat(std::string_view pattern, std::uint64_t length) { return {pattern, length}; }

Payload join(const std::vector<Payload>& parts) {
  std::string bytes;
  for (const Payload& part : parts) append(part, 0, part.length, bytes);
  return text(bytes);
}

Payload slice(const Payload& payload, std::uint64_t offset, std::uint64_t length) {
  assert(offset + length <= payload.length);
  std::string bytes;
  append(payload, offset, length, bytes);
  return text(bytes);
}

std::vector<std::byte> expand(const Payload& payload) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(payload.length));
  const auto pattern = std::as_bytes(std::span(payload.pattern.str()));
  for (std::size_t i = 0; i < bytes.size(); i += pattern.size()) {
    const auto piece = pattern.first(std::min(pattern.size(), bytes.size() - i));
    std::ranges::copy(piece, bytes.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return bytes;
}

bool equals(const Payload& payload, std::string_view bytes) {
  if (bytes.size() != payload.length) return false;
  while (!bytes.empty()) {
    const auto piece = std::string_view(payload.pattern).substr(0, bytes.size());
    if (!bytes.starts_with(piece)) return false;
    bytes.remove_prefix(piece.size());
  }
  return true;
}

std::string describe(const Payload& payload) {
  constexpr std::uint64_t kShown = 60;
  const std::string shown = first_bytes(payload, kShown);
  std::string described = is_printable(shown) ? '"' + shown + '"' : "0x" + to_hex(shown);
  if (payload.length > kShown) described += " .. (" + std::to_string(payload.length) + " bytes)";
  return described;
}

std::string escape_bytes(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (is_printable({&c, 1})) {
      escaped += c;
    } else {
      escaped += "\\x" + to_hex({&c, 1});
    }
  }
  return escaped;
}

}  // namespace ws::conformance
