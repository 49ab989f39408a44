#include "impl/transport/deadline.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace ws {

namespace {

constexpr auto kRetry = std::chrono::milliseconds(10);  // where there was no memory

}  // namespace

Deadline::Deadline(const boost::asio::any_io_executor& executor)
    : queue_(&boost::asio::use_service<DeadlineQueue>(
          boost::asio::query(executor, boost::asio::execution::context))) {
  queue_->prepare(executor);
}

void Deadline::set_deadline(Clock::time_point time) { queue_->set(*this, time); }

Deadline::Clock::time_point Deadline::deadline() const { return queue_->time_of(*this); }

void Deadline::expire_now(std::shared_ptr<Deadline> owner) noexcept {
  queue_->expire_now(*this, std::move(owner));
}

void Deadline::cancel_deadline() noexcept { queue_->remove(*this); }

DeadlineQueue::DeadlineQueue(boost::asio::execution_context& context) : service(context) {}

void DeadlineQueue::prepare(const boost::asio::any_io_executor& executor) {
  const std::lock_guard lock(mutex_);
  if (!timer_ && !is_shut_down_) timer_.emplace(executor);
}

void DeadlineQueue::set(Deadline& deadline, Deadline::Clock::time_point time) {
  const std::lock_guard lock(mutex_);
  if (is_shut_down_) return;
  put_in(deadline, time);
  if (is_armed_) {
    if (time < timer_->expiry()) timer_->cancel();  // and ring() arms it anew
    return;
  }
  try {
    arm(heap_.front()->time_);
  } catch (const std::bad_alloc&) {
    take_out(deadline);
    throw;
  }
}

Deadline::Clock::time_point DeadlineQueue::time_of(const Deadline& deadline) const {
  const std::lock_guard lock(mutex_);
  return deadline.time_;
}

void DeadlineQueue::expire_now(Deadline& deadline, std::shared_ptr<Deadline> owner) noexcept {
  const std::lock_guard lock(mutex_);
  if (is_shut_down_ || deadline.place_ == Deadline::kNowhere) return;
  deadline.held_ = std::move(owner);
  put_in(deadline, Deadline::Clock::time_point::min());
  if (is_armed_) timer_->cancel();
}

void DeadlineQueue::remove(Deadline& deadline) noexcept {
  std::shared_ptr<Deadline> released;  // without the mutex, as it may be the last to hold it
  const std::lock_guard lock(mutex_);
  if (deadline.place_ == Deadline::kNowhere) return;
  take_out(deadline);
  released = std::move(deadline.held_);
  // The context is not to wait for nobody.
  if (heap_.empty() && is_armed_) timer_->cancel();
}

void DeadlineQueue::shutdown() {
  std::shared_ptr<Deadline> released;
  std::unique_lock lock(mutex_);
  is_shut_down_ = true;
  // Not later, as the service of timers may be younger than this and then goes first.
  timer_.reset();
  is_armed_ = false;
  while (!heap_.empty()) {
    Deadline& last = *heap_.back();
    take_out(last);
    released = std::move(last.held_);
    lock.unlock();
    released = nullptr;
    lock.lock();
  }
}

void DeadlineQueue::arm(Deadline::Clock::time_point time) {
  timer_->expires_at(time);
  timer_->async_wait([this](const boost::system::error_code&) { ring(); });
  is_armed_ = true;
}

/// Calls those that are due. The timer is armed again before that, while the memory of its last
/// wait is still at hand; if there is none all the same, the calls may free some.
void DeadlineQueue::ring() {
  struct Due {
    std::shared_ptr<Deadline> deadline;
    Deadline::Clock::time_point time;
  };
  std::vector<Due> due;
  std::unique_lock lock(mutex_);
  is_armed_ = false;
  if (is_shut_down_) return;
  const auto now = Deadline::Clock::now();
  auto next = now;
  try {
    while (!heap_.empty() && heap_.front()->time_ <= now) {
      Deadline& first = *heap_.front();
      due.reserve(due.size() + 1);
      take_out(first);
      auto held = first.held_ ? std::move(first.held_) : first.hold_deadline();
      if (held) due.push_back({std::move(held), first.time_});
    }
    if (!heap_.empty()) next = heap_.front()->time_;
  } catch (const std::bad_alloc&) {
    next = now + kRetry;
  }
  try {
    if (!heap_.empty()) arm(next);
  } catch (const std::bad_alloc&) {
    next = now + kRetry;
  }
  lock.unlock();
  for (const Due& each : due) {
    try {
      each.deadline->pass_deadline(each.time);
    } catch (const std::bad_alloc&) {
      lock.lock();
      // There is room, as it was in the heap before.
      if (each.deadline->place_ == Deadline::kNowhere) {
        put_in(*each.deadline, now + kRetry);
        each.deadline->held_ = each.deadline;
      }
      lock.unlock();
    }
  }
  lock.lock();
  if (!is_armed_ && !heap_.empty()) arm(next);
  if (is_armed_ && heap_.empty()) timer_->cancel();
}

void DeadlineQueue::put_in(Deadline& deadline, Deadline::Clock::time_point time) {
  if (deadline.place_ == Deadline::kNowhere) {
    heap_.push_back(&deadline);
    deadline.place_ = heap_.size() - 1;
  }
  deadline.time_ = time;
  sift(deadline);
}

void DeadlineQueue::take_out(Deadline& deadline) noexcept {
  const std::size_t place = deadline.place_;
  deadline.place_ = Deadline::kNowhere;
  Deadline& last = *heap_.back();
  heap_.pop_back();
  if (&last == &deadline) return;
  put(last, place);
  sift(last);
}

void DeadlineQueue::put(Deadline& deadline, std::size_t place) noexcept {
  heap_[place] = &deadline;
  deadline.place_ = place;
}

/// Moves a deadline up or down to where it belongs.
void DeadlineQueue::sift(Deadline& deadline) noexcept {
  std::size_t place = deadline.place_;
  for (; place > 0 && deadline.time_ < heap_[(place - 1) / 2]->time_; place = (place - 1) / 2) {
    put(*heap_[(place - 1) / 2], place);
  }
  for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1]->time_ < heap_[child]->time_) ++child;
    if (heap_[child]->time_ >= deadline.time_) break;
    put(*heap_[child], place);
    place = child;
  }
  put(deadline, place);
}

}  // namespace ws
