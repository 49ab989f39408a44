#include "conformance/endpoints/hostile_peer.hpp"

#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <vector>
#include <zlib.h>

namespace ws::conformance {

std::string Peer::read_head() const {
  std::string head;
  char octet = 0;
  while (!head.ends_with("\r\n\r\n") && ::recv(file_, &octet, 1, 0) == 1) head += octet;
  return head;
}

bool Peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t size = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

void Peer::wait_for_end() const {
  pollfd end{.fd = file_, .events = POLLRDHUP, .revents = 0};
  ::poll(&end, 1, -1);
}

void Peer::reset() const {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(file_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

int connect_to(std::uint16_t port) {
  const int file = ::socket(AF_INET, SOCK_STREAM, 0);
  if (file < 0) std::abort();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::abort();
  }
  return file;
}

std::string frame(unsigned first, std::string_view payload, bool masked) {
  const int mask_bit = masked ? 0x80 : 0;
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126) {
    bytes += static_cast<char>(static_cast<int>(payload.size()) | mask_bit);
  } else {
    bytes += static_cast<char>(0x7f | mask_bit);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes += static_cast<char>((payload.size() >> shift) & 0xff);
    }
  }
  if (masked) bytes.append(4, '\0');
  return bytes.append(payload);
}

std::string make_bomb() {
  const std::string zeros(1 << 20, '\0');
  std::string bomb;
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::vector<unsigned char> buffer(1 << 20);
  for (int i = 0; i <= 320; ++i) {
    stream.next_in = const_cast<unsigned char*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        reinterpret_cast<const unsigned char*>(zeros.data()));
    stream.avail_in = static_cast<unsigned>(zeros.size());
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<unsigned>(buffer.size());
    deflate(&stream, i == 320 ? Z_SYNC_FLUSH : Z_NO_FLUSH);
    bomb.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  bomb.resize(bomb.size() - 4);
  return bomb;
}

std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace ws::conformance
