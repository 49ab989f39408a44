// An endpoint of its own, server or client, apart from the reference: right in every respect, or
// with one fault of the table.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/harness/endpoint.hpp"
#include "conformance/mutants/opening.hpp"
#include "conformance/mutants/switches.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::mutants {

struct Leftovers;

struct FaultySettings {
  Role role = Role::server;
  std::optional<FaultId> fault{};
  std::uint64_t seed = 0;          ///< of keys and masks
  std::string host = "127.0.0.1";  ///< of a client's Host field, with port
  std::string resource = "/";
  ServerPolicy policy{};
  std::size_t max_message = std::size_t{16} * 1024 * 1024;  ///< bytes; beyond it 1009
  Time open_timeout = std::chrono::seconds(10);
  Time close_timeout = std::chrono::seconds(2);  ///< from our Close to the end of TCP
  /// Work beyond what is due takes virtual time, and output waits for it; otherwise it is done.
  bool virtual_work = true;
  /// What the connections of the process have in common; null: this is its only one.
  std::shared_ptr<Leftovers> leftovers{};
};

/// An echo service, or a client that echoes, driven like any endpoint in this process.
class FaultyEndpoint : public Endpoint {
 public:
  /// True if a fault would have killed the process.
  virtual bool has_crashed() const = 0;

  /// True once the opening handshake is over, well or not.
  virtual bool is_opened() const = 0;

  /// True if the server's answer sends a client to where it came from.
  virtual bool is_redirected() const = 0;

  /// Where the response to a client sends it; empty: nowhere.
  virtual std::string location() const = 0;

  /// True if bytes came that it did not read, as it was done.
  virtual bool has_unread() const = 0;

  /// True if a frame's header has begun to arrive.
  virtual bool is_inside_header() const = 0;

  /// What `Switches::consulted` says.
  virtual const FaultSet& consulted() const = 0;

  /// Messages are handed to this instead of being echoed.
  virtual void on_message(
      std::function<void(unsigned opcode, const std::string& payload)> call) = 0;

  /// Who is asked for more connections calls this; without it that is a message like any other.
  virtual void on_connect(std::function<void(int count)> call) = 0;

  /// Starts the closing handshake.
  virtual void close(unsigned code, const std::string& reason) = 0;

  // What faults make other connections do.

  /// Leaves what it could not send.
  virtual void leave_unsent(std::string_view bytes) = 0;
  /// Sends a message of another connection.
  virtual void deliver(unsigned opcode, const std::string& payload) = 0;
  /// Ends with another connection.
  virtual void end_too() = 0;
  /// Reads nothing any more.
  virtual void stop_reading() = 0;
  /// Reads what waited for another connection.
  virtual void read_on() = 0;
  /// True if a frame or a head has begun to arrive.
  virtual bool is_inside_frame() const = 0;
  /// True if a message has begun to arrive.
  virtual bool is_inside_message() const = 0;
  virtual bool is_inside_head() const = 0;
  virtual bool has_heard_nothing() const = 0;
};

std::unique_ptr<FaultyEndpoint> make_faulty_endpoint(const FaultySettings& settings);

}  // namespace ws::conformance::mutants
