// What happened in one run of a case: everything that a verdict is computed from.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// Time since the connection was made.
using Time = std::chrono::microseconds;

/// How the TCP connection came to its end.
enum class EndCause {
  none,           ///< it has not ended
  peer_finished,  ///< the peer ended its side in order
  peer_reset,     ///< the peer reset it
  harness,        ///< the harness ended it
};

/// One line of the wire log.
struct Record {
  enum class Kind { octets_in, octets_out, frame_in, frame_out, timer, note };
  Kind kind = Kind::note;
  Time at{};
  std::string bytes{};       ///< octets, or a frame's payload, cut at kMaxRecorded
  std::uint64_t length = 0;  ///< before it was cut
  bool fin = false;          ///< of frames, as the rest
  unsigned rsv = 0;
  std::uint8_t opcode = 0;
  bool masked = false;
  std::string text{};  ///< of timers and notes

  static constexpr std::size_t kMaxRecorded = 4096;  ///< bytes
};

/// A rule that the peer broke, whatever it was sent.
struct PeerViolation {
  std::string what{};
  std::string source{};  ///< such as "RFC 6455 5.1"
};

struct Transcript {
  Time started{};
  Time ended{};
  bool opened = false;    ///< the opening handshake was completed
  std::string request{};  ///< the heads as they were on the wire
  std::string response{};
  std::string open_error{};     ///< why it was not opened
  std::vector<LogEntry> log{};  ///< what the case received
  std::vector<Record> records{};

  // The flags that the compatible verdict is made of; catalogue of states as in Autobahn.
  bool closed_by_harness = false;  ///< the harness sent the first Close
  bool failed_by_harness = false;
  bool dropped_by_harness = false;
  bool was_clean = false;
  bool close_handshake_timed_out = false;
  bool server_drop_timed_out = false;
  bool open_handshake_timed_out = false;

  std::optional<std::uint16_t> remote_code{};
  std::string remote_reason{};
  bool close_received = false;  ///< any Close frame at all
  std::optional<std::uint16_t> local_code{};
  bool timer_fired = false;        ///< the case's timer, on an open connection
  std::optional<bool> reply_ok{};  ///< the checks of replies in sections 9, 12 and 13
  bool deflate_agreed = false;
  EndCause end = EndCause::none;
  std::vector<PeerViolation> violations{};
};

}  // namespace ws::conformance
