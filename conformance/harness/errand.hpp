// What a player, which does no I/O, asks the owner of its connection to do while it waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace ws::conformance {

/// What the processes of an endpoint use, all together.
struct ResourceSample {
  std::uint64_t memory = 0;               ///< bytes that are resident
  std::chrono::microseconds processor{};  ///< time that they have run
  std::chrono::microseconds waited{};     ///< and that they were ready to run, but had to wait
  int descriptors = 0;                    ///< open files and sockets

  bool operator==(const ResourceSample&) const = default;
};

/// What was used while a case was played, and by what was played beside it.
struct ResourceUse {
  std::uint64_t memory = 0;               ///< the most bytes
  std::chrono::microseconds processor{};  ///< time
  int descriptors = 0;                    ///< the most that were open
};

// Errands; as steps of a dialogue they are also its data.

/// Looks at what the endpoint's processes use. It has to have been started by the harness.
struct Measure {
  std::string name{};
  bool optional = false;  ///< the case goes on without
};

/// Makes connections besides the dialogue's own. Only a server can be asked for them.
struct Crowd {
  enum class Act {
    hold,     ///< all are open at once; then each has an echo and a closing handshake
    close,    ///< an echo and a closing handshake each
    vanish,   ///< TCP ends without a Close
    reset,    ///< TCP is reset while a large echo is on its way, which nobody reads
    leave,    ///< TCP ends inside the request
    head,     ///< one request, with a head of `size` bytes that comes in pieces
    cut_tls,  ///< TCP ends inside the TLS handshake, each time a little later
  };
  Act act = Act::close;
  int count = 1;
  std::size_t size = 0;  ///< bytes of the head, or of a message that is left unfinished
};

/// Waits for more connections of a client that was asked to open them at once, and lets the first
/// of those that are there wait before it is answered. Only a client can be asked for them.
struct Visitors {
  int count = 3;
  std::chrono::milliseconds hold{200};
};

/// Waits for all other connections of a crowd, or of the case, to come as far.
struct Gather {};

/// Resets TCP; the dialogue goes on without a connection, to look at what the endpoint does then.
struct Abandon {};

/// Waits, while nothing is read, until something has come and then no more of it: what the endpoint
/// has to send beyond that waits at its own side.
struct Standstill {
  std::chrono::milliseconds still{100};     ///< without more, after what came first
  std::chrono::milliseconds longest{5000};  ///< after which the dialogue goes on anyhow
};

/// Does something to the TLS of this connection, once everything is written.
struct TlsAct {
  enum class Kind {
    cut,          ///< ends TCP without close_notify, and reads on
    notify,       ///< sends close_notify, leaves TCP open, and reads on
    update_keys,  ///< asks for new keys in both directions (TLS 1.3)
    renegotiate,  ///< begins a new handshake (TLS 1.2)
  };
  Kind kind = Kind::cut;
};

using Errand = std::variant<Measure, Crowd, Visitors, Gather, Abandon, Standstill, TlsAct>;

/// How an errand went.
struct ErrandReport {
  std::string lacking{};  ///< why it could not be done, to be read behind "the case needs"
  std::optional<ResourceSample> sample{};
  int served = 0;         ///< connections of a crowd that had everything they wanted; visitors
  std::string trouble{};  ///< of the first that had not; of visitors that came at the wrong time
};

}  // namespace ws::conformance
