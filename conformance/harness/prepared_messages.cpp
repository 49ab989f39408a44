#include "conformance/harness/prepared_messages.hpp"

#include <map>
#include <mutex>
#include <tuple>
#include <utility>

namespace ws::conformance {
namespace {

constexpr std::size_t kMaxKept = std::size_t{64} * 1024 * 1024;  // bytes of all loops
constexpr std::size_t kMaxKeptOfLoop = std::size_t{12} * 1024 * 1024;
constexpr std::size_t kShrinking = 4;  // a good deal shorter: by this factor

std::mutex& mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

struct PreparedMessages::Shared {
  std::shared_ptr<const Payloads> payloads{};
};

PreparedMessages::PreparedMessages(const EchoLoop& loop, const Direction& direction)
    : count_(static_cast<std::size_t>(loop.count)),
      shared_(shared_of(loop, direction)),
      known_(find(shared_)),
      compressor_(direction) {}

PreparedMessages::Shared& PreparedMessages::shared_of(const EchoLoop& loop,
                                                      const Direction& direction) {
  static std::map<std::tuple<DataSet, std::size_t, int, bool, int>, Shared> all;
  const std::scoped_lock lock(mutex());
  return all[{*loop.data, loop.units, loop.count, direction.no_context_takeover,
              direction.window_bits}];
}

std::shared_ptr<const PreparedMessages::Payloads> PreparedMessages::find(Shared& shared) {
  const std::scoped_lock lock(mutex());
  return shared.payloads;
}

std::string_view PreparedMessages::compress(std::string_view message) {
  if (known_) return (*known_)[next_++];
  const std::string_view payload = compressor_.compress(message);
  if (is_kept_) keep(message, payload);
  return payload;
}

void PreparedMessages::keep(std::string_view message, std::string_view payload) {
  static std::size_t all_kept = 0;  // bytes
  kept_.emplace_back(payload);
  kept_size_ += payload.size();
  is_kept_ = payload.size() * kShrinking <= message.size() && kept_size_ <= kMaxKeptOfLoop &&
             kept_.size() < count_;
  if (is_kept_) return;
  const bool is_whole = kept_.size() == count_ && kept_size_ <= kMaxKeptOfLoop;
  const std::scoped_lock lock(mutex());
  if (is_whole && !shared_.payloads && all_kept + kept_size_ <= kMaxKept) {
    all_kept += kept_size_;
    shared_.payloads = std::make_shared<const Payloads>(std::move(kept_));
  }
  kept_ = {};
}

}  // namespace ws::conformance
