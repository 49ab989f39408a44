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

/// Tells the peer of no more than 4 KiB that it may send before some of them are taken in. So there
/// is room for them up to the last, whatever memory small segments take: Linux drops what has none,
/// from 6.6 on with the acknowledgements in it, and both sides wait for each other then, whether or
/// not the peer reads. The room itself is fixed, or it would grow, and the window with it.
inline void ask_for_small_window(int socket) {
  const int room = 64 * 1024;
  const int window = 4 * 1024;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  ::setsockopt(socket, IPPROTO_TCP, TCP_WINDOW_CLAMP, &window, sizeof window);
}

}  // namespace ws::conformance
