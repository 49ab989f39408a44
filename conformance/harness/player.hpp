// Plays a case against a peer: the harness's end of one connection, without any I/O.
//
// Whoever owns the socket hands it bytes and the time, and carries out its writes and its wishes.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/harness/case.hpp"
#include "conformance/harness/patience.hpp"
#include "conformance/harness/transcript.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

/// How the harness's bytes are cut into writes. TCP has no message boundaries, so nothing may
/// depend on it.
enum class Segmentation {
  whole,   ///< whatever is ready at once in one write
  bytes,   ///< the beginning and the end of each frame byte by byte
  random,  ///< cut at places that the seed picks
};

/// What a peer may send in one case, in messages and control frames, before it is cut off. No case
/// makes a right one send a tenth of that.
inline constexpr std::size_t kMaxReceived = 20'000;

std::string_view to_string(Segmentation segmentation);  ///< "whole", "bytes" or "random"

struct PlayerSettings {
  Role role = Role::client;        ///< of the harness; the peer under test has the other
  std::string host{};              ///< of the Host field, with port
  std::string resource = "/";      ///< of the request
  std::string origin{};            ///< that a server takes, if it does not take all
  std::string missing{};           ///< a resource that a server does not have
  bool takes_any_request = false;  ///< that has a key; of who comes for no case, where cases judge
  std::uint64_t seed = 0;          ///< of keys, masks and cuts
  Segmentation segmentation = Segmentation::whole;
  Time cut_pause = std::chrono::microseconds(300);  ///< between the writes of one cut
  Time open_timeout = std::chrono::seconds(5);
  Time close_timeout = std::chrono::seconds(1);  ///< until the peer answers our Close
  Time drop_timeout = std::chrono::seconds(1);   ///< until the server ends TCP after it
  /// For how long a server that has ended its side of TCP looks at what a client sends behind the
  /// Close of both; 0 where one side cannot be ended alone, as over TLS.
  Time linger = std::chrono::milliseconds(100);
  std::shared_ptr<Patience> patience{};  ///< of the run; null: there is no end to it
};

/// What the owner of the socket is to do.
enum class Drop { none, finish, abort };

class Player {
 public:
  Player() = default;
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;
  virtual ~Player() = default;

  /// The TCP connection is made.
  virtual void start(Time now) = 0;

  virtual void receive(Time now, std::span<const std::byte> read) = 0;

  /// The peer ended the connection.
  virtual void end(Time now, EndCause cause) = 0;

  /// The time has come that `next_deadline` told.
  virtual void pass_time(Time now) = 0;

  /// When `pass_time` is to be called next.
  virtual std::optional<Time> next_deadline() const = 0;

  /// Bytes for one write each, in order.
  virtual std::deque<std::string> take_writes() = 0;

  /// The socket has taken this many bytes of the writes.
  virtual void written(Time /*now*/, std::size_t /*size*/) {}

  /// Whether the socket is to be read now.
  virtual bool reads() const { return true; }

  /// How much is to be read at a time, 0 for whatever is there, and the pause before the next.
  virtual std::pair<std::size_t, Time> read_pace() const { return {}; }

  /// What the player waits for its owner to do; the same until `report`.
  virtual const Errand* errand() const { return nullptr; }
  virtual void report(Time /*now*/, const ErrandReport& /*report*/) {}

  /// Whether to end the harness's side of TCP once everything is written, and to read on.
  virtual bool wants_half_close() const { return false; }

  /// Whether to end the connection: `finish` once everything is written, `abort` at once.
  virtual Drop drop() const = 0;

  /// The connection is over; the transcript is complete.
  virtual bool is_over() const = 0;

  virtual Transcript take_transcript() = 0;
};

/// The player for `test`, which has to outlive it.
std::unique_ptr<Player> make_player(const Case& test, const PlayerSettings& settings);

}  // namespace ws::conformance
