// What happened in one run of a case: everything that a verdict is computed from.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  std::string bytes{};       ///< octets cut at kMaxRecorded, or a frame's payload at kMaxShown
  std::uint64_t length = 0;  ///< before it was cut
  bool fin = false;          ///< of frames, as the rest
  unsigned rsv = 0;
  std::uint8_t opcode = 0;
  bool masked = false;
  std::string text{};  ///< of timers and notes

  static constexpr std::size_t kMaxRecorded = 4096;  ///< bytes
  static constexpr std::size_t kMaxShown = 256;      ///< likewise, of those that are written out
};

/// A rule that the peer broke, whatever it was sent.
struct PeerViolation {
  std::string what{};
  std::string source{};  ///< such as "RFC 6455 5.1"
  bool is_must = true;   ///< or a SHOULD
  std::string rule{};    ///< its name in oracle_rules(); may be empty
};

/// What happened in a dialogue that its expectations look at.
struct DialogueEvent {
  enum class Kind {
    waiting,      ///< for the reactions of step `step`
    time_is_up,   ///< of that step
    upgraded,     ///< the handshake succeeded
    refused,      ///< it did not; `code` is the status, `text` the head
    no_response,  ///< what came is no HTTP response
    declined,     ///< the compression that the case needs was not agreed on
    message,
    pong,
    ping,
    close,  ///< `code`, 0 for none
    end,    ///< of TCP, by the peer; `code` is kReset if it was no orderly one
    ping_sent,
    asked,     ///< by the control convention
    lacking,   ///< `text` is what the case needs
    flooded,   ///< `count` were sent, `length` bytes taken; `code` is kStalled if no more was
    measured,  ///< `text` is the name of `sample`
    crowd,     ///< `count` of `length` connections had all they wanted, or `text` is why not
    visited,   ///< `count` of `length` more connections came, or `text` is what was wrong
  };
  Kind kind = Kind::waiting;
  Time at{};
  int step = 0;  ///< index; -1: the opening
  Opcode type = Opcode::text;
  std::string bytes{};       ///< cut at kMaxKept
  std::uint64_t length = 0;  ///< before it was cut
  std::uint64_t digest = 0;  ///< of all the bytes
  std::uint16_t code = 0;
  std::string text{};
  std::uint64_t count = 0;
  std::optional<ResourceSample> sample{};

  static constexpr std::size_t kMaxKept = 4096;
  static constexpr std::uint16_t kReset = 1;
  static constexpr std::uint16_t kStalled = 1;
};

struct Transcript {
  Time started{};
  Time ended{};
  bool opened = false;    ///< the opening handshake was completed
  std::string request{};  ///< the heads as they were on the wire
  std::string response{};
  std::string open_error{};     ///< why it was not opened
  std::string tls_error{};      ///< why TLS was not
  std::string server_name{};    ///< that a client told by TLS (SNI)
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

  std::vector<DialogueEvent> events{};
  std::vector<std::string> masking_keys{};  ///< of the peer's frames, 4 bytes each
};

}  // namespace ws::conformance
