// What a connection sends and has to get back, as bytes: the opening request, masked frames and
// their echoes, or, for the raw TCP server, the same bytes back.
#pragma once

#include <cstddef>
#include <string>

namespace ws::bench {

enum class Protocol {
  websocket,
  raw,  ///< no handshake; what is sent comes back as it is
};

/// A stream without an end is a period that repeats. Both periods are here twice, one behind the
/// other, so that a whole one is contiguous wherever it begins.
struct Traffic {
  std::string sent{};
  std::string expected{};
  std::size_t messages = 0;       ///< of one period
  std::size_t sent_size = 0;      ///< bytes of one message, header included
  std::size_t expected_size = 0;  ///< bytes of its echo
};

/// Binary messages of `size` bytes, each with another payload and masking key, and at least `depth`
/// of them in a period; of large ones just one.
Traffic make_traffic(Protocol protocol, std::size_t size, std::size_t depth);

/// The opening request.
std::string opening_request();

/// Throws std::runtime_error if `head`, a whole response, does not accept the request.
void check_opening_response(const std::string& head);

}  // namespace ws::bench
