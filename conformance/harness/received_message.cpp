#include "conformance/harness/received_message.hpp"

#include <algorithm>
#include <utility>

namespace ws::conformance {

void ReceivedMessage::begin(const Payload* expected) {
  expected_ = expected;
  size_ = 0;
  text_.clear();
}

void ReceivedMessage::append(std::string_view piece) {
  if (expected_ != nullptr && !continues_expected(piece)) stop_comparing();
  if (expected_ == nullptr) text_ += piece;
  size_ += piece.size();
}

bool ReceivedMessage::continues_expected(std::string_view piece) const {
  if (piece.size() > expected_->length - size_) return false;
  if (piece.empty()) return true;
  const std::string_view pattern = expected_->pattern;
  const auto offset = static_cast<std::size_t>(size_ % pattern.size());
  // One period, which begins inside the pattern; what follows repeats it.
  const auto first = piece.substr(0, pattern.size() - offset);
  if (!pattern.substr(offset).starts_with(first)) return false;
  const auto second = piece.substr(first.size(), offset);
  if (!pattern.starts_with(second)) return false;
  if (piece.size() <= pattern.size()) return true;
  return piece.substr(pattern.size()) == piece.substr(0, piece.size() - pattern.size());
}

void ReceivedMessage::stop_comparing() {
  const Payload* expected = std::exchange(expected_, nullptr);
  if (expected == nullptr || size_ == 0) return;
  text_ = slice(*expected, 0, size_).pattern;
}

const std::string& ReceivedMessage::text() {
  stop_comparing();
  return text_;
}

Payload ReceivedMessage::payload() {
  if (is_expected()) return *expected_;
  return {text(), size_};
}

}  // namespace ws::conformance
