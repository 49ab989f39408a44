#include "conformance/cli/capture.hpp"

#include <algorithm>

namespace ws::conformance {
namespace {

// Of TCP.
constexpr unsigned kSyn = 0x02;
constexpr unsigned kPush = 0x08;
constexpr unsigned kAck = 0x10;

constexpr std::size_t kMaxPayload = 60'000;  // bytes of one packet
constexpr std::uint16_t kFirstClientPort = 40'000;

/// Little-endian, as the blocks of the file say they are.
template <typename Number>
std::string little(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof number; ++i) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

/// Of the network.
template <typename Number>
std::string big(Number number) {
  std::string bytes = little(number);
  std::ranges::reverse(bytes);
  return bytes;
}

std::string padded(std::string_view bytes) {
  std::string text(bytes);
  text.resize((text.size() + 3) / 4 * 4);
  return text;
}

std::string block(std::uint32_t type, const std::string& body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 12);
  return little(type) + little(length) + body + little(length);
}

/// The Internet checksum (RFC 1071).
std::uint16_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto octet = static_cast<unsigned char>(bytes[i]);
    sum += i % 2 == 0 ? octet * 256U : octet;
  }
  while (sum > 0xffff) sum = sum % 0x10000 + sum / 0x10000;
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

Capture::Capture(Role harness, bool secure)
    : harness_is_client_(harness == Role::client), server_port_(secure ? 443 : 80) {}

void Capture::add(int connection, Flow flow, std::chrono::microseconds at,
                  std::span<const std::byte> bytes) {
  if (!connections_.contains(connection)) {
    add_packet(connection, true, at, kSyn, {});
    add_packet(connection, false, at, kSyn | kAck, {});
    add_packet(connection, true, at, kAck, {});
  }
  const bool from_client = (flow == Flow::out) == harness_is_client_;
  for (std::size_t begin = 0; begin < bytes.size(); begin += kMaxPayload) {
    std::string payload;
    for (const std::byte octet :
         bytes.subspan(begin, std::min(kMaxPayload, bytes.size() - begin))) {
      payload += static_cast<char>(octet);
    }
    add_packet(connection, from_client, at, kPush | kAck, payload);
  }
}

void Capture::add_packet(int connection, bool from_client, std::chrono::microseconds at,
                         unsigned flags, std::string_view payload) {
  Connection& state = connections_[connection];
  std::uint32_t& sequence = from_client ? state.client : state.server;
  const std::uint32_t acknowledged = (flags & kAck) == 0 ? 0
                                     : from_client       ? state.server
                                                         : state.client;
  const auto client_port = static_cast<std::uint16_t>(kFirstClientPort + connection % 20'000);
  const std::string tcp = big(from_client ? client_port : server_port_) +
                          big(from_client ? server_port_ : client_port) + big(sequence) +
                          big(acknowledged) + '\x50' + static_cast<char>(flags) +
                          big(std::uint16_t{0xffff}) + std::string(4, '\0') + std::string(payload);
  sequence += static_cast<std::uint32_t>(payload.size()) + ((flags & kSyn) != 0 ? 1 : 0);
  const std::string client("\x0a\0\0\x01", 4);
  const std::string server("\x0a\0\0\x02", 4);
  std::string ip = std::string("\x45\0", 2) + big(static_cast<std::uint16_t>(20 + tcp.size())) +
                   std::string("\0\0\x40\0\x40\x06\0\0", 8) + (from_client ? client : server) +
                   (from_client ? server : client);
  ip.replace(10, 2, big(checksum(ip)));
  const std::string packet = ip + tcp;
  const auto time = static_cast<std::uint64_t>(at.count());
  const auto length = static_cast<std::uint32_t>(packet.size());
  packets_ += block(6, little(std::uint32_t{0}) + little(static_cast<std::uint32_t>(time >> 32U)) +
                           little(static_cast<std::uint32_t>(time)) + little(length) +
                           little(length) + padded(packet));
}

void Capture::add_key(std::string_view line) { keys_ += std::string(line) + "\n"; }

std::string Capture::file() const {
  constexpr std::uint16_t kRawIp = 101;
  constexpr std::uint32_t kTlsKeys = 0x544c534b;
  std::string text =
      block(0x0a0d0d0a, little(std::uint32_t{0x1a2b3c4d}) + little(std::uint16_t{1}) +
                            little(std::uint16_t{0}) + std::string(8, '\xff'));
  text += block(1, little(kRawIp) + little(std::uint16_t{0}) + little(std::uint32_t{0}));
  if (!keys_.empty()) {
    text += block(
        10, little(kTlsKeys) + little(static_cast<std::uint32_t>(keys_.size())) + padded(keys_));
  }
  return text + packets_;
}

}  // namespace ws::conformance
