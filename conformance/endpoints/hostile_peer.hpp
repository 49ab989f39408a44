// For tests of the runners: the other side of a connection, which may do what it likes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unistd.h>

namespace ws::conformance {

/// One connection, seen from a hostile peer.
class Peer {
 public:
  explicit Peer(int file) : file_(file) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { ::close(file_); }

  /// The head of a request or response.
  std::string read_head() const;

  /// Returns: false once the other side is gone.
  bool send(std::string_view bytes) const;

  /// Waits for the other side's end, without reading.
  void wait_for_end() const;

  /// The end of the connection will be a reset.
  void reset() const;

 private:
  int file_;
};

/// Connects to a port of this machine. Returns: the socket.
int connect_to(std::uint16_t port);

/// A frame with this first byte; a client's is masked, with a key of zeros.
std::string frame(unsigned first, std::string_view payload, bool masked = false);

/// The payload of a compressed message: 320 MB of zeros in 320 KB.
std::string make_bomb();

/// Of this process so far, in bytes.
std::uint64_t peak_memory();

/// More memory than anything here may take, in bytes.
inline constexpr std::uint64_t kMuch = std::uint64_t{400} * 1024 * 1024;

}  // namespace ws::conformance
