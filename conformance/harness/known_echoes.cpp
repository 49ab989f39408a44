#include "conformance/harness/known_echoes.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include "conformance/harness/digest.hpp"

namespace ws::conformance {
namespace {

constexpr std::size_t kPieceSize = 2048;  // bytes of a payload under one digest

std::string_view piece_of(std::string_view payload, std::size_t index) {
  return payload.substr(index * kPieceSize, kPieceSize);
}

std::size_t count_pieces(std::size_t size) { return (size + kPieceSize - 1) / kPieceSize; }

}  // namespace

struct KnownEchoes::Shared {
  explicit Shared(int count) : echoes(static_cast<std::size_t>(count)) {}

  const Known* find(std::size_t index) {
    const std::scoped_lock lock(mutex);
    return index < echoes.size() && echoes[index] ? &*echoes[index] : nullptr;
  }

  void remember(std::size_t index, Known known) {
    const std::scoped_lock lock(mutex);
    if (index < echoes.size() && !echoes[index]) echoes[index] = std::move(known);
  }

  std::mutex mutex{};
  std::vector<std::optional<Known>> echoes;  // one that is there never changes
};

KnownEchoes::KnownEchoes(const EchoLoop& loop, const Direction& direction)
    : loop_(loop), direction_(direction), shared_(shared_of(loop, direction)) {}

KnownEchoes::Shared& KnownEchoes::shared_of(const EchoLoop& loop, const Direction& direction) {
  static std::mutex mutex;
  static std::map<std::tuple<DataSet, std::size_t, int, bool, int>, Shared> all;
  const std::scoped_lock lock(mutex);
  return all
      .try_emplace({*loop.data, loop.units, loop.count, direction.no_context_takeover,
                    direction.window_bits},
                   loop.count)
      .first->second;
}

KnownEchoes::Reading KnownEchoes::read(std::string_view stretch, bool is_last) {
  payload_ += stretch;
  if (is_unknown_) {
    passed_over_ = false;
    held_ = std::string_view(payload_).substr(payload_.size() - stretch.size());
    return Reading::unknown;
  }
  const Known* known = is_followed_ ? shared_.find(index_) : nullptr;
  if (known != nullptr && !differs(*known, is_last)) {
    if (!is_last) return Reading::same;
    passed_over_ = true;
    return Reading::known;
  }
  is_unknown_ = true;
  held_ = payload_;
  return Reading::unknown;
}

/// Compares what has not been compared.
bool KnownEchoes::differs(const Known& known, bool is_last) {
  if (payload_.size() > known.size || (is_last && payload_.size() < known.size)) return true;
  const std::size_t whole = is_last ? known.digests.size() : payload_.size() / kPieceSize;
  for (; compared_ < whole; ++compared_) {
    if (payload_digest_of(piece_of(payload_, compared_)) != known.digests[compared_]) return true;
  }
  return false;
}

std::string KnownEchoes::context() const {
  if (direction_.no_context_takeover) return {};
  const Data& data = Data::of(*loop_.data);
  const auto window = std::uint64_t{1} << static_cast<unsigned>(direction_.window_bits);
  std::uint64_t at = position_ - std::min(position_, window);
  // One stored block (RFC 1951 section 3.2.4), and the beginning of the empty one at the end.
  const auto size = static_cast<std::size_t>(position_ - at);
  std::string message(1, '\0');
  for (const std::size_t half : {size, ~size}) {
    message += static_cast<char>(half);
    message += static_cast<char>(half >> 8U);
  }
  while (at < position_) {
    const std::string_view rest =
        data.bytes().substr(static_cast<std::size_t>(at % data.bytes().size()));
    const std::string_view piece = rest.substr(0, static_cast<std::size_t>(position_ - at));
    message += piece;
    at += piece.size();
  }
  return message + '\0';
}

void KnownEchoes::finish(std::size_t message_size, bool is_right) {
  if (is_unknown_) {
    passed_over_ = false;
    if (is_right && is_followed_) {
      Known known{.size = payload_.size()};
      for (std::size_t i = 0; i < count_pieces(payload_.size()); ++i) {
        known.digests.push_back(payload_digest_of(piece_of(payload_, i)));
      }
      shared_.remember(index_, std::move(known));
    }
  }
  is_followed_ = is_followed_ && is_right;
  ++index_;
  position_ += message_size;
  payload_.clear();
  compared_ = 0;
  is_unknown_ = false;
}

}  // namespace ws::conformance
