// A faulty endpoint on a stream, driven by whoever polls the socket.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "conformance/mutants/faulty_endpoint.hpp"
#include "conformance/mutants/output_queue.hpp"
#include "conformance/mutants/stream.hpp"

namespace ws::conformance::mutants {

using Clock = std::chrono::steady_clock;

class Connection {
 public:
  /// The switches have to outlive it.
  Connection(std::unique_ptr<Stream> stream, std::unique_ptr<FaultyEndpoint> endpoint, Role role,
             Switches& switches);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (endpoint_->is_opened() && !queue_.empty()) endpoint_->leave_unsent(queue_.front());
  }

  FaultyEndpoint& endpoint() { return *endpoint_; }
  int socket() const { return stream_->socket(); }

  /// Whether to poll for bytes to read, for room to write, and until when at the latest.
  bool wants_read();
  bool wants_write() const;
  std::optional<Clock::time_point> deadline() const;

  /// The socket is ready, or the deadline has come.
  void step();

  /// Writes what there is to be written.
  void send_output();

  /// Nothing is left to do: it can be destroyed, which closes the socket.
  bool is_over() const { return is_over_; }

  /// The peer has ended its side of TCP inside a frame.
  bool has_ended_inside_frame() const { return peer_finished_ && endpoint_->is_inside_frame(); }

  /// TLS's handshake had begun, and came to nothing.
  bool has_failed_handshake() const { return has_failed_handshake_; }

  /// What waits to be written next, and other bytes in its place.
  std::string_view waiting() const { return queue_.front(); }
  void overwrite_waiting(std::string_view bytes) { queue_.overwrite(bytes); }

  /// The peer has reset TCP while nothing was being written.
  bool was_reset_idle() const { return was_reset_idle_; }

 private:
  void read_some();
  void take_output();
  void write_some();
  void end();
  void pass_time();
  bool spins() const;
  Time now() const;
  bool has(FaultId fault) const { return switches_.has(fault); }

  std::unique_ptr<Stream> stream_;
  std::unique_ptr<FaultyEndpoint> endpoint_;
  Role role_;
  Switches& switches_;
  OutputQueue queue_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_read_at_ = begin_;
  bool is_secure_ = false;         // TLS's handshake is done, or there is none
  bool peer_finished_ = false;     // its side of TCP
  bool finished_ = false;          // ours
  bool keeps_tcp_ = false;         // a fault holds the socket for ever
  bool ignores_end_ = false;       // a fault does not see that the peer is gone
  bool was_blocked_ = false;       // while writing
  bool waits_for_output_ = false;  // a fault writes the rest with the next
  bool has_failed_handshake_ = false;
  bool was_reset_idle_ = false;
  bool is_over_ = false;
  std::string last_read_;  // behind the opening handshake
  std::optional<Clock::time_point> linger_until_;
  std::optional<Clock::time_point> blocked_since_;  // while writing
};

}  // namespace ws::conformance::mutants
