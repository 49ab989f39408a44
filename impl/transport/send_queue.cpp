#include "impl/transport/send_queue.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ws {

void SendQueue::append(std::vector<std::byte> bytes, SendNote note) {
  const std::size_t size = bytes.size();
  if (size == 0) return;
  if (back_.empty()) {
    back_ = std::move(bytes);
  } else {
    back_.insert(back_.end(), bytes.begin(), bytes.end());
  }
  stretches_.push_back({.bytes = size, .note = note});
  application_bytes_ += note.application_bytes;
  if (note.is_answer) answer_bytes_ += size;
}

std::span<const std::byte> SendQueue::front(std::size_t limit) {
  if (front_sent_ == front_.size()) {
    front_ = std::exchange(back_, {});
    front_sent_ = 0;
  }
  const auto rest = std::span<const std::byte>(front_).subspan(front_sent_);
  return rest.first(std::min(limit, rest.size()));
}

void SendQueue::remove(std::size_t count) {
  assert(count <= front_.size() - front_sent_);
  front_sent_ += count;
  stretch_sent_ += count;
  while (!stretches_.empty() && stretch_sent_ >= stretches_.front().bytes) {
    const Stretch& gone = stretches_.front();
    stretch_sent_ -= gone.bytes;
    application_bytes_ -= gone.note.application_bytes;
    if (gone.note.is_answer) answer_bytes_ -= gone.bytes;
    stretches_.pop_front();
  }
  if (front_sent_ == front_.size()) {
    front_ = {};
    front_sent_ = 0;
  }
}

void SendQueue::clear() {
  // Not by a new queue: a deque takes memory even when it is empty.
  front_ = {};
  front_sent_ = 0;
  back_ = {};
  stretches_.clear();
  stretch_sent_ = 0;
  application_bytes_ = 0;
  answer_bytes_ = 0;
}

std::size_t SendQueue::application_bytes() const {
  if (stretches_.empty()) return 0;
  const Stretch& first = stretches_.front();
  const double sent = static_cast<double>(stretch_sent_) / static_cast<double>(first.bytes);
  return application_bytes_ -
         static_cast<std::size_t>(sent * static_cast<double>(first.note.application_bytes));
}

std::size_t SendQueue::answer_bytes() const {
  const bool is_partly_gone = !stretches_.empty() && stretches_.front().note.is_answer;
  return answer_bytes_ - (is_partly_gone ? stretch_sent_ : 0);
}

}  // namespace ws
