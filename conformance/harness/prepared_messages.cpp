#include "conformance/harness/prepared_messages.hpp"

#include <mutex>
#include <utility>

namespace ws::conformance {
namespace {

constexpr std::size_t kMaxKeptOfLoop = std::size_t{12} * 1024 * 1024;
constexpr std::size_t kShrinking = 4;  // a good deal shorter: by this factor

std::mutex& mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Bytes kept by all loops, those that are about to be too. Guarded by `mutex`.
std::size_t& all_kept() {
  static std::size_t size = 0;
  return size;
}

}  // namespace

struct PreparedMessages::Shared {
  std::shared_ptr<const Payloads> payloads{};
  bool has_keeper = false;  ///< one of its loops is about to make them
};

PreparedMessages::AllShared& PreparedMessages::all_shared() {
  static AllShared all;
  return all;
}

void PreparedMessages::forget() {
  const std::scoped_lock lock(mutex());
  for (auto& [key, shared] : all_shared()) {
    if (!shared.payloads) continue;
    for (const std::string& payload : *shared.payloads) all_kept() -= payload.size();
    shared = {};
  }
}

PreparedMessages::PreparedMessages(const EchoLoop& loop, const Direction& direction)
    : count_(static_cast<std::size_t>(loop.count)),
      shared_(shared_of(loop, direction)),
      compressor_(direction) {
  const std::scoped_lock lock(mutex());
  known_ = shared_.payloads;
  is_kept_ = !known_ && !std::exchange(shared_.has_keeper, true);
}

PreparedMessages::~PreparedMessages() {
  const std::scoped_lock lock(mutex());
  if (is_kept_) give_up_keeping();
}

PreparedMessages::Shared& PreparedMessages::shared_of(const EchoLoop& loop,
                                                      const Direction& direction) {
  const std::scoped_lock lock(mutex());
  return all_shared()[{*loop.data, loop.units, loop.count, direction.no_context_takeover,
                       direction.window_bits}];
}

std::string_view PreparedMessages::compress(std::string_view message) {
  if (known_) return (*known_)[next_++];
  const std::string_view payload = compressor_.compress(message);
  if (is_kept_) keep(message, payload);
  return payload;
}

void PreparedMessages::keep(std::string_view message, std::string_view payload) {
  kept_.emplace_back(payload);
  kept_size_ += payload.size();
  const std::scoped_lock lock(mutex());
  all_kept() += payload.size();
  if (payload.size() * kShrinking > message.size() || kept_size_ > kMaxKeptOfLoop ||
      all_kept() > kMaxKept) {
    return give_up_keeping();
  }
  if (kept_.size() < count_) return;
  shared_.payloads = std::make_shared<const Payloads>(std::exchange(kept_, {}));
  is_kept_ = false;
}

/// Requires: `mutex` is held, and `is_kept_`.
void PreparedMessages::give_up_keeping() {
  all_kept() -= kept_size_;
  kept_ = {};
  is_kept_ = false;
  shared_.has_keeper = false;
}

}  // namespace ws::conformance
