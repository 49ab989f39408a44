// What the connections of one process have in common where a fault does not keep them apart: what
// is left of the one that ended last, and which are open.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/mutants/agreement.hpp"
#include "conformance/mutants/frame_reader.hpp"
#include "conformance/mutants/message_reader.hpp"

namespace ws::conformance::mutants {

/// What an endpoint knows of its peer, and what it has seen; of one that is open, or has ended.
struct ConnectionState {
  FrameReader::Unfinished frame{};
  MessageReader::Unfinished message{};
  bool was_opened = false;
  bool was_refused = false;  ///< its opening handshake, by either side
  bool was_closed = false;   ///< a Close went both ways
  bool has_failed = false;
  std::optional<Agreement> agreement{};
  std::string inflater_window{};  ///< what the peer's next message may refer to
  std::string deflater_window{};
  std::string last_ping{};
  std::string last_echo{};
  unsigned last_opcode = 0;  ///< of a message
  std::string close{};       ///< the peer's payload
  std::string head{};        ///< of a handshake that was not complete
  std::string key{};         ///< of the request
  std::string subprotocol{};
  FrameHeader last_header{};  ///< of any frame
  FrameHeader last_first{};   ///< of a message's first frame
  std::string control{};      ///< of the payload of a control frame, so far
};

class FaultyEndpoint;

struct Leftovers {
  ConnectionState last{};                       ///< of the connection that ended last
  bool has_last = false;                        ///< there was one
  std::vector<FaultyEndpoint*> open{};          ///< in the order in which they began
  ConnectionState shared{};                     ///< what a fault has once for all that are open
  int refusals = 0;                             ///< of handshakes
  int dropped = 0;                              ///< connections that ended without a Close
  std::string unsent{};                         ///< what a connection that ended had not been sent
  std::string shared_echo{};                    ///< the last message of any
  const FaultyEndpoint* shared_from = nullptr;  ///< whose it was
};

}  // namespace ws::conformance::mutants
