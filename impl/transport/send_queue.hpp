// Bytes on their way to the kernel, and how much of the application's data is among them.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

namespace ws {

/// What is known about bytes that are appended.
struct SendNote {
  std::size_t application_bytes = 0;  ///< that they carry; not theirs: headers, compression
  bool is_answer = false;             ///< to what the peer sent, so that the peer decides how many
};

class SendQueue {
 public:
  void append(std::vector<std::byte> bytes, SendNote note);

  /// At most `limit` bytes from the front. Valid, and not moved by append, until `remove`.
  std::span<const std::byte> front(std::size_t limit);

  /// Removes `count` bytes from the front.
  ///
  /// Requires: `front` has shown them.
  void remove(std::size_t count);

  /// Drops everything.
  void clear();

  std::size_t size() const { return front_.size() - front_sent_ + back_.size(); }
  bool empty() const { return size() == 0; }

  /// How many of the bytes are answers.
  std::size_t answer_bytes() const;

  /// Application bytes that wait here; of a message that is partly gone, in proportion.
  std::size_t application_bytes() const;

 private:
  struct Stretch {
    std::size_t bytes = 0;
    SendNote note{};
  };

  std::vector<std::byte> front_;  // being sent, from front_sent_ on
  std::size_t front_sent_ = 0;
  std::vector<std::byte> back_;
  std::deque<Stretch> stretches_;
  std::size_t stretch_sent_ = 0;  // bytes of the first stretch
  std::size_t application_bytes_ = 0;
  std::size_t answer_bytes_ = 0;
};

}  // namespace ws
