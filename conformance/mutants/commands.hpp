// Text messages that ask the endpoint to do something (conformance/CONTROL.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ws::conformance::mutants {

struct Command {
  enum class Kind { close, ping, pong, text, binary, fragments, end, connect };
  Kind kind = Kind::close;
  std::optional<unsigned> code{};  ///< of a Close
  std::size_t size = 0;            ///< of each fragment, bytes
  int count = 0;                   ///< of connections
  std::string data{};              ///< payload or reason
};

/// Nothing if `message` is to be echoed like any other.
std::optional<Command> parse_command(std::string_view message);

}  // namespace ws::conformance::mutants
