#include "bench/load/traffic.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "impl/handshake/accept_key.hpp"
#include "impl/wire/frame_header.hpp"
#include "impl/wire/masking.hpp"

namespace ws::bench {
namespace {

constexpr std::size_t kLarge = std::size_t{64} * 1024;  // bytes; larger messages are all alike
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // section 1.3

std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const std::byte each : bytes) text.push_back(static_cast<char>(each));
  return text;
}

/// Bytes that differ from one message to the next, so that an echo in the wrong place shows.
std::vector<std::byte> make_payload(std::size_t size, std::size_t number) {
  std::vector<std::byte> payload(size);
  std::uint32_t state = static_cast<std::uint32_t>(number) * 2'654'435'761U + 1;
  for (std::byte& each : payload) {
    state = state * 1'664'525U + 1'013'904'223U;
    each = static_cast<std::byte>(state >> 24U);
  }
  return payload;
}

std::string encode(std::span<const std::byte> payload, std::optional<MaskingKey> key) {
  const FrameHeader header{
      .opcode = Opcode::binary, .masking_key = key, .payload_length = payload.size()};
  std::vector<std::byte> body(payload.begin(), payload.end());
  if (key) apply_mask(body, *key);
  return text_of(encode_frame_header(header).bytes()) + text_of(body);
}

}  // namespace

Traffic make_traffic(Protocol protocol, std::size_t size, std::size_t depth) {
  Traffic traffic;
  traffic.messages = size >= kLarge ? 1 : std::max<std::size_t>(depth, 16);
  for (std::size_t number = 0; number < traffic.messages; ++number) {
    const auto payload = make_payload(size, number);
    const auto byte_of = [&](std::size_t n) { return static_cast<std::byte>((number + 1) * n); };
    const std::string frame =
        encode(payload, MaskingKey{byte_of(37), byte_of(59), byte_of(83), byte_of(101)});
    const std::string echo = protocol == Protocol::raw ? frame : encode(payload, std::nullopt);
    traffic.sent += frame;
    traffic.expected += echo;
    traffic.sent_size = frame.size();
    traffic.expected_size = echo.size();
  }
  traffic.sent += traffic.sent;
  traffic.expected += traffic.expected;
  return traffic;
}

std::string opening_request() {
  return "GET / HTTP/1.1\r\n"
         "Host: localhost\r\n"
         "Upgrade: websocket\r\n"
         "Connection: Upgrade\r\n"
         "Sec-WebSocket-Key: " +
         std::string(kKey) +
         "\r\n"
         "Sec-WebSocket-Version: 13\r\n\r\n";
}

void check_opening_response(const std::string& head) {
  const std::string answer = compute_accept(kKey);
  if (!head.starts_with("HTTP/1.1 101 ") || head.find(answer) == std::string::npos) {
    throw std::runtime_error("the opening request was answered with\n" + head);
  }
}

}  // namespace ws::bench
