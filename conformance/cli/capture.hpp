// A capture of connections for Wireshark, made of what was read and written (pcapng).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "conformance/endpoints/wire_tap.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

/// The packets are made up, one or more for each read and write: what TCP did is not known. The
/// client is 10.0.0.1, the server 10.0.0.2, at port 443 with TLS and 80 without.
class Capture {
 public:
  /// `harness` is the harness's role.
  Capture(Role harness, bool secure);

  void add(int connection, Flow flow, std::chrono::microseconds at,
           std::span<const std::byte> bytes);

  /// A line of an SSLKEYLOGFILE.
  void add_key(std::string_view line);

  /// The whole file.
  std::string file() const;

 private:
  /// The next sequence number of each side.
  struct Connection {
    std::uint32_t client = 1000;
    std::uint32_t server = 2000;
  };

  void add_packet(int connection, bool from_client, std::chrono::microseconds at, unsigned flags,
                  std::string_view payload);

  bool harness_is_client_;
  std::uint16_t server_port_;
  std::map<int, Connection> connections_;
  std::string keys_;
  std::string packets_;
};

}  // namespace ws::conformance
