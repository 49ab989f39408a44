// A message as it comes in: compared with the one expected, and kept only where it differs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/harness/payload.hpp"

namespace ws::conformance {

class ReceivedMessage {
 public:
  /// Starts a message. `expected` may be null, and has to outlive it otherwise.
  void begin(const Payload* expected);

  void append(std::string_view piece);

  /// Takes the whole of what was expected as received. Requires: nothing was, and it is not null.
  void append_expected() { size_ = expected_->length; }

  std::uint64_t size() const { return size_; }  ///< bytes

  /// Whether everything so far is what was expected to come first.
  bool follows_expected() const { return expected_ != nullptr; }

  /// Whether the whole of what was expected has come, and nothing else.
  bool is_expected() const { return expected_ != nullptr && size_ == expected_->length; }

  /// The bytes so far; copies them from what is expected where they are the same.
  const std::string& text();

  /// The message, described as what was expected if it is the same.
  Payload payload();

 private:
  bool continues_expected(std::string_view piece) const;
  void stop_comparing();

  const Payload* expected_ = nullptr;  // as long as nothing differs
  std::uint64_t size_ = 0;
  std::string text_;  // empty as long as nothing differs
};

}  // namespace ws::conformance
