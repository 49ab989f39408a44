#include "conformance/harness/recutter.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace ws::conformance {
namespace {

constexpr std::size_t kHeadBytes = 24;  // longest frame header, and the first of the payload
constexpr std::size_t kTailBytes = 6;
constexpr int kRandomCuts = 10;
/// Waiting pieces after which writes stay whole: the pauses would add up to what cases wait.
constexpr std::size_t kMostPieces = 600;

}  // namespace

Recutter::Recutter(std::unique_ptr<Player> player, const PlayerSettings& settings)
    : player_(std::move(player)),
      segmentation_(settings.segmentation),
      pause_(settings.cut_pause),
      random_(settings.seed + 1) {}

void Recutter::start(Time now) {
  now_ = now;
  player_->start(now);
  fetch();
}

void Recutter::receive(Time now, std::span<const std::byte> read) {
  now_ = now;
  player_->receive(now, read);
  fetch();
}

void Recutter::end(Time now, EndCause cause) {
  now_ = now;
  pieces_.clear();
  player_->end(now, cause);
}

void Recutter::pass_time(Time now) {
  now_ = now;
  player_->pass_time(now);
  fetch();
}

void Recutter::written(Time now, std::size_t size) {
  now_ = now;
  player_->written(now, size);
  fetch();
}

void Recutter::report(Time now, const ErrandReport& report) {
  now_ = now;
  player_->report(now, report);
  fetch();
}

std::optional<Time> Recutter::next_deadline() const {
  const auto inner = player_->is_over() ? std::nullopt : player_->next_deadline();
  if (pieces_.empty()) return inner;
  return std::min(inner.value_or(Time::max()), std::max(next_, now_));
}

std::deque<std::string> Recutter::take_writes() {
  fetch();
  if (segmentation_ == Segmentation::whole) return std::exchange(pieces_, {});
  std::deque<std::string> due;
  if (!pieces_.empty() && next_ <= now_) {
    due.push_back(std::move(pieces_.front()));
    pieces_.pop_front();
    next_ = now_ + pause_;
  }
  return due;
}

void Recutter::fetch() {
  std::deque<std::string> writes = player_->take_writes();
  if (writes.empty()) return;
  if (segmentation_ == Segmentation::bytes) {
    for (std::string& write : writes) {
      if (pieces_.size() < kMostPieces) {
        cut(write);
      } else {
        pieces_.push_back(std::move(write));
      }
    }
    return;
  }
  std::string joined;
  for (const std::string& write : writes) joined += write;
  if (segmentation_ == Segmentation::random) return cut(joined);
  pieces_.push_back(std::move(joined));
}

void Recutter::cut(std::string_view bytes) {
  std::set<std::size_t> cuts;
  if (segmentation_ == Segmentation::bytes) {
    for (std::size_t at = 1; at < bytes.size(); ++at) {
      if (at <= kHeadBytes || at + kTailBytes >= bytes.size()) cuts.insert(at);
    }
  } else if (bytes.size() > 1) {
    for (int i = 0; i < kRandomCuts; ++i) {
      // Half of them where headers are.
      const std::size_t range = i % 2 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 64);
      cuts.insert(1 + random_() % (range - 1));
    }
  }
  cuts.insert(bytes.size());
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    pieces_.emplace_back(bytes.substr(begin, end - begin));
    begin = end;
  }
}

}  // namespace ws::conformance
