// An implementation under test inside this process, driven in virtual time: nothing waits.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/harness/player.hpp"
#include "conformance/harness/transcript.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

/// One connection of the implementation under test.
class Endpoint {
 public:
  Endpoint() = default;
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  virtual ~Endpoint() = default;

  /// The TCP connection is made.
  virtual void start() {}

  virtual void receive(Time now, std::span<const std::byte> read) = 0;

  /// The harness ended the connection.
  virtual void end() {}

  /// When `pass_time` is to be called next.
  virtual std::optional<Time> next_deadline() const { return std::nullopt; }
  virtual void pass_time(Time /*now*/) {}

  /// The bytes to send since the last call.
  virtual std::string take_output() = 0;

  /// Whether the endpoint ends the connection once its output is sent.
  virtual Drop drop() const = 0;
};

/// Plays `test` against `endpoint`, whose role is the other one than `settings.role`.
///
/// Returns: nothing if both sides wait for ever.
std::optional<Transcript> run_in_process(const Case& test, const PlayerSettings& settings,
                                         Endpoint& endpoint);

/// What is played against which endpoint.
struct Conversation {
  const Case& test;
  Endpoint& endpoint;
};

/// Plays several connections at the same time; at a Gather all that are not over wait for one
/// another. Each has another seed than the one before.
///
/// Returns: a transcript for each; none at all if all wait for ever.
std::vector<Transcript> run_in_process(const std::vector<Conversation>& conversations,
                                       PlayerSettings settings);

}  // namespace ws::conformance
