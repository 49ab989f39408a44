// How much of a peer's output waits in the kernel while nobody reads it. On the loopback interface,
// whose segments have 64 KiB, it is more than 4 MB, so that a peer would hardly ever meet a socket
// that is full; with the segments of Ethernet and little room here, it is 200 KB to 1 MB.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace ws::conformance {

/// Asks the peer for segments as on Ethernet: Linux makes its buffer by their size. Of a socket
/// that listens or is not connected yet; others take no notice.
inline void ask_for_usual_segments(int socket) {
  const int size = 1448;
  ::setsockopt(socket, IPPROTO_TCP, TCP_MAXSEG, &size, sizeof size);
}

/// The bytes that the kernel keeps unread.
inline void set_receive_buffer(int socket, int size) {
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

}  // namespace ws::conformance
