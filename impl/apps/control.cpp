#include "impl/apps/control.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "impl/apps/echo.hpp"

namespace ws::apps {
namespace {

constexpr std::size_t kMaxConnections = 16;  // that one message can ask for

/// Takes the next word off `text`, and the space behind it.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

template <typename Number>
std::optional<Number> to_number(std::string_view digits) {
  Number number{};
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
  if (error != std::errc() || end != digits.end()) return std::nullopt;
  return number;
}

/// A request's verb and the rest of it; no verb if `message` is none.
struct Request {
  std::string_view verb{};
  std::string_view words{};
};

Request parse_request(const MessageReceived& message) {
  if (message.type != Opcode::text) return {};
  std::string_view words = text_of(message);
  if (take_word(words) != "x-wsproof") return {};
  const std::string_view verb = take_word(words);
  return {.verb = verb, .words = words};
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

bool close(Session& session, std::string_view words) {
  const std::string_view digits = take_word(words);
  if (digits.empty()) return session.close().has_value();
  const auto code = to_number<std::uint16_t>(digits);
  return code && session.close(static_cast<CloseCode>(*code), words).has_value();
}

bool send_in_fragments(Session& session, std::string_view words) {
  const auto size = to_number<std::size_t>(take_word(words));
  if (!size || *size == 0) return false;
  while (words.size() > *size) {
    static_cast<void>(session.send_fragment(Opcode::text, bytes_of(words.substr(0, *size)), false));
    words.remove_prefix(*size);
  }
  return session.send_fragment(Opcode::text, bytes_of(words), true).has_value();
}

}  // namespace

bool obey(Session& session, const MessageReceived& message) {
  const auto [verb, words] = parse_request(message);
  if (verb == "close") return close(session, words);
  if (verb == "ping") return session.send_ping(bytes_of(words)).has_value();
  if (verb == "pong") return session.send_pong(bytes_of(words)).has_value();
  if (verb == "text") return session.send_text(words).has_value();
  if (verb == "binary") return session.send_binary(bytes_of(words)).has_value();
  if (verb == "fragments") return send_in_fragments(session, words);
  if (verb != "end") return false;
  session.cut();
  return true;
}

std::optional<std::size_t> parse_connect(const MessageReceived& message) {
  const auto [verb, words] = parse_request(message);
  if (verb != "connect") return std::nullopt;
  const auto count = to_number<std::size_t>(words);
  if (!count || *count == 0 || *count > kMaxConnections) return std::nullopt;
  return count;
}

}  // namespace ws::apps
