// What a WebSocket throws where a browser's throws a DOMException (WHATWG Web IDL section 2.8).
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace ws {

enum class DomErrorName { syntax_error, invalid_access_error, invalid_state_error };

class DomException : public std::logic_error {
 public:
  DomException(DomErrorName name, const std::string& text) : std::logic_error(text), name_(name) {}

  DomErrorName name() const { return name_; }

 private:
  DomErrorName name_;
};

}  // namespace ws
