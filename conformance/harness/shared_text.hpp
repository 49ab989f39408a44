// Texts that are said once and stand in many places.
#pragma once

#include <compare>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace ws::conformance {

/// Bytes that never change; copies are the same bytes in memory. The catalogue is kept for as long
/// as the program runs, and says most of what it says more than once.
class SharedText {
 public:
  SharedText() = default;
  // Implicit, as those of std::string are: a case gives its words as they stand.
  SharedText(std::string text)  // NOLINT(google-explicit-constructor)
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}
  SharedText(std::string_view text)  // NOLINT(google-explicit-constructor)
      : SharedText(std::string(text)) {}
  SharedText(const char* text)  // NOLINT(google-explicit-constructor)
      : SharedText(std::string(text)) {}

  const std::string& str() const {
    static const std::string kNone;
    return text_ ? *text_ : kNone;
  }
  operator const std::string&() const { return str(); }  // NOLINT(google-explicit-constructor)
  operator std::string_view() const { return str(); }    // NOLINT(google-explicit-constructor)

  bool empty() const { return text_ == nullptr; }
  std::size_t size() const { return str().size(); }

  friend bool operator==(const SharedText& left, const SharedText& right) {
    return left.text_ == right.text_ || left.str() == right.str();
  }

 private:
  std::shared_ptr<const std::string> text_{};
};

/// Makes equal texts the same.
class TextPool {
 public:
  void share(SharedText& text) {
    if (!text.empty()) text = pool_.try_emplace(text.str(), text).first->second;
  }

 private:
  std::unordered_map<std::string_view, SharedText> pool_{};  // the keys are in the values
};

}  // namespace ws::conformance
