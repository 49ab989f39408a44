// Bytes on their way to the kernel, and how much of the application's data is among them.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

namespace ws {

class SendQueue {
 public:
  /// Appends `bytes`, which carry `application_bytes` bytes of the application's data (more or
  /// fewer than `bytes`: headers, compression).
  void append(std::vector<std::byte> bytes, std::size_t application_bytes);

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

  /// Application bytes that wait here; of a message that is partly gone, in proportion.
  std::size_t application_bytes() const;

 private:
  struct Stretch {
    std::size_t bytes = 0;
    std::size_t application_bytes = 0;
  };

  std::vector<std::byte> front_;  // being sent, from front_sent_ on
  std::size_t front_sent_ = 0;
  std::vector<std::byte> back_;
  std::deque<Stretch> stretches_;
  std::size_t stretch_sent_ = 0;  // bytes of the first stretch
  std::size_t application_bytes_ = 0;
};

}  // namespace ws
