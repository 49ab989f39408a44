// Drives one connection in a test: hands it reads, collects its events and output, and builds what
// the peer sends.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "impl/connection/connection.hpp"
#include "impl/testing/bytes.hpp"

namespace ws::testing {

/// A frame as `sender` writes it, built by hand: `first_byte` holds FIN, RSV and opcode; a client's
/// masking key is 01 02 03 04.
inline std::vector<std::byte> frame(Role sender, std::uint8_t first_byte,
                                    std::string_view payload = {}) {
  std::vector<std::byte> bytes{std::byte{first_byte}};
  const unsigned mask_bit = sender == Role::client ? 0x80U : 0U;
  const auto put = [&](std::uint64_t value, int octets) {
    for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::byte>(value >> shift));
    }
  };
  if (payload.size() < 126) {
    put(payload.size() | mask_bit, 1);
  } else if (payload.size() < 65'536) {
    put(126U | mask_bit, 1);
    put(payload.size(), 2);
  } else {
    put(127U | mask_bit, 1);
    put(payload.size(), 8);
  }
  if (sender == Role::client) put(0x01020304, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    const auto key = static_cast<std::uint8_t>(sender == Role::client ? i % 4 + 1 : 0);
    bytes.push_back(static_cast<std::byte>(payload[i]) ^ std::byte{key});
  }
  return bytes;
}

inline std::vector<std::byte> concat(std::initializer_list<std::vector<std::byte>> parts) {
  std::vector<std::byte> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline constexpr std::string_view kRequest =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

inline constexpr std::string_view kResponse =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// The nonce of the example in section 1.3.
inline Nonce sample_nonce() {
  Nonce nonce{};
  const std::string_view text = "the sample nonce";
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::byte>(text[i]);
  return nonce;
}

inline ClientSettings client_settings(ConnectionSettings connection = {}) {
  return {.connection = connection,
          .offer = {.uri = {.host = "server.example.com", .port = 80, .resource = "/chat"},
                    .nonce = sample_nonce()},
          .masking_keys = [] {
            return MaskingKey{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
          }};
}

class Driver {
 public:
  explicit Driver(ServerSettings settings) : connection(std::move(settings)) {}
  explicit Driver(ClientSettings settings) : connection(std::move(settings)) {}

  /// Hands over one read and runs the handlers, as a transport does.
  void read(std::span<const std::byte> bytes) {
    while (true) {
      bytes = connection.receive(bytes);
      collect();
      if (bytes.empty()) return;
    }
  }
  void read(std::string_view text) { read(std::as_bytes(std::span(text))); }

  void end() {
    connection.receive_end();
    collect();
  }

  /// Takes the events of a call that was not a read.
  void collect() {
    for (Event& event : connection.take_events()) {
      if (on_event) on_event(event);
      events.push_back(std::move(event));
    }
    const auto bytes = connection.take_output();
    output.insert(output.end(), bytes.begin(), bytes.end());
  }

  /// Empties what was collected so far.
  void forget() {
    events.clear();
    output.clear();
  }

  template <typename T>
  std::vector<T> events_of() const {
    std::vector<T> found;
    for (const Event& event : events) {
      if (const T* match = std::get_if<T>(&event)) found.push_back(*match);
    }
    return found;
  }

  Connection connection;
  std::function<void(const Event&)> on_event{};
  std::vector<Event> events{};
  std::vector<std::byte> output{};
};

/// A connection of `role` that is open, with nothing collected.
inline Driver open_driver(Role role, ConnectionSettings settings = {}) {
  Driver driver = role == Role::server ? Driver(ServerSettings{.connection = settings})
                                       : Driver(client_settings(settings));
  driver.collect();
  driver.read(role == Role::server ? kRequest : kResponse);
  driver.forget();
  return driver;
}

}  // namespace ws::testing
