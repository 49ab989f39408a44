// What waits to be written: a small buffer that the socket drains, and a backlog of whole frames
// behind it. The faults of writers that meet a slow reader live here.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "conformance/mutants/switches.hpp"

namespace ws::conformance::mutants {

class OutputQueue {
 public:
  explicit OutputQueue(Switches& switches) : switches_(switches) {}

  /// Queues what an endpoint has to say: a head first, which ends at an empty line, then frames.
  void put_output(std::string_view bytes);

  /// Queues whole frames.
  void put_frames(std::string_view bytes);

  /// The bytes to write next; empty if nothing waits.
  std::string_view front() const { return buffer_; }

  /// `size` bytes of `front` are written.
  void pop(std::size_t size);

  bool empty() const { return buffer_.empty() && backlog_.empty(); }

  /// Whether the peer is to be read from: its answers might find no room.
  bool has_room();

  /// More waits than is good.
  bool is_full() const { return backlog_size_ > kMaxBacklog; }

  /// What is left to write is in `front`.
  bool is_last_piece() const { return backlog_.empty(); }

  /// A Close had to wait for room.
  bool waited_with_close() const { return waited_with_close_; }

  /// The socket is full.
  void see_block() { is_blocked_ = has_waited_ = true; }

  /// A message was answered while something waited for a full socket.
  bool met_full_socket() const { return met_full_socket_; }

  /// The next bytes to write become those of `bytes`, as many as there are.
  void overwrite(std::string_view bytes);

  /// Forgets everything.
  void clear();

 private:
  struct Piece {
    std::string bytes{};
    std::size_t header_size = 0;  ///< 0: no frame
    unsigned opcode = 0;
    bool fin = true;
    std::size_t sent = 0;  ///< bytes that are in the buffer, or written
  };

  static constexpr std::size_t kMaxBacklog = std::size_t{256} * 1024;  // bytes: no more is read

  void put(Piece piece);
  void refill();
  bool has(FaultId fault) { return switches_.has(fault); }

  Switches& switches_;
  std::string buffer_;
  std::deque<Piece> backlog_;
  std::size_t backlog_size_ = 0;  // bytes
  bool last_was_pong_ = false;
  bool waited_with_close_ = false;
  bool is_blocked_ = false;
  bool met_full_socket_ = false;
  bool head_is_over_ = false;
  bool is_closing_late_ = false;  // a Close had to wait
  bool has_waited_ = false;       // for a slow reader, and goes on to
  bool has_drained_ = false;      // nothing came behind what waited
  bool has_paused_ = false;       // did not read
  int waits_ = 0;                 // that are over
  std::string late_pongs_;        // of a fault, for the next message
};

}  // namespace ws::conformance::mutants
