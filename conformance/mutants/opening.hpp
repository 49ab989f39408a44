// The opening handshake of one side, from bytes to an agreement or a refusal (section 4).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/mutants/agreement.hpp"
#include "conformance/mutants/switches.hpp"

namespace ws::conformance::mutants {

inline constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a server refuses by its own choice.
struct ServerPolicy {
  std::string origin{};   ///< the only one that it takes; empty: all
  std::string missing{};  ///< a path that there is not; empty: all are there
};

struct OpeningSettings {
  std::string host = "127.0.0.1";  ///< of a client's Host field, with port
  std::string resource = "/";
  std::uint64_t seed = 0;  ///< of a client's key
  std::string origin{};    ///< of its page; empty: it is no browser
};

struct ConnectionState;

class Opening {
 public:
  enum class State { going_on, opened, refused, crashed };

  Opening() = default;
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;
  virtual ~Opening() = default;

  virtual void receive(std::string_view read) = 0;

  State state() const { return state_; }
  const Agreement& agreement() const { return agreement_; }

  /// Bytes to send.
  std::string take_output();

  /// What came behind the peer's head.
  virtual std::string take_rest() = 0;

  /// Whether the connection is to be ended after a refusal.
  bool ends_after_refusal() const { return ends_after_refusal_; }

  /// Steps of work beyond what is due, since the last call.
  std::uint64_t take_extra_work();

  /// Some faults begin with what an earlier connection left.
  virtual void take_up(const ConnectionState& last) = 0;

  /// What there is of the peer's head.
  virtual std::string_view text() const = 0;

  /// Of the request.
  virtual const std::string& key() const = 0;

 protected:
  State state_ = State::going_on;
  Agreement agreement_;
  std::string output_;
  bool ends_after_refusal_ = true;
  std::uint64_t extra_work_ = 0;
};

std::unique_ptr<Opening> make_server_opening(const ServerPolicy& policy, Switches& switches);
std::unique_ptr<Opening> make_client_opening(const OpeningSettings& settings, Switches& switches);

}  // namespace ws::conformance::mutants
