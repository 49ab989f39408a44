// Deadlines of many objects by one timer of their context: each of Asio's own takes some 300 bytes
// while it waits, and every idle session waits for something.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace ws {

class DeadlineQueue;

/// A time at which its owner, which derives from it and is held by shared pointers, is called.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  virtual ~Deadline() = default;

 protected:
  explicit Deadline(const boost::asio::any_io_executor& executor);

  /// Sets the time, in place of what was set before. Throws std::bad_alloc, and is then not set.
  void set_deadline(Clock::time_point time);

  /// Makes it due now, if it is set, and holds `owner` until then; the context's end lets go of it.
  /// Takes no memory.
  void expire_now(std::shared_ptr<Deadline> owner) noexcept;

  /// Calls of pass_deadline that have begun go on. The owner's destructor calls this first.
  void cancel_deadline() noexcept;

  /// What was set last.
  Clock::time_point deadline() const;

 private:
  friend class DeadlineQueue;

  static constexpr std::size_t kNowhere = ~std::size_t{0};

  /// Returns: this, held; null if its destruction has begun.
  virtual std::shared_ptr<Deadline> hold_deadline() = 0;

  /// The `time` that was set has come, and is set no longer. Called on any thread that runs the
  /// context, so it posts what is to be done. Throws std::bad_alloc; it is then called again soon.
  virtual void pass_deadline(Clock::time_point time) = 0;

  DeadlineQueue* queue_;
  std::shared_ptr<Deadline> held_;  // what expire_now() was given
  std::size_t place_ = kNowhere;
  Clock::time_point time_ = Clock::time_point::max();
};

/// The deadlines of a context: a heap, the earliest first.
class DeadlineQueue : public boost::asio::execution_context::service {
 public:
  // NOLINTNEXTLINE(readability-identifier-naming): Asio's name
  using key_type = DeadlineQueue;
  static inline boost::asio::execution_context::id id;

  explicit DeadlineQueue(boost::asio::execution_context& context);

  void prepare(const boost::asio::any_io_executor& executor);
  void set(Deadline& deadline, Deadline::Clock::time_point time);
  Deadline::Clock::time_point time_of(const Deadline& deadline) const;
  void expire_now(Deadline& deadline, std::shared_ptr<Deadline> owner) noexcept;
  void remove(Deadline& deadline) noexcept;

 private:
  void shutdown() override;

  // All with the mutex held.
  void arm(Deadline::Clock::time_point time);
  void put_in(Deadline& deadline, Deadline::Clock::time_point time);
  void take_out(Deadline& deadline) noexcept;
  void put(Deadline& deadline, std::size_t place) noexcept;
  void sift(Deadline& deadline) noexcept;

  void ring();

  mutable std::mutex mutex_;
  std::optional<boost::asio::steady_timer> timer_;
  bool is_armed_ = false;
  bool is_shut_down_ = false;
  std::vector<Deadline*> heap_;
};

}  // namespace ws
