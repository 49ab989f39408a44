#include "conformance/mutants/commands.hpp"

#include "conformance/mutants/text.hpp"

namespace ws::conformance::mutants {
namespace {

/// Takes the next word off `text`, and the space behind it.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

std::optional<Command> parse_command(std::string_view message) {
  if (take_word(message) != "x-wsproof") return std::nullopt;
  const std::string_view verb = take_word(message);
  Command command;
  if (verb == "close") {
    command.kind = Command::Kind::close;
    const std::string_view digits = take_word(message);
    if (!digits.empty()) {
      const int code = parse_number(digits);
      if (code < 0 || code > 65'535) return std::nullopt;
      command.code = static_cast<unsigned>(code);
    }
  } else if (verb == "ping") {
    command.kind = Command::Kind::ping;
  } else if (verb == "pong") {
    command.kind = Command::Kind::pong;
  } else if (verb == "text") {
    command.kind = Command::Kind::text;
  } else if (verb == "binary") {
    command.kind = Command::Kind::binary;
  } else if (verb == "fragments") {
    command.kind = Command::Kind::fragments;
    const int size = parse_number(take_word(message));
    if (size < 1) return std::nullopt;
    command.size = static_cast<std::size_t>(size);
  } else if (verb == "end") {
    command.kind = Command::Kind::end;
  } else if (verb == "connect") {
    command.kind = Command::Kind::connect;
    command.count = parse_number(message);
    if (command.count < 1 || command.count > 16) return std::nullopt;
  } else {
    return std::nullopt;
  }
  command.data = message;
  return command;
}

}  // namespace ws::conformance::mutants
